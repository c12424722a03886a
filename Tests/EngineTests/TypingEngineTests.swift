// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// Invariant 7: typing is held by the server.
@Suite struct TypingEngineTests {
    private func names(_ event: JSONValue?) -> [String] {
        event?["users"].elements.compactMap { $0["name"].string } ?? ["nothing was told"]
    }

    private func start(_ client: LoopbackClient, _ room: String = "general") {
        client.ask("typing", ["room": .string(room)])
    }

    @Test(arguments: [1, 3])
    func `others see who types and the typist does not see themselves`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        start(clients[0])
        #expect(names(clients[1].events("typing").last) == ["ana"])
        start(clients[1])
        #expect(names(clients[0].events("typing").last) == ["bo"])
        #expect(names(clients[1].events("typing").last) == ["ana"])
        for client in clients {
            let own = client.events("typing").flatMap { $0["users"].elements }
                .filter { $0["id"].string == client.userID }
            #expect(own.isEmpty)
        }
    }

    @Test(arguments: [1, 3])
    func `it ends by itself after six seconds, and not before`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        start(clients[0])
        world.advance(milliseconds: 5_999)
        #expect(names(clients[1].events("typing").last) == ["ana"])
        world.advance(milliseconds: 1)
        #expect(names(clients[1].events("typing").last) == [])
    }

    @Test func `repeating it keeps it alive and tells nobody again`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        for _ in 0..<5 {
            start(clients[0])
            world.advance(milliseconds: 3_000)
        }
        #expect(clients[1].events("typing").count == 1)
    }

    /// What ends typing.
    enum End: CaseIterable { case stop, message, leave, cut, logout, kick }

    @Test(arguments: End.allCases, [1, 3])
    func `typing ends with a stop, a message, on leaving and with the connection`(
        _ end: End, _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        let tea = clients[0].makeRoom("tea")
        clients[1].ask("room.join", ["room": .string(tea)])
        start(clients[1], tea)
        #expect(names(clients[0].events("typing").last) == ["bo"])
        let room = JSONValue.string(tea)
        switch end {
        case .stop: clients[1].ask("typing", ["room": room, "on": false])
        case .message: clients[1].say("done", in: tea)
        case .leave: clients[1].ask("room.leave", ["room": room])
        case .cut: clients[1].cut()
        case .logout: clients[1].ask("logout")
        case .kick:
            clients[0].ask("member.kick", ["room": room, "user": .string(clients[1].userID)])
        }
        world.settle()
        #expect(names(clients[0].events("typing").last) == [])
    }

    @Test func `typing reaches the members of its room only`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo", "cy")
        let tea = clients[0].makeRoom("tea")
        clients[1].ask("room.join", ["room": .string(tea)])
        start(clients[0], tea)
        #expect(clients[1].events("typing").count == 1)
        #expect(clients[2].events("typing").isEmpty)
        #expect(clients[2].ask("typing", ["room": .string(tea)]).code == "not_member")
    }
}
