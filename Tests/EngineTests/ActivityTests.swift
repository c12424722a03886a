// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// What an activity log is told by the engine.
@Suite struct ActivityTests {
    private struct Scene {
        let log = ActivityRecorder()
        var world: LoopbackWorld
        var ana: LoopbackClient
        var bo: LoopbackClient

        init(
            shards: Int = 1, configure: (inout ChatConfiguration) -> Void = { _ in }
        ) async throws {
            let (log, hashing) = (log, TransparentHashing())
            world = try await LoopbackWorld(shards: shards) {
                $0.activityLog = log
                $0.passwords = hashing
                configure(&$0)
            }
            ana = world.guest("ana", shard: 0)
            bo = world.guest("bo", shard: shards - 1)
        }

        func ask(
            _ client: LoopbackClient, _ type: String, _ fields: JSONValue = [:]
        ) async -> JSONValue {
            let id = client.post(type, fields)
            await world.settleCalls()
            return client.answer(to: id)
        }
    }

    @Test(arguments: [1, 3])
    func `O5: sign-ins, failed ones and sign-outs are recorded with the address`(
        _ shards: Int
    ) async throws {
        let scene = try await Scene(shards: shards)
        let ana = UserReference(id: try #require(UserID(scene.ana.userID)), name: "ana")
        let signIns = scene.log.take().compactMap { activity -> (UserReference, SignInMethod)? in
            guard case .signedIn(let user, let method, let peer) = activity else { return nil }
            #expect(peer.address == "192.0.2.1")
            return (user, method)
        }
        #expect(signIns.map(\.0.name) == ["ana", "bo"])
        #expect(signIns.first?.0 == ana)
        #expect(signIns.map(\.1) == [.name, .name])
        let stranger = scene.world.connect(LoopbackClient.Options(address: "192.0.2.66"))
        #expect(stranger.ask("hello", ["token": "g_wrong"]).code == "invalid_token")
        #expect(scene.log.take().map(\.refusal) == [.invalidToken])
        // Neither commands before hello nor connections that end without one are sign-ins.
        #expect(stranger.ask("send", ["room": "general", "text": "x"]).code == "hello_required")
        stranger.cut()
        scene.world.settle()
        #expect(scene.log.take().isEmpty)
        let second = scene.world.connect(LoopbackClient.Options(shard: 0))
        second.ask("hello", ["token": scene.ana.welcome["token"]])
        second.ask("logout")
        scene.ana.cut()
        scene.world.settle()
        let ends = scene.log.take().dropFirst().map { activity -> Bool? in
            guard case .signedOut(ana, let isExplicit, _) = activity else { return nil }
            return isExplicit
        }
        #expect(ends == [true, false])
    }

    @Test func `what the limits refuse is not recorded: whoever goes on trying fills no disk`()
        async throws
    {
        let scene = try await Scene { $0.rates = .standard }
        _ = scene.log.take()
        let client = scene.world.connect(LoopbackClient.Options(address: "192.0.2.66"))
        var codes: [String] = []
        for _ in 0..<200 { codes.append(client.ask("hello", ["token": "g_wrong"]).code) }
        let refused = codes.count { $0 == "invalid_token" }
        #expect(codes.count { $0 == "rate_limited" } == 200 - refused)
        #expect(scene.log.take().count == refused)
    }

    @Test(arguments: [1, 3])
    func `O5: rooms, joins, messages and what moderators do are recorded as they are stored`(
        _ shards: Int
    ) async throws {
        let scene = try await Scene(shards: shards)
        let (ana, bo) = (scene.ana, scene.bo)
        _ = scene.log.take()
        let tea = JSONValue.string(ana.makeRoom("tea"))
        let bob = JSONValue.string(bo.userID)
        _ = await scene.ask(bo, "room.join", ["room": tea])
        _ = await scene.ask(bo, "send", ["room": tea, "text": "hi", "client_id": "k"])
        // A retry and a refusal store nothing.
        _ = await scene.ask(bo, "send", ["room": tea, "text": "hi", "client_id": "k"])
        _ = await scene.ask(bo, "send", ["room": tea, "text": ""])
        _ = await scene.ask(bo, "member.kick", ["room": tea, "user": .string(ana.userID)])
        _ = await scene.ask(bo, "edit", ["room": tea, "target": 3, "text": "ho"])
        _ = await scene.ask(bo, "react", ["room": tea, "target": 3, "emoji": "👍"])
        let code = await scene.ask(ana, "link.create", ["room": tea, "uses": 2])["code"]
        _ = await scene.ask(ana, "link.revoke", ["room": tea, "code": code])
        _ = await scene.ask(ana, "room.password", ["room": tea, "password": "open sesame"])
        _ = await scene.ask(ana, "member.mute", ["room": tea, "user": bob])
        _ = await scene.ask(ana, "delete", ["room": tea, "target": 3])
        _ = await scene.ask(ana, "member.kick", ["room": tea, "user": bob])
        _ = await scene.ask(ana, "room.invite", ["room": tea, "user": bob])
        _ = await scene.ask(ana, "room.delete", ["room": tea])
        _ = await scene.ask(ana, "dm.open", ["user": bob])
        #expect(
            scene.log.take().map(\.summary) == [
                "room tea by ana", "join 2 by bo", "message 3 by bo", "edit 4 by bo",
                "react 5 by bo", "linkCreated by ana", "linkRevoked by ana", "password by ana",
                "mute 6 by ana", "delete 7 by ana", "leave 8 by ana", "invited bo by ana",
                "deleted tea by ana", "room direct by ana",
            ])
        #expect(scene.log.times.allSatisfy { $0 <= scene.world.clock.wallTime() })
    }

