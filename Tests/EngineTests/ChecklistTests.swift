// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// What users of other chat servers expect of rooms and limits, one test for each expectation: see docs/expectations.md.
@Suite struct ChecklistTests {
    private func isOK(_ answer: JSONValue) -> Bool { answer.type == "ok" }

    private func text(_ count: Int) -> JSONValue { .string(String(repeating: "n", count: count)) }

    @Test
    func
        `R1 a room is made with its owner, under a name that is unique in any case, within bounds`()
        async throws
    {
        let world = try await LoopbackWorld {
            $0.limits.roomNameMinimumCharacters = 3
            $0.limits.membersPerRoom = 1_000
        }
        let ana = world.guest("ana")
        let made = ana.ask(
            "room.create",
            ["name": "Tea", "description": text(500), "max_members": 2, "slow_mode_seconds": 7])
        #expect(made["room"]["role"] == "owner")
        #expect(made["room"]["members"] == 1)
        #expect(made["room"]["slow_mode_seconds"] == 7)
        #expect(ana.ask("room.create", ["name": " tEA "]).code == "room_name_taken")
        #expect(isOK(ana.ask("room.create", ["name": text(100), "max_members": 1_000])))
        for (fields, field) in [
            (["name": "ab"], "name"), (["name": text(101)], "name"), (["name": " "], "name"),
            (["name": "abc", "description": text(501)], "description"),
            (["name": "abc", "max_members": 1], "max_members"),
            (["name": "abc", "max_members": 1_001], "max_members"),
            (["name": "abc", "private": "yes"], "private"),
        ] as [(JSONValue, String)] {
            #expect(ana.ask("room.create", fields)["field"].string == field)
        }
        #expect(isOK(ana.ask("room.create", ["name": "abc"])), "a refused one has left nothing")
    }

    @Test func `R2 everybody is in the default room, which can neither be left nor deleted`()
        async throws
    {
        let world = try await LoopbackWorld { $0.defaultRoom = "Lobby" }
        let ana = world.guest("ana")
        #expect(ana.welcome["rooms"].elements.map { $0["name"] } == ["Lobby"])
        #expect(ana.ask("room.leave", ["room": "lobby"]).code == "default_room")
        #expect(ana.ask("room.delete", ["room": "lobby"]).code == "default_room")
        let without = try await LoopbackWorld { $0.defaultRoom = nil }
        #expect(without.guest("ana").welcome["rooms"].elements.isEmpty)
    }

    @Test
    func
        `R3 rooms are listed newest first, in pages with true totals, without others' private ones`()
        async throws
    {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        for number in 1...25 {
            world.advance(milliseconds: 10)
            _ = clients[0].makeRoom("room \(number)", ["private": .bool(number % 5 == 0)])
        }
        let first = clients[1].ask("room.list")
        #expect(first["rooms"].elements.count == 20)
        #expect(first["rooms"].elements.first?["name"] == "room 24")
        #expect(first["total"] == 21 && first["end"] == false)
        let second = clients[1].ask("room.list", ["offset": 20])
        #expect(second["rooms"].elements.map { $0["name"] } == ["general"])
        #expect(second["end"] == true)
        #expect(clients[0].ask("room.list")["total"] == 26)
        #expect(clients[0].ask("room.list", ["limit": 1_000_000])["rooms"].elements.count == 26)
        for (key, value) in [("limit", 0), ("limit", -1), ("offset", -1)] as [(String, Int64)] {
            let answer = clients[1].ask("room.list", .object([key: .integer(value)]))
            #expect(answer["field"].string == key)
        }
        let beyond = clients[1].ask("room.list", ["offset": 9_007_199_254_740_991])
        #expect(beyond["rooms"].elements.isEmpty && beyond["total"] == 21 && beyond["end"] == true)
    }

    @Test
    func `R4 a member sees members and their own role; a private room shows nothing to others`()
        async throws
    {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        let den = JSONValue.string(clients[0].makeRoom("den"))
        #expect(clients[0].ask("room.get", ["room": den])["room"]["role"] == "owner")
        #expect(clients[1].ask("room.get", ["room": den])["room"]["role"] == .null)
        clients[1].ask("room.join", ["room": den])
        let members = clients[1].ask("room.members", ["room": den])
        #expect(members["members"].elements.map { $0["name"] } == ["ana", "bo"])
        #expect(members["total"] == 2)
        clients[1].ask("room.leave", ["room": den])
        clients[0].ask("room.update", ["room": den, "private": true])
        #expect(clients[1].ask("room.get", ["room": den]).code == "room_not_found")
        #expect(clients[1].ask("room.members", ["room": den]).code == "room_not_found")
    }

