// SPDX-License-Identifier: MIT

import ChatClient
import Glibc

/// One user of a replay: signs in, enters the room, sends its messages in order.
///
/// Up to a window of them is on its way at once.
final class ReplayUser {
    enum Phase {
        case waiting(until: Int)
        case signingIn
        case entering
        case sending
    }

    /// What all users of a run share.
    final class Context {
        let window: Int
        var log: ResumeLog
        var tcp: Address
        var webSocket: Address
        var counts = Counts()

        init(window: Int, log: ResumeLog, tcp: Address, webSocket: Address) {
            self.window = window
            self.log = log
            self.tcp = tcp
            self.webSocket = webSocket
        }
    }

    struct Counts {
        var acknowledged = 0
        var duplicates = 0
        var reconnects = 0
        var refusals = 0
        var events = 0
        var lastProgress = monotonicMilliseconds()
        var firstSend: Int?
        var lastAnswer = monotonicMilliseconds()
    }

    let name: String
    let room: String
    let messages: [IRCDay.Message]
    /// The seq of every message, as acknowledged.
    private(set) var seqs: [Int?]
    private(set) var channel: Channel?
    private(set) var phase = Phase.waiting(until: 0)
    /// Why this user cannot go on.
    private(set) var failure: String?
    /// The room's log as this user saw it, if it is the room's observer.
    var observed: ObservedLog?
    private let framing: Framing
    private let context: Context
    private var backoff = Backoff()
    private var onTheirWay: [Int: Int] = [:]
    private var next = 0
    /// Until when nothing is sent, after a refusal that will pass.
    private var pausedUntil: Int?
    private var nextID = 1
    private var unacknowledged: Int
    private var answers: [Int: (JSONValue) -> Void] = [:]

    init(_ user: IRCDay.User, room: String, framing: Framing, isObserver: Bool, context: Context) {
        name = user.name
        messages = user.messages
        self.room = room
        self.framing = framing
        self.context = context
        if isObserver { observed = ObservedLog() }
        seqs = user.messages.map { context.log.acknowledged[$0.clientID] }
        unacknowledged = seqs.count { $0 == nil }
    }

    var isDone: Bool { unacknowledged == 0 }

    var isInside: Bool {
        if case .sending = phase { return true }
        return false
    }

    /// When this user has something to do although nothing came.
    var deadline: Int? {
        if case .waiting(let until) = phase { return until }
        return pausedUntil
    }

    // MARK: The connection

    func runTimer(now: Int) {
        if let pausedUntil, pausedUntil <= now {
            self.pausedUntil = nil
            fill()
            channel?.flush()
        }
        guard case .waiting(let until) = phase, until <= now else { return }
        let made =
            framing == .lines
            ? Channel(to: &context.tcp, framing: framing)
            : Channel(to: &context.webSocket, framing: framing)
        guard let made else { return retryLater() }
        channel = made
        phase = .signingIn
        signIn()
    }

    func ready(_ events: Int16) {
        channel?.ready(events) { received($0) }
        fill()
        channel?.flush()
        if channel?.isOpen == false { lost() }
    }

    private func lost() {
        channel = nil
        answers = [:]
        onTheirWay = [:]
        next = 0
        context.counts.reconnects += 1
        retryLater()
    }

    private func retryLater() { phase = .waiting(until: monotonicMilliseconds() + backoff.next()) }

    /// Ends the connection in order; for the end of a room.
    func leave() {
        channel?.send((["type": "logout", "id": 0] as JSONValue).encoded)
        channel?.flush()
        channel?.shut()
        channel = nil
    }

    private func signIn() {
        var command: JSONValue = ["type": "hello", "client": "chat-cli replay"]
        if let token = context.log.tokens[name] {
            command = command.with("token", .string(token))
        } else {
            command = command.with("name", .string(name))
        }
        if let last = observed?.last {
            command = command.with("resume", .object([(key: room, value: .int(last))]))
        }
        request(command) { [unowned self] answer in
            switch answer["code"]?.string {
            case nil:
                if let token = answer["token"]?.string { context.log.signIn(name, token: token) }
                // Who is a member already gets events from here on, before it enters.
                let known = answer["rooms"]?.array.first { $0["name"]?.string == room }
                observed?.entered(room: known?["id"]?.string, head: known?["head"]?.int)
                enterRoom()
            case "invalid_token":
                failure = "\(name): the server forgot the token"
            case "name_taken":
                // The connection of a run that was killed may take a moment to end.
                startAgain()
            case .some(let code):
                refused("\(name): hello", code)
            }
        }
    }