    @Test func `joins of a large room are recorded, although its log does not have them`()
        async throws
    {
        let scene = try await Scene { $0.limits.smallRoomMembers = 1 }
        let tea = JSONValue.string(scene.ana.makeRoom("tea"))
        _ = await scene.ask(scene.bo, "room.join", ["room": tea])
        let cy = scene.world.guest("cy")
        _ = scene.log.take()
        _ = await scene.ask(cy, "room.join", ["room": tea])
        _ = await scene.ask(cy, "room.leave", ["room": tea])
        #expect(scene.ana.log(of: tea.string ?? "").allSatisfy { $0.seq <= 2 })
        #expect(scene.log.take().map(\.summary) == ["join 2 by cy", "leave 2 by cy"])
    }

    @Test func `an erased user is recorded by the id alone`() async throws {
        let scene = try await Scene()
        let id = try #require(UserID(scene.bo.userID))
        _ = scene.log.take()
        await scene.world.call { try? await $0.erase(id) }
        #expect(scene.log.take().last == .erased(id))
    }
}

extension Activity {
    fileprivate var refusal: WireError.Code? {
        if case .signInRefused(let code, let peer) = self, peer.address == "192.0.2.66" {
            code
        } else {
            nil
        }
    }

    /// What it says, without what only chance decides.
    fileprivate var summary: String {
        switch self {
        case .roomCreated(let room, let user):
            "room \(room.name.hasPrefix("dm:") ? "direct" : room.name) by \(user?.name ?? "?")"
        case .roomDeleted(let room, let user): "deleted \(room.name) by \(user.name)"
        case .acted(let action, _, let user): "\(action) by \(user.name)"
        case .invited(_, _, let user): "invited bo by \(user.name)"
        case .changed(let change, let seq, _, let room, let user):
            "\(change.kind) \(seq.rawValue) by \(user.name)"
                + (room.name == "tea" ? "" : " in \(room.name)")
        default: "\(self)"
        }
    }
}

extension LogChange {
    fileprivate var kind: String { "\(self)".prefix { $0 != "(" }.description }
}
