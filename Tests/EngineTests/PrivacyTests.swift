// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// Invariant 11: nothing leaks.
@Suite struct PrivacyTests {
    private static let commands = RoomCommands.all

    @Test(arguments: [1, 3])
    func `to an outsider a private room answers like one that does not exist`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "eve")
        let secret = clients[0].makeRoom("Secret", ["private": true])
        clients[0].say("psst", in: secret)
        for (type, fields) in Self.commands {
            for (real, unreal) in [(secret, "r_0000000000001"), ("secret", "nowhere")] {
                let answer = clients[1].ask(type, fields.setting("room", to: .string(real)))
                let other = clients[1].ask(type, fields.setting("room", to: .string(unreal)))
                #expect(answer.code == "room_not_found", "\(type)")
                #expect(answer.setting("id", to: 0) == other.setting("id", to: 0), "\(type)")
            }
        }
        #expect(!clients[1].texts.contains { $0.contains(secret) || $0.contains("psst") })
        let list = clients[1].ask("room.list")
        #expect(list["total"] == 1)
        #expect(list["rooms"].elements.allSatisfy { $0["name"] == "general" })
        #expect(clients[0].ask("room.list")["total"] == 2)
    }

    @Test func `to an outsider a public room shows its description and nothing else`() async throws
    {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "eve")
        let tea = clients[0].makeRoom("tea")
        clients[0].say("inside", in: tea)
        for (type, fields) in Self.commands
        where
            !["room.get", "room.join", "invitation.decline"].contains(type)
        {
            let answer = clients[1].ask(type, fields.setting("room", to: .string(tea)))
            #expect(answer.code == "not_member", "\(type)")
        }
        let description = clients[1].ask("room.get", ["room": .string(tea)])
        #expect(description["room"]["name"] == "tea")
        #expect(description["pinned"] == .null && description["typing"] == .null)
        #expect(!clients[1].texts.contains { $0.contains("inside") })
    }

    @Test(arguments: [1, 3])
    func `events reach members only`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo", "eve")
        let secret = clients[0].makeRoom("secret", ["private": true])
        _ = clients[2].takeNew()
        clients[0].say("psst", in: secret)
        clients[0].ask("typing", ["room": .string(secret)])
        clients[0].ask("receipt", ["room": .string(secret), "read": 2])
        world.advance(milliseconds: 10_000)
        #expect(clients[2].takeNew().allSatisfy { $0["room"].string != secret })
    }

    @Test(arguments: [1, 3])
    func `who was kicked hears of it and of nothing after it, on every device`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let ana = world.guest("ana", shard: 0)
        let bo = world.guest("bo", shard: shards - 1)
        let second = world.connect(LoopbackClient.Options(shard: 0))
        second.ask("hello", ["token": bo.welcome["token"]])
        let tea = ana.makeRoom("tea")
        let room = JSONValue.string(tea)
        bo.ask("room.join", ["room": room])
        ana.post("member.kick", ["room": room, "user": .string(bo.userID)])
        for _ in 0..<3 { ana.post("send", ["room": room, "text": "among us"]) }
        world.settle()
        ana.ask("typing", ["room": room])
        for device in [bo, second] {
            #expect(device.log(of: tea).last?.type == "left")
            #expect(device.log(of: tea).last?["reason"] == "kicked")
            #expect(!device.texts.contains { $0.contains("among us") })
        }
        #expect(bo.events("typing").isEmpty)
        #expect(bo.say("still here?", in: tea).code == "not_member")
        #expect(bo.ask("history", ["room": room]).code == "not_member")
        #expect(ana.log(of: tea).map(\.seq) == [2, 3, 4, 5, 6])
    }

    @Test func `resume positions give nothing of rooms that one is not in`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        let secret = ana.makeRoom("secret", ["private": true])
        ana.say("psst", in: secret)
        let eve = world.guest("eve", resume: .object([secret: 0, "secret": 0]))
        #expect(!eve.texts.contains { $0.contains(secret) || $0.contains("psst") })
    }

    @Test func `no address and no token of one user is ever sent to another`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.connect(LoopbackClient.Options(address: "203.0.113.77"))
        ana.ask("hello", ["name": "ana"])
        let token = try #require(ana.welcome["token"].string)
        let eve = world.guest("eve")
        for command in ["room.members", "room.get", "history", "events"] {
            eve.ask(command, ["room": "general"])
        }
        ana.say("hi")
        ana.cut()
        world.advance(milliseconds: 20_000)
        #expect(!eve.texts.contains { $0.contains("203.0.113") || $0.contains(token) })
    }

    @Test func `a room that becomes private leaves the lists of those who watch`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "eve")
        clients[1].ask("room.list", ["watch": true])
        let tea = clients[0].makeRoom("tea")
        #expect(clients[1].events("room.listed").map { $0["room"]["name"] } == ["tea"])
        clients[0].ask("room.update", ["room": .string(tea), "private": true])
        #expect(clients[1].events("room.unlisted").map { $0["room"].string } == [tea])
        clients[0].ask("room.update", ["room": .string(tea), "description": "hidden words"])
        #expect(!clients[1].texts.contains { $0.contains("hidden words") })
        #expect(clients[1].ask("room.get", ["room": .string(tea)]).code == "room_not_found")
    }
}
