// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

@Suite struct RoomListTests {
    @Test(arguments: [1, 3])
    func `one's rooms are listed by their last message, with what is unread`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        let tea = clients[0].makeRoom("tea", ["private": true])
        let notes = clients[0].makeRoom("notes")
        clients[1].ask("room.join", ["room": .string(notes)])
        world.advance(milliseconds: 10)
        clients[0].say("first", in: notes)
        world.advance(milliseconds: 10)
        clients[0].say("for me", in: tea)
        world.advance(milliseconds: 10)
        clients[0].say("second", in: notes)

        let own = clients[0].ask("room.joined")["rooms"].elements
        #expect(own.map { $0["name"] } == ["notes", "tea", "general"])
        #expect(own.map { $0["unread"] } == [0, 0, 0])
        #expect(own[0]["last_message"]["text"] == "second")
        #expect(own[0]["some_members"].elements.count == 2)

        let first = clients[1].ask("room.joined", ["limit": 1])
        #expect(first["rooms"].elements.map { $0["name"] } == ["notes"])
        #expect(first["rooms"].elements.map { $0["unread"] } == [2])
        #expect(first["total"] == 2)
        #expect(first["end"] == false)
        let rest = clients[1].ask("room.joined", ["offset": 1])
        #expect(rest["rooms"].elements.map { $0["name"] } == ["general"])
        #expect(rest["end"] == true)
    }

    @Test func `members of a large room are not all listed`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
        let rooms = clients[0].ask("room.joined")["rooms"].elements
        #expect(rooms.map { $0["members"] } == [10])
        #expect(rooms[0]["some_members"].elements.count == Limits().listedMembers)
    }
}
