// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// Invariant 13: no storms.
@Suite struct LargeRoomTests {
    private func world(_ shards: Int) async throws -> LoopbackWorld {
        try await LoopbackWorld(shards: shards) { $0.limits.smallRoomMembers = 3 }
    }

    @Test(arguments: [1, 3])
    func `a large room tells counts, not joins and not single members`(
        _ shards: Int
    ) async throws {
        let world = try await world(shards)
        var clients = world.guests("a", "b", "c", "d")
        world.advance(milliseconds: 5_000)
        for client in clients { _ = client.takeNew() }
        clients += world.guests("e", "f", "g")
        world.advance(milliseconds: 5_000)
        let told = clients[0].takeNew()
        #expect(told.of("joined").isEmpty)
        #expect(told.of("presence").isEmpty)
        let counts = told.of("members")
        #expect(counts.last?["count"] == 7)
        #expect(counts.last?["online"] == 7)
        #expect(counts.count <= 3)
        clients[6].ask("logout")
        world.advance(milliseconds: 5_000)
        let after = clients[0].takeNew()
        #expect(after.of("presence").isEmpty)
        #expect(after.of("members").last?["online"] == 6)
    }

    @Test(arguments: [1, 3])
    func `who is removed from a large room is told, and nobody else one by one`(
        _ shards: Int
    ) async throws {
        let world = try await world(shards)
        let owner = world.guest("owner")
        let tea = owner.makeRoom("tea")
        let others = world.guests("a", "b", "c", "d")
        for client in others { client.ask("room.join", ["room": .string(tea)]) }
        let answer = owner.ask(
            "member.kick", ["room": .string(tea), "user": .string(others[0].userID)])
        #expect(answer.type == "ok")
        world.advance(milliseconds: 5_000)
        let left = others[0].events("left").last
        #expect(left?["room"].string == tea)
        #expect(left?["reason"] == "kicked")
        #expect(others[1].events("left").isEmpty)
        owner.say("among us", in: tea)
        #expect(!others[0].events("message").contains { $0["text"] == "among us" })
        #expect(others[1].events("message").last?["text"] == "among us")
    }

    @Test func `counts come at most once per interval however many join`() async throws {
        let world = try await world(1)
        let first = world.guests("a", "b", "c", "d")
        world.advance(milliseconds: 5_000)
        _ = first[0].takeNew()
        for number in 0..<40 {
            _ = world.guest("g\(number)")
            world.advance(milliseconds: 100)
        }
        world.advance(milliseconds: 2_000)
        let counts = first[0].takeNew().of("members")
        #expect((2...5).contains(counts.count))
        #expect(counts.last?["count"] == 44)
    }

    @Test func `typing is off in a large room, and is answered`() async throws {
        let world = try await world(1)
        let clients = world.guests("a", "b", "c", "d")
        #expect(clients[0].ask("typing", ["room": "general"]).type == "ok")
        world.advance(milliseconds: 1_000)
        #expect(clients[1].events("typing").isEmpty)
    }

    @Test func `receipts of a large room are told for the furthest only, per interval`()
        async throws
    {
        let world = try await world(1)
        let clients = world.guests("a", "b", "c", "d", "e", "f")
        let seq = JSONValue.integer(Int64(clients[0].say("x").seq))
        world.advance(milliseconds: 5_000)
        for client in clients { _ = client.takeNew() }
        for client in clients.dropFirst() {
            client.ask("receipt", ["room": "general", "read": seq])
        }
        world.advance(milliseconds: 5_000)
        let told = clients[0].takeNew().of("receipt")
        #expect((1...8).contains(told.count))
        #expect(told.contains { $0["read"] == seq })
        let answer = clients[0].ask("readers", ["room": "general", "seq": seq])
        #expect(answer["readers"].elements.count == 5, "who has read it is answered on demand")
    }

    @Test func `messages of a large room reach everybody, without holes`() async throws {
        let world = try await world(3)
        let clients = world.guests("a", "b", "c", "d", "e", "f")
        let start = clients[5].welcome["rooms"][0]["head"].integer ?? 0
        for number in 0..<10 { clients[number % 6].say("\(number)") }
        for client in clients {
            let places = client.places(in: client.general).filter { $0 > start }
            #expect(places == Array(start + 1...start + 10))
        }
    }

    /// What one user does and what it may cost.
    enum Action: CaseIterable { case typing, away, receipt, disconnect }

    @Test(arguments: Action.allCases, [1, 3])
    func `one action costs each other member at most one message`(
        _ action: Action, _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let members = (0..<30).map { world.guest("m\($0)") }
        let seq = JSONValue.integer(Int64(members[0].say("x").seq))
        world.advance(milliseconds: 1_000)
        for member in members { _ = member.takeNew() }
        switch action {
        case .typing: members[0].ask("typing", ["room": "general"])
        case .away: members[0].ask("presence.set", ["status": "away"])
        case .receipt: members[0].ask("receipt", ["room": "general", "read": seq])
        case .disconnect: members[0].cut()
        }
        world.advance(milliseconds: action == .disconnect ? 15_000 : 1_000)
        for member in members.dropFirst() { #expect(member.takeNew().count == 1) }
    }
}
