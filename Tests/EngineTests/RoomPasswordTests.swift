// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// Passwords of rooms, over the engine.
@Suite struct RoomPasswordTests {
    private struct Scene {
        let hashing = TransparentHashing()
        let store = MemoryStore()
        var world: LoopbackWorld
        var ana: LoopbackClient
        var bo: LoopbackClient
        var room: JSONValue

        init(configure: (inout ChatConfiguration) -> Void = { _ in }) async throws {
            let hashing = hashing
            world = try await LoopbackWorld(store: store, shards: 2) {
                $0.passwords = hashing
                configure(&$0)
            }
            ana = world.guest("ana", shard: 0)
            bo = world.guest("bo", shard: 1)
            room = .string(ana.makeRoom("den", ["private": true]))
        }

        func set(_ password: JSONValue) async -> JSONValue {
            await ask(ana, "room.password", ["room": room, "password": password])
        }

        /// Comparing takes a task of its own: the world waits for it.
        func ask(
            _ client: LoopbackClient, _ type: String, _ fields: JSONValue
        ) async -> JSONValue {
            let id = client.post(type, fields)
            await world.settleCalls()
            return client.answer(to: id)
        }

        func join(_ password: JSONValue, _ room: JSONValue? = nil) async -> JSONValue {
            await ask(bo, "room.join", ["room": room ?? self.room, "password": password])
        }
    }

    @Test func `who knows the password of a private room gets in, and a hash is all that is kept`()
        async throws
    {
        let scene = try await Scene()
        #expect(await scene.join("open sesame").code == "room_not_found")
        #expect(await scene.set("open sesame").type == "ok")
        #expect(await scene.join("open sesam").code == "room_not_found")
        #expect(await scene.join("open sesame")["room"]["role"] == "member")
        #expect(await scene.join("anything")["room"]["role"] == "member", "one is in there already")
        let id = try #require(RoomID(scene.room.string ?? ""))
        #expect(try await scene.store.password(of: id)?.hasSuffix("$open sesame") == true)
        #expect(scene.hashing.hashes == 2, "the room's, and one that nobody has")
    }

    @Test func `without a password again, nobody gets in by it`() async throws {
        let scene = try await Scene()
        #expect(await scene.set("open sesame").type == "ok")
        #expect(await scene.set(.null).type == "ok")
        #expect(await scene.join("open sesame").code == "room_not_found")
    }

    @Test func `a wrong password answers like a room that does not exist, after the same work`()
        async throws
    {
        let scene = try await Scene()
        _ = await scene.set("open sesame")
        _ = await scene.join("warm the decoy")
        let rooms: [JSONValue] = [scene.room, "den", "r_0000000000001", "nowhere"]
        var answers: [JSONValue] = []
        for room in rooms {
            let before = scene.hashing.comparisons
            answers.append(await scene.join("wrong one", room).setting("id", to: 0))
            #expect(scene.hashing.comparisons == before + 1, "\(room)")
        }
        #expect(answers.allSatisfy { $0 == answers[0] && $0.code == "room_not_found" })
        scene.ana.ask("member.ban", ["room": scene.room, "user": .string(scene.bo.userID)])
        #expect(await scene.join("open sesame").setting("id", to: 0) == answers[0])
    }

    @Test func `passwords are tried so often and not once more, whatever room they are for`()
        async throws
    {
        let scene = try await Scene {
            $0.rates[.user, .password] = BucketSize(capacity: 3, tokensPerMinute: 3)
        }
        _ = await scene.set("open sesame")
        for room in [scene.room, "nowhere", "r_0000000000001"] {
            #expect(await scene.join("a guess!", room).code == "room_not_found")
        }
        for room in [scene.room, "nowhere"] {
            let refusal = await scene.join("open sesame", room)
            #expect(refusal["bucket"] == "user.password")
            #expect(refusal["retry_after_ms"] == 20_000)
        }
        scene.world.advance(milliseconds: 20_000)
        #expect(await scene.join("open sesame").type == "ok")
    }

    @Test func `a server without a hasher refuses passwords, and says so for any room`()
        async throws
    {
        let world = try await LoopbackWorld()
        let (ana, bo) = (world.guest("ana"), world.guest("bo"))
        let den = JSONValue.string(ana.makeRoom("den", ["private": true]))
        let set = ana.ask("room.password", ["room": den, "password": "open sesame"])
        #expect(set.code == "passwords_unavailable")
        for room in [den, "nowhere", "r_0000000000001"] {
            let answer = bo.ask("room.join", ["room": room, "password": "open sesame"])
            #expect(answer.code == "passwords_unavailable")
        }
        #expect(ana.ask("room.password", ["room": den]).type == "ok", "there is none to remove")
    }

    @Test func `admins set the password, others do not, and it has bounds`() async throws {
        let scene = try await Scene()
        _ = await scene.set("open sesame")
        _ = await scene.join("open sesame")
        let fields: JSONValue = ["room": scene.room, "password": "another one"]
        #expect(await scene.ask(scene.bo, "room.password", fields).code == "forbidden")
        #expect(await scene.set("seven77")["field"] == "password")
        #expect(await scene.set("eight888").type == "ok")
        let long = String(repeating: "x", count: 513)
        #expect(await scene.set(.string(long))["field"] == "password")
        #expect(await scene.set(.string(String(long.dropLast()))).type == "ok")
    }

    @Test func `a public room is open with any password, and a deleted one with none`() async throws
    {
        let scene = try await Scene()
        _ = await scene.set("open sesame")
        scene.ana.ask("room.update", ["room": scene.room, "private": false])
        #expect(await scene.join("wrong one").type == "ok")
        scene.ana.ask("room.delete", ["room": scene.room])
        #expect(await scene.join("open sesame").code == "room_not_found")
    }
}