    @Test(arguments: [1, 3])
    func `R5 of a hundred who join at once the room takes its maximum; each refusal is its own`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards) {
            $0.limits.connectionsPerAddress = 101
        }
        let ana = world.guest("ana")
        let den = JSONValue.string(ana.makeRoom("den", ["max_members": 10]))
        let clients = (0..<100).map { world.guest("c\($0)") }
        let ids = clients.map { $0.post("room.join", ["room": den]) }
        world.settle()
        let answers = zip(clients, ids).map { $0.answer(to: $1) }
        #expect(answers.count(where: isOK) == 9)
        #expect(answers.count { $0.code == "room_full" } == 91)
        #expect(ana.ask("room.members", ["room": den])["total"] == 10)
        #expect(ana.ask("room.join", ["room": "nowhere"]).code == "room_not_found")
        #expect(isOK(ana.ask("room.join", ["room": den])), "joined already: nothing changes")
        let hidden = JSONValue.string(ana.makeRoom("hidden", ["private": true]))
        #expect(clients[0].ask("room.join", ["room": hidden]).code == "room_not_found")
    }

    @Test func `R6 who leaves is no member any more; an owner leaves after handing over`()
        async throws
    {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        let den = JSONValue.string(clients[0].makeRoom("den"))
        #expect(clients[1].ask("room.leave", ["room": den]).code == "not_member")
        clients[1].ask("room.join", ["room": den])
        #expect(clients[0].ask("room.leave", ["room": den]).code == "owner_must_transfer")
        clients[0].ask("room.transfer", ["room": den, "user": .string(clients[1].userID)])
        #expect(isOK(clients[0].ask("room.leave", ["room": den])))
        #expect(clients[0].ask("history", ["room": den]).code == "not_member")
        #expect(clients[1].ask("room.members", ["room": den])["total"] == 1)
    }

    @Test
    func `R7 admins change a room: unique name, room for all members, an event with its time`()
        async throws
    {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo", "cy")
        let den = JSONValue.string(clients[0].makeRoom("den", ["description": "old"]))
        for client in clients.dropFirst() { client.ask("room.join", ["room": den]) }
        func update(_ client: LoopbackClient, _ fields: JSONValue) -> JSONValue {
            client.ask("room.update", fields.setting("room", to: den))
        }
        #expect(update(clients[1], ["description": "x"]).code == "forbidden")
        clients[0].ask(
            "member.role",
            ["room": den, "user": .string(clients[1].userID), "role": "admin"])
        world.advance(milliseconds: 5_000)
        let cleared = update(clients[1], ["description": ""])
        #expect(cleared["room"]["description"] == "")
        #expect(update(clients[1], ["name": "GENERAL"]).code == "room_name_taken")
        #expect(update(clients[1], ["max_members": 2]).code == "capacity_below_members")
        #expect(isOK(update(clients[1], ["max_members": 3])))
        let events = clients[2].events("room")
        #expect(events.map { $0["changes"] } == [["description": ""], ["max_members": 3]])
        let joined = try #require(clients[0].events("joined").last?["at"].string)
        let changed = try #require(events.first?["at"].string)
        #expect(changed > joined, "this is when it was changed")
    }

    @Test func `R8 only the owner deletes a room, its members are told which, and nobody is moved`()
        async throws
    {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        let den = JSONValue.string(clients[0].makeRoom("den"))
        clients[1].ask("room.join", ["room": den])
        clients[0].ask(
            "member.role", ["room": den, "user": .string(clients[1].userID), "role": "admin"])
        #expect(clients[1].ask("room.delete", ["room": den]).code == "forbidden")
        #expect(isOK(clients[0].ask("room.delete", ["room": den])))
        #expect(clients[1].events("room.deleted").map { $0["room"] } == [den])
        #expect(clients[1].say("where am I?", in: den.string ?? "").code == "room_not_found")
        #expect(!clients[0].texts.contains { $0.contains("where am I?") })
    }

    @Test
    func `R9 into a private room come the invited, and nobody else reads, lists or types there`()
        async throws
    {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo", "eve")
        let den = JSONValue.string(clients[0].makeRoom("den", ["private": true]))
        clients[0].ask("room.invite", ["room": den, "user": .string(clients[1].userID)])
        #expect(isOK(clients[1].ask("room.join", ["room": den])))
        for command in ["room.join", "history", "typing", "room.members"] {
            #expect(clients[2].ask(command, ["room": den]).code == "room_not_found")
        }
        #expect(clients[2].ask("room.list")["total"] == 1)
        let code = clients[0].ask("link.create", ["room": den])["code"]
        #expect(isOK(clients[2].ask("room.join", ["code": code])))
    }

    @Test(arguments: [1, 3])
    func `R11 new, changed and deleted rooms appear at once in every permitted user's list`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        clients[1].ask("room.list", ["watch": true])
        let den = clients[0].makeRoom("den")
        _ = clients[0].makeRoom("hidden", ["private": true])
        clients[0].ask("room.update", ["room": .string(den), "name": "cave"])
        clients[0].ask("room.delete", ["room": .string(den)])
        #expect(clients[1].events("room.listed").map { $0["room"]["name"] } == ["den", "cave"])
        #expect(clients[1].events("room.unlisted").map { $0["room"].string } == [den])
    }

    @Test(arguments: [1, 3])
    func `R12 a user is in many rooms at once, with several devices, and hears all on each`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        let second = world.connect()
        second.ask("hello", ["token": clients[1].welcome["token"]])
        let rooms = (0..<5).map { clients[0].makeRoom("room \($0)") }
        for room in rooms { clients[1].ask("room.join", ["room": .string(room)]) }
        for room in rooms { clients[0].say("in \(room)", in: room) }
        for device in [clients[1], second] {
            #expect(device.events("message").map { $0["text"].string } == rooms.map { "in \($0)" })
            #expect(device.events("message").map { $0["room"].string } == rooms)
        }
    }

    @Test
    func `R13 to a room that is not there, or not one's own, nothing happens but a typed error`()
        async throws
    {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        let den = clients[0].makeRoom("den")
        clients[0].say("first", in: den)
        _ = clients[0].takeNew()
        let commands: [(String, JSONValue)] = [
            ("send", ["text": "x"]), ("history", [:]), ("typing", [:]),
            ("react", ["target": 2, "emoji": "👍"]), ("edit", ["target": 2, "text": "x"]),
            ("delete", ["target": 2]), ("receipt", ["read": 2]),
        ]
        for (type, fields) in commands {
            let unknown = clients[1].ask(type, fields.setting("room", to: "nowhere"))
            #expect(unknown.code == "room_not_found")
            let foreign = clients[1].ask(type, fields.setting("room", to: .string(den)))
            #expect(foreign.code == "not_member")
        }
        #expect(clients[0].takeNew().isEmpty)
        let page = clients[0].ask("history", ["room": .string(den)])["messages"].elements
        #expect(page.map { $0["text"] } == ["first"])
    }

    @Test
    func
        `O1 limits per minute for messages, joins, typing and the rest, each says when to try again`()
        async throws
    {
        let world = try await LoopbackWorld { $0.rates = .standard }
        let ana = world.guest("ana")
        let budgets: [(type: String, fields: JSONValue, bucket: String, perMinute: Int64)] = [
            ("send", ["room": "general", "text": "x"], "user.message", 100),
            ("presence.set", ["status": "online"], "user.other", 100),
            ("room.join", ["room": "general"], "user.join", 30),
            ("typing", ["room": "general"], "user.typing", 120),
            ("hello", ["name": "ana"], "connection.sign_in", 30),
        ]
        for budget in budgets where budget.type != "hello" {
            for _ in 0..<budget.perMinute { #expect(isOK(ana.ask(budget.type, budget.fields))) }
            let refusal = ana.ask(budget.type, budget.fields)
            #expect(refusal.code == "rate_limited")
            #expect(refusal["bucket"].string == budget.bucket)
            #expect(refusal["retry_after_ms"].integer == Int(60_000 / budget.perMinute))
        }
        #expect(isOK(ana.ask("history", ["room": "general"])), "each has a budget of its own")
        let guesser = world.connect()
        for _ in 0..<30 { guesser.ask("hello", ["token": "wrong"]) }
        let refusal = guesser.ask("hello", ["token": "wrong"])
        #expect(refusal["bucket"] == "connection.sign_in")
        #expect(refusal["retry_after_ms"] == 2_000)
    }

    @Test
    func
        `O2 every refusal has one shape: a stable code, a text, the key that is wrong, and the time`()
        async throws
    {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        let lines: [(String, String, String?)] = [
            ("no json", "bad_json", nil), (#"{"type":"dance","id":1}"#, "unknown_command", nil),
            (#"{"id":1}"#, "missing_field", "type"),
            (#"{"type":"send","room":"general","id":1}"#, "missing_field", "text"),
            (#"{"type":"send","room":5,"id":1}"#, "invalid_field", "room"),
            (#"{"type":"history","room":"nowhere","id":1}"#, "room_not_found", "room"),
        ]
        for (line, code, field) in lines {
            ana.send(line)
            world.settle()
            let answer = try #require(ana.takeNew().last)
            #expect(answer.type == "error")
            #expect(answer.code == code)
            #expect(answer["message"].string?.isEmpty == false)
            #expect(answer["field"].string == field)
            #expect(answer["time"].string == "\(world.clock.wallTime())")
        }
        let known = Set(WireError.Code.allCases.map(\.rawValue))
        #expect(Set(lines.map(\.1)).isSubset(of: known))
    }
}