    private func enterRoom() {
        phase = .entering
        guard observed != nil else { return join() }
        request(["type": "room.create", "name": .string(room)]) { [unowned self] answer in
            switch answer["code"]?.string {
            case nil: entered(answer)
            case "room_name_taken": join()
            case .some(let code): refused("\(room): room.create", code)
            }
        }
    }

    private func join() {
        request(["type": "room.join", "room": .string(room)]) { [unowned self] answer in
            if let code = answer["code"]?.string {
                refused("\(name): room.join", code)
            } else {
                entered(answer)
            }
        }
    }

    /// A refusal that passes is met again with a new connection, any other one is the end.
    func refused(_ activity: String, _ code: String) {
        guard ["overloaded", "shutting_down", "storage_unavailable"].contains(code) else {
            failure = "\(activity): \(code)"
            return
        }
        context.counts.refusals += 1
        startAgain()
    }

    private func startAgain() { channel?.shut() }

    private func entered(_ answer: JSONValue) {
        observed?.entered(room: answer["room"]?["id"]?.string, head: answer["room"]?["head"]?.int)
        backoff.reset()
        phase = .sending
        fill()
    }

    // MARK: Messages

    func request(_ command: JSONValue, _ answer: @escaping (JSONValue) -> Void) {
        let id = nextID
        nextID += 1
        answers[id] = answer
        channel?.send(command.with("id", .int(id)).encoded)
    }

    private func fill() {
        guard isInside, pausedUntil == nil else { return }
        while next < messages.count, onTheirWay.count < context.window {
            if seqs[next] == nil { send(next) }
            next += 1
        }
    }

    private func send(_ index: Int) {
        let id = nextID
        nextID += 1
        onTheirWay[id] = index
        if context.counts.firstSend == nil { context.counts.firstSend = monotonicMilliseconds() }
        let command: JSONValue = [
            "type": "send", "id": .int(id), "room": .string(room),
            "client_id": .string(messages[index].clientID), "text": .string(messages[index].text),
        ]
        channel?.send(command.encoded)
    }

    private func received(_ message: [UInt8]) {
        // Most of what comes is what others said; only the observer looks at it.
        if observed == nil, message.starts(with: eventStart) {
            context.counts.events += 1
            return
        }
        guard let object = JSONReader.read(message), let type = object["type"]?.string else {
            failure = "\(name): not JSONValue: \(String(decoding: message, as: UTF8.self))"
            return
        }
        guard type == "ok" || type == "error" else {
            context.counts.events += 1
            observed?.receive(object)
            return
        }
        guard let id = object["id"]?.int else { return }
        if let index = onTheirWay.removeValue(forKey: id) {
            answered(index, object)
        } else if let answer = answers.removeValue(forKey: id) {
            answer(object)
        }
    }

    private func answered(_ index: Int, _ answer: JSONValue) {
        context.counts.lastAnswer = monotonicMilliseconds()
        context.counts.lastProgress = context.counts.lastAnswer
        if let seq = answer["seq"]?.int {
            guard seqs[index] == nil else { return }
            seqs[index] = seq
            unacknowledged -= 1
            context.counts.acknowledged += 1
            if answer["duplicate"]?.bool == true { context.counts.duplicates += 1 }
            context.log.acknowledge(messages[index].clientID, seq: seq)
            return
        }
        context.counts.refusals += 1
        let code = answer["code"]?.string ?? "error"
        switch code {
        case "overloaded", "storage_unavailable", "rate_limited", "slow_mode", "shutting_down":
            // All that follows the refused message is sent again too; what was stored of it is
            // answered as a duplicate.
            next = min(next, index)
            pausedUntil = monotonicMilliseconds() + (answer["retry_after_ms"]?.int ?? 500)
        default:
            failure = "\(messages[index].clientID): \(code)"
        }
    }
}

private let eventStart = Array("{\"type\":\"message\"".utf8)

/// The log of one room as one session saw it live, over all its connections.
struct ObservedLog {
    private(set) var last: Int?
    private(set) var holes = 0
    private(set) var repeats = 0
    private var room: String?

    mutating func entered(room id: String?, head: Int?) {
        guard room == nil, id != nil else { return }
        room = id
        last = head
    }

    mutating func receive(_ event: JSONValue) {
        guard event["room"]?.string == room, let room, !room.isEmpty else { return }
        guard event["type"]?.string != "receipt", let seq = event["seq"]?.int, let last else {
            return
        }
        if seq > last + 1 { holes += 1 }
        if seq <= last { repeats += 1 }
        self.last = max(last, seq)
    }
}
