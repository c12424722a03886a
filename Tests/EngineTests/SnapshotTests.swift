// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// Invariant 5: a snapshot with the events after it is a fresh snapshot.
@Suite struct SnapshotTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func `history and the events after it give the history that a fresh look gives`(
        _ seed: UInt64
    ) async throws {
        var random = SeededGenerator(seed: seed)
        let world = try await LoopbackWorld(shards: seed % 2 == 0 ? 1 : 3)
        let clients = world.guests("ana", "bo", "cy")
        var watchers: [(client: LoopbackClient, view: RoomView)] = []
        for step in 0..<60 {
            act(clients, &random, step)
            if random.next() % 4 == 0 { world.settle() }
            if random.next() % 15 == 0 {
                let watcher = world.guest("w\(watchers.count)")
                let head = watcher.welcome["rooms"][0]["head"].integer ?? 0
                let page = watcher.ask("history", ["room": "general", "limit": 200])
                watchers.append((watcher, RoomView(page["messages"].elements, head: head)))
            }
        }
        world.settle()
        let fresh = world.guest("fresh")
        let page = fresh.ask("history", ["room": "general", "limit": 200])
        let expected = RoomView(page["messages"].elements, head: .max)
        for (watcher, view) in watchers {
            var view = view
            for event in watcher.log(of: watcher.general) { view.apply(event) }
            #expect(view.messages == expected.messages, "seed \(seed)")
        }
    }

    /// One random change of the room.
    private func act(_ clients: [LoopbackClient], _ random: inout SeededGenerator, _ step: Int) {
        let client = clients[Int(random.next() % UInt64(clients.count))]
        let target = JSONValue.integer(Int64(random.next() % 30 + 1))
        let fields: JSONValue = ["room": "general", "target": target]
        switch random.next() % 8 {
        case 0...3: client.post("send", ["room": "general", "text": .string("m\(step)")])
        case 4: client.post("edit", fields.setting("text", to: .string("e\(step)")))
        case 5: client.post("delete", fields)
        case 6: client.post("react", fields.setting("emoji", to: "👍"))
        default: client.post("unreact", fields.setting("emoji", to: "👍"))
        }
    }

    @Test func `room.get tells who types and what is pinned`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        let tea = clients[0].makeRoom("tea")
        clients[1].ask("room.join", ["room": .string(tea)])
        let seq = JSONValue.integer(Int64(clients[0].say("pin me", in: tea).seq))
        clients[0].ask("pin", ["room": .string(tea), "target": seq])
        clients[1].ask("typing", ["room": .string(tea)])
        let snapshot = clients[0].ask("room.get", ["room": .string(tea)])
        #expect(snapshot["pinned"].elements.map { $0["text"] } == ["pin me"])
        #expect(snapshot["typing"].elements.map { $0["name"] } == ["bo"])
        #expect(snapshot["room"]["online"] == 2)
        let own = clients[1].ask("room.get", ["room": .string(tea)])
        #expect(own["typing"] == [])
    }
}

/// What a client that follows the protocol shows of a room.
struct RoomView {
    private(set) var messages: [Int: JSONValue] = [:]
    private var head: Int

    init(_ page: [JSONValue], head: Int) {
        self.head = head
        for message in page { messages[message.seq] = message }
    }

    /// Applies an event; those that the snapshot may hold already change nothing then.
    mutating func apply(_ event: JSONValue) {
        guard event.seq > head else { return }
        head = event.seq
        let target = event["target"].integer ?? 0
        switch event.type {
        case "message":
            guard messages[event.seq] == nil else { return }
            var message: JSONValue = ["seq": .integer(Int64(event.seq))]
            for key in ["at", "from", "text", "reply_to", "client_id"] where event[key] != .null {
                message = message.setting(key, to: event[key])
            }
            messages[event.seq] = message
        case "edited":
            guard let message = messages[target], message["deleted"] == .null else { return }
            messages[target] = message.setting("text", to: event["text"])
                .setting("edited_at", to: event["at"])
        case "deleted":
            guard let message = messages[target] else { return }
            messages[target] = [
                "seq": message["seq"], "at": message["at"], "from": message["from"],
                "deleted": true,
            ]
        case "reaction": react(event, target)
        default: break
        }
    }

    private mutating func react(_ event: JSONValue, _ target: Int) {
        guard let message = messages[target], message["deleted"] == .null else { return }
        let user = event["from"]["id"]
        var users = message["reactions"][0]["users"].elements
        users.removeAll { $0 == user }
        if event["op"] == "add" { users.append(user) }
        var values: [String: JSONValue] = [:]
        for key in message.keys where key != "reactions" { values[key] = message[key] }
        if !users.isEmpty {
            values["reactions"] = [["emoji": event["emoji"], "users": .array(users)]]
        }
        messages[target] = .object(values)
    }
}
