// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// What users show of themselves, over the engine.
@Suite struct ProfileTests {
    @Test(arguments: [1, 3])
    func `members of small rooms see a change at once, once per shared room`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo", "cy")
        let tea = clients[0].makeRoom("tea")
        let secret = clients[2].makeRoom("secret")
        clients[1].ask("room.join", ["room": .string(tea)])
        let answer = clients[0].ask(
            "profile.update", ["display_name": "Ana Lund", "status_text": "away"])
        #expect(answer["user"]["display_name"] == "Ana Lund")
        #expect(answer["user"]["name"] == "ana")
        let rooms = clients[1].events("profile").compactMap { $0["room"].string }
        #expect(rooms.sorted() == [clients[0].general, tea].sorted())
        #expect(clients[1].events("profile").allSatisfy { $0["user"]["status_text"] == "away" })
        // Her own devices as well, and nobody where she is not.
        #expect(clients[0].events("profile").count == 2)
        #expect(clients[2].events("profile").map { $0["room"].string } == [clients[0].general])
        #expect(!clients[2].events("profile").contains { $0["room"].string == secret })
    }

    @Test(arguments: [1, 3])
    func `many changes are one event per interval, and the last state arrives`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        let texts = { clients[1].now("profile").compactMap { $0["user"]["status_text"].string } }
        for number in 0..<20 {
            clients[0].ask("profile.update", ["status_text": .string("\(number)")])
        }
        #expect(texts() == ["0"])
        world.advance(milliseconds: 1_499)
        #expect(texts() == ["0"])
        world.advance(milliseconds: 1)
        #expect(texts() == ["0", "19"])
        // Nothing more to tell, and a later change is told at once again.
        world.advance(milliseconds: 10_000)
        #expect(texts() == ["0", "19"])
        clients[0].ask("profile.update", ["status_text": "later"])
        #expect(texts() == ["0", "19", "later"])
    }

    @Test func `a change right before the end of a connection is told all the same`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        for text in ["first", "last"] {
            clients[0].ask("profile.update", ["status_text": .string(text)])
        }
        clients[0].ask("logout")
        world.advance(milliseconds: 2_000)
        let texts = clients[1].now("profile").compactMap { $0["user"]["status_text"].string }
        #expect(texts == ["first", "last"])
    }

    @Test func `a failure while a change is told delays it`() async throws {
        let store = FaultingStore(MemoryStore())
        let world = try await LoopbackWorld(store: store)
        let clients = world.guests("ana", "bo")
        store.fail(.profiles)
        #expect(clients[0].ask("profile.update", ["avatar": "x"]).type == "ok")
        #expect(clients[1].now("profile").isEmpty)
        world.advance(milliseconds: 1_500)
        #expect(clients[1].now("profile").map { $0["user"]["avatar"] } == ["x"])
    }

    @Test(arguments: [1, 3])
    func `a service changes the profile of somebody who is away`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        let ana = try #require(clients[0].welcome["user"]["id"].string.flatMap { UserID($0) })
        clients[0].ask("logout")
        let engine = world.engine
        let changes = ProfileChanges(displayName: " Ana Lund ", avatar: "faces/7")
        let profile = try await engine.updateProfile(changes, of: ana)
        let seen = world.clock.wallTime()
        #expect(
            profile == UserProfile(displayName: "Ana Lund", avatar: "faces/7", lastSeen: seen))
        world.settle()
        let told = clients[1].now("profile").map { $0["user"]["display_name"] }
        #expect(told == ["Ana Lund"])
    }

    @Test func `a service is refused what a client would be refused`() async throws {
        let store = FaultingStore(MemoryStore())
        let world = try await LoopbackWorld(store: store)
        let ana = world.guest("ana")
        let id = try #require(ana.welcome["user"]["id"].string.flatMap { UserID($0) })
        let long = String(repeating: "x", count: 141)
        store.fail(.updateProfile)
        for (changes, user, code) in [
            (ProfileChanges(), id, .missingField),
            (ProfileChanges(statusText: long), id, .invalidField),
            (ProfileChanges(avatar: "a\nb"), id, .invalidField),
            (ProfileChanges(avatar: "a"), id, .storageUnavailable),
            (ProfileChanges(avatar: "a"), UserID(rawValue: 12_345), .userNotFound),
        ] as [(ProfileChanges, UserID, WireError.Code)] {
            let error = await #expect(throws: WireError.self) {
                try await world.engine.updateProfile(changes, of: user)
            }
            #expect(error?.code == code)
        }
    }

    @Test(arguments: [1, 3])
    func `pages of members and whoami show what is stored, after a restart too`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        clients[0].ask("profile.update", ["avatar": "pic/1", "display_name": "Ana"])
        clients[0].ask("profile.update", ["display_name": ""])
        try await world.restart()
        let ana = world.connect()
        ana.ask("hello", ["token": clients[0].welcome["token"]])
        let own = ana.ask("whoami")["user"]
        #expect(own["avatar"] == "pic/1" && own["display_name"] == .null)
        #expect(own["created_at"] != .null)
        let members = ana.ask("room.members", ["room": "general"])["members"].elements
        #expect(members.map { $0["name"] } == ["ana", "bo"])
        #expect(members.map { $0["avatar"] } == ["pic/1", .null])
    }

    @Test func `in a large room nobody is told, and the page of members has it`() async throws {
        let world = try await LoopbackWorld { $0.limits.smallRoomMembers = 2 }
        let clients = world.guests("ana", "bo", "cy")
        clients[0].ask("profile.update", ["status_text": "away"])
        #expect(clients.allSatisfy { $0.events("profile").isEmpty })
        let members = clients[1].ask("room.members", ["room": "general"])["members"].elements
        #expect(members.map { $0["status_text"] } == ["away", .null, .null])
    }

    @Test func `a store that fails changes nothing and says so`() async throws {
        let store = FaultingStore(MemoryStore())
        let world = try await LoopbackWorld(store: store)
        let ana = world.guest("ana")
        store.fail(.updateProfile)
        #expect(
            ana.ask("profile.update", ["avatar": "x"]).code == "storage_unavailable")
        #expect(ana.events("profile").isEmpty)
        store.fail(.profiles)
        #expect(
            ana.ask("room.members", ["room": "general"]).code == "storage_unavailable")
        #expect(ana.ask("profile.update", ["avatar": "x"]).type == "ok")
    }
}
