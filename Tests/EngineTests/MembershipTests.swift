// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// Rooms and who is in them, over the engine.
@Suite struct MembershipTests {
    @Test(arguments: [1, 3])
    func `a room is found by its new name and no longer by its old one`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo", "cy")
        let tea = clients[0].makeRoom("Tea")
        for client in clients.dropFirst() {
            #expect(client.ask("room.join", ["room": "tEA"])["room"]["id"].string == tea)
        }
        let renamed = clients[0].ask("room.update", ["room": "tea", "name": "Coffee"])
        #expect(renamed["room"]["name"] == "Coffee")
        for client in clients {
            #expect(client.say("x", in: "coffee").type == "ok")
            #expect(client.say("x", in: "tea").code == "room_not_found")
        }
        #expect(clients[1].makeRoom("tea") != "?", "the old name is free")
        #expect(
            clients[0].ask("room.update", ["room": "coffee", "name": "tea"]).code
                == "room_name_taken")
    }

    @Test(arguments: [1, 3])
    func `a deleted room is gone for everybody, and its name is free`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo", "cy")
        let tea = clients[0].makeRoom("tea")
        clients[1].ask("room.join", ["room": .string(tea)])
        clients[2].ask("room.list", ["watch": true])
        #expect(clients[1].ask("room.delete", ["room": .string(tea)]).code == "forbidden")
        #expect(clients[0].ask("room.delete", ["room": .string(tea)]).type == "ok")
        for client in clients.prefix(2) {
            #expect(client.events("room.deleted").map { $0["room"].string } == [tea])
            #expect(client.say("x", in: tea).code == "room_not_found")
            #expect(client.ask("whoami")["rooms"].elements.count == 1)
        }
        #expect(clients[2].events("room.unlisted").map { $0["room"].string } == [tea])
        #expect(clients[1].makeRoom("tea") != "?")
    }

    @Test func `joining twice changes nothing`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        let tea = clients[0].makeRoom("tea")
        for _ in 0..<3 {
            #expect(clients[1].ask("room.join", ["room": .string(tea)])["room"]["head"] == 2)
        }
        #expect(clients[0].events("joined").filter { $0["room"].string == tea }.count == 1)
        clients[0].say("x", in: tea)
        #expect(clients[1].places(in: tea) == [3])
    }

    @Test func `leaving ends live events, and coming back begins them again`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        let tea = clients[0].makeRoom("tea")
        let room = JSONValue.string(tea)
        clients[1].ask("room.join", ["room": room])
        clients[1].ask("room.leave", ["room": room])
        #expect(clients[1].log(of: tea).last?.type == "left")
        clients[0].say("while away", in: tea)
        clients[1].ask("room.join", ["room": room])
        clients[0].say("back", in: tea)
        #expect(clients[1].places(in: tea) == [3, 6])
    }

    @Test func `an owner hands the room over before leaving, and the default room stays`()
        async throws
    {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        let tea = clients[0].makeRoom("tea")
        let room = JSONValue.string(tea)
        clients[1].ask("room.join", ["room": room])
        #expect(clients[0].ask("room.leave", ["room": room]).code == "owner_must_transfer")
        let bo = JSONValue.string(clients[1].userID)
        #expect(clients[0].ask("room.transfer", ["room": room, "user": bo]).seq == 3)
        #expect(clients[0].ask("room.leave", ["room": room]).type == "ok")
        let members = clients[1].ask("room.members", ["room": room])["members"].elements
        #expect(members.map { $0["role"] } == ["owner"])
        #expect(clients[0].ask("room.leave", ["room": "general"]).code == "default_room")
        #expect(clients[0].ask("room.delete", ["room": "general"]).code == "default_room")
    }

    @Test func `a guest's name is theirs while they are here`() async throws {
        let world = try await LoopbackWorld { $0.signInPatienceMilliseconds = 0 }
        let ana = world.guest("ana")
        let other = world.connect()
        #expect(other.ask("hello", ["name": "ANA"]).code == "name_taken")
        #expect(other.ask("hello", ["name": "bo"]).type == "ok", "another try is allowed")
        let token = ana.welcome["token"]
        ana.ask("logout")
        let heir = world.connect()
        let answer = heir.ask("hello", ["name": "ana"])
        #expect(answer.type == "ok")
        #expect(answer["token"] != token)
        let late = world.connect()
        #expect(late.ask("hello", ["token": token]).code == "invalid_token")
    }

    @Test func `a name is waited for, in case its connection is just ending`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        let waiting = world.connect()
        waiting.post("hello", ["name": "ana"])
        world.settle()
        #expect(waiting.messages.isEmpty)
        ana.cut()
        world.settle()
        #expect(waiting.welcome["user"]["name"] == "ana")
        let late = world.connect()
        late.post("hello", ["name": "ana"])
        world.advance(milliseconds: 249)
        #expect(late.messages.isEmpty)
        world.advance(milliseconds: 1)
        #expect(late.messages.last?.code == "name_taken")
    }

    @Test func `a kept name is only for its token`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.connect()
        let token = ana.ask("hello", ["name": "ana", "keep_name": true])["token"]
        ana.ask("logout")
        let thief = world.connect()
        #expect(thief.ask("hello", ["name": "ana"]).code == "name_taken")
        #expect(thief.ask("hello", ["token": token])["user"]["name"] == "ana")
    }

    @Test func `pages of members and rooms join up`() async throws {
        let world = try await LoopbackWorld()
        let clients = (0..<7).map { world.guest("m\($0)") }
        for (index, client) in clients.enumerated() { _ = client.makeRoom("room \(index)") }
        func names(_ type: String, _ key: String) -> [String] {
            var result: [String] = []
            for offset in stride(from: 0, to: 9, by: 3) {
                let page = clients[0].ask(
                    type, ["room": "general", "offset": .integer(Int64(offset)), "limit": 3])
                result += page[key].elements.compactMap { $0["name"].string }
            }
            return result
        }
        #expect(names("room.members", "members") == (0..<7).map { "m\($0)" })
        #expect(Set(names("room.list", "rooms")).count == 8)
    }
}
