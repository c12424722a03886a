// SPDX-License-Identifier: MIT

import ChatClient
import Glibc

/// A person's chat over TCP: one thread, one loop around poll(2), one connection at a time.
final class ChatClient {
    /// A server's `error` answer, or a connection that ended before the answer.
    struct Refusal: Error {
        var code: String
        var message: String
        var retryAfter: Int?

        static var disconnected: Refusal { Refusal(code: "disconnected", message: "not connected") }

        /// Whether the same command may succeed later.
        var isPassing: Bool {
            [
                "rate_limited", "slow_mode", "overloaded", "storage_unavailable", "shutting_down",
                "disconnected",
            ].contains(code)
        }
    }

    typealias Answer = (Result<JSONValue, Refusal>) -> Void
    enum Timer: CaseIterable { case retry, ping, dead, receipts, outbox, typingStop }

    let name: String
    let wantedRoom: String?
    let terminal: Terminal
    private var address: Address
    /// `nil` without TLS.
    private let trust: Trust?
    private var channel: Channel?
    private var backoff = Backoff()
    private var deadlines: [Timer: Int] = [:]
    private var waiting: [Int: Answer] = [:]
    private var nextID = 1
    private var heartbeat = 25_000
    private var timeout = 60_000
    private var token: String?
    private var exitCode: Int32?
    private(set) var isSignedIn = false
    /// Whether the first room is open, so that typed lines have somewhere to go.
    private var isReady = false
    private var inputEnded = false
    var me = ""
    var rooms: [String: ChatRoom] = [:]
    var current = ""
    var outbox = Outbox()
    var typingSentAt = 0
    var isTyping = false
    var isLearning = false
    private static var queuedLines: Int { 1_000 }
    private static var receiptInterval: Int { 300 }
    private nonisolated(unsafe) static var isInterrupted: sig_atomic_t = 0

    init(_ arguments: [String]) throws(Options.Problem) {
        let options = try Options(
            arguments, values: ["host", "port", "name", "room", "ca"],
            switches: ["plain", "tls", "insecure"])
        guard let name = options.string("name") else {
            throw Options.Problem(text: "--name is required")
        }
        self.name = name
        wantedRoom = options.string("room")
        address = Address(
            host: options.string("host") ?? "127.0.0.1",
            port: try options.integer("port", default: 7070))
        do throws(ChatRefusal) {
            trust =
                options.has("tls")
                ? try Trust(
                    authorities: options.string("ca"), isInsecure: options.has("insecure")) : nil
        } catch {
            throw Options.Problem(text: "--ca: \(error.message)")
        }
        guard trust != nil || (options.string("ca") == nil && !options.has("insecure")) else {
            throw Options.Problem(text: "--ca and --insecure need --tls")
        }
        if options.has("insecure") {
            Output.complain("chat-cli: --insecure: anybody may be at the other end\n")
        }
        terminal = Terminal(plain: options.has("plain"))
    }

    // MARK: The loop

    /// Chats until the person leaves; returns the exit code.
    func run() -> Int32 {
        // Through exit(), so that the terminal gets its mode back.
        let interrupt: @convention(c) (Int32) -> Void = { _ in ChatClient.isInterrupted = 1 }
        signal(SIGINT, interrupt)
        signal(SIGTERM, interrupt)
        connect()
        while exitCode == nil {
            turn()
            if Self.isInterrupted != 0 { leave() }
            if inputEnded, isReady, outbox.isEmpty, waiting.isEmpty { leave() }
        }
        if terminal.isInteractive { Output.write("\r\u{1B}[K") }
        return exitCode ?? 0
    }

