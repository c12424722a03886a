// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// A user is erased from a running engine.
@Suite struct ErasureTests {
    private func erase(_ client: LoopbackClient, in world: LoopbackWorld) async throws {
        let user = try #require(UserID(client.userID))
        let error = await world.call { engine -> WireError? in
            do throws(WireError) {
                try await engine.erase(user)
                return nil
            } catch {
                return error
            }
        }
        #expect(error == nil)
    }

    @Test(arguments: [1, 3])
    func `whoever resumes after an erasure sees tombstones, from memory and from the log`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let ana = world.guest("ana", shard: 0)
        let bo = world.guest("bo", shard: shards - 1)
        ana.say("secret", key: "k")  // 3
        bo.say("open")  // 4
        ana.ask("edit", ["room": "general", "target": 3, "text": "secret too"])
        ana.ask("react", ["room": "general", "target": 4, "emoji": "❤"])
        try await erase(ana, in: world)
        for after in 0..<2 {
            bo.cut()
            if after == 1 {
                try await world.restart()
            }
            bo.reconnect(as: "bo", resume: ["general": 0], shard: shards - 1)
            world.settle()
            #expect(bo.places(in: bo.general) == [1, 2, 3, 4, 5, 6, 7])
            let messages = bo.now("message")
            #expect(messages.map { $0["text"] } == ["", "open"])
            #expect(messages.map { $0["redacted"] } == [true, .null])
            #expect(bo.now("edited").map { $0["text"] } == [""])
            #expect(bo.now("reaction").map { $0["emoji"] } == [""])
            let all = bo.messages[bo.connectionStart...].map { "\($0)" }.joined()
            for word in ["secret", "\"ana\"", "❤"] { #expect(!all.contains(word), "\(word)") }
        }
        let page = bo.ask("history", ["room": "general"])
        #expect(page["messages"][0]["deleted"] == true)
        #expect(page["messages"][1]["reactions"].elements.isEmpty)
    }

