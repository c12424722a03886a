// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// Commands of one session take effect in their order, however many come at once; invariant 12 at the end.
@Suite struct PipelineTests {
    @Test(arguments: [1, 3])
    func `hello, a room, a join and messages in one go`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let ana = world.connect()
        let lines = [
            #"{"type":"hello","id":1,"name":"ana"}"#,
            #"{"type":"room.create","id":2,"name":"tea"}"#,
            #"{"type":"room.join","id":3,"room":"tea"}"#,
            #"{"type":"send","id":4,"room":"tea","text":"a"}"#,
            #"{"type":"send","id":5,"room":"general","text":"b"}"#,
            #"{"type":"history","id":6,"room":"tea"}"#,
            #"{"type":"room.leave","id":7,"room":"tea"}"#,
        ]
        ana.write(Array((lines.joined(separator: "\n") + "\n").utf8))
        world.settle()
        let answers = (1...7).map { ana.answer(to: $0) }
        #expect(answers.prefix(6).allSatisfy { $0.type == "ok" })
        #expect(answers[5]["messages"].elements.map { $0["text"] } == ["a"])
        #expect(answers[6].code == "owner_must_transfer")
        let order = ana.messages.compactMap { $0.type == "ok" ? $0["id"].integer : nil }
        #expect(order.filter { $0 != 4 && $0 != 5 } == [1, 2, 3, 6])
    }

    @Test func `nothing but hello before signing in, and only one of it`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.connect()
        for type in ["ping", "whoami", "logout", "room.list"] {
            #expect(ana.ask(type).code == "hello_required")
        }
        #expect(ana.ask("send", ["room": "general", "text": "x"]).code == "hello_required")
        #expect(ana.ask("hello", ["name": "ana"]).type == "ok")
        #expect(ana.ask("hello", ["name": "ana"]).code == "already_signed_in")
    }

    @Test(arguments: [0, 1, 2])
    func `so many commands may be under way, and one more waits without being lost`(
        _ over: Int
    ) async throws {
        let store = HeldStore(MemoryStore())
        let world = try await LoopbackWorld(store: store) { $0.limits.pipelinedCommands = 4 }
        let ana = world.guest("ana")
        store.hold()
        let ids = (0..<4 + over).map {
            ana.post("send", ["room": "general", "text": .string("\($0)")])
        }
        // A ping is answered at once, unless it stands behind a command that waits.
        let ping = ana.post("ping")
        world.settle()
        #expect(ana.answer(to: ping).type == (over == 0 ? "ok" : ""))
        await store.release(in: world)
        #expect(ids.map { ana.answer(to: $0).seq } == ids.indices.map { $0 + 2 })
        #expect(ana.answer(to: ping).type == "ok")
    }

    @Test func `what reads waits for what was written before it`() async throws {
        let store = HeldStore(MemoryStore())
        let world = try await LoopbackWorld(store: store)
        let ana = world.guest("ana")
        store.hold()
        ana.post("send", ["room": "general", "text": "x"])
        let history = ana.post("history", ["room": "general"])
        let receipt = ana.post("receipt", ["room": "general", "read": 2])
        world.settle()
        #expect(ana.answer(to: history) == .null)
        await store.release(in: world)
        #expect(ana.answer(to: history)["messages"].elements.count == 1)
        #expect(ana.answer(to: receipt)["read"] == 2)
    }

    @Test(arguments: [1, 3])
    func `whoever writes into a room while it is deleted gets an answer`(
        _ shards: Int
    ) async throws {
        let store = HeldStore(MemoryStore())
        let world = try await LoopbackWorld(store: store, shards: shards)
        let clients = world.guests("ana", "bo")
        #expect(clients[0].ask("room.create", ["name": "tea"]).type == "ok")
        #expect(clients[1].ask("room.join", ["room": "tea"]).type == "ok")
        store.hold()
        let send = clients[1].post("send", ["room": "tea", "text": "too late"])
        world.settle()
        #expect(store.waitingCount == 1)
        #expect(clients[0].ask("room.delete", ["room": "tea"]).type == "ok")
        await store.release(in: world)
        #expect(clients[1].answer(to: send).code == "room_not_found")
        #expect(clients[1].ask("ping").type == "ok")
    }

    @Test(arguments: [1, 3])
    func `a connection that ends while its message is being stored leaves no trace but the message`(
        _ shards: Int
    ) async throws {
        let store = HeldStore(MemoryStore())
        let world = try await LoopbackWorld(store: store, shards: shards)
        let clients = world.guests("ana", "bo")
        store.hold()
        clients[0].post("send", ["room": "general", "text": "last words"])
        world.settle()
        clients[0].cut()
        world.settle()
        await store.release(in: world)
        #expect(clients[1].events("message").map { $0["text"] } == ["last words"])
        world.advance(milliseconds: 20_000)
        #expect(clients[1].events("presence").last?["status"] == "offline")
    }

    @Test(arguments: [1, 3])
    func `a shutdown answers what was accepted and tells everybody to come back`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        // A command is accepted once its room is known: looking that up takes turns, and this is to take one.
        clients[0].ask("history", ["room": "general"])
        for number in 0..<10 {
            clients[0].post("send", ["room": "general", "text": .string("\(number)")])
        }
        for shard in 0..<shards { world.runTurn(shard: shard) }
        await world.shutdown()
        for client in clients {
            #expect(client.closeCode == .shutdown)
            #expect(client.messages.last?.type == "goodbye")
            #expect(client.messages.last?["reconnect"] == true)
        }
        let answers = clients[0].messages.filter { $0.type == "ok" && $0.seq > 0 }.map(\.seq)
        #expect(answers.count == 10)
        #expect(clients[1].events("message").map(\.seq) == answers)
        #expect(world.connect().closeCode == .shutdown)
        try await world.restart()
        let page = world.guest("cy").ask("history", ["room": "general"])
        #expect(page["messages"].elements.map(\.seq) == answers)
    }

    @Test func `what is not a command is answered and does not end the connection`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        for (line, code) in [
            ("", "bad_json"), ("not json", "bad_json"), ("[]", "bad_json"), ("{}", "missing_field"),
            (#"{"type":"x"}"#, "unknown_command"), (#"{"type":5}"#, "invalid_field"),
        ] {
            _ = ana.takeNew()
            ana.send(line)
            world.settle()
            #expect(ana.takeNew().map(\.code) == [code], "\(line)")
        }
        ana.write([0x22, 0xFF, 0x22, 0x0A])
        world.settle()
        #expect(ana.takeNew().map(\.code) == ["bad_utf8"])
        #expect(ana.ask("ping").type == "ok")
    }
}
