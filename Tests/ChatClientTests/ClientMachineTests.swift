// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore
import Testing

struct ClientMachineTests {
    @Test func `a client signs in, and says after a reconnect where it was and who it is`() throws {
        var world = MachineWorld()
        #expect(world.connects == 1)
        world.run { machine, now in machine.opened(now: now) }
        #expect(world.sent.first?["name"]?.string == "bo")
        world.answer(
            try world.take("hello"),
            """
            ,"user":{"id":"\(MachineWorld.me)","name":"bo"},"token":"t1",
            "rooms":[{"id":"\(MachineWorld.room)","head":4}]
            """)
        world.message(5)
        world.run { machine, now in machine.closed(nil, now: now) }
        try world.pass()
        #expect(world.connects == 2)
        world.run { machine, now in machine.opened(now: now) }
        let hello = try world.take("hello")
        #expect(hello["token"]?.string == "t1")
        #expect(hello["resume"]?[MachineWorld.room.description]?.int == 5)
        let me = ChatUser(id: MachineWorld.me, name: "bo")
        #expect(world.states.count == 4)
        #expect(world.states[0] == .connecting)
        #expect(world.states[1] == .online(me))
        #expect(world.states[3] == .connecting)
    }

    @Test func `delays between attempts double up to their bound and are never all the same`()
        throws
    {
        var world = MachineWorld()
        var delays: [Int64] = []
        for _ in 0..<12 {
            world.run { machine, now in machine.closed(nil, now: now) }
            guard case .waiting(let delay) = world.states.last else { break }
            delays.append(delay)
            try world.pass()
        }
        #expect(delays.count == 12)
        for (index, delay) in delays.enumerated() {
            let ceiling = min(Int64(15_000), Int64(250) << min(index, 10))
            #expect(delay >= ceiling / 2 && delay <= ceiling)
        }
        #expect(Set(delays.suffix(5)).count > 1)
    }

    @Test func `an event that comes twice is handed on once`() throws {
        var world = MachineWorld()
        try world.signIn(head: 4)
        for seq in [5, 5, 4, 6, 5] { world.message(seq) }
        #expect(world.seqs == [5, 6])
    }

    @Test func `a hole is filled from the log before what lies behind it`() throws {
        var world = MachineWorld()
        try world.signIn(head: 4)
        for seq in [5, 8, 9] { world.message(seq) }
        #expect(world.seqs == [5])
        let command = try world.take("events")
        #expect(command["after"]?.int == 5)
        let events = [6, 7].map { seq in
            """
            {"type":"message","seq":\(seq),"room":"\(MachineWorld.room)","at":"2026-01-02T03:04:05Z",
            "from":{"id":"\(MachineWorld.ana)","name":"x"},"text":""}
            """
        }
        world.answer(command, ",\"events\":[\(events.joined(separator: ","))],\"head\":9")
        #expect(world.seqs == [5, 6, 7, 8, 9])
    }

    @Test func `a hole that the log cannot fill is passed over`() throws {
        var world = MachineWorld()
        try world.signIn(head: 4)
        world.message(9)
        world.answer(try world.take("events"), ",\"events\":[],\"head\":9")
        #expect(world.seqs == [9])
        world.message(10)
        #expect(world.seqs == [9, 10])
    }

    @Test func `what comes by a resume is told apart from what is new`() throws {
        var world = MachineWorld()
        try world.signIn(head: 4)
        world.run { machine, now in machine.closed(nil, now: now) }
        try world.pass()
        try world.signIn(head: 6)
        for seq in [5, 6, 7] { world.message(seq) }
        #expect(world.events.map(\.isReplayed) == [true, true, false])
    }

    @Test func `messages go one after the other, again after a reconnect, with the same key`()
        throws
    {
        var world = MachineWorld()
        for number in 1...3 {
            world.run { machine, now in
                machine.post(
                    ["type": "send", "room": "tea", "client_id": .string("k\(number)")],
                    room: "tea", clientID: "k\(number)", ticket: UInt64(number), now: now)
            }
        }
        try world.signIn()
        #expect(world.sent.map { $0["client_id"]?.string } == ["k1"])
        world.sent = []
        world.run { machine, now in machine.closed(nil, now: now) }
        try world.pass()
        try world.signIn()
        for number in 1...3 {
            let command = try world.take("send")
            #expect(command["client_id"]?.string == "k\(number)")
            #expect(world.sent.isEmpty)
            world.answer(command, ",\"seq\":\(number)")
            #expect(try world.answers[UInt64(number)]?.get()["seq"]?.int == number)
        }
    }

    @Test func `a message that is refused for now is sent again and not overtaken`() throws {
        var world = MachineWorld()
        try world.signIn()
        for number in 1...2 {
            world.run { machine, now in
                machine.post(
                    ["type": "send", "client_id": .string("k\(number)")], room: "tea",
                    clientID: "k\(number)", ticket: UInt64(number), now: now)
            }
        }
        world.refuse(try world.take("send"), "rate_limited", retry: 700)
        #expect(world.sent.isEmpty)
        let deadline = try #require(world.machine.nextDeadline)
        #expect(deadline == world.now.advanced(byMilliseconds: 700))
        try world.pass()
        #expect(try world.take("send")["client_id"]?.string == "k1")
        #expect(world.sent.isEmpty)
    }

