// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// Invariant 8: presence is per user, merged over devices.
@Suite struct PresenceEngineTests {
    private func statuses(_ client: LoopbackClient, of user: String) -> [String] {
        client.events("presence").filter { $0["user"]["id"].string == user }
            .compactMap { $0["status"].string }
    }

    private func token(_ client: LoopbackClient) -> JSONValue { client.welcome["token"] }

    @Test(arguments: [1, 3])
    func `a user is offline after the last device and a grace`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        let bo = clients[1].userID
        #expect(statuses(clients[0], of: bo) == ["online"])
        clients[1].cut()
        world.advance(milliseconds: 14_999)
        #expect(statuses(clients[0], of: bo) == ["online"])
        world.advance(milliseconds: 1)
        #expect(statuses(clients[0], of: bo) == ["online", "offline"])
    }

    @Test(arguments: [1, 3])
    func `who returns within the grace was never gone`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        clients[1].cut()
        world.advance(milliseconds: 10_000)
        clients[1].reconnect(as: "bo")
        world.advance(milliseconds: 20_000)
        #expect(statuses(clients[0], of: clients[1].userID) == ["online"])
    }

    @Test(arguments: [1, 3])
    func `logging out the last device takes the user offline at once`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        let bo = clients[1].userID
        #expect(clients[1].ask("logout").type == "ok")
        #expect(clients[1].closeCode == .loggedOut)
        #expect(statuses(clients[0], of: bo) == ["online", "offline"])
    }

    @Test(arguments: [1, 3])
    func `a user is away only if every device is idle, and busy beats both`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        let second = world.connect()
        second.ask("hello", ["token": token(clients[1])])
        #expect(second.userID == clients[1].userID)
        clients[1].ask("presence.set", ["status": "away"])
        #expect(statuses(clients[0], of: second.userID) == ["online"])
        second.ask("presence.set", ["status": "away"])
        second.ask("presence.set", ["status": "busy"])
        second.ask("presence.set", ["status": "online"])
        let expected = ["online", "away", "busy", "online"]
        #expect(statuses(clients[0], of: second.userID) == expected)
        second.ask("logout")
        #expect(statuses(clients[0], of: second.userID) == expected + ["away"])
    }

    @Test func `after a restart nobody is online who is not there`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        try await world.restart()
        clients[0].reconnect(as: "ana")
        world.settle()
        let members = clients[0].ask("room.members", ["room": "general"])
        let online = members["members"].elements.filter { $0["status"] != "offline" }
        #expect(online.map { $0["name"] } == ["ana"])
        #expect(members["online"] == 1)
        #expect(members["total"] == 2)
    }

    @Test(arguments: [1, 3])
    func `only those who share a room are told`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(shards: shards) { $0.defaultRoom = nil }
        let clients = world.guests("ana", "bo", "cy")
        let tea = clients[0].makeRoom("tea")
        clients[1].ask("room.join", ["room": .string(tea)])
        for client in clients { _ = client.takeNew() }
        clients[1].ask("presence.set", ["status": "away"])
        #expect(clients[0].takeNew().of("presence").count == 1)
        #expect(clients[2].takeNew().of("presence").isEmpty)
    }

    @Test func `a silent peer is asked, and let go if it says nothing`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        let mute = LoopbackClient.Options(answersProbes: true)
        let bo = world.connect(mute)
        bo.answersProbes = false
        bo.ask("hello", ["name": "bo"])
        world.advance(milliseconds: 24_999)
        #expect(bo.probes == 0)
        world.advance(milliseconds: 1)
        #expect(bo.probes == 1)
        world.advance(milliseconds: 34_999)
        #expect(bo.isConnected)
        world.advance(milliseconds: 1)
        #expect(bo.closeCode == .heartbeatTimeout)
        #expect(ana.isConnected, "a peer that never sent a ping is not held to it")
    }

    @Test func `a peer that answers stays for ever`() async throws {
        let world = try await LoopbackWorld()
        let bo = world.connect(LoopbackClient.Options(answersProbes: true))
        bo.ask("hello", ["name": "bo"])
        world.advance(milliseconds: 600_000)
        #expect(bo.isConnected)
        #expect(bo.probes >= 10)
    }

    @Test func `a room that was joined on one device gets live events on the other too`()
        async throws
    {
        let world = try await LoopbackWorld(shards: 3)
        let ana = world.guest("ana", shard: 0)
        let first = world.guest("bo", shard: 1)
        let second = world.connect(LoopbackClient.Options(shard: 2))
        second.ask("hello", ["token": token(first)])
        let tea = ana.makeRoom("tea")
        first.ask("room.join", ["room": .string(tea)])
        ana.say("hi", in: tea)
        #expect(first.places(in: tea) == [3], "the answer to the join tells of the join")
        #expect(second.places(in: tea) == [2, 3])
        #expect(second.log(of: tea).first?["user"]["id"].string == second.userID)
    }
}
