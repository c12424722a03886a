// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// Invariants 9 and 14: limits answer, and each holds at its value and one above.
@Suite struct LimitAnswerTests {
    @Test(arguments: [1, 3])
    func `a refusal names its bucket and when to try again, and then it works`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards) {
            $0.rates[.user, .message] = BucketSize(capacity: 3, tokensPerMinute: 60)
        }
        let ana = world.guest("ana")
        for number in 0..<3 { #expect(ana.say("\(number)").type == "ok") }
        let refusal = ana.say("4")
        #expect(refusal.code == "rate_limited")
        #expect(refusal["bucket"] == "user.message")
        let wait = try #require(refusal["retry_after_ms"].integer)
        #expect(wait == 1_000)
        world.advance(milliseconds: Int64(wait) - 1)
        #expect(ana.say("too soon").code == "rate_limited")
        world.advance(milliseconds: 1)
        #expect(ana.say("now").type == "ok")
        #expect(ana.events("message").count == 4)
    }

    @Test func `a user's budget is shared by their devices, a connection's is not`() async throws {
        let world = try await LoopbackWorld {
            $0.rates[.user, .sync] = BucketSize(capacity: 2, tokensPerMinute: 1)
            $0.rates[.connection, .other] = BucketSize(capacity: 1, tokensPerMinute: 1)
        }
        let first = world.guest("ana")
        let second = world.connect()
        second.ask("hello", ["token": first.welcome["token"]])
        #expect(first.ask("whoami").type == "ok")
        #expect(second.ask("whoami").type == "ok")
        #expect(first.ask("whoami")["bucket"] == "user.sync")
        #expect(second.ask("whoami")["bucket"] == "user.sync")
        for device in [first, second] {
            #expect(device.ask("presence.set", ["status": "busy"]).type == "ok")
            #expect(device.ask("presence.set", ["status": "busy"])["bucket"] == "connection.other")
        }
    }

    @Test func `leave and logout are never refused`() async throws {
        let world = try await LoopbackWorld {
            for kind in CommandKind.allCases {
                $0.rates[.user, kind] = BucketSize(capacity: 1, tokensPerMinute: 1)
            }
        }
        let ana = world.guest("ana")
        let tea = ana.makeRoom("tea")
        let bo = world.guest("bo")
        #expect(bo.ask("room.join", ["room": .string(tea)]).type == "ok")
        #expect(bo.ask("room.join", ["room": .string(tea)]).code == "rate_limited")
        #expect(bo.ask("room.leave", ["room": .string(tea)]).type == "ok")
        #expect(bo.ask("logout").type == "ok")
        #expect(bo.closeCode == .loggedOut)
    }

    @Test func `sign-ins from one address are limited before anybody is looked up`() async throws {
        let world = try await LoopbackWorld {
            $0.rates[.address, .signIn] = BucketSize(capacity: 2, tokensPerMinute: 60)
        }
        #expect(world.guest("a").welcome.type == "ok")
        #expect(world.guest("b").welcome.type == "ok")
        let third = world.connect()
        #expect(third.ask("hello", ["name": "c"])["bucket"] == "address.sign_in")
        let elsewhere = world.connect(LoopbackClient.Options(address: "192.0.2.2"))
        #expect(elsewhere.ask("hello", ["name": "d"]).type == "ok")
        world.advance(milliseconds: 1_000)
        #expect(third.ask("hello", ["name": "c"]).type == "ok")
    }

    @Test func `slow mode spaces a member's messages and leaves moderators alone`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        let tea = clients[0].makeRoom("tea")
        clients[1].ask("room.join", ["room": .string(tea)])
        clients[0].ask("room.update", ["room": .string(tea), "slow_mode_seconds": 10])
        #expect(clients[1].say("1", in: tea).type == "ok")
        let refusal = clients[1].say("2", in: tea)
        #expect(refusal.code == "slow_mode")
        #expect(refusal["retry_after_ms"] == 10_000)
        world.advance(milliseconds: 9_999)
        #expect(clients[1].say("2", in: tea).code == "slow_mode")
        world.advance(milliseconds: 1)
        #expect(clients[1].say("2", in: tea).type == "ok")
        for number in 0..<3 { #expect(clients[0].say("\(number)", in: tea).type == "ok") }
    }

    @Test func `a retry in slow mode gets the first answer, and a refused message costs no wait`()
        async throws
    {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo")
        let tea = clients[0].makeRoom("tea")
        clients[1].ask("room.join", ["room": .string(tea)])
        clients[0].ask("room.update", ["room": .string(tea), "slow_mode_seconds": 10])
        let reply: JSONValue = ["room": .string(tea), "text": "to nothing", "reply_to": 1]
        #expect(clients[1].ask("send", reply).code == "reply_target_not_found")
        let first = clients[1].say("1", in: tea, key: "k1")
        #expect(first.type == "ok")
        let again = clients[1].say("1", in: tea, key: "k1")
        #expect(again["seq"] == first["seq"])
        #expect(again["duplicate"] == true)
        #expect(clients[1].say("other", in: tea, key: "k2").code == "slow_mode")
        #expect(clients[1].say("1", in: tea, key: "k1")["seq"] == first["seq"])
    }

    @Test func `connections are counted in all and per address, and out again`() async throws {
        let world = try await LoopbackWorld {
            $0.limits.connections = 3
            $0.limits.connectionsPerAddress = 2
        }
        let here = [world.connect(), world.connect()]
        #expect(here.map { $0.isConnected } == [true, true])
        #expect(world.connect().closeCode == .tooManyFromAddress)
        let away = LoopbackClient.Options(address: "192.0.2.9")
        #expect(world.connect(away).isConnected)
        #expect(world.connect(away).closeCode == .tooManyConnections)
        here[0].cut()
        #expect(world.connect().isConnected)
    }

    @Test func `a room takes its maximum of members and not one more`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo", "cy")
        let tea = clients[0].makeRoom("tea", ["max_members": 2])
        let join: JSONValue = ["room": .string(tea)]
        #expect(clients[1].ask("room.join", join).type == "ok")
        #expect(clients[2].ask("room.join", join).code == "room_full")
        let update = clients[0].ask("room.update", ["room": .string(tea), "max_members": 1])
        #expect(update.type == "error")
        clients[1].ask("room.leave", join)
        #expect(clients[2].ask("room.join", join).type == "ok")
    }

    @Test func `a user is in so many rooms and not in one more`() async throws {
        let world = try await LoopbackWorld { $0.limits.roomsPerUser = 3 }
        let ana = world.guest("ana")
        #expect(ana.makeRoom("one") != "?")
        #expect(ana.makeRoom("two") != "?")
        #expect(ana.ask("room.create", ["name": "three"]).code == "too_many_rooms")
        #expect(ana.ask("room.join", ["room": "general"]).type == "ok", "one is in there already")
    }

    @Test func `reactions and pins have their maximum`() async throws {
        let world = try await LoopbackWorld(
            store: MemoryStore(
                limits: { () -> Limits in
                    var limits = Limits()
                    limits.reactionsPerMessage = 2
                    limits.pinsPerRoom = 1
                    return limits
                }()))
        let ana = world.guest("ana")
        let tea = ana.makeRoom("tea")
        for text in ["a", "b"] { ana.say(text, in: tea) }
        func react(_ emoji: String) -> JSONValue {
            ana.ask("react", ["room": .string(tea), "target": 2, "emoji": .string(emoji)])
        }
        #expect(react("👍").type == "ok")
        #expect(react("👎").type == "ok")
        #expect(react("🙂").code == "too_many_reactions")
        #expect(ana.ask("pin", ["room": .string(tea), "target": 2]).type == "ok")
        #expect(ana.ask("pin", ["room": .string(tea), "target": 3]).code == "too_many_pins")
    }

    @Test func `pages have their maximum`() async throws {
        let world = try await LoopbackWorld { $0.limits.historyPage = 5 }
        let ana = world.guest("ana")
        for number in 0..<8 { ana.say("\(number)") }
        func count(_ limit: Int) -> Int {
            ana.ask("history", ["room": "general", "limit": .integer(Int64(limit))])["messages"]
                .elements.count
        }
        #expect(count(5) == 5)
        #expect(count(6) == 5)
        #expect(ana.ask("history", ["room": "general", "limit": 0]).code == "invalid_field")
    }

    @Test func `what waits for storage has a bound, and beyond it the answer is overloaded`()
        async throws
    {
        let store = HeldStore(MemoryStore())
        let world = try await LoopbackWorld(store: store) { $0.limits.queuedEntries = 3 }
        let ana = world.guest("ana")
        store.hold()
        let ids = (0..<6).map { number -> Int in
            let id = ana.post("send", ["room": "general", "text": .string("\(number)")])
            world.settle()
            return id
        }
        let early = ids.map { ana.answer(to: $0).code }
        #expect(early == ["", "", "", "", "overloaded", "overloaded"])
        await store.release(in: world)
        #expect(ids.prefix(4).map { ana.answer(to: $0).seq } == [2, 3, 4, 5])
    }
}