    private func turn() {
        var entries: [pollfd] = []
        if let channel {
            entries.append(pollfd(fd: channel.descriptor, events: channel.events, revents: 0))
        }
        let reads = isReady && !inputEnded && outbox.entries.count < Self.queuedLines
        if reads { entries.append(pollfd(fd: 0, events: Int16(POLLIN), revents: 0)) }
        let now = monotonicMilliseconds()
        let wait = deadlines.values.min().map { max(0, min($0 - now, 60_000)) } ?? 60_000
        guard poll(&entries, nfds_t(entries.count), Int32(wait)) >= 0 else { return }
        if let channel, let entry = entries.first, entry.revents != 0 {
            channel.ready(entry.revents) { received($0) }
        }
        if reads, let entry = entries.last, entry.revents != 0 {
            for input in terminal.read() { typed(input) }
        }
        runTimers()
        channel?.flush()
        if let channel, !channel.isOpen { lost() }
    }

    func arm(_ timer: Timer, after delay: Int) {
        deadlines[timer] = monotonicMilliseconds() + delay
    }

    func disarm(_ timer: Timer) { deadlines[timer] = nil }

    private func runTimers() {
        let now = monotonicMilliseconds()
        for timer in Timer.allCases {
            guard let deadline = deadlines[timer], deadline <= now else { continue }
            deadlines[timer] = nil
            switch timer {
            case .retry: connect()
            case .ping: request(["type": "ping"]) { _ in }
            case .dead: channel?.shut()
            case .receipts: sendReceipts()
            case .outbox: flushOutbox()
            case .typingStop: stopTyping()
            }
        }
    }

    private func typed(_ input: Terminal.Input) {
        switch input {
        case .line(let line): entered(line)
        case .changed: draftChanged()
        case .end: inputEnded = true
        }
    }

    // MARK: The connection

    private func connect() {
        guard let channel = Channel(to: &address, framing: .lines, trust: trust) else {
            scheduleRetry()
            return
        }
        self.channel = channel
        arm(.dead, after: 10_000)
        hello()
    }

    private func hello() {
        var resume: [(key: String, value: JSONValue)] = []
        for room in rooms.values {
            if let last = room.last { resume.append((key: room.id, value: .int(last))) }
        }
        let who: JSONValue = token.map { ["token": .string($0)] } ?? ["name": .string(name)]
        let command = who.with("type", "hello").with("client", "chat-cli")
            .with("resume", .object(resume))
        request(command, beforeSignIn: true) { [self] answer in
            switch answer {
            case .success(let answer): welcome(answer)
            case .failure(let refusal): refused(refusal)
            }
        }
    }

    private func refused(_ refusal: Refusal) {
        if refusal.code == "disconnected" { return }
        if refusal.code == "invalid_token" {
            // Another store is behind the address: neither token nor positions mean anything there.
            token = nil
            rooms = [:]
            hello()
        } else if refusal.isPassing {
            channel?.shut()
        } else {
            terminal.show("* cannot sign in: \(refusal.message)", .red)
            exitCode = 1
        }
    }

    private func welcome(_ answer: JSONValue) {
        let isFirst = !isReady
        isSignedIn = true
        backoff.reset()
        me = answer["user"]?["id"]?.string ?? ""
        token = answer["token"]?.string ?? token
        heartbeat = answer["heartbeat_ms"]?.int ?? heartbeat
        timeout = answer["heartbeat_timeout_ms"]?.int ?? timeout
        arm(.dead, after: timeout)
        terminal.show(isFirst ? "* connected as \(name)" : "* connected again", .green)
        adopt(answer["rooms"]?.array ?? [])
        outbox.disconnected()
        flushOutbox()
        if isFirst { openFirstRoom { [self] in isReady = true } }
    }

    private func lost() {
        let wasSignedIn = isSignedIn
        if let problem = channel?.certificateProblem {
            // Asking again would not help, and typing into the hands of somebody else neither.
            Output.complain("chat-cli: the server's certificate is not trusted: \(problem)\n")
            exitCode = 1
        }
        channel = nil
        isSignedIn = false
        for timer in [Timer.ping, .dead, .typingStop] { disarm(timer) }
        isTyping = false
        outbox.disconnected()
        let open = waiting.values
        waiting = [:]
        for answer in open { answer(.failure(.disconnected)) }
        guard exitCode == nil else { return }
        if wasSignedIn { terminal.show("* connection lost, reconnecting", .red) }
        scheduleRetry()
    }

