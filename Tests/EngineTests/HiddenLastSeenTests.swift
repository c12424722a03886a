// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// Nobody learns when somebody was last seen who hides it, or with whom they share no room.
@Suite struct HiddenLastSeenTests {
    private func member(_ name: String, asking client: LoopbackClient) -> JSONValue {
        client.ask("room.members", ["room": "general"])["members"].elements
            .first { $0["name"].string == name } ?? .null
    }

    /// Whether anything that the client has received has such a key.
    private func knows(_ key: String, _ client: LoopbackClient) -> Bool {
        client.texts.contains { $0.contains("\"\(key)\"") }
    }

    @Test(arguments: [1, 3])
    func `who hides it is told of without a time, live and in pages`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        let answer = clients[1].ask("profile.update", ["hides_last_seen": true])
        #expect(answer["user"]["hides_last_seen"] == true)
        #expect(clients[1].ask("whoami")["user"]["hides_last_seen"] == true)
        clients[1].ask("logout")
        world.advance(milliseconds: 5_000)
        let event = clients[0].events("presence").last
        #expect(event?["status"] == "offline" && event?["user"]["name"] == "bo")
        #expect(member("bo", asking: clients[0])["status"] == "offline")
        #expect(!knows("last_seen", clients[0]))
        #expect(!knows("hides_last_seen", clients[0]), "nor that there is something to hide")
        #expect(clients[0].events("profile").isEmpty)
    }

    @Test func `hiding takes away what was known, and showing begins anew`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        clients[1].ask("logout")
        let bo = try #require(UserID(clients[1].userID))
        #expect(member("bo", asking: clients[0])["last_seen"] != .null)
        let engine = world.engine
        try await engine.updateProfile(ProfileChanges(hidesLastSeen: true), of: bo)
        #expect(member("bo", asking: clients[0])["last_seen"] == .null)
        try await engine.updateProfile(ProfileChanges(hidesLastSeen: false), of: bo)
        #expect(member("bo", asking: clients[0])["last_seen"] == .null)
        clients[1].reconnect(as: "bo")
        world.settle()
        #expect(clients[1].ask("whoami")["user"]["hides_last_seen"] == .null)
        clients[1].ask("logout")
        #expect(member("bo", asking: clients[0])["last_seen"].string == "\(world.clock.wallTime())")
    }

    @Test func `with other changes the profile is told, and the wish to hide is not`() async throws
    {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        clients[1].ask("profile.update", ["hides_last_seen": true, "status_text": "busy"])
        let event = clients[0].events("profile").last
        #expect(event?["user"]["status_text"] == "busy")
        #expect(!knows("hides_last_seen", clients[0]))
    }

    @Test(arguments: [1, 3])
    func `who shares no room learns nothing`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(shards: shards) { $0.defaultRoom = nil }
        let clients = world.guests("ana", "bo", "eve")
        let tea = clients[0].makeRoom("tea")
        clients[1].ask("room.join", ["room": .string(tea)])
        clients[1].ask("logout")
        world.advance(milliseconds: 5_000)
        #expect(knows("last_seen", clients[0]))
        #expect(clients[2].ask("room.members", ["room": .string(tea)]).code == "not_member")
        #expect(!knows("last_seen", clients[2]))
    }

    @Test func `an export tells both`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        clients[1].ask("profile.update", ["hides_last_seen": true])
        world.advance(milliseconds: 2_000)
        var profiles: [JSONValue] = []
        for client in clients {
            let user = try #require(UserID(client.userID))
            for try await line in UserExport(of: user, from: world.store) {
                let value = JSONValue(utf8: line) ?? .null
                if value["kind"] == "profile" { profiles.append(value) }
            }
        }
        #expect(profiles.map { $0["last_seen"] != .null } == [true, false])
        #expect(profiles.map { $0["hides_last_seen"] } == [.null, true])
    }

    @Test func `of an erased user nothing is told`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        world.advance(milliseconds: 5_000)
        let bo = try #require(UserID(clients[1].userID))
        _ = await world.call { engine in try? await engine.erase(bo) }
        world.advance(milliseconds: 60_000)
        #expect(try await world.store.user(bo) == ErasedUser.record(bo))
        #expect(!knows("last_seen", clients[0]))
    }
}
