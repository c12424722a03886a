// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// Invariant 4: exactly what was missed, once, then live events.
@Suite struct ResumeTests {
    /// Where the missed events must come from.
    enum Source: CaseIterable { case ring, pages, restart }

    @Test(arguments: Source.allCases, [1, 3])
    func `from every position a client gets exactly what it missed`(
        _ source: Source, _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards) {
            if source == .pages { $0.limits.ringEvents = 2 }
            $0.limits.resumePageEvents = 3
        }
        let writer = world.guest("ana", shard: 0)
        let reader = world.guest("bo", shard: 0)
        for number in 0..<12 { writer.say("\(number)") }
        let head = 14
        for position in 0...head {
            reader.cut()
            if source == .restart {
                try await world.restart()
                writer.reconnect(as: "ana")
            }
            reader.reconnect(
                as: "bo", resume: ["general": .integer(Int64(position))], shard: shards - 1)
            world.settle()
            #expect(reader.welcome["rooms"][0]["head"] == .integer(Int64(head)))
            #expect(reader.places(in: reader.general) == Array(position..<head).map { $0 + 1 })
        }
        writer.say("live")
        #expect(reader.places(in: reader.general) == [head + 1])
    }

    @Test(arguments: [1, 3])
    func `events that happen during a resume come after it, once`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(shards: shards) {
            $0.limits.ringEvents = 2
            $0.limits.resumePageEvents = 2
        }
        let writer = world.guest("ana")
        for number in 0..<20 { writer.say("\(number)") }
        let reader = world.connect()
        reader.post("hello", ["name": "bo", "resume": ["general": 0]])
        var sent = 0
        while !world.busyShards.isEmpty {
            if sent < 15 {
                writer.post("send", ["room": "general", "text": "meanwhile"])
                sent += 1
            }
            for shard in world.busyShards { world.runTurn(shard: shard) }
        }
        #expect(sent == 15)
        #expect(reader.places(in: reader.general) == Array(1...37))
    }

    @Test(arguments: [1, 3])
    func `who is told of what they missed hears of what changes meanwhile`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards) {
            $0.limits.ringEvents = 2
            $0.limits.resumePageEvents = 2
        }
        let clients = world.guests("ana", "cy")
        for number in 0..<20 { clients[0].say("\(number)") }
        let reader = world.connect()
        reader.post("hello", ["name": "bo", "resume": ["general": 0]])
        var wasMissing = 0
        while !world.busyShards.isEmpty {
            let missing = 23 - reader.places(in: reader.general).count
            if wasMissing == 0, missing < 20 {
                clients[1].post("presence.set", ["status": "busy"])
                clients[0].post("receipt", ["room": "general", "read": 5])
                wasMissing = missing
            }
            for shard in world.busyShards { world.runTurn(shard: shard) }
        }
        #expect(wasMissing > 10)
        let statuses = reader.events("presence").filter { $0["user"]["name"] == "cy" }
        #expect(statuses.last?["status"] == "busy")
        #expect(reader.events("receipt").contains { $0["read"] == 5 })
    }

    @Test func `a resume may name the room by id or by name, and other rooms start at their head`()
        async throws
    {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        let tea = ana.makeRoom("Tea")
        ana.say("one", in: tea)
        ana.say("two")
        for key in [tea, "TEA"] {
            ana.reconnect(as: "ana", resume: .object([key: 0]))
            world.settle()
            #expect(ana.places(in: tea) == [1, 2], "by \(key)")
            #expect(ana.places(in: ana.general).isEmpty)
        }
    }

    @Test func `a session that had seen no event yet resumes from its welcome's head`() async throws
    {
        let world = try await LoopbackWorld()
        let bo = world.guest("bo")
        let head = try #require(bo.welcome["rooms"][0]["head"].integer)
        bo.cut()
        let ana = world.guest("ana")
        ana.say("missed")
        bo.reconnect(as: "bo", resume: ["general": .integer(Int64(head))])
        world.settle()
        #expect(bo.places(in: bo.general) == [head + 1, head + 2])
        #expect(bo.events("message").map { $0["text"] } == ["missed"])
    }

    @Test(arguments: [1, 3])
    func `a position beyond the end is answered with a gap and live events follow`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let ana = world.guest("ana")
        let bo = world.guest("bo", resume: ["general": 99])
        let gap = try #require(bo.events("gap").first)
        #expect(gap["reason"] == "position_ahead")
        #expect(gap["from"] == 3)
        #expect(gap["to"] == 99)
        ana.say("live")
        #expect(bo.events("message").map(\.seq) == [3])
    }

    @Test func `joining with a position gives everything after it`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        let tea = ana.makeRoom("tea")
        for number in 0..<3 { ana.say("\(number)", in: tea) }
        let bo = world.guest("bo")
        bo.ask("room.join", ["room": .string(tea), "after": 1])
        #expect(bo.places(in: tea) == [2, 3, 4, 5])
    }

    @Test
    func `joining with a position beyond the end is answered with a gap, and live events follow`()
        async throws
    {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        let tea = clients[0].makeRoom("tea")
        clients[1].ask("room.join", ["room": .string(tea), "after": 50])
        #expect(clients[1].events("gap").map { $0["reason"] } == ["position_ahead"])
        clients[0].say("live", in: tea)
        #expect(clients[1].places(in: tea) == [3])
    }

    @Test func `a hole can be filled from the log by hand`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        for number in 0..<5 { ana.say("\(number)") }
        let page = ana.ask("events", ["room": "general", "after": 2, "limit": 2])
        #expect(page["events"].elements.map(\.seq) == [3, 4])
        #expect(page["head"] == 6)
        let live = ana.log(of: ana.general).filter { [3, 4].contains($0.seq) }
        #expect(page["events"].elements == live)
    }

    @Test func `when the log cannot be read the client is told to come back`() async throws {
        let store = FaultingStore(MemoryStore())
        let world = try await LoopbackWorld(store: store)
        let ana = world.guest("ana")
        for number in 0..<5 { ana.say("\(number)") }
        ana.cut()
        try await world.restart()
        store.fail(.events)
        ana.reconnect(as: "ana", resume: ["general": 0])
        world.settle()
        #expect(ana.closeCode == .internalError)
        ana.reconnect(as: "ana", resume: ["general": 0])
        world.settle()
        #expect(ana.places(in: ana.general) == Array(1...6))
    }
}
