// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// Old events go, and whoever asks for them is told.
@Suite struct RetentionTests {
    /// Keeps the newest three messages; walks once a minute.
    private func world(
        shards: Int, store: any ChatStore = MemoryStore(), ring: Int = 256
    ) async throws -> LoopbackWorld {
        try await LoopbackWorld(store: store, shards: shards) {
            $0.retention = RetentionPolicy(messages: 3)
            $0.retention.intervalSeconds = 60
            $0.retention.sliceEvents = 4
            $0.limits.ringEvents = ring
            $0.limits.resumePageEvents = 3
        }
    }

    @Test(arguments: [1, 3], [2, 256])
    func `whoever resumes before the edge gets a gap and then everything else`(
        _ shards: Int, _ ring: Int
    ) async throws {
        let world = try await world(shards: shards, ring: ring)
        let ana = world.guest("ana", shard: 0)
        let bo = world.guest("bo", shard: 0)
        for number in 0..<12 { ana.say("\(number)") }  // 3...14
        world.advance(milliseconds: 120_000)
        for position in 0...14 {
            bo.cut()
            bo.reconnect(
                as: "bo", resume: ["general": .integer(Int64(position))], shard: shards - 1)
            world.settle()
            let edge = 11
            #expect(bo.places(in: bo.general) == Array(max(position, edge)..<14).map { $0 + 1 })
            let gaps = bo.now("gap")
            if position < edge {
                #expect(gaps.map { $0["from"] } == [.integer(Int64(position + 1))])
                #expect(gaps.map { $0["to"] } == [.integer(Int64(edge))])
                #expect(gaps.map { $0["reason"] } == ["older_than_retention"])
            } else {
                #expect(gaps == [])
            }
        }
        ana.say("live")
        #expect(bo.places(in: bo.general) == [15])
    }

    @Test func `a resume that is overtaken by a trim tells the gap and misses nothing else`()
        async throws
    {
        let store = MemoryStore()
        let world = try await LoopbackWorld(store: store) {
            $0.limits.ringEvents = 1
            $0.limits.resumePageEvents = 2
        }
        let ana = world.guest("ana")
        for number in 0..<20 { ana.say("\(number)") }  // 2...21
        let room = try #require(RoomID(ana.general))
        let bo = world.connect()
        bo.post("hello", ["name": "bo", "resume": ["general": 0]])
        var turns = 0
        while !world.busyShards.isEmpty {
            world.runTurn(shard: 0)
            turns += 1
            if bo.places(in: room.description).count == 4 {
                _ = try await store.trim(room, through: 15, limit: 100)
            }
        }
        // What was read before the trim still came, the gap is the rest. 22 is bo's own join.
        let gaps = bo.now("gap")
        #expect(gaps.map { $0["to"] } == [15])
        let missed = try #require(gaps.first?["from"].integer)
        #expect((5..<15).contains(missed))
        #expect(bo.places(in: room.description) == Array(1..<Int(missed)) + Array(16...22))
    }

    @Test func `rooms that nobody has open are trimmed too, all of them`() async throws {
        let store = MemoryStore()
        try await store.open()
        let owner = UserID(rawValue: 5)
        for id: UInt64 in 1...250 {
            let record = RoomRecord(
                id: RoomID(rawValue: id), name: "\(id)", createdAt: Timestamp(milliseconds: 1))
            _ = try await store.createRoom(record, owner: owner)
            let entries = (0..<5).map { _ in
                LogEntry(
                    room: record.id, sender: owner, at: Timestamp(milliseconds: 2),
                    change: .message(text: "x", replyTo: nil))
            }
            _ = try await store.append(AppendBatch(entries: entries))
        }
        let world = try await world(shards: 2, store: store)
        world.advance(milliseconds: 60_000)
        for id: UInt64 in 1...250 {
            let room = try await store.loadRoom(RoomID(rawValue: id))?.room
            #expect(room?.trimmed == 3)
            #expect(room?.head == 6)
        }
        #expect(await world.call { await $0.roomsInMemory() } == 0)
    }