    private func scheduleRetry() { arm(.retry, after: backoff.next()) }

    /// Says goodbye if there is somebody to say it to, and ends.
    func leave() {
        if isSignedIn, let channel {
            channel.send((["type": "logout", "id": 0] as JSONValue).encoded)
            channel.flush()
        }
        exitCode = Self.isInterrupted != 0 ? 130 : 0
    }

    // MARK: Commands and answers

    func request(
        _ command: JSONValue, beforeSignIn: Bool = false, _ answer: @escaping Answer
    ) {
        guard let channel, isSignedIn || beforeSignIn else {
            answer(.failure(.disconnected))
            return
        }
        let id = nextID
        nextID += 1
        waiting[id] = answer
        channel.send(command.with("id", .int(id)).encoded)
        arm(.ping, after: heartbeat)
    }

    private func received(_ line: [UInt8]) {
        if isSignedIn { arm(.dead, after: timeout) }
        guard let object = JSONReader.read(line), let type = object["type"]?.string else { return }
        switch type {
        case "ok", "error":
            guard let id = object["id"]?.int, let answer = waiting.removeValue(forKey: id) else {
                return
            }
            if type == "ok" {
                answer(.success(object))
            } else {
                let code = object["code"]?.string ?? "error"
                answer(
                    .failure(
                        Refusal(
                            code: code, message: object["message"]?.string ?? code,
                            retryAfter: object["retry_after_ms"]?.int)))
            }
        case "ping":
            request(["type": "ping"]) { _ in }
        case "goodbye":
            guard object["reconnect"]?.bool == false, exitCode == nil else { return }
            terminal.show("* the server closed: \(object["reason"]?.string ?? "")", .red)
            exitCode = 1
        default:
            handle(object, type: type)
        }
    }

    // MARK: Outbox and receipts

    func flushOutbox() {
        guard isSignedIn else { return }
        for entry in outbox.due() {
            var command: JSONValue = [
                "type": "send", "room": .string(entry.room),
                "client_id": .string(entry.clientID), "text": .string(entry.text),
            ]
            if let target = entry.replyTo { command = command.with("reply_to", .int(target)) }
            request(command) { [self] answer in sent(entry, answer) }
        }
    }

    private func sent(_ entry: Outbox.Entry, _ answer: Result<JSONValue, Refusal>) {
        switch answer {
        case .success(let answer):
            outbox.settle(entry.clientID)
            if let seq = answer["seq"]?.int { rooms[entry.room]?.sent(seq) }
            flushOutbox()
        case .failure(let refusal) where refusal.code == "disconnected":
            break
        case .failure(let refusal) where refusal.isPassing:
            outbox.postpone(entry)
            arm(.outbox, after: refusal.retryAfter ?? 1_000)
        case .failure(let refusal):
            outbox.settle(entry.clientID)
            terminal.show("* not sent: \(refusal.message): \(entry.text)", .red)
            flushOutbox()
        }
    }

    /// Somebody's message came: it is delivered, and read if its room is the one that is shown.
    func acknowledge(_ seq: Int, in id: String) {
        guard rooms[id] != nil else { return }
        rooms[id]?.receiptDue.delivered = seq
        if id == current { rooms[id]?.receiptDue.read = seq }
        if deadlines[.receipts] == nil { arm(.receipts, after: Self.receiptInterval) }
    }

    private func sendReceipts() {
        guard isSignedIn else { return }
        for room in rooms.values {
            let (due, sent) = (room.receiptDue, room.receiptSent)
            guard due.delivered > sent.delivered || due.read > sent.read else { continue }
            var command: JSONValue = [
                "type": "receipt", "room": .string(room.id), "delivered": .int(due.delivered),
            ]
            if due.read > 0 { command = command.with("read", .int(due.read)) }
            request(command) { [self] answer in
                if case .success = answer { rooms[room.id]?.receiptSent = due }
            }
        }
    }
}
