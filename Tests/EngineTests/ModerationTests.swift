// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// Bans and mutes, over the engine.
@Suite struct ModerationTests {
    /// Ana's room, which Bo has joined on two devices.
    private struct Scene {
        var world: LoopbackWorld
        var ana: LoopbackClient
        var bo: LoopbackClient
        var second: LoopbackClient
        var room: String
        var bob: JSONValue { .string(bo.userID) }

        init(shards: Int, isPrivate: Bool = false, limits: Limits = Limits()) async throws {
            world = try await LoopbackWorld(shards: shards) { $0.limits = limits }
            ana = world.guest("ana", shard: 0)
            bo = world.guest("bo", shard: shards - 1)
            second = world.connect(LoopbackClient.Options(shard: 0))
            second.ask("hello", ["token": bo.welcome["token"]])
            room = ana.makeRoom("tea")
            bo.ask("room.join", ["room": .string(room)])
            if isPrivate { ana.ask("room.update", ["room": .string(room), "private": true]) }
        }

        @discardableResult
        func ana(_ type: String, _ fields: JSONValue = [:]) -> JSONValue {
            ana.ask(type, fields.setting("room", to: .string(room)).setting("user", to: bob))
        }
    }

    @Test(arguments: [1, 3])
    func `who was banned hears of it and of nothing after it, on every device`(
        _ shards: Int
    ) async throws {
        let scene = try await Scene(shards: shards)
        let room = JSONValue.string(scene.room)
        scene.bo.ask("typing", ["room": room])
        scene.ana.post("member.ban", ["room": room, "user": scene.bob, "reason": "rude"])
        for _ in 0..<3 { scene.ana.post("send", ["room": room, "text": "among us"]) }
        scene.world.settle()
        scene.ana.ask("typing", ["room": room])
        for device in [scene.bo, scene.second] {
            #expect(device.log(of: scene.room).last?.type == "banned")
            #expect(device.log(of: scene.room).last?["reason"] == "rude")
            #expect(!device.texts.contains { $0.contains("among us") })
        }
        #expect(scene.bo.ask("history", ["room": room]).code == "not_member")
        #expect(scene.bo.ask("room.join", ["room": room]).code == "banned")
        #expect(scene.bo.ask("whoami")["rooms"].elements.count == 1)
        #expect(scene.ana.log(of: scene.room).map(\.seq) == [2, 3, 4, 5, 6])
        #expect(scene.ana.events("typing").last?["users"].elements.isEmpty ?? false)
    }

    @Test(arguments: [1, 3])
    func `a private room tells who is banned that it does not exist`(
        _ shards: Int
    ) async throws {
        let scene = try await Scene(shards: shards, isPrivate: true)
        scene.ana("member.ban")
        let answer = scene.bo.ask("room.join", ["room": .string(scene.room)])
        let other = scene.bo.ask("room.join", ["room": "r_0000000000001"])
        #expect(answer.code == "room_not_found")
        #expect(answer.setting("id", to: 0) == other.setting("id", to: 0))
    }

    /// The join is decided before the room becomes private, and stored after the ban.
    @Test func `a ban that comes first refuses a join that was decided before it`() async throws {
        let held = HeldStore(MemoryStore())
        let world = try await LoopbackWorld(store: held)
        let ana = world.guest("ana")
        let bo = world.guest("bo")
        let tea = JSONValue.string(ana.makeRoom("tea"))
        held.hold()
        ana.post("member.ban", ["room": tea, "user": .string(bo.userID)])
        world.settle()
        let join = bo.post("room.join", ["room": tea])
        world.settle()
        await held.release(in: world)
        #expect(bo.answer(to: join).code == "banned")
        #expect(ana.ask("room.members", ["room": tea])["total"] == 1)
    }

    @Test func `a ban ends by itself, after a restart too`() async throws {
        let world = try await LoopbackWorld()
        let (ana, bo) = (world.guest("ana"), world.guest("bo"))
        let tea = JSONValue.string(ana.makeRoom("tea"))
        let bob = JSONValue.string(bo.userID)
        #expect(ana.ask("member.ban", ["room": tea, "user": bob, "seconds": 60]).seq == 2)
        world.advance(milliseconds: 59_999)
        #expect(bo.ask("room.join", ["room": tea]).code == "banned")
        #expect(ana.ask("room.bans", ["room": tea])["total"] == 1)
        try await world.restart()
        let (anew, late) = (world.connect(), world.connect())
        anew.ask("hello", ["token": ana.welcome["token"]])
        late.ask("hello", ["token": bo.welcome["token"]])
        #expect(late.ask("room.join", ["room": tea]).code == "banned")
        world.advance(milliseconds: 1)
        #expect(late.ask("room.join", ["room": tea]).type == "ok")
        #expect(anew.ask("room.bans", ["room": tea])["total"] == 0)
    }