    @Test(arguments: [1, 3])
    func `whoever is there is told, and the user's connections end`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let ana = world.guest("ana")
        let bo = world.guest("bo")
        let token = try #require(ana.welcome["token"].string)
        ana.say("secret")
        try await erase(ana, in: world)
        #expect(ana.closeCode == .userErased)
        let left = try #require(bo.events("left").last)
        #expect(left["reason"] == "erased")
        #expect(left["user"]["name"] == .string("deleted user \(ana.userID)"))
        #expect(bo.events("user.erased").map { $0["user"]["id"] } == [.string(ana.userID)])
        #expect(bo.events("user.erased").map { $0["room"] } == [.string(bo.general)])
        ana.connect()
        #expect(ana.ask("hello", ["token": .string(token)])["code"] == "invalid_token")
        // The name is free, for somebody else.
        let other = world.guest("ana")
        #expect(other.welcome["user"]["name"] == "ana")
        #expect(other.userID != ana.userID)
    }

    @Test func `an owner's rooms go to the highest role, then to who is there longest`()
        async throws
    {
        let world = try await LoopbackWorld()
        let (ana, bo, cy) = (world.guest("ana"), world.guest("bo"), world.guest("cy"))
        let (tea, coffee) = (ana.makeRoom("Tea"), ana.makeRoom("Coffee"))
        for member in [bo, cy] {
            world.advance(milliseconds: 10)
            for room in [tea, coffee] { member.ask("room.join", ["room": .string(room)]) }
        }
        ana.ask(
            "member.role", ["room": .string(coffee), "user": .string(cy.userID), "role": "admin"])
        try await erase(ana, in: world)
        func owner(_ room: String) -> JSONValue {
            let members = bo.ask("room.members", ["room": .string(room)])["members"].elements
            return members.first { $0["role"] == "owner" }?["id"] ?? .null
        }
        #expect(owner(tea) == .string(bo.userID))
        #expect(owner(coffee) == .string(cy.userID))
        #expect(bo.ask("room.members", ["room": .string(tea)])["total"] == 2)
    }

    @Test func `a room in which nobody else is goes with its owner`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        let bo = world.guest("bo")
        _ = ana.makeRoom("Own")
        try await erase(ana, in: world)
        #expect(bo.ask("room.get", ["room": "Own"])["code"] == "room_not_found")
        #expect(bo.ask("room.get", ["room": "general"])["room"]["members"] == 1)
    }

    @Test func `an erasure that failed is finished by the next start`() async throws {
        let faults = FaultingStore(MemoryStore())
        let world = try await LoopbackWorld(store: faults)
        let (ana, bo) = (world.guest("ana"), world.guest("bo"))
        ana.say("secret")
        let user = try #require(UserID(ana.userID))
        faults.fail(.memberships)
        let error = await world.call { engine -> WireError? in
            do throws(WireError) {
                try await engine.erase(user)
                return nil
            } catch {
                return error
            }
        }
        #expect(error?.code == .storageUnavailable)
        #expect(try await faults.pendingErasures(limit: 9) == [user])
        try await world.restart()
        while try await !faults.pendingErasures(limit: 9).isEmpty {
            world.settle()
            await Task.yield()
        }
        bo.reconnect(as: "bo", resume: ["general": 0])
        world.settle()
        #expect(bo.now("message").map { $0["text"] } == [""])
        #expect(try await faults.memberships(of: user) == [])
    }

    @Test func `somebody who is not there cannot be erased`() async throws {
        let world = try await LoopbackWorld()
        let error = await world.call { engine -> WireError? in
            do throws(WireError) {
                try await engine.erase(UserID(rawValue: 12_345))
                return nil
            } catch {
                return error
            }
        }
        #expect(error?.code == .userNotFound)
    }

    @Test func `an export has all that is the user's, and nothing of others`() async throws {
        let world = try await LoopbackWorld()
        let (ana, bo) = (world.guest("ana"), world.guest("bo"))
        ana.say("first", key: "k")  // 3
        bo.say("of bo")  // 4
        ana.ask("edit", ["room": "general", "target": 3, "text": "second"])
        ana.ask("react", ["room": "general", "target": 4, "emoji": "🍵"])
        bo.ask("react", ["room": "general", "target": 3, "emoji": "👍"])
        for number in 0..<150 { ana.say("\(number)") }
        ana.ask("delete", ["room": "general", "target": 20])
        let user = try #require(UserID(ana.userID))
        let lines = try await world.call { engine -> Result<[JSONValue], any Error> in
            do {
                var lines: [JSONValue] = []
                for try await line in engine.export(user) {
                    lines.append(JSONValue(utf8: line) ?? .null)
                }
                return .success(lines)
            } catch {
                return .failure(error)
            }
        }.get()
        func kind(_ name: String) -> [JSONValue] { lines.filter { $0["kind"] == .string(name) } }
        #expect(kind("profile").map { $0["name"] } == ["ana"])
        #expect(kind("membership").map { $0["name"] } == ["general"])
        let messages = kind("message")
        #expect(messages.count == 151)
        #expect(messages[0]["text"] == "second")
        #expect(messages[0]["client_id"] == "k")
        #expect(messages.filter { $0["deleted"] == true }.map(\.seq) == [20])
        #expect(kind("reaction").map { $0["emoji"] } == ["🍵"])
        #expect(kind("event").map { $0["type"] } == ["joined", "edited", "reacted", "deleted"])
        let text = lines.map { "\($0)" }.joined()
        #expect(!text.contains("of bo"))
        #expect(!text.contains(try #require(ana.welcome["token"].string)))
        #expect(lines.count == 158)
    }

    @Test func `an export has profile, files, invitations, blocks, bans and mutes`() async throws {
        let store = MemoryStore()
        let world = try await LoopbackWorld(store: store)
        let (ana, bo, cy) = (world.guest("ana"), world.guest("bo"), world.guest("cy"))
        let (tea, coffee, milk) = (
            ana.makeRoom("Tea"), ana.makeRoom("Coffee"), ana.makeRoom("Milk")
        )
        ana.ask("room.invite", ["room": .string(milk), "user": .string(bo.userID)])
        for room in [tea, coffee] { bo.ask("room.join", ["room": .string(room)]) }
        bo.ask("profile.update", ["display_name": "Bo B.", "status_text": "away"])
        bo.ask("user.block", ["user": .string(cy.userID)])
        cy.ask("user.block", ["user": .string(bo.userID)])
        ana.ask("member.mute", ["room": .string(tea), "user": .string(bo.userID)])
        ana.ask(
            "member.ban", ["room": .string(coffee), "user": .string(bo.userID), "reason": "tulips"])
        ana.ask(
            "member.ban", ["room": .string(tea), "user": .string(cy.userID), "reason": "of cy"])
        let (user, room) = (try #require(UserID(bo.userID)), try #require(RoomID(bo.general)))
        let file = MessageAttachment(
            id: "f1", name: "cat.png", byteCount: 5, mediaType: "image/png", sha256: "00")
        for sender in [user, try #require(UserID(ana.userID))] {
            let post = LogChange.post(Post(text: "by \(sender)", attachments: [file]))
            let entry = LogEntry(
                room: room, sender: sender, at: Timestamp(milliseconds: 1), change: post)
            _ = try await store.append(AppendBatch(entries: [entry]))
        }
        // Not everything stands in the log for ever.
        _ = try await store.trim(try #require(RoomID(coffee)), through: 99, limit: 99)
        var lines: [JSONValue] = []
        for try await line in UserExport(of: user, from: store) {
            lines.append(JSONValue(utf8: line) ?? .null)
        }
        func kind(_ name: String) -> [JSONValue] { lines.filter { $0["kind"] == .string(name) } }
        #expect(kind("profile").map { $0["display_name"] } == ["Bo B."])
        #expect(kind("profile").map { $0["status_text"] } == ["away"])
        #expect(kind("message").map { $0["attachments"][0]["name"] } == ["cat.png"])
        #expect(kind("invitation").map { $0["room"] } == [.string(milk)])
        #expect(kind("block").map { $0["user"].string } == [cy.userID])
        #expect(kind("ban").map { $0["room"] } == [.string(coffee)])
        #expect(kind("ban").map { $0["reason"] } == ["tulips"])
        #expect(kind("mute").map { $0["room"] } == [.string(tea)])
        #expect(kind("event").filter { $0["type"] == "muted" }.count == 1)
        let text = lines.map { "\($0)" }.joined()
        #expect(!text.contains("of cy") && !text.contains("by \(ana.userID)"))
    }
}