    @Test(arguments: [1, 3])
    func `a room's own retention is set over the wire, applied soon, and cleared`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let ana = world.guest("ana")
        let bo = world.guest("bo", shard: shards - 1)
        let tea = ana.makeRoom("Tea")
        bo.ask("room.join", ["room": .string(tea)])
        for number in 0..<10 { ana.say("\(number)", in: tea) }  // 3...12
        let refused = bo.ask("room.update", ["room": .string(tea), "retention_messages": 4])
        #expect(refused["code"] == "forbidden")
        let set = ana.ask("room.update", ["room": .string(tea), "retention_messages": 4])
        #expect(set["room"]["retention_messages"] == 4)
        #expect(bo.now("room").last?["changes"] == ["retention_messages": 4])
        world.advance(milliseconds: 2_000)
        let page = bo.ask("history", ["room": .string(tea), "limit": 100])
        #expect(page["messages"].elements.map(\.seq) == [9, 10, 11, 12])
        // The default room is as it was.
        let room = try #require(RoomID(ana.general))
        #expect(try await world.store.loadRoom(room)?.room.trimmed == SequenceNumber.none)
        let cleared = ana.ask("room.update", ["room": .string(tea), "retention_messages": 0])
        #expect(cleared["room"]["retention_messages"] == .null)
        for number in 0..<10 { ana.say("\(number)", in: tea) }
        world.advance(milliseconds: 7_300_000)
        let later = bo.ask("history", ["room": .string(tea), "limit": 100])
        #expect(later["messages"].elements.count == 14)
    }

    @Test func `a room made with a retention is trimmed by the next walk, by age`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        let made = ana.ask("room.create", ["name": "Tea", "retention_days": 1])
        #expect(made["room"]["retention_days"] == 1)
        let tea = try #require(made["room"]["id"].string)
        ana.say("old", in: tea)  // 2
        world.advance(milliseconds: 23 * 3_600_000)
        ana.say("new", in: tea)  // 3
        world.advance(milliseconds: 3 * 3_600_000)
        let page = ana.ask("history", ["room": .string(tea), "limit": 100])
        #expect(page["messages"].elements.map(\.seq) == [3])
    }

    @Test func `history ends at the edge, and a trimmed message is no target`() async throws {
        let world = try await world(shards: 1)
        let ana = world.guest("ana")
        for number in 0..<12 { ana.say("\(number)") }  // 2...13
        world.advance(milliseconds: 120_000)
        let page = ana.ask("history", ["room": "general", "before": 13, "limit": 100])
        #expect(page["messages"].elements.map(\.seq) == [11, 12])
        #expect(page["end"] == true)
        let reply = ana.ask("send", ["room": "general", "text": "x", "reply_to": 5])
        #expect(reply["code"] == "reply_target_not_found")
        #expect(
            ana.ask("edit", ["room": "general", "text": "x", "target": 5])["code"]
                == "message_not_found")
    }

    @Test func `a failure of the store ends no walk`() async throws {
        let faults = FaultingStore(MemoryStore())
        let world = try await world(shards: 1, store: faults)
        let ana = world.guest("ana")
        for number in 0..<12 { ana.say("\(number)") }
        faults.fail(.rooms)
        faults.fail(.trimPlace)
        faults.fail(.trim, number: 2)
        world.advance(milliseconds: 120_000)
        let room = try #require(RoomID(ana.general))
        #expect(try await faults.loadRoom(room)?.room.trimmed == 10)
    }

    @Test func `what a deleted room has left is swept, also after a restart`() async throws {
        let faults = FaultingStore(MemoryStore())
        let world = try await LoopbackWorld(store: faults)
        world.advance(milliseconds: 5_000)
        #expect(faults.count(of: .sweep) == 1)
        let ana = world.guest("ana")
        let tea = ana.makeRoom("Tea")
        #expect(ana.ask("room.delete", ["room": .string(tea)]).type == "ok")
        world.advance(milliseconds: 5_000)
        #expect(faults.count(of: .sweep) == 2)
        try await world.restart()
        world.advance(milliseconds: 5_000)
        #expect(faults.count(of: .sweep) == 3)
    }
}