    @Test(arguments: [1, 3])
    func `a muted member is told for how long, and writes again after it`(
        _ shards: Int
    ) async throws {
        let scene = try await Scene(shards: shards)
        let room = JSONValue.string(scene.room)
        scene.bo.say("before", in: scene.room, key: "k")
        scene.bo.ask("typing", ["room": room])
        #expect(scene.ana("member.mute", ["seconds": 60]).seq == 4)
        #expect(scene.ana.events("typing").last?["users"].elements.isEmpty ?? false)
        scene.world.advance(milliseconds: 15_000)
        // The second device's word counts as well, with and without a key.
        for (device, key) in [(scene.bo, nil), (scene.second, "l"), (scene.second, nil)] {
            let answer = device.say("x", in: scene.room, key: key)
            #expect(answer.code == "muted")
            #expect(answer["retry_after_ms"] == 45_000)
        }
        #expect(scene.bo.ask("typing", ["room": room]).code == "muted")
        // To leave and to come back ends no mute.
        scene.bo.ask("room.leave", ["room": room])
        scene.bo.ask("room.join", ["room": room])
        let again = scene.bo.say("x", in: scene.room)
        #expect(again.code == "muted" && again["retry_after_ms"] == 45_000)
        #expect(scene.bo.ask("typing", ["room": room]).code == "muted")
        #expect(scene.bo.say("before", in: scene.room, key: "k")["duplicate"] == true)
        #expect(scene.bo.ask("history", ["room": room])["messages"].elements.count == 1)
        let members = scene.ana.ask("room.members", ["room": room])["members"].elements
        #expect(members.map { $0["muted"] } == [.null, true])
        scene.world.advance(milliseconds: 45_000)
        #expect(scene.bo.say("after", in: scene.room).type == "ok")
        let later = scene.ana.ask("room.members", ["room": room])["members"].elements
        #expect(later.map { $0["muted"] } == [.null, .null])
    }

    @Test func `a mute without an end has no wait, and holds for a room that comes from the store`()
        async throws
    {
        var limits = Limits()
        limits.idleRooms = 1
        let scene = try await Scene(shards: 1, limits: limits)
        scene.ana("member.mute")
        let clients = [scene.ana, scene.bo, scene.second]
        let tokens = clients.map { $0.welcome["token"] }
        for client in clients { client.cut() }
        scene.world.advance(milliseconds: 60_000)
        _ = scene.world.guests("x", "y").map { $0.makeRoom($0.userID) }
        scene.second.connect()
        scene.second.ask("hello", ["token": tokens[1]])
        let answer = scene.second.say("x", in: scene.room)
        #expect(answer.code == "muted" && answer["retry_after_ms"] == .null)
    }

    @Test func `unknown users are neither banned nor muted`() async throws {
        let scene = try await Scene(shards: 1)
        let nobody: JSONValue = ["room": .string(scene.room), "user": "u_0000000000001"]
        for command in ["member.ban", "member.unban", "member.unmute"] {
            #expect(scene.ana.ask(command, nobody).code == "user_not_found", "\(command)")
        }
        #expect(scene.ana.ask("member.mute", nobody).code == "not_member")
        let past = scene.ana("member.ban", ["until": "1970-01-01T00:00:00Z"])
        #expect(past.code == "invalid_field" && past["field"] == "until")
    }

    @Test func `a stranger is banned by name, and an unban that changes nothing is no event`()
        async throws
    {
        let scene = try await Scene(shards: 1)
        let cy = scene.world.guest("cy")
        let fields: JSONValue = ["room": .string(scene.room), "user": .string(cy.userID)]
        #expect(scene.ana.ask("member.unban", fields)["seq"] == .null)
        #expect(scene.ana.ask("member.ban", fields).seq == 3)
        #expect(scene.bo.log(of: scene.room).last?["user"]["name"] == "cy")
        #expect(!cy.texts.contains { $0.contains("banned") })
        #expect(scene.ana.ask("member.unban", fields).seq == 4)
    }

    @Test func `who is banned from the default room signs in without it`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        let bo = world.guest("bo")
        let general = ana.general
        // The default room has no owner: the embedder gives the right to somebody.
        let room = try #require(RoomID(general))
        let anaID = try #require(UserID(ana.userID))
        let entry = LogEntry(
            room: room, sender: anaID, at: Timestamp(milliseconds: 0),
            change: .role(user: anaID, role: .moderator))
        _ = try await world.store.append(AppendBatch(entries: [entry]))
        try await world.restart()
        let boss = world.connect()
        boss.ask("hello", ["token": ana.welcome["token"]])
        let ban: JSONValue = ["room": .string(general), "user": .string(bo.userID)]
        #expect(boss.ask("member.ban", ban).type == "ok")
        let late = world.connect()
        let welcome = late.ask("hello", ["token": bo.welcome["token"]])
        #expect(welcome.type == "ok" && welcome["rooms"].elements.isEmpty)
        #expect(late.makeRoom("own") != "?")
    }
}
