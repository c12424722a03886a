// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// Invariant 11: whoever may not see a private room cannot tell it from one that does not exist.
@Suite struct HiddenRoomTests {
    /// What somebody was to the room before.
    enum Past: CaseIterable, Sendable {
        case outsider, exMember, kicked, banned
    }

    private struct Scene {
        let store = FaultingStore(MemoryStore())
        let world: LoopbackWorld
        let ana: LoopbackClient
        let viewer: LoopbackClient
        let secret: String
        let unreal = "r_0000000000001"

        init(_ past: Past, shards: Int) async throws {
            let hashing = TransparentHashing()
            world = try await LoopbackWorld(store: store, shards: shards) {
                $0.passwords = hashing
            }
            ana = world.guest("ana", shard: 0)
            viewer = world.guest("viewer", shard: shards - 1)
            secret = ana.makeRoom("Secret", ["description": "hush"])
            let room = JSONValue.string(secret)
            if past != .outsider { viewer.ask("room.join", ["room": room]) }
            if past == .exMember { viewer.ask("room.leave", ["room": room]) }
            let user: JSONValue = ["room": room, "user": .string(viewer.userID)]
            if past == .kicked { ana.ask("member.kick", user) }
            if past == .banned { ana.ask("member.ban", user) }
            ana.ask("room.update", ["room": room, "private": true, "description": "hushhush"])
            ana.ask("link.create", ["room": room])
            await ask(ana, "room.password", ["room": room, "password": "open sesame"])
            ana.say("psst", in: secret)
            _ = viewer.takeNew()
        }

        @discardableResult
        func ask(
            _ client: LoopbackClient, _ type: String, _ fields: JSONValue
        ) async -> [String] {
            let before = client.texts.count
            client.send(fields.setting("type", to: .string(type)).setting("id", to: "same"))
            await world.settleCalls()
            return Array(client.texts[before...])
        }

        /// What came back byte by byte, and how often the store was asked.
        func probe(
            _ type: String, _ fields: JSONValue, _ room: String
        ) async -> (bytes: [String], calls: Int) {
            let before = store.callCounts.values.reduce(0, +)
            let texts = await ask(viewer, type, fields.setting("room", to: .string(room)))
            let calls = store.callCounts.values.reduce(0, +) - before
            let bytes = texts.map { text in
                text.split(separator: room, omittingEmptySubsequences: false)
                    .joined(separator: "…")
            }
            return (bytes, calls)
        }
    }

    static let commands =
        RoomCommands.all + [("room.join", ["password": "a guess!"]), ("room.join", ["after": 0])]

    @Test(arguments: Past.allCases, [1, 3])
    func `every command answers for a hidden room, byte by byte, as for one that is not there`(
        past: Past, shards: Int
    ) async throws {
        let scene = try await Scene(past, shards: shards)
        for (type, fields) in Self.commands {
            for (real, unreal) in [(scene.secret, scene.unreal), ("secret", "nowhere")] {
                let answer = await scene.probe(type, fields, real)
                let other = await scene.probe(type, fields, unreal)
                #expect(answer.bytes == other.bytes, "\(past) \(type) \(real)")
                #expect(answer.bytes.count == 1, "\(past) \(type): one answer, no event")
                #expect(answer.bytes.first?.contains("room_not_found") == true, "\(past) \(type)")
                // Never for nothing, and never much more: what takes time is a call of the store.
                #expect(answer.calls >= 1 && answer.calls <= 3 * other.calls, "\(past) \(type)")
                #expect(other.calls >= 1 && other.calls <= 3 * answer.calls, "\(past) \(type)")
            }
        }
        let heard = scene.viewer.takeNew()
        #expect(!heard.contains { "\($0)".contains("psst") || "\($0)".contains("hushhush") })
        #expect(scene.viewer.ask("room.list")["total"] == 1)
        #expect(scene.viewer.ask("search", ["text": "psst"])["hits"].elements.isEmpty)
        #expect(scene.viewer.ask("room.joined")["total"] == 1)
    }

    @Test func `after a restart a hidden room that nobody has asked for yet answers alike, too`()
        async throws
    {
        for (type, fields) in Self.commands {
            let scene = try await Scene(.outsider, shards: 1)
            try await scene.world.restart()
            let viewer = scene.world.guest("viewer")
            func probe(_ room: String) async -> ([String], Int) {
                let before = scene.store.callCounts.values.reduce(0, +)
                let texts = await scene.ask(
                    viewer, type, fields.setting("room", to: .string(room)))
                return (texts, scene.store.callCounts.values.reduce(0, +) - before)
            }
            let (real, realCalls) = await probe(scene.secret)
            let (unreal, unrealCalls) = await probe(scene.unreal)
            #expect(real == unreal, "\(type)")
            #expect(realCalls <= 3 * unrealCalls && unrealCalls <= 3 * realCalls, "\(type)")
        }
    }

    @Test(arguments: [true, false])
    func `members see the room, the muted too; writing is refused to those`(
        isMuted: Bool
    ) async throws {
        let scene = try await Scene(.outsider, shards: 1)
        let room = JSONValue.string(scene.secret)
        scene.ana.ask("room.invite", ["room": room, "user": .string(scene.viewer.userID)])
        #expect(scene.viewer.ask("room.join", ["room": room]).type == "ok")
        if isMuted {
            scene.ana.ask("member.mute", ["room": room, "user": .string(scene.viewer.userID)])
        }
        let reading = ["history", "events", "room.get", "room.members", "search"]
        for (type, fields) in Self.commands where type != "room.leave" {
            let answer = scene.viewer.ask(type, fields.setting("room", to: room))
            if type != "invitation.decline" { #expect(answer.code != "room_not_found", "\(type)") }
            if reading.contains(type) { #expect(answer.type == "ok", "\(type)") }
            if ["send", "react", "edit", "typing"].contains(type) && isMuted {
                #expect(answer.code == "muted", "\(type)")
            }
        }
        #expect(scene.viewer.texts.contains { $0.contains("psst") })
    }

    @Test func `answers about a hidden room come in the order of the commands`() async throws {
        let scene = try await Scene(.outsider, shards: 3)
        let ids = (0..<20).map { _ in
            scene.viewer.post("send", ["room": .string(scene.secret), "text": "x"])
        }
        await scene.world.settleCalls()
        let answers = scene.viewer.takeNew().filter { $0.type == "error" }
        #expect(answers.compactMap { $0["id"].integer } == ids)
    }

    @Test func `what an embedder's rules say of a hidden room is not told`() async throws {
        struct Strict: ChatPolicy {
            func check(
                _ action: RoomAction, by user: UserReference, in room: RoomRecord
            ) -> WireError? {
                if case .join = action, !room.isPrivate { return nil }
                return user.name == "viewer" ? WireError(.forbidden, "not \(room.name)") : nil
            }
        }
        let world = try await LoopbackWorld { $0.policy = Strict() }
        let ana = world.guest("ana")
        let viewer = world.guest("viewer")
        let den = JSONValue.string(ana.makeRoom("den", ["private": true]))
        #expect(viewer.ask("history", ["room": den]).code == "room_not_found")
        #expect(viewer.ask("history", ["room": "general"]).code == "forbidden")
    }
}
