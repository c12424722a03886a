// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// When somebody was last seen: noted, told, hidden.
@Suite struct LastSeenTests {
    /// What the live events say of a user, `online` or the time when they went offline.
    private func told(_ client: LoopbackClient, of user: String) -> [String] {
        client.events("presence").filter { $0["user"]["id"].string == user }.map {
            $0["last_seen"].string ?? $0["status"].string ?? ""
        }
    }

    private func member(_ name: String, asking client: LoopbackClient) -> JSONValue {
        client.ask("room.members", ["room": "general"])["members"].elements
            .first { $0["name"].string == name } ?? .null
    }

    private func time(_ world: LoopbackWorld) -> String { "\(world.clock.wallTime())" }

    // MARK: Noting and telling

    @Test(arguments: [1, 3])
    func `the event and the page of members say when the last device went`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        let second = world.connect()
        second.ask("hello", ["token": clients[1].welcome["token"]])
        world.advance(milliseconds: 60_000)
        clients[1].cut()
        world.advance(milliseconds: 60_000)
        let last = time(world)
        second.cut()
        #expect(member("bo", asking: clients[0])["last_seen"] == .null, "still here, for a while")
        world.advance(milliseconds: 20_000)
        #expect(told(clients[0], of: clients[1].userID) == ["online", last])
        let bo = member("bo", asking: clients[0])
        #expect(bo["status"] == "offline" && bo["last_seen"].string == last)
        clients[1].reconnect(as: "bo")
        world.settle()
        #expect(member("bo", asking: clients[0])["last_seen"] == .null, "who is here is seen")
    }

    @Test(arguments: [1, 3])
    func `in a large room the page of members says it`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(shards: shards) { $0.limits.smallRoomMembers = 1 }
        let clients = world.guests("ana", "bo")
        clients[1].ask("logout")
        #expect(member("bo", asking: clients[0])["last_seen"].string == time(world))
        #expect(told(clients[0], of: clients[1].userID) == [])
    }

    @Test func `who comes is noted a moment later, so that a server that is killed knows it`()
        async throws
    {
        let world = try await LoopbackWorld()
        let came = time(world)
        let clients = world.guests("ana", "bo")
        world.advance(milliseconds: 100_000)
        try await world.restart()
        clients[0].reconnect(as: "ana")
        world.settle()
        #expect(member("bo", asking: clients[0])["last_seen"].string == came)
    }

    @Test(arguments: [1, 3])
    func `a server that is shut down notes everybody who was here`(_ shards: Int) async throws {
        let store = MemoryStore()
        let world = try await LoopbackWorld(store: store, shards: shards)
        let clients = world.guests("ana", "bo", "cy")
        world.advance(milliseconds: 50_000)
        clients[2].cut()
        let before = time(world)
        world.advance(milliseconds: 10_000)
        let last = time(world)
        await world.shutdown()
        try await store.open()
        for (client, expected) in zip(clients, [last, last, before]) {
            let user = try #require(UserID(client.userID))
            let seen = try await store.user(user)?.profile.lastSeen
            #expect(seen.map { "\($0)" } == expected)
        }
    }

    @Test func `those who go in one turn are one call of the store, and activity is none`()
        async throws
    {
        let store = FaultingStore(MemoryStore())
        let world = try await LoopbackWorld(store: store)
        let clients = world.guests("ana", "bo", "cy", "di")
        world.advance(milliseconds: 1_000)
        #expect(store.count(of: .noteSightings) == 1, "all four came within a second")
        for status in ["away", "online", "busy", "online"] {
            clients[0].ask("presence.set", ["status": .string(status)])
            clients[0].ask("ping")
        }
        clients[0].say("hello")
        world.advance(milliseconds: 10_000)
        #expect(store.count(of: .noteSightings) == 1)
        for client in clients[1...] { client.cut() }
        world.advance(milliseconds: 15_000)
        #expect(store.count(of: .noteSightings) == 2)
        #expect(clients[0].events("presence").count { $0["last_seen"] != .null } == 3)
    }

    @Test func `a single command without a connection is nobody's visit`() async throws {
        let store = FaultingStore(MemoryStore())
        let world = try await LoopbackWorld(store: store)
        let clients = world.guests("ana", "bo")
        clients[1].ask("logout")
        world.advance(milliseconds: 60_000)
        let (seen, count) = (member("bo", asking: clients[0]), store.count(of: .noteSightings))
        let token = try #require(clients[1].welcome["token"].string)
        for command in [#"{"type":"whoami"}"#, #"{"type":"profile.update","avatar":"x"}"#] {
            _ = await world.call { engine in
                await engine.run(
                    Array(command.utf8), by: .token(token),
                    from: PeerInfo(address: "192.0.2.2", transport: "http"))
            }
        }
        world.advance(milliseconds: 60_000)
        #expect(member("bo", asking: clients[0])["last_seen"] == seen["last_seen"])
        #expect(store.count(of: .noteSightings) == count)
    }

    @Test(arguments: [1, 3])
    func `who was too slow for the event learns it with the present state`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards) {
            $0.limits.queuedBytes = 4_000
            $0.limits.queuedSlices = 1_000
        }
        let clients = world.guests("ana", "bo", "slow")
        let slow = clients[2]
        slow.stopReading()
        clients[0].say("one")
        for number in 0..<200 {
            clients[0].ask("typing", ["room": "general", "on": .bool(number % 2 == 0)])
        }
        clients[1].ask("logout")
        let last = time(world)
        world.advance(milliseconds: 5_000)
        _ = slow.takeNew()
        slow.startReading()
        world.settle()
        let event = slow.takeNew().of("presence").last { $0["user"]["name"] == "bo" }
        #expect(event?["status"] == "offline" && event?["last_seen"].string == last)
    }

    // MARK: Stores that wait or fail

    @Test func `nobody waits for the store, and who is back before it answers was never gone`()
        async throws
    {
        let store = HeldStore(MemoryStore())
        let world = try await LoopbackWorld(store: store)
        let clients = world.guests("ana", "bo")
        world.advance(milliseconds: 1_000)
        store.hold(sightings: true)
        clients[1].ask("logout")
        #expect(store.waitingCount == 1)
        #expect(told(clients[0], of: clients[1].userID) == ["online"])
        clients[1].reconnect(as: "bo")
        world.settle()
        #expect(clients[1].welcome["user"]["name"] == "bo", "the answer does not wait")
        #expect(clients[1].ask("ping").type == "ok")
        await store.release(in: world)
        world.advance(milliseconds: 1_000)
        #expect(told(clients[0], of: clients[1].userID) == ["online"])
        #expect(member("bo", asking: clients[0])["status"] == "online")
    }

    @Test func `a store that hangs keeps nobody online for longer than a second`() async throws {
        let store = HeldStore(MemoryStore())
        let world = try await LoopbackWorld(store: store)
        let clients = world.guests("ana", "bo")
        world.advance(milliseconds: 1_000)
        store.hold(sightings: true)
        clients[1].ask("logout")
        world.advance(milliseconds: 999)
        #expect(told(clients[0], of: clients[1].userID) == ["online"])
        world.advance(milliseconds: 1)
        #expect(told(clients[0], of: clients[1].userID) == ["online", "offline"])
        await store.release(in: world)
        world.advance(milliseconds: 1_000)
        #expect(told(clients[0], of: clients[1].userID) == ["online", "offline"])
        #expect(member("bo", asking: clients[0])["last_seen"].string != nil)
    }

    @Test func `a store that fails keeps nobody online, and is asked again with the next change`()
        async throws
    {
        let store = FaultingStore(MemoryStore())
        let world = try await LoopbackWorld(store: store)
        let clients = world.guests("ana", "bo")
        world.advance(milliseconds: 1_000)
        let before = store.count(of: .noteSightings)
        store.fail(.noteSightings)
        world.advance(milliseconds: 4_000)
        let last = time(world)
        clients[1].ask("logout")
        #expect(told(clients[0], of: clients[1].userID) == ["online", "offline"])
        #expect(!world.engine.isStorageHealthy)
        world.advance(milliseconds: 600_000)
        #expect(store.count(of: .noteSightings) == before + 1, "it is not asked without a change")
        world.guest("cy").ask("logout")
        #expect(member("bo", asking: clients[0])["last_seen"].string == last)
    }

    @Test func `beyond the bound users go offline without a time`() async throws {
        let store = HeldStore(MemoryStore())
        let world = try await LoopbackWorld(store: store) { $0.limits.queuedSightings = 1 }
        let clients = world.guests("ana", "bo", "cy", "di")
        world.advance(milliseconds: 1_000)
        store.hold(sightings: true)
        for client in clients[1...] { client.ask("logout") }
        let events = clients[0].events("presence").filter { $0["status"] == "offline" }
        #expect(events.map { $0["user"]["name"] } == ["di"], "one is under way, one waits")
        await store.release(in: world)
        let times = clients[0].events("presence").filter { $0["status"] == "offline" }
            .map { $0["last_seen"] != .null }
        #expect(times == [false, true, true])
    }
}
