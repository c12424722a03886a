// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// Invariant 14 for rooms: memory follows the rooms that are used, not those that exist.
@Suite(.timeLimit(.minutes(15)))
struct IdleRoomTests {
    private static let owner = UserReference(id: UserID(rawValue: 1), name: "owner")
    private static let member = UserReference(id: UserID(rawValue: 2), name: "member")

    private func engine(_ store: MemoryStore, idleRooms: Int) async throws -> ChatEngine {
        var configuration = ChatConfiguration()
        configuration.shards = 1
        configuration.limits.idleRooms = idleRooms
        let engine = try await ChatEngine(store: store, configuration: configuration)
        try await engine.addUser(Self.owner)
        try await engine.addUser(Self.member)
        return engine
    }

    /// Makes rooms 1... in the store.
    private func makeRooms(_ count: Int, in store: MemoryStore) async throws -> [RoomID] {
        var rooms: [RoomID] = []
        for number in 1...count {
            let record = RoomRecord(
                id: RoomID(rawValue: UInt64(number)), name: "room \(number)",
                createdAt: Timestamp(milliseconds: 0))
            let room = try await store.createRoom(record, owner: Self.owner.id)
            rooms.append(try #require(room).id)
        }
        return rooms
    }

    @Test func `twenty thousand rooms, each used once, leave no more than the limit in memory`()
        async throws
    {
        let store = MemoryStore()
        let engine = try await engine(store, idleRooms: 100)
        let rooms = try await makeRooms(20_000, in: store)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for lane in 0..<16 {
                tasks.addTask {
                    for index in stride(from: lane, to: rooms.count, by: 16) {
                        try await engine.perform(.get, in: rooms[index], as: Self.owner)
                    }
                }
            }
            try await tasks.waitForAll()
        }
        #expect(await engine.roomsInMemory() == 100)
        await engine.shutdown()
    }

    @Test func `rooms that were posted to leave the memory as well, and their order goes on`()
        async throws
    {
        let store = MemoryStore()
        let engine = try await engine(store, idleRooms: 10)
        let rooms = try await makeRooms(500, in: store)
        for round in 0..<2 {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for room in rooms {
                    tasks.addTask {
                        _ = try await engine.post("\(round)", in: room, as: Self.owner)
                    }
                }
                try await tasks.waitForAll()
            }
            #expect(await engine.roomsInMemory() <= 11)
        }
        // The owner's join has no event: what makes a room is not in its log.
        let seqs = try await rooms.asyncMap {
            try await engine.post("last", in: $0, as: Self.owner)
        }
        let before = try await store.events(in: rooms[0], after: .none, limit: 10).map(\.seq)
        #expect(before.count >= 3)
        #expect(Set(seqs).count == 1)
        #expect(seqs.first == before.last)
        await engine.shutdown()
    }

    @Test func `a room comes back with its members, roles, marks and head`() async throws {
        let store = MemoryStore()
        let engine = try await engine(store, idleRooms: 1)
        let rooms = try await makeRooms(20, in: store)
        try await engine.perform(.join(after: nil), in: rooms[0], as: Self.member)
        let head = try await engine.post("hello", in: rooms[0], as: Self.owner)
        try await engine.perform(
            .receipt(delivered: nil, read: head), in: rooms[0], as: Self.member)
        try await engine.perform(.typing(true), in: rooms[0], as: Self.member)
        for room in rooms.dropFirst() {
            try await engine.perform(.get, in: room, as: Self.owner)
        }
        #expect(await engine.roomsInMemory() <= 2)
        let answer = try await engine.perform(
            .members(offset: 0, limit: 10), in: rooms[0], as: Self.owner)
        guard case .members(let members, let total, let online) = answer else {
            Issue.record("no list of members: \(answer)")
            return
        }
        #expect(total == 2)
        #expect(online == 0)
        #expect(members.map(\.user.name) == ["owner", "member"])
        #expect(members.map(\.role) == [.owner, .member])
        #expect(members.last?.read == head)
        let next = try await engine.post("again", in: rooms[0], as: Self.member)
        #expect(next == head.next)
        await engine.shutdown()
    }

    @Test func `a subscriber who is gone before the room was read does not keep it in memory`()
        async throws
    {
        let store = HeldStore(MemoryStore())
        let world = try await LoopbackWorld(store: store) { $0.limits.idleRooms = 1 }
        let ana = world.guest("ana")
        for number in 0..<5 { _ = ana.makeRoom("room \(number)") }
        ana.cut()
        let bo = world.guest("bo")
        store.hold(rooms: true)
        ana.reconnect(as: "ana")
        world.settle()
        #expect(store.waitingCount > 1)
        ana.cut()
        world.settle()
        await store.release(in: world)
        // The next room that is used makes the others go.
        _ = bo.makeRoom("another")
        bo.cut()
        world.settle()
        #expect(await world.call { await $0.roomsInMemory() } <= 2)
    }

    @Test(arguments: [1, 3])
    func `a slow mode goes on in a room that everybody left for a moment`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards) { $0.limits.idleRooms = 4 }
        let ana = world.guest("ana")
        let bo = world.guest("bo")
        let tea = ana.makeRoom("tea")
        bo.ask("room.join", ["room": .string(tea)])
        ana.ask("room.update", ["room": .string(tea), "slow_mode_seconds": 100])
        #expect(bo.say("1", in: tea).type == "ok")
        ana.cut()
        bo.cut()
        let other = world.guest("other")
        for number in 0..<6 {
            let room = other.makeRoom("room \(number)")
            other.cut()
            other.reconnect(as: "other")
            world.settle()
            #expect(!room.isEmpty)
        }
        bo.reconnect(as: "bo")
        world.settle()
        #expect(bo.say("2", in: tea).code == "slow_mode")
    }
}

extension Array where Element: Sendable {
    /// One after the other.
    fileprivate func asyncMap<Result>(
        _ transform: (Element) async throws -> Result
    ) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
