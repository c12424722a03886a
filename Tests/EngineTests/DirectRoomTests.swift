// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// Direct rooms and blocks, over the engine.
@Suite struct DirectRoomTests {
    private struct Scene {
        var world: LoopbackWorld
        var ana: LoopbackClient
        var bo: LoopbackClient
        var eve: LoopbackClient

        init(
            shards: Int = 1, store: any ChatStore = MemoryStore(),
            configure: (inout ChatConfiguration) -> Void = { _ in }
        ) async throws {
            world = try await LoopbackWorld(store: store, shards: shards, configure: configure)
            ana = world.guest("ana", shard: 0)
            bo = world.guest("bo", shard: shards - 1)
            eve = world.guest("eve")
        }

        func open(_ client: LoopbackClient, with other: LoopbackClient) -> JSONValue {
            client.ask("dm.open", ["user": .string(other.userID)])
        }

        func block(_ other: LoopbackClient, by client: LoopbackClient) -> JSONValue {
            client.ask("user.block", ["user": .string(other.userID)])
        }
    }

    @Test(arguments: [1, 3])
    func `two users have one direct room, whoever opens it`(_ shards: Int) async throws {
        let scene = try await Scene(shards: shards)
        let second = scene.world.connect(LoopbackClient.Options(shard: 0))
        second.ask("hello", ["token": scene.bo.welcome["token"]])
        let room = scene.open(scene.ana, with: scene.bo)["room"]
        #expect(room["private"] == true && room["members"] == 2 && room["role"] == "member")
        let pair = Set([scene.ana.userID, scene.bo.userID])
        #expect(Set(room["direct"].elements.compactMap(\.string)) == pair)
        for device in [scene.bo, second] {
            #expect(device.events("room.entered").map { $0["room"]["id"] } == [room["id"]])
            #expect(device.log(of: room["id"].string ?? "").map(\.type) == ["joined", "joined"])
        }
        #expect(scene.open(scene.bo, with: scene.ana)["room"]["id"] == room["id"])
        #expect(scene.open(scene.ana, with: scene.bo)["room"]["head"] == 2)
        #expect(scene.ana.say("hi", in: room["id"].string ?? "").type == "ok")
        #expect(scene.bo.events("message").map { $0["text"] } == ["hi"])
        try await scene.world.restart()
        let again = scene.world.guest("ana")
        #expect(scene.open(again, with: scene.bo)["room"]["id"] == room["id"])
    }

    @Test(arguments: [1, 3])
    func `both open at once and have the same room`(_ shards: Int) async throws {
        let held = HeldStore(MemoryStore())
        let scene = try await Scene(shards: shards, store: held)
        let ids = [(scene.ana, scene.bo), (scene.bo, scene.ana)].map { client, other in
            (client, client.post("dm.open", ["user": .string(other.userID)]))
        }
        await scene.world.settleCalls()
        let rooms = ids.map { client, id in client.answer(to: id)["room"]["id"] }
        #expect(rooms[0].string != nil)
        #expect(rooms[0] == rooms[1])
        for (client, _) in ids {
            #expect(client.say("here", in: rooms[0].string ?? "").type == "ok")
            #expect(client.ask("room.list")["total"] == 2)
        }
    }

    @Test func `a direct room is for its two users: nobody else sees, joins or is invited`()
        async throws
    {
        let scene = try await Scene()
        let room = scene.open(scene.ana, with: scene.bo)["room"]
        let id = room["id"]
        scene.ana.say("between us", in: id.string ?? "")
        for reference in [id, room["name"]] {
            for command in ["room.join", "room.get", "history", "events", "room.members"] {
                #expect(scene.eve.ask(command, ["room": reference]).code == "room_not_found")
            }
        }
        #expect(scene.eve.ask("room.list")["total"] == 1)
        #expect(!scene.eve.texts.contains { $0.contains("between us") })
        let eve = JSONValue.string(scene.eve.userID)
        let attempts: [(String, JSONValue)] = [
            ("room.invite", ["user": eve]), ("link.create", [:]),
            ("room.update", ["private": false]),
            ("room.update", ["name": "ours"]), ("room.delete", [:]),
            ("room.transfer", ["user": eve]),
            ("member.kick", ["user": .string(scene.bo.userID)]),
            ("member.ban", ["user": .string(scene.bo.userID)]),
            ("room.password", ["password": "open sesame"]),
        ]
        for (type, fields) in attempts {
            let answer = scene.ana.ask(type, fields.setting("room", to: id))
            #expect(answer.code == "forbidden", "\(type)")
        }
        #expect(scene.ana.ask("room.leave", ["room": id]).code == "direct_room")
        #expect(scene.ana.ask("room.members", ["room": id])["total"] == 2)
    }

    @Test func `nobody takes the name of a pair`() async throws {
        let scene = try await Scene()
        let ana = try #require(UserID(scene.ana.userID))
        let bo = try #require(UserID(scene.bo.userID))
        let pair = try #require(DirectPair(ana, bo))
        for name in [pair.roomName, pair.roomName.uppercased(), " \(pair.roomName)"] {
            #expect(scene.eve.ask("room.create", ["name": .string(name)])["field"] == "name")
        }
        #expect(scene.open(scene.ana, with: scene.bo)["room"]["name"].string == pair.roomName)
    }

