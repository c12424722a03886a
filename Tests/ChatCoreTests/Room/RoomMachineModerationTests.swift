// SPDX-License-Identifier: MIT

import ChatCore
import Testing

/// What bans and mutes do to a room's rules.
@Suite struct RoomMachineModerationTests {
    private static func time(_ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds)
    }

    private static func muted(until: Timestamp) -> RoomMachine {
        var machine = roomMachine()
        machine.committed(
            .mute(user: Cast.member, until: until), by: Cast.owner, named: "member", seq: 8,
            at: time(0))
        return machine
    }

    /// What a muted member is told, and what they may do all the same.
    @Test(arguments: [
        (RoomAction.write(.message(text: "x", replyTo: nil), clientID: nil), "muted"),
        (.write(.edit(target: 1, text: "x"), clientID: nil), "muted"),
        (.write(.react(target: 1, emoji: "e"), clientID: nil), "muted"),
        (.typing(true), "muted"), (.typing(false), "yes"),
        (.write(.delete(target: 1), clientID: nil), "add"),
        (.write(.unreact(target: 1, emoji: "e"), clientID: nil), "add"),
        (.history(.latest, limit: 1), "yes"), (.leave, "add"),
        (.receipt(delivered: 1, read: 1), "yes"),
        // Whether it is a retry of what was stored before, only the store knows; it refuses what is new.
        (.write(.message(text: "x", replyTo: nil), clientID: "k"), "add"),
    ])
    func `a muted member reads and takes back, and writes nothing`(
        action: RoomAction, expected: String
    ) {
        var machine = Self.muted(until: Self.time(5_000))
        #expect(machine.word(action, by: Cast.member, now: at(4_999)) == expected)
        #expect(machine.word(action, by: Cast.member2, now: at(0)) != "muted")
        #expect(machine.word(action, by: Cast.member, now: at(5_000)) != "muted")
        machine.committed(
            .unmute(user: Cast.member), by: Cast.owner, named: "", seq: 9, at: Self.time(0))
        #expect(machine.word(action, by: Cast.member, now: at(4_999)) != "muted")
    }

    @Test func `a refusal says how long a mute lasts, if it has an end`() {
        func wait(until: Timestamp, at now: Int64) -> Int64? {
            var machine = Self.muted(until: until)
            guard
                case .refused(let error) = machine.decide(
                    .typing(true), by: Cast.member, now: at(now))
            else { return -1 }
            return error.retryAfterMilliseconds
        }
        #expect(wait(until: Self.time(5_000), at: 1_000) == 4_000)
        #expect(wait(until: .forever, at: 1_000) == nil)
    }

    @Test func `a mute comes from the snapshot as well, and does not survive in the machine alone`()
    {
        var snapshot = RoomSnapshot(room: roomMachine().record, members: [])
        snapshot.members = [
            MemberRecord(
                user: Cast.member, name: "m", role: .member, joinedAt: Self.time(0),
                mutedUntil: Self.time(10))
        ]
        let machine = RoomMachine(snapshot)
        #expect(machine.member(Cast.member)?.mutedUntil == Self.time(10))
    }

    @Test(arguments: [
        LogChange.leave(user: Cast.member, reason: .left, logged: true),
        .leave(user: Cast.member, reason: .kicked, logged: false),
        .ban(user: Cast.member, Ban(until: Timestamp(milliseconds: 2))),
    ])
    func `who leaves and comes back is still muted`(leaving: LogChange) {
        var machine = Self.muted(until: Self.time(5_000))
        machine.committed(leaving, by: Cast.owner, named: "m", seq: 9, at: Self.time(1))
        let join = LogChange.join(user: Cast.member, role: .member, logged: true)
        machine.committed(join, by: Cast.member, named: "m", seq: 10, at: Self.time(2))
        #expect(machine.word(.typing(true), by: Cast.member, now: at(4_999)) == "muted")
        #expect(machine.word(.typing(true), by: Cast.member, now: at(5_000)) == "yes")
    }

    @Test func `a mute of somebody absent comes with the room, and can be lifted meanwhile`() {
        let room = roomMachine().record
        let join = LogChange.join(user: Cast.member, role: .member, logged: true)
        for isLifted in [false, true] {
            var machine = RoomMachine(
                RoomSnapshot(room: room, members: [], absentMutes: [Cast.member: .forever]))
            if isLifted {
                machine.committed(
                    .unmute(user: Cast.member), by: Cast.owner, named: "m", seq: 8,
                    at: Self.time(0))
            }
            machine.committed(join, by: Cast.member, named: "m", seq: 9, at: Self.time(0))
            let word = machine.word(.typing(true), by: Cast.member, now: at(0))
            #expect(word == (isLifted ? "yes" : "muted"))
        }
    }

    @Test func `a ban takes a member out, and an unban brings nobody back`() {
        var machine = roomMachine()
        _ = machine.setStatus(.online, of: Cast.member)
        let count = machine.record.memberCount
        machine.committed(
            .ban(user: Cast.member, Ban()), by: Cast.owner, named: "", seq: 8, at: Self.time(0))
        #expect(machine.member(Cast.member) == nil)
        #expect(machine.record.memberCount == count - 1 && machine.onlineCount == 0)
        machine.committed(
            .unban(user: Cast.member), by: Cast.owner, named: "", seq: 9, at: Self.time(0))
        #expect(machine.member(Cast.member) == nil)
        #expect(machine.record.head == 9)
        machine.committed(
            .ban(user: Cast.outsider, Ban()), by: Cast.owner, named: "", seq: 10, at: Self.time(0))
        #expect(machine.record.memberCount == count - 1)
    }

    static let ends: [(EndTime, Timestamp?)] = [
        (.never, .forever), (.at(time(1_001)), time(1_001)),
        (.at(time(1_000)), nil), (.at(time(0)), nil), (.after(seconds: 3), time(4_000)),
        (.after(seconds: 0), nil), (.after(seconds: .max), .forever),
    ]

    @Test(arguments: ends)
    func `a sanction ends after it began`(end: EndTime, expected: Timestamp?) {
        #expect(end.time(from: Self.time(1_000)) == expected)
    }
}
