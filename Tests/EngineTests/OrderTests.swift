// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// Invariants 1 and 2: order, and durable before visible.
@Suite struct OrderTests {
    @Test(arguments: [1, 3])
    func `everybody sees the same log, gapless and in order`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo", "cy", "di")
        let start = clients[3].welcome["rooms"][0]["head"].integer ?? 0
        for round in 0..<25 {
            for (index, client) in clients.enumerated() {
                client.post("send", ["room": "general", "text": .string("\(index) \(round)")])
            }
            if round % 3 == 0 { world.settle() }
        }
        world.settle()
        let logs = clients.map { $0.log(of: $0.general).filter { $0.seq > start } }
        #expect(logs[0].map(\.seq) == Array(start + 1...start + 100))
        #expect(logs.allSatisfy { $0 == logs[0] })
        for (index, client) in clients.enumerated() {
            let own = logs[0].filter { $0["from"]["id"].string == client.userID }.map { $0["text"] }
            #expect(own == (0..<25).map { .string("\(index) \($0)") })
        }
    }

    @Test(arguments: [1, 3])
    func `the sender has its answer before the event`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(shards: shards)
        for client in world.guests("ana", "bo", "cy") {
            for number in 0..<5 {
                client.post("send", ["room": "general", "text": .string("\(number)")])
            }
            world.settle()
            let answers = client.messages.indices.filter {
                client.messages[$0].type == "ok" && client.messages[$0].seq > 0
            }
            #expect(answers.count == 5)
            for answer in answers {
                let seq = client.messages[answer].seq
                let event = client.messages.firstIndex { $0.type == "message" && $0.seq == seq }
                #expect(event ?? 0 > answer)
            }
        }
    }

    @Test(arguments: [1, 3])
    func `nothing is answered or delivered before it is stored`(_ shards: Int) async throws {
        let store = HeldStore(MemoryStore())
        let world = try await LoopbackWorld(store: store, shards: shards)
        let clients = world.guests("ana", "bo")
        store.hold()
        for client in clients { _ = client.takeNew() }
        clients[0].post("send", ["room": "general", "text": "wait"])
        clients[0].post("react", ["room": "general", "target": 1, "emoji": "👍"])
        world.settle()
        #expect(store.waitingCount == 1)
        #expect(clients.allSatisfy { $0.takeNew().isEmpty })
        await store.release(in: world)
        #expect(clients[0].takeNew().map(\.type) == ["ok", "error", "message"])
        #expect(clients[1].takeNew().map(\.type) == ["message"])
    }

    @Test func `while one transaction commits the next one gathers`() async throws {
        let counting = FaultingStore(MemoryStore())
        let store = HeldStore(counting)
        let world = try await LoopbackWorld(store: store)
        let ana = world.guest("ana")
        let before = counting.count(of: .append)
        store.hold()
        for number in 0..<50 {
            ana.post("send", ["room": "general", "text": .string("\(number)")])
            world.settle()
        }
        await store.release(in: world)
        #expect(ana.events("message").count == 50)
        #expect(counting.count(of: .append) == before + 2)
    }

    @Test func `a transaction sets out in the turn that makes it`() async throws {
        let store = HeldStore(MemoryStore())
        let world = try await LoopbackWorld(store: store)
        let ana = world.guest("ana")
        ana.say("the room is known")
        store.hold()
        let send = ana.post("send", ["room": "general", "text": "now"])
        world.runTurn(shard: 0)
        #expect(store.waitingCount == 1)
        await store.release(in: world)
        #expect(ana.answer(to: send).type == "ok")
    }

    @Test(arguments: [1, 3])
    func `when storing fails the sender is told to try again and nobody sees anything`(
        _ shards: Int
    ) async throws {
        let store = FaultingStore(MemoryStore())
        let world = try await LoopbackWorld(store: store, shards: shards)
        let clients = world.guests("ana", "bo")
        for client in clients { _ = client.takeNew() }
        store.fail(.append)
        let refusal = clients[0].say("lost", key: "k")
        #expect(refusal.code == "storage_unavailable")
        #expect(refusal["retry_after_ms"].integer ?? 0 > 0)
        #expect(clients[0].takeNew().of("message").isEmpty)
        #expect(clients[1].takeNew().isEmpty)
        let answer = clients[0].say("lost", key: "k")
        #expect(answer["duplicate"] == .null)
        #expect(clients[1].takeNew().map(\.seq) == [answer.seq])
    }

    @Test(arguments: [
        FaultingStore.Call.history, .events, .pinned, .memberships, .listRooms, .joinedRooms,
        .createRoom,
    ])
    func `a read that fails is answered, and works the next time`(
        _ call: FaultingStore.Call
    ) async throws {
        let store = FaultingStore(MemoryStore())
        let world = try await LoopbackWorld(store: store)
        let ana = world.guest("ana")
        let commands: [FaultingStore.Call: (String, JSONValue)] = [
            .history: ("history", ["room": "general"]), .events: ("events", ["room": "general"]),
            .pinned: ("room.get", ["room": "general"]), .memberships: ("whoami", [:]),
            .listRooms: ("room.list", [:]), .joinedRooms: ("room.joined", [:]),
            .createRoom: ("room.create", ["name": "tea"]),
        ]
        let (type, fields) = try #require(commands[call])
        store.fail(call)
        #expect(ana.ask(type, fields).code == "storage_unavailable")
        #expect(ana.ask(type, fields).type == "ok")
    }
}
