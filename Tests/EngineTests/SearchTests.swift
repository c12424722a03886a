// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

@Suite struct SearchTests {
    private func texts(_ answer: JSONValue) -> [String] {
        answer["hits"].elements.compactMap { $0["excerpt"].string }
    }

    @Test(arguments: [1, 3])
    func `everybody finds what stands in their rooms and nothing else`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo", "eve")
        let secret = clients[0].makeRoom("secret", ["private": true])
        let tea = clients[0].makeRoom("tea")
        clients[1].ask("room.join", ["room": .string(tea)])
        clients[0].say("needle in secret", in: secret)
        world.advance(milliseconds: 10)
        clients[0].say("needle in tea", in: tea)
        world.advance(milliseconds: 10)
        clients[2].say("needle for all")
        let everything = ["needle for all", "needle in tea", "needle in secret"]
        for (client, count) in [(0, 3), (1, 2), (2, 1)] {
            let found = texts(clients[client].ask("search", ["text": "needle"]))
            #expect(found == Array(everything.prefix(count)) || client == 2)
            #expect(found.count == count)
        }
        #expect(texts(clients[2].ask("search", ["text": "needle"])) == ["needle for all"])
        #expect(!clients[2].texts.contains { $0.contains("in secret") || $0.contains("in tea") })
        clients[1].ask("room.leave", ["room": .string(tea)])
        #expect(texts(clients[1].ask("search", ["text": "needle"])) == ["needle for all"])
        let outside = clients[1].ask("search", ["text": "needle", "room": .string(tea)])
        #expect(outside.code == "not_member")
    }

    @Test func `a search in one room stays there`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        let tea = ana.makeRoom("tea")
        ana.say("needle here", in: tea)
        ana.say("needle there")
        let answer = ana.ask("search", ["text": "needle", "room": "tea"])
        #expect(texts(answer) == ["needle here"])
        #expect(answer["hits"].elements.first?["room"].string == tea)
    }

    @Test func `a policy that refuses the search of a room hides it from every search`()
        async throws
    {
        let world = try await LoopbackWorld { $0.policy = NoSearch(room: "tea") }
        let ana = world.guest("ana")
        let tea = ana.makeRoom("tea")
        ana.say("needle here", in: tea)
        ana.say("needle there")
        #expect(texts(ana.ask("search", ["text": "needle"])) == ["needle there"])
        #expect(ana.ask("search", ["text": "needle", "room": "tea"]).code == "forbidden")
    }

    @Test func `a search costs ten times what a look at history does`() async throws {
        let world = try await LoopbackWorld { configuration in
            configuration.rates = .off
            configuration.rates[.user, .sync] = BucketSize(capacity: 25, tokensPerMinute: 60)
        }
        let ana = world.guest("ana")
        #expect(ana.ask("search", ["text": "a"]).type == "ok")
        #expect(ana.ask("search", ["text": "a", "room": "general"]).type == "ok")
        let refused = ana.ask("search", ["text": "a"])
        #expect(refused.code == "rate_limited")
        #expect(refused["bucket"] == "user.sync")
        #expect(ana.ask("history", ["room": "general"]).type == "ok")
    }

    @Test func `a store that cannot search is told as such, and the session goes on`() async throws
    {
        let store = FaultingStore(MemoryStore())
        let world = try await LoopbackWorld(store: store)
        let ana = world.guest("ana")
        ana.say("needle")
        for room: JSONValue in [.null, "general"] {
            store.fail(.search)
            let answer = ana.ask("search", ["text": "needle", "room": room])
            #expect(answer.code == "storage_unavailable")
            #expect(texts(ana.ask("search", ["text": "needle", "room": room])) == ["needle"])
        }
    }
}

/// Nobody may search a room of that name.
private struct NoSearch: ChatPolicy {
    let room: String

    func check(
        _ action: RoomAction, by user: UserReference, in room: RoomRecord
    ) -> WireError? {
        guard case .search = action, room.name == self.room else { return nil }
        return WireError(.forbidden, "this room is not searched")
    }
}
