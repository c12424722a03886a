// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Synchronization

/// What all clients together have seen: the reference that the store is compared with.
struct SimulationBook {
    struct Key: Hashable {
        var room: RoomID
        var clientID: String
    }

    /// Names that commands use; rooms but the first are made by clients.
    let roomNames = ["general", "general", "general", "red", "blue"]
    /// By room and place: what the event said.
    var events: [String: [Int: JSONValue]] = [:]
    var acknowledged: [Key: Int] = [:]
    var presenceProblem: String?

    /// Notes an event; returns what is wrong with it.
    mutating func note(_ event: JSONValue, in room: String) -> String? {
        // A later delete takes the text away; these keys stay.
        var essence: [String: JSONValue] = ["from": event["from"]["id"]]
        for key in ["type", "seq", "at", "client_id", "target"] { essence[key] = event[key] }
        let value = JSONValue.object(essence)
        if let known = events[room]?[event.seq], known != value {
            return "\(room) \(event.seq) is \(value), but was \(known)"
        }
        events[room, default: [:]][event.seq] = value
        return nil
    }
}

/// A client that follows the protocol and finds fault with every message that does not.
final class SimulatedClient {
    private struct Pending {
        var type: String
        var fields: JSONValue
    }

    private struct Unanswered {
        var room: String
        var clientID: String
        var text: String
    }

    let name: String
    let client: LoopbackClient
    private(set) var userID: String?
    private(set) var isSignedIn = false
    private(set) var lastRefusal = "no answer"
    private var token: JSONValue = .null
    private var positions: [String: Int] = [:]
    private var leaving: Set<String> = []
    private var resumed: [String: Int] = [:]
    private var pending: [Int: Pending] = [:]
    private var firstSentHere: Set<String> = []
    private var unacknowledged: [Unanswered] = []
    private var marks: [String: (delivered: Int, read: Int)] = [:]
    private var messageCount = 0

    init(name: String, _ world: LoopbackWorld) {
        self.name = name
        client = world.disconnectedClient()
    }

    /// Up to where this client has had a room's log on the present connection.
    func live(in room: String) -> Int? {
        isSignedIn && !leaving.contains(room) ? positions[room] : nil
    }

    // MARK: Doing

    func connect(shard: Int, resumes: Bool) {
        cut()
        client.connect(LoopbackClient.Options(shard: shard))
        resumed = resumes ? positions : [:]
        lastRefusal = "no answer"
        var hello: JSONValue = [
            "resume": .object(resumed.mapValues { .integer(Int64($0)) })
        ]
        hello =
            token == .null
            ? hello.setting("name", to: .string(name)) : hello.setting("token", to: token)
        post("hello", hello)
    }

    func cut() {
        client.cut()
        // What was received and not looked at is lost with the client's memory.
        _ = client.takeNew()
        forgetConnection()
    }

    private func forgetConnection() {
        isSignedIn = false
        pending = [:]
        firstSentHere = []
        leaving = []
    }

    @discardableResult
    func post(_ type: String, _ fields: JSONValue) -> Int {
        let id = client.post(type, fields)
        pending[id] = Pending(type: type, fields: fields)
        return id
    }

    @discardableResult
    func send(in room: String, retries: Bool) -> Int {
        var message: Unanswered
        if retries, let first = unacknowledged.first {
            message = first
        } else {
            messageCount += 1
            message = Unanswered(
                room: room, clientID: "\(name)-\(messageCount)", text: "text \(messageCount)")
            firstSentHere.insert(message.clientID)
            unacknowledged.append(message)
        }
        return post(
            "send",
            [
                "room": .string(message.room), "client_id": .string(message.clientID),
                "text": .string(message.text),
            ])
    }

    // MARK: Seeing

    /// Takes what has come; returns what is wrong with it.
    func digest(_ book: inout SimulationBook) -> String? {
        for message in client.takeNew() {
            let problem: String?
            switch message.type {
            case "ok", "error": problem = answer(message, &book)
            case "room.entered": problem = entered(message["room"])
            case "gap": problem = "an unexpected gap: \(message)"
            case "": problem = "no JSON"
            default: problem = message.seq > 0 ? event(message, &book) : live(message)
            }
            if let problem { return problem }
        }
        if !client.isConnected { forgetConnection() }
        return nil
    }