    @Test func `a message that is refused for good is given back and the next one goes`() throws {
        var world = MachineWorld()
        try world.signIn()
        for number in 1...2 {
            world.run { machine, now in
                machine.post(
                    ["type": "send", "client_id": .string("k\(number)")], room: "tea",
                    clientID: "k\(number)", ticket: UInt64(number), now: now)
            }
        }
        world.refuse(try world.take("send"), "text_too_long")
        #expect(throws: ChatRefusal(code: "text_too_long", message: "no")) {
            try world.answers[1]?.get()
        }
        #expect(try world.take("send")["client_id"]?.string == "k2")
    }

    @Test(arguments: [true, false])
    func `a call that was under way is repeated only if that does no harm`(
        isRepeatable: Bool
    ) throws {
        var world = MachineWorld()
        try world.signIn()
        world.run { machine, now in
            machine.call(["type": "room.get"], ticket: 9, isRepeatable: isRepeatable, now: now)
        }
        world.sent = []
        world.run { machine, now in machine.closed(nil, now: now) }
        #expect((world.answers[9] == nil) == isRepeatable)
        try world.pass()
        try world.signIn()
        #expect(world.sent.contains { $0["type"]?.string == "room.get" } == isRepeatable)
    }

    @Test func `too many calls that wait are refused at once`() throws {
        var world = MachineWorld()
        for ticket in 1...1_001 as ClosedRange<UInt64> {
            world.run { machine, now in
                machine.call(["type": "ping"], ticket: ticket, isRepeatable: true, now: now)
            }
        }
        #expect(world.answers.count == 1)
        #expect(throws: ChatRefusal.self) { try world.answers[1_001]?.get() }
    }

    @Test func `others' messages are reported as delivered, gathered`() throws {
        var world = MachineWorld()
        try world.signIn()
        world.message(1)
        world.message(2)
        world.message(3, by: MachineWorld.me)
        try world.pass()
        let receipt = try world.take("receipt")
        #expect(receipt["delivered"]?.int == 2)
        #expect(receipt["read"] == nil)
        world.run { machine, now in machine.read(3, in: MachineWorld.room, now: now) }
        try world.pass()
        let read = try world.take("receipt")
        #expect(read["delivered"]?.int == 3)
        #expect(read["read"]?.int == 3)
        #expect(world.sent.isEmpty)
    }

    @Test func `typing is told every three seconds and ends two seconds after the last key`() throws
    {
        var world = MachineWorld()
        try world.signIn()
        for _ in 0..<10 {
            world.run { machine, now in machine.typed(in: MachineWorld.room, now: now) }
            world.now = world.now.advanced(byMilliseconds: 400)
            world.run { machine, now in machine.expire(now: now) }
        }
        #expect(world.sent.count { $0["type"]?.string == "typing" && $0["on"] == nil } == 2)
        world.sent = []
        try world.pass()
        #expect(try world.take("typing")["on"]?.bool == false)
    }

    @Test func `a server that is silent is asked, then given up`() throws {
        var world = MachineWorld()
        try world.signIn()
        try world.pass()
        _ = try world.take("ping")
        while world.disconnects == 0 { try world.pass() }
        guard case .waiting = world.states.last else {
            Issue.record("\(world.states)")
            return
        }
    }

    @Test(arguments: [4_500, 4_503])
    func `a server that does not want the client back is believed`(code: Int) throws {
        var world = MachineWorld()
        try world.signIn()
        world.run { machine, now in
            machine.call(["type": "whoami"], ticket: 1, isRepeatable: true, now: now)
            machine.closed(code, now: now)
        }
        #expect(world.machine.nextDeadline == nil)
        #expect(throws: ChatRefusal.self) { try world.answers[1]?.get() }
    }

    @Test func `an account's tokens are renewed in time and serve for the reconnect`() throws {
        var world = MachineWorld(.account(login: "bo", password: "secret12"))
        world.run { machine, now in machine.opened(now: now) }
        let login = try world.take("login")
        #expect(login["password"]?.string == "secret12")
        world.answer(
            login,
            """
            ,"user":{"id":"\(MachineWorld.me)","name":"bo"},"rooms":[],"access_token":"a1",
            "refresh_token":"r1","expires_in_seconds":20
            """)
        try world.pass()
        let refresh = try world.take("refresh")
        #expect(refresh["refresh_token"]?.string == "r1")
        world.answer(
            refresh, ",\"access_token\":\"a2\",\"refresh_token\":\"r2\",\"expires_in_seconds\":20")
        world.run { machine, now in machine.closed(nil, now: now) }
        try world.pass()
        world.run { machine, now in machine.opened(now: now) }
        let hello = try world.take("hello")
        #expect(hello["token"]?.string == "a2")
        world.refuse(hello, "token_expired")
        let again = try world.take("refresh")
        #expect(again["refresh_token"]?.string == "r2")
        world.refuse(again, "invalid_token")
        _ = try world.take("login")
    }

    @Test func `a gap moves the position to its end`() throws {
        var world = MachineWorld()
        try world.signIn(head: 4)
        world.hear(
            """
            {"type":"gap","room":"\(MachineWorld.room)","from":5,"to":9,"reason":"older_than_retention"}
            """)
        world.message(10)
        #expect(world.seqs == [10])
        #expect(world.sent.isEmpty)
    }
}
