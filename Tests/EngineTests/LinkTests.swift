// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// Join links, over the engine.
@Suite struct LinkTests {
    private struct Scene {
        var world: LoopbackWorld
        var ana: LoopbackClient
        var bo: LoopbackClient
        var room: JSONValue

        init(shards: Int = 1, isPrivate: Bool = true) async throws {
            world = try await LoopbackWorld(shards: shards) {
                $0.limits.connectionsPerAddress = 102
            }
            ana = world.guest("ana", shard: 0)
            bo = world.guest("bo", shard: shards - 1)
            room = .string(ana.makeRoom("den", ["private": .bool(isPrivate)]))
        }

        /// A new link's code.
        func link(_ fields: JSONValue = [:]) -> JSONValue {
            ana.ask("link.create", fields.setting("room", to: room))["code"]
        }

        func join(_ client: LoopbackClient, _ code: JSONValue) -> JSONValue {
            client.ask("room.join", ["code": code])
        }
    }

    @Test(arguments: [1, 3])
    func `a link lets in whoever has its code, on all of their devices`(
        _ shards: Int
    ) async throws {
        let scene = try await Scene(shards: shards)
        let second = scene.world.connect(LoopbackClient.Options(shard: 0))
        second.ask("hello", ["token": scene.bo.welcome["token"]])
        let made = scene.ana.ask("link.create", ["room": scene.room, "uses": 3, "seconds": 60])
        #expect(made["uses"] == 3)
        #expect(made["until"].string != nil)
        let joined = scene.join(scene.bo, made["code"])
        #expect(joined["room"]["id"] == scene.room)
        #expect(joined["room"]["role"] == "member")
        #expect(second.events("room.entered").count == 1)
        #expect(scene.join(scene.bo, made["code"])["room"]["head"] == 2, "a repetition is no use")
        let list = scene.ana.ask("link.list", ["room": scene.room])
        #expect(list["total"] == 1 && list["end"] == true)
        let link = try #require(list["links"].elements.first)
        #expect(link["uses"] == 2)
        #expect(link["code"] == made["code"])
        #expect(link["from"]["name"] == "ana")
    }

    @Test(arguments: [1, 3])
    func `of a hundred who use a link for ten at once, ten get in`(_ shards: Int) async throws {
        let scene = try await Scene(shards: shards)
        let code = scene.link(["uses": 10])
        let clients = (0..<100).map { scene.world.guest("c\($0)") }
        let ids = clients.map { $0.post("room.join", ["code": code]) }
        scene.world.settle()
        let answers = zip(clients, ids).map { $0.answer(to: $1) }
        #expect(answers.count { $0.type == "ok" } == 10)
        #expect(answers.count { $0.code == "invitation_not_found" } == 90)
        #expect(scene.ana.ask("room.members", ["room": scene.room])["total"] == 11)
        #expect(scene.ana.ask("link.list", ["room": scene.room])["total"] == 0)
    }

    @Test func `a code that is over, withdrawn, of a ban or of nothing answers alike`() async throws
    {
        let scene = try await Scene()
        let unreal = scene.join(scene.bo, "i_nothing").anonymous
        #expect(unreal.code == "invitation_not_found")
        let past = scene.link(["seconds": 5])
        scene.world.advance(milliseconds: 5_000)
        #expect(scene.join(scene.bo, past).anonymous == unreal)
        let revoked = scene.link()
        let revoke: JSONValue = ["room": scene.room, "code": revoked]
        #expect(scene.ana.ask("link.revoke", revoke).type == "ok")
        #expect(scene.ana.ask("link.revoke", revoke).code == "invitation_not_found")
        #expect(scene.join(scene.bo, revoked).anonymous == unreal)
        let good = scene.link()
        scene.ana.ask(
            "member.ban", ["room": scene.room, "user": .string(scene.bo.userID)])
        #expect(scene.join(scene.bo, good).anonymous == unreal)
        scene.ana.ask("room.delete", ["room": scene.room])
        let cy = scene.world.guest("cy")
        #expect(scene.join(cy, good).anonymous == unreal)
    }

    @Test func `a full room says so to whoever has a code, and keeps the use`() async throws {
        let scene = try await Scene()
        scene.ana.ask("room.update", ["room": scene.room, "max_members": 2])
        let code = scene.link(["uses": 2])
        #expect(scene.join(scene.bo, code).type == "ok")
        let cy = scene.world.guest("cy")
        #expect(scene.join(cy, code).code == "room_full")
        scene.bo.ask("room.leave", ["room": scene.room])
        #expect(scene.join(cy, code).type == "ok")
    }

    @Test func `only moderators see, make and withdraw links, and the code is nobody else's`()
        async throws
    {
        let scene = try await Scene()
        let code = scene.link()
        #expect(scene.join(scene.bo, code).type == "ok")
        for command in ["link.create", "link.list", "link.revoke"] {
            let fields: JSONValue = ["room": scene.room, "code": code]
            #expect(scene.bo.ask(command, fields).code == "forbidden", "\(command)")
        }
        let text = try #require(code.string)
        #expect(!scene.bo.texts.contains { $0.contains(text) })
    }

    @Test func `links wait through a restart, and their number is bounded`() async throws {
        let limits = { () -> Limits in
            var limits = Limits()
            limits.invitationsPerRoom = 2
            return limits
        }()
        let world = try await LoopbackWorld(store: MemoryStore(limits: limits))
        let ana = world.guest("ana")
        let den = JSONValue.string(ana.makeRoom("den", ["private": true]))
        let codes = (0..<2).map { _ in ana.ask("link.create", ["room": den])["code"] }
        #expect(ana.ask("link.create", ["room": den]).code == "too_many_invitations")
        try await world.restart()
        let bo = world.guest("bo")
        #expect(bo.ask("room.join", ["code": codes[1]])["room"]["name"] == "den")
    }

    @Test(
        arguments: [
            ("link.create", ["uses": 0], "uses"), ("link.create", ["uses": 10_001], "uses"),
            ("link.create", ["seconds": 0], "seconds"), ("link.revoke", [:], "code"),
            ("link.revoke", ["code": ""], "code"),
        ] as [(String, JSONValue, String)])
    func `a link's fields have bounds`(
        _ type: String, fields: JSONValue, field: String
    ) async throws {
        let scene = try await Scene()
        let answer = scene.ana.ask(type, fields.setting("room", to: scene.room))
        #expect(answer["field"].string == field)
    }
}

extension JSONValue {
    /// An answer without what tells it from others like it: its number and the time.
    fileprivate var anonymous: JSONValue { setting("id", to: 0).setting("time", to: 0) }
}