    private func answer(_ message: JSONValue, _ book: inout SimulationBook) -> String? {
        guard let id = message["id"].integer, let command = pending.removeValue(forKey: id) else {
            return "an answer to nothing: \(message)"
        }
        if message.type == "error" {
            if command.type == "hello" { lastRefusal = message.description }
            // What could not be stored may have been all the same: then it comes later.
            if let key = command.fields["client_id"].string { firstSentHere.remove(key) }
            return nil
        }
        switch command.type {
        case "hello": return welcomed(message)
        case "send": return acknowledged(message, command, &book)
        case "receipt": return marked(message, command)
        case "room.join", "room.create", "dm.open":
            guard let room = message["room"]["id"].string,
                let head = message["room"]["head"].integer
            else { return "a join without a room: \(message)" }
            if positions[room] == nil || leaving.contains(room) { positions[room] = head }
            leaving.remove(room)
        case "room.leave":
            for (room, _) in positions where roomName[room] == command.fields["room"].string {
                leaving.insert(room)
            }
        default: break
        }
        if let room = message["room"]["id"].string {
            roomName[room] = message["room"]["name"].string
        }
        return nil
    }

    private var roomName: [String: String] = [:]

    /// The names of the direct rooms that this client knows, in order.
    var directRooms: [String] { roomName.values.filter { $0.hasPrefix("dm:") }.sorted() }

    private func welcomed(_ message: JSONValue) -> String? {
        isSignedIn = true
        userID = message["user"]["id"].string
        if message["token"] != .null { token = message["token"] }
        var next: [String: Int] = [:]
        for room in message["rooms"].elements {
            guard let id = room["id"].string, let head = room["head"].integer else {
                return "\(room)"
            }
            roomName[id] = room["name"].string
            let position = resumed[id] ?? head
            if position > head { return "the head of \(id) went back from \(position) to \(head)" }
            next[id] = position
        }
        positions = next
        return nil
    }

    private func acknowledged(
        _ message: JSONValue, _ command: Pending, _ book: inout SimulationBook
    ) -> String? {
        guard let clientID = command.fields["client_id"].string,
            let name = command.fields["room"].string,
            let text = roomName.first(where: { $0.value == name })?.key, let room = RoomID(text)
        else { return "acknowledged in an unknown room: \(message)" }
        firstSentHere.remove(clientID)
        unacknowledged.removeAll { $0.clientID == clientID }
        let key = SimulationBook.Key(room: room, clientID: clientID)
        if let known = book.acknowledged[key], known != message.seq {
            return "\(clientID) was acknowledged at \(known) and at \(message.seq)"
        }
        book.acknowledged[key] = message.seq
        return nil
    }

    private func marked(_ message: JSONValue, _ command: Pending) -> String? {
        let room = command.fields["room"].string ?? ""
        let delivered = message["delivered"].integer ?? -1
        let read = message["read"].integer ?? -1
        let before = marks[room] ?? (0, 0)
        if delivered < before.delivered || read < before.read || read > delivered {
            return "receipts went back in \(room): \(message), was \(before)"
        }
        marks[room] = (delivered, read)
        return nil
    }

    private func event(_ event: JSONValue, _ book: inout SimulationBook) -> String? {
        guard let room = event["room"].string else { return "no room in \(event)" }
        guard isSignedIn else { return "an event before the hello's answer: \(event)" }
        guard let position = positions[room] else {
            return "an event of another's room: \(event)"
        }
        guard event.seq == position + 1 else { return "after \(position) came \(event)" }
        positions[room] = event.seq
        if event["from"]["id"].string == userID, let key = event["client_id"].string,
            firstSentHere.contains(key)
        {
            return "an event before its answer: \(event)"
        }
        if ["left", "banned"].contains(event.type), event["user"]["id"].string == userID {
            positions[room] = nil
            leaving.remove(room)
        }
        return book.note(event, in: room)
    }

    /// The engine tells of a room that this connection did not ask for: a join whose answer was lost.
    private func entered(_ room: JSONValue) -> String? {
        guard isSignedIn, let id = room["id"].string, let head = room["head"].integer else {
            return "entered too early: \(room)"
        }
        roomName[id] = room["name"].string
        positions[id] = head
        leaving.remove(id)
        return nil
    }

    private func live(_ event: JSONValue) -> String? {
        guard event.type == "typing" else { return nil }
        let isOwn = event["users"].elements.contains { $0["id"].string == userID }
        return isOwn ? "one's own typing: \(event)" : nil
    }
}

/// One generator that many may draw from.
final class SharedGenerator: Sendable {
    private let generator: Mutex<SeededGenerator>

    init(_ generator: SeededGenerator) { self.generator = Mutex(generator) }

    func next() -> UInt64 { generator.withLock { $0.next() } }
}