    @Test func `there is no room with oneself, with nobody, or beyond the limit of rooms`()
        async throws
    {
        let scene = try await Scene { $0.limits.roomsPerUser = 2 }
        #expect(scene.open(scene.ana, with: scene.ana)["field"] == "user")
        #expect(scene.ana.ask("dm.open", ["user": "u_0000000000001"]).code == "user_not_found")
        #expect(scene.open(scene.ana, with: scene.bo).type == "ok")
        #expect(scene.open(scene.ana, with: scene.eve).code == "too_many_rooms")
        #expect(scene.open(scene.eve, with: scene.ana).code == "user_unavailable")
        #expect(scene.open(scene.bo, with: scene.ana).type == "ok", "this one there is already")
    }

    // MARK: Blocks

    @Test(arguments: [1, 3])
    func `while either blocks the other, neither writes in their room, and both read it`(
        _ shards: Int
    ) async throws {
        let scene = try await Scene(shards: shards)
        let room = scene.open(scene.ana, with: scene.bo)["room"]["id"]
        scene.bo.say("before", in: room.string ?? "")
        #expect(scene.block(scene.bo, by: scene.ana)["user"]["name"] == "bo")
        let writes: [(String, JSONValue)] = [
            ("send", ["text": "x"]), ("edit", ["target": 3, "text": "x"]),
            ("react", ["target": 3, "emoji": "👍"]), ("typing", [:]),
        ]
        for client in [scene.ana, scene.bo] {
            for (type, fields) in writes {
                let answer = client.ask(type, fields.setting("room", to: room))
                #expect(answer.code == "user_unavailable", "\(type)")
            }
            #expect(client.ask("history", ["room": room])["messages"].elements.count == 1)
        }
        #expect(!scene.bo.texts.contains { $0.contains("block") }, "who is blocked is not told")
        try await scene.world.restart()
        let bo = scene.world.guest("bo")
        #expect(bo.say("still", in: room.string ?? "").code == "user_unavailable")
        let ana = scene.world.guest("ana")
        #expect(ana.ask("user.unblock", ["user": .string(bo.userID)]).type == "ok")
        #expect(bo.say("again", in: room.string ?? "").type == "ok")
    }

    @Test
    func `who is blocked opens no direct room and invites nowhere; shared rooms stay as they are`()
        async throws
    {
        let scene = try await Scene()
        #expect(scene.block(scene.bo, by: scene.ana).type == "ok")
        for (client, other) in [(scene.bo, scene.ana), (scene.ana, scene.bo)] {
            #expect(scene.open(client, with: other).code == "user_unavailable")
        }
        let den = scene.bo.makeRoom("den", ["private": true])
        let invite: JSONValue = ["room": .string(den), "user": .string(scene.ana.userID)]
        #expect(scene.bo.ask("room.invite", invite).code == "user_unavailable")
        #expect(scene.ana.events("invited").isEmpty)
        #expect(scene.bo.say("to everybody").type == "ok")
        #expect(scene.ana.events("message").count == 1)
        scene.ana.ask("user.unblock", ["user": .string(scene.bo.userID)])
        #expect(scene.bo.ask("room.invite", invite).type == "ok")
        #expect(scene.open(scene.bo, with: scene.ana).type == "ok")
    }

    @Test(arguments: [1, 3])
    func `a user's devices are told whom they hide, and ask for the list after hello`(
        _ shards: Int
    ) async throws {
        let scene = try await Scene(shards: shards)
        let second = scene.world.connect(LoopbackClient.Options(shard: shards - 1))
        second.ask("hello", ["token": scene.ana.welcome["token"]])
        for other in [scene.bo, scene.eve] { _ = scene.block(other, by: scene.ana) }
        #expect(second.events("user.blocked").map { $0["user"]["name"] } == ["bo", "eve"])
        let page = second.ask("user.blocks", ["limit": 1])
        #expect(page["total"] == 2 && page["end"] == false)
        #expect(page["blocks"].elements.count == 1)
        let rest = second.ask("user.blocks", ["offset": 1])
        let names = (page["blocks"].elements + rest["blocks"].elements).map { $0["user"]["name"] }
        #expect(Set(names.compactMap(\.string)) == ["bo", "eve"])
        second.ask("user.unblock", ["user": .string(scene.bo.userID)])
        second.ask("user.unblock", ["user": .string(scene.bo.userID)])
        #expect(scene.ana.events("user.unblocked").map { $0["user"]["name"] } == ["bo"])
        #expect(scene.bo.ask("user.blocks")["total"] == 0)
        #expect(scene.block(scene.ana, by: scene.ana)["field"] == "user")
        #expect(scene.ana.ask("user.block", ["user": "u_0000000000001"]).code == "user_not_found")
    }

    @Test func `a user blocks so many and not one more`() async throws {
        let limits = { () -> Limits in
            var limits = Limits()
            limits.blocksPerUser = 1
            return limits
        }()
        let scene = try await Scene(store: MemoryStore(limits: limits))
        #expect(scene.block(scene.bo, by: scene.ana).type == "ok")
        #expect(scene.block(scene.eve, by: scene.ana).code == "too_many_blocks")
        #expect(scene.block(scene.bo, by: scene.ana).type == "ok")
    }
}
