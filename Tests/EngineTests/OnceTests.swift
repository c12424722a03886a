// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// Invariant 3: a client id stands for one message, for good.
@Suite struct OnceTests {
    @Test(arguments: [1, 3])
    func `a repeated send gets the first answer and makes no second message`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        let first = clients[0].say("hi", key: "k")
        for _ in 0..<3 {
            let again = clients[0].say("hi", key: "k")
            #expect(again.seq == first.seq)
            #expect(again["at"] == first["at"])
            #expect(again["duplicate"] == true)
        }
        #expect(clients[1].events("message").count == 1)
    }

    @Test func `both of two that are under way at once get the same place`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        let send: JSONValue = ["room": "general", "client_id": "k", "text": "hi"]
        let ids = [ana.post("send", send), ana.post("send", send)]
        world.settle()
        #expect(ana.answer(to: ids[0]).seq == ana.answer(to: ids[1]).seq)
        #expect(ana.answer(to: ids[1])["duplicate"] == true)
        #expect(ana.events("message").count == 1)
    }

    @Test func `the same client id with other content is refused, and the first stays`()
        async throws
    {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        let first = ana.say("hi", key: "k")
        let other = ana.say("hi!", key: "k")
        #expect(other.code == "client_id_reused")
        #expect(other["field"] == "client_id")
        let reply = ana.ask(
            "send", ["room": "general", "client_id": "k", "text": "hi", "reply_to": .integer(2)])
        #expect(reply.code == "client_id_reused")
        #expect(ana.say("hi", key: "k").seq == first.seq)
    }

    @Test(arguments: [1, 3])
    func `a retry after a restart gets the first answer too`(_ shards: Int) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let ana = world.guest("ana")
        let first = ana.say("hi", key: "k")
        try await world.restart()
        ana.reconnect(as: "ana")
        world.settle()
        let again = ana.say("hi", key: "k")
        #expect(again.seq == first.seq)
        #expect(again["duplicate"] == true)
        #expect(ana.say("ho", key: "k").code == "client_id_reused")
    }

    @Test func `a client id belongs to its sender and its room`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        let tea = clients[0].makeRoom("tea")
        let first = clients[0].say("hi", key: "k")
        #expect(clients[1].say("other", key: "k").seq == first.seq + 1)
        #expect(clients[0].say("other", in: tea, key: "k").type == "ok")
    }

    @Test func `a repeated edit changes nothing either`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        let target = JSONValue.integer(Int64(ana.say("a").seq))
        let edit: JSONValue = ["room": "general", "target": target, "text": "b", "client_id": "e"]
        let first = ana.ask("edit", edit)
        #expect(ana.ask("edit", edit).seq == first.seq)
        #expect(ana.events("edited").count == 1)
    }
}
