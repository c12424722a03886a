// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// The audit log, over the engine.
@Suite struct AuditTests {
    private struct Scene {
        var world: LoopbackWorld
        var ana: LoopbackClient
        var bo: LoopbackClient
        var room: JSONValue

        init(
            shards: Int = 1, store: any ChatStore = MemoryStore(),
            configure: (inout ChatConfiguration) -> Void = { _ in }
        ) async throws {
            let hashing = TransparentHashing()
            world = try await LoopbackWorld(store: store, shards: shards) {
                $0.passwords = hashing
                configure(&$0)
            }
            ana = world.guest("ana", shard: 0)
            bo = world.guest("bo", shard: shards - 1)
            room = .string(ana.makeRoom("tea"))
            bo.ask("room.join", ["room": room])
        }

        func ana(_ type: String, _ fields: JSONValue = [:]) async -> JSONValue {
            let id = ana.post(type, fields.setting("room", to: room))
            await world.settleCalls()
            return ana.answer(to: id)
        }

        func audit(_ fields: JSONValue = [:]) -> JSONValue {
            ana.ask("room.audit", fields.setting("room", to: room))
        }
    }

    @Test(arguments: [1, 3])
    func `who did what to whom, when and why, stands in the audit log, after a restart too`(
        _ shards: Int
    ) async throws {
        let scene = try await Scene(shards: shards)
        let bo = JSONValue.string(scene.bo.userID)
        scene.bo.say("rude", in: scene.room.string ?? "")
        _ = await scene.ana("member.role", ["user": bo, "role": "moderator"])
        _ = await scene.ana("member.mute", ["user": bo, "seconds": 60])
        _ = await scene.ana("member.unmute", ["user": bo])
        _ = await scene.ana("delete", ["target": 3])
        _ = await scene.ana("room.update", ["slow_mode_seconds": 5, "description": "calm"])
        let code = await scene.ana("link.create", ["uses": 4])["code"]
        _ = await scene.ana("link.revoke", ["code": code])
        _ = await scene.ana("room.password", ["password": "open sesame"])
        _ = await scene.ana("member.ban", ["user": bo, "reason": "rude"])
        _ = await scene.ana("member.unban", ["user": bo])
        #expect(scene.bo.ask("room.join", ["room": scene.room]).type == "ok")
        _ = await scene.ana("member.kick", ["user": bo])
        try await scene.world.restart()
        let ana = scene.world.guest("ana")
        let answer = ana.ask("room.audit", ["room": scene.room])
        let entries = answer["entries"].elements
        #expect(answer["end"] == true)
        #expect(entries.map { $0["number"].integer } == (1...11).reversed().map { $0 })
        let actions = entries.reversed().compactMap { $0["action"].string }
        #expect(
            actions == [
                "role", "mute", "unmute", "delete", "settings", "link.created", "link.revoked",
                "password", "ban", "unban", "kick",
            ])
        #expect(entries.allSatisfy { $0["from"]["name"] == "ana" && $0["at"].string != nil })
        let first = Array(entries.reversed())
        #expect(first[0]["role"] == "moderator" && first[0]["user"]["name"] == "bo")
        #expect(first[1]["until"].string != nil)
        #expect(first[3]["target"] == 3 && first[3]["user"]["name"] == "bo")
        #expect(first[4]["changed"].elements == ["description", "slow_mode_seconds"])
        #expect(first[5]["uses"] == 4 && first[6]["user"]["name"] == "ana")
        #expect(first[7]["set"] == true)
        #expect(first[8]["reason"] == "rude" && first[8]["until"] == .null)
        let text = try #require(ana.texts.last { $0.contains("link.created") })
        #expect(!text.contains("sesame"))
        #expect(!text.contains(code.string ?? "?"))
    }

    @Test
    func `the audit log comes in pages and has its maximum; what one does to oneself is not in it`()
        async throws
    {
        let limits = { () -> Limits in
            var limits = Limits()
            limits.auditEntriesPerRoom = 5
            return limits
        }()
        let scene = try await Scene(store: MemoryStore(limits: limits))
        let own = scene.ana.say("mine", in: scene.room.string ?? "")
        _ = await scene.ana("delete", ["target": .integer(Int64(own.seq))])
        #expect(scene.audit()["entries"].elements.isEmpty)
        for number in 1...5 {
            _ = await scene.ana("room.update", ["description": .string("\(number)")])
        }
        let page = scene.audit(["limit": 2])
        #expect(page["entries"].elements.map { $0["number"].integer } == [5, 4])
        #expect(page["end"] == false)
        let rest = scene.audit(["before": 4, "limit": 3])
        #expect(rest["entries"].elements.map { $0["number"].integer } == [3, 2, 1])
        #expect(rest["end"] == true)
        #expect(scene.audit(["limit": 0])["field"] == "limit")
        _ = await scene.ana("room.update", ["description": "6"])
        let kept = scene.audit()
        #expect(kept["entries"].elements.map { $0["number"].integer } == [6, 5, 4, 3, 2])
        #expect(kept["end"] == true)
    }

    @Test func `a large room has its kicks in the audit log though they are not in the log`()
        async throws
    {
        let scene = try await Scene { $0.limits.smallRoomMembers = 1 }
        let bo = JSONValue.string(scene.bo.userID)
        _ = await scene.ana("member.kick", ["user": bo])
        #expect(scene.audit()["entries"].elements.map { $0["action"] } == ["kick"])
    }
}
