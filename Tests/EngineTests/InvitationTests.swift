// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// Invitations, over the engine.
@Suite struct InvitationTests {
    private struct Scene {
        var world: LoopbackWorld
        var ana: LoopbackClient
        var bo: LoopbackClient
        var room: JSONValue

        init(shards: Int = 1) async throws {
            world = try await LoopbackWorld(shards: shards)
            ana = world.guest("ana", shard: 0)
            bo = world.guest("bo", shard: shards - 1)
            room = .string(
                ana.makeRoom("den", ["private": true, "description": "for two"]))
        }

        @discardableResult
        func invite(_ fields: JSONValue = [:]) -> JSONValue {
            let user = JSONValue.string(bo.userID)
            return ana.ask(
                "room.invite", fields.setting("room", to: room).setting("user", to: user))
        }
    }

    @Test(arguments: [1, 3])
    func `who is invited hears of it on every device, and joins once`(_ shards: Int) async throws {
        let scene = try await Scene(shards: shards)
        let second = scene.world.connect(LoopbackClient.Options(shard: 0))
        second.ask("hello", ["token": scene.bo.welcome["token"]])
        #expect(scene.bo.ask("room.join", ["room": scene.room]).code == "room_not_found")
        #expect(scene.invite().type == "ok")
        #expect(scene.invite().type == "ok", "a repetition changes nothing")
        for device in [scene.bo, second] {
            let events = device.events("invited")
            #expect(events.count == 1)
            #expect(events.first?["room"]["id"] == scene.room)
            #expect(events.first?["room"]["name"] == "den")
            #expect(events.first?["from"]["name"] == "ana")
            #expect(!device.texts.contains { $0.contains("i_") }, "the code is nobody's business")
        }
        // The room shows itself to members only, invited or not.
        #expect(scene.bo.ask("room.get", ["room": scene.room]).code == "room_not_found")
        #expect(scene.bo.ask("room.join", ["room": "den"])["room"]["head"] == 2)
        #expect(second.events("room.entered").count == 1)
        #expect(second.log(of: scene.room.string ?? "?").map(\.type) == ["joined"])
        #expect(scene.bo.ask("room.invitations")["total"] == 0)
        scene.bo.ask("room.leave", ["room": scene.room])
        #expect(scene.bo.ask("room.join", ["room": scene.room]).code == "room_not_found")
    }

    @Test func `invitations are listed until they are over, after a restart too`() async throws {
        let scene = try await Scene()
        scene.invite(["seconds": 60])
        try await scene.world.restart()
        let bo = scene.world.connect()
        bo.ask("hello", ["token": scene.bo.welcome["token"]])
        let list = bo.ask("room.invitations")
        #expect(list["total"] == 1 && list["end"] == true)
        #expect(list["invitations"].elements.first?["room"]["description"] == "for two")
        scene.world.advance(milliseconds: 60_000)
        #expect(bo.ask("room.invitations")["invitations"].elements.isEmpty)
        #expect(bo.ask("room.join", ["room": scene.room]).code == "room_not_found")
    }

    @Test func `who declines is not let in, and a decline tells nothing of rooms that are hidden`()
        async throws
    {
        let scene = try await Scene()
        scene.invite()
        #expect(scene.bo.ask("invitation.decline", ["room": scene.room]).type == "ok")
        #expect(scene.bo.ask("room.join", ["room": scene.room]).code == "room_not_found")
        let again = scene.bo.ask("invitation.decline", ["room": scene.room])
        let other = scene.bo.ask("invitation.decline", ["room": "r_0000000000001"])
        #expect(again.code == "room_not_found")
        #expect(again.setting("id", to: 0) == other.setting("id", to: 0))
    }

    @Test func `a private room's members invite nobody; a public one's do`() async throws {
        let scene = try await Scene()
        scene.invite()
        scene.bo.ask("room.join", ["room": scene.room])
        let cy = scene.world.guest("cy")
        let fields: JSONValue = ["room": scene.room, "user": .string(cy.userID)]
        #expect(scene.bo.ask("room.invite", fields).code == "forbidden")
        scene.ana.ask("room.update", ["room": scene.room, "private": false])
        #expect(scene.bo.ask("room.invite", fields).type == "ok")
        #expect(cy.events("invited").first?["from"]["name"] == "bo")
        #expect(cy.ask("room.invite", fields).code == "not_member")
        let unknown = scene.ana.ask(
            "room.invite", ["room": scene.room, "user": "u_0000000000001"])
        #expect(unknown.code == "user_not_found")
    }

    @Test func `a ban takes an invitation away, and forbids another one`() async throws {
        let scene = try await Scene()
        scene.invite()
        let user: JSONValue = ["room": scene.room, "user": .string(scene.bo.userID)]
        #expect(scene.ana.ask("member.ban", user).type == "ok")
        #expect(scene.bo.ask("room.join", ["room": scene.room]).code == "room_not_found")
        #expect(scene.invite().code == "banned")
        scene.ana.ask("member.unban", user)
        #expect(scene.bo.ask("room.join", ["room": scene.room]).code == "room_not_found")
        #expect(scene.invite().type == "ok")
        #expect(scene.bo.ask("room.join", ["room": scene.room]).type == "ok")
    }

    @Test func `a stranger's try at a private room leaves no trace`() async throws {
        let scene = try await Scene()
        #expect(scene.bo.ask("room.join", ["room": scene.room]).code == "room_not_found")
        #expect(scene.ana.ask("room.members", ["room": scene.room])["total"] == 1)
        #expect(scene.ana.ask("events", ["room": scene.room])["head"] == 1)
        #expect(scene.ana.events("joined").allSatisfy { $0["room"] != scene.room || $0.seq == 1 })
    }
}
