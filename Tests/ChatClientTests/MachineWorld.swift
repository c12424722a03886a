// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore
import Testing

/// A client machine with a clock and a server that the test plays.
struct MachineWorld {
    var machine: ClientMachine
    var now = ChatInstant(milliseconds: 1_000)
    /// What was ordered since it was last looked at.
    var sent: [JSONValue] = []
    var events: [ChatEvent] = []
    var answers: [UInt64: Result<JSONValue, ChatRefusal>] = [:]
    var states: [ChatConnectionState] = []
    var connects = 0
    var disconnects = 0

    static let me = UserID(rawValue: 1)
    static let ana = UserID(rawValue: 2)
    static let room = RoomID(rawValue: 7)

    init(_ identity: ChatIdentity = .guest(name: "bo")) {
        machine = ClientMachine(identity, options: ChatClientOptions(), seed: 1)
        machine.start(now: now)
        collect()
    }

    mutating func collect() {
        for order in machine.takeOrders() {
            switch order {
            case .connect: connects += 1
            case .disconnect: disconnects += 1
            case .send(let bytes):
                if let json = JSONReader.read(bytes) { sent.append(json) }
            case .state(let state): states.append(state)
            case .event(let event): events.append(event)
            case .answer(let ticket, let result): answers[ticket] = result
            }
        }
    }

    mutating func run(_ body: (inout ClientMachine, ChatInstant) -> Void) {
        body(&machine, now)
        collect()
    }

    mutating func hear(_ text: String) {
        run { machine, now in machine.received(Array(text.utf8), now: now) }
    }

    /// Takes the oldest command that was sent; the test answers it with its id.
    mutating func take(_ type: String) throws -> JSONValue {
        let index = try #require(sent.firstIndex { $0["type"]?.string == type })
        return sent.remove(at: index)
    }

    mutating func answer(_ command: JSONValue, _ rest: String = "") {
        hear("{\"type\":\"ok\",\"id\":\(command["id"]?.int ?? 0)\(rest)}")
    }

    mutating func refuse(_ command: JSONValue, _ code: String, retry: Int? = nil) {
        let retry = retry.map { ",\"retry_after_ms\":\($0)" } ?? ""
        hear(
            "{\"type\":\"error\",\"id\":\(command["id"]?.int ?? 0),\"code\":\"\(code)\",\"message\":\"no\"\(retry)}"
        )
    }

    /// Lets the time come at which something is due.
    mutating func pass() throws {
        now = max(now, try #require(machine.nextDeadline))
        run { machine, now in machine.expire(now: now) }
    }

    /// Connects and signs in, the room's head being there.
    mutating func signIn(head: Int = 0) throws {
        run { machine, now in machine.opened(now: now) }
        let hello = try take("hello")
        answer(
            hello,
            """
            ,"user":{"id":"\(Self.me)","name":"bo"},"token":"t1","heartbeat_ms":25000,
            "heartbeat_timeout_ms":60000,"rooms":[{"id":"\(Self.room)","name":"tea","head":\(head)}]
            """)
    }

    mutating func message(_ seq: Int, by user: UserID = ana) {
        hear(
            """
            {"type":"message","room":"\(Self.room)","seq":\(seq),"at":"2026-01-02T03:04:05.678Z",
            "from":{"id":"\(user)","name":"x"},"text":"m\(seq)"}
            """)
    }

    /// The positions of the events that were handed on.
    var seqs: [UInt64] { events.compactMap { $0.seq?.rawValue } }
}
