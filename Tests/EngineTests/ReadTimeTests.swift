// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// Who has read a message, and when.
@Suite struct ReadTimeTests {
    private static let day: Int64 = 86_400_000

    private func readers(
        _ client: LoopbackClient, of seq: Int, in room: JSONValue = "general"
    ) -> [String: String?] {
        let query: JSONValue = ["room": room, "seq": .integer(Int64(seq))]
        let answer = client.ask("readers", query)
        let pairs = answer["readers"].elements.map { ($0["name"].string ?? "", $0["at"].string) }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    private func read(_ client: LoopbackClient, _ seq: Int, in room: JSONValue = "general") {
        client.ask("receipt", ["room": room, "read": .integer(Int64(seq))])
    }

    @Test(arguments: [1, 3])
    func `every reader has the time at which they came to the message, also after a restart`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo", "cy")
        let (one, two) = (clients[0].say("one").seq, clients[0].say("two").seq)
        world.advance(milliseconds: 60_000)
        let first = world.clock.wallTime().description
        read(clients[1], one)
        world.advance(milliseconds: 60_000)
        let second = world.clock.wallTime().description
        read(clients[1], two)
        read(clients[2], two)
        // What was read stays read at its time, whatever is read afterwards.
        world.advance(milliseconds: 60_000)
        read(clients[1], clients[0].say("three").seq)
        #expect(readers(clients[0], of: one) == ["bo": first, "cy": second])
        #expect(readers(clients[0], of: two) == ["bo": second, "cy": second])
        try await world.restart()
        clients[0].reconnect(as: "ana")
        world.settle()
        #expect(readers(clients[0], of: one) == ["bo": first, "cy": second])
    }

    @Test func `a large room keeps no times, and none is made up when it is small again`()
        async throws
    {
        let world = try await LoopbackWorld { $0.limits.smallRoomMembers = 2 }
        let clients = world.guests("ana", "bo", "cy")
        let room = JSONValue.string(clients[0].makeRoom("Tea"))
        for client in clients.dropFirst() { client.ask("room.join", ["room": room]) }
        func post(_ text: JSONValue) -> Int {
            clients[0].ask("send", ["room": room, "client_id": text, "text": text]).seq
        }
        let large = post("to three")
        read(clients[1], large, in: room)
        #expect(readers(clients[0], of: large, in: room) == ["bo": nil])
        clients[2].ask("room.leave", ["room": room])
        world.advance(milliseconds: 5_000)
        let small = post("to two")
        let time = world.clock.wallTime().description
        read(clients[1], small, in: room)
        #expect(readers(clients[0], of: large, in: room) == ["bo": nil])
        #expect(readers(clients[0], of: small, in: room) == ["bo": time])
    }

    @Test func `times are kept for so many days, and go in slices`() async throws {
        let world = try await LoopbackWorld { $0.retention.readTimeDays = 2 }
        let clients = world.guests("ana", "bo")
        var seqs: [Int] = []
        for number in 0..<450 {
            seqs.append(clients[0].say("\(number)").seq)
            read(clients[1], seqs[number])
        }
        let time = world.clock.wallTime().description
        func count() async throws -> Int {
            try await world.store.readTimes(
                by: #require(UserID(clients[1].userID)), in: #require(RoomID(clients[0].general)),
                after: .none, limit: 1_000
            ).count
        }
        world.advance(milliseconds: 2 * Self.day)
        #expect(readers(clients[0], of: seqs[0]) == ["bo": time])
        #expect(try await count() == 450)
        world.advance(milliseconds: 3_600_000)
        #expect(readers(clients[0], of: seqs[0]) == ["bo": nil])
        #expect(try await count() == 0)
    }

    @Test func `without days no times are kept, and earlier ones go`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        let seq = clients[0].say("one").seq
        read(clients[1], seq)
        let user = try #require(UserID(clients[1].userID))
        let room = try #require(RoomID(clients[0].general))
        await world.shutdown()
        let other = try await LoopbackWorld(store: world.store, clock: world.clock) {
            $0.retention.readTimeDays = 0
        }
        other.advance(milliseconds: 2_000)
        let ana = other.guest("ana two")
        let bo = other.guest("bo two")
        let later = ana.say("two").seq
        read(bo, later)
        #expect(readers(ana, of: later) == ["bo two": nil])
        let left = try await other.store.readTimes(by: user, in: room, after: .none, limit: 9)
        #expect(left == [])
    }

    @Test func `a failing store refuses the question and asks again later what is old`()
        async throws
    {
        let store = FaultingStore(MemoryStore())
        let world = try await LoopbackWorld(store: store)
        let clients = world.guests("ana", "bo")
        let seq = clients[0].say("one").seq
        store.fail(.readTimes)
        let answer = clients[0].ask(
            "readers", ["room": "general", "seq": .integer(Int64(seq))])
        #expect(answer.code == "storage_unavailable")
        #expect(readers(clients[0], of: seq) == [:])
        store.fail(.removeReadTimes)
        world.advance(milliseconds: 20_000)
        #expect(store.count(of: .removeReadTimes) == 2)
    }

    @Test func `an export tells when the user read what`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        let (one, two) = (clients[0].say("one").seq, clients[0].say("two").seq)
        read(clients[1], one)
        read(clients[1], two)
        read(clients[0], two)
        let user = try #require(UserID(clients[1].userID))
        var lines: [JSONValue] = []
        for try await line in UserExport(of: user, from: world.store) {
            lines.append(JSONValue(utf8: line) ?? .null)
        }
        let reads = lines.filter { $0["kind"] == "read" }
        #expect(reads.map { $0["after"].integer } == [0, one])
        #expect(reads.map { $0["seq"].integer } == [one, two])
        let time = world.clock.wallTime().description
        #expect(reads.map { $0["at"].string } == [time, time])
        #expect(reads.allSatisfy { $0["room"].string == clients[0].general })
    }
}
