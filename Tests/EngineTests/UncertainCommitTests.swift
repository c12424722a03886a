// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// A transaction that was committed, but whose answer was lost: nobody knows until somebody looks.
@Suite struct UncertainCommitTests {
    private let faults = FaultingStore(MemoryStore())
    private let store: HeldStore

    init() { store = HeldStore(faults) }

    @Test(arguments: [1, 3])
    func `such a message reaches everybody, and its retry is a repetition`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(store: store, shards: shards)
        let clients = world.guests("ana", "bo")
        for client in clients { _ = client.takeNew() }
        faults.fail(.append, .after)
        #expect(clients[0].say("hello", key: "k").code == "storage_unavailable")
        world.settle()
        for client in clients {
            #expect(client.events("message").map { $0["text"] } == ["hello"])
        }
        let retry = clients[0].say("hello", key: "k")
        #expect(retry["duplicate"] == true)
        let next = clients[1].say("next")
        #expect(next.seq == retry.seq + 1)
        for client in clients {
            #expect(client.events("message").map(\.seq) == [retry.seq, next.seq])
        }
    }

    @Test(arguments: [1, 3])
    func `such a join makes a member, such a leaving ends it`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(store: store, shards: shards)
        let clients = world.guests("ana", "bo")
        let tea = clients[0].makeRoom("tea")
        faults.fail(.append, .after)
        let join = clients[1].ask("room.join", ["room": .string(tea)])
        #expect(join.code == "storage_unavailable")
        world.settle()
        #expect(clients[0].say("welcome", in: tea).type == "ok")
        #expect(clients[1].events("message").map { $0["text"] } == ["welcome"])
        faults.fail(.append, .after)
        let leave = clients[1].ask("room.leave", ["room": .string(tea)])
        #expect(leave.code == "storage_unavailable")
        world.settle()
        #expect(clients[0].say("where is bo?", in: tea).type == "ok")
        #expect(clients[1].events("message").map { $0["text"] } == ["welcome"])
        #expect(clients[1].say("x", in: tea).code == "not_member")
    }

    @Test func `until the room can be read nothing is stored, and then it goes on by itself`()
        async throws
    {
        let world = try await LoopbackWorld(store: store)
        let clients = world.guests("ana", "bo")
        faults.fail(.append, .after)
        for number in 1...3 { faults.fail(.loadRoom, number: number) }
        #expect(clients[0].say("1").code == "storage_unavailable")
        world.settle()
        let appends = faults.count(of: .append)
        #expect(clients[1].say("2").code == "storage_unavailable")
        #expect(faults.count(of: .append) == appends)
        #expect(clients[1].events("message").isEmpty)
        world.advance(milliseconds: 1_000)
        #expect(clients[1].events("message").map { $0["text"] } == ["1"])
        #expect(clients[1].say("2").type == "ok")
        #expect(clients[0].events("message").map { $0["text"] } == ["1", "2"])
    }

    @Test func `what has gathered for the room meanwhile is refused, other rooms are not`()
        async throws
    {
        let world = try await LoopbackWorld(store: store)
        let clients = world.guests("ana", "bo")
        let tea = clients[0].makeRoom("tea")
        clients[0].ask("history", ["room": "general"])
        store.hold()
        faults.fail(.append, .after)
        let first = clients[0].post("send", ["room": "general", "text": "1"])
        world.settle()
        #expect(store.waitingCount == 1)
        let second = clients[0].post("send", ["room": "general", "text": "2"])
        let other = clients[0].post("send", ["room": .string(tea), "text": "3"])
        world.settle()
        await store.release(in: world)
        #expect(clients[0].answer(to: first).code == "storage_unavailable")
        #expect(clients[0].answer(to: second).code == "storage_unavailable")
        #expect(clients[0].answer(to: other).type == "ok")
        #expect(clients[1].events("message").map { $0["text"] } == ["1"])
    }

    @Test(arguments: [FaultingStore.Call.addUser, .updateUser])
    func `a name is not kept by a token that nobody has`(_ call: FaultingStore.Call) async throws {
        let world = try await LoopbackWorld(store: store)
        if call == .updateUser { world.guest("ana").ask("logout") }
        faults.fail(call, .after)
        let hello: JSONValue = ["name": "ana", "keep_name": true]
        let welcome = world.connect().ask("hello", hello)
        let token = try #require(welcome["token"].string, "\(welcome)")
        #expect(faults.plannedFaults == 0)
        #expect(world.connect().ask("hello", ["name": "ana"]).code == "name_taken")
        #expect(world.connect().ask("hello", ["token": .string(token)]).type == "ok")
    }

    @Test func `a new name is known at once`() async throws {
        let world = try await LoopbackWorld(store: store)
        let ana = world.guest("ana")
        let tea = ana.makeRoom("tea")
        #expect(ana.ask("history", ["room": "tea"]).type == "ok")
        faults.fail(.append, .after)
        let answer = ana.ask("room.update", ["room": .string(tea), "name": "coffee"])
        #expect(answer.code == "storage_unavailable")
        world.settle()
        #expect(ana.ask("history", ["room": "coffee"]).type == "ok")
        #expect(ana.ask("history", ["room": "tea"]).code == "room_not_found")
    }
}
