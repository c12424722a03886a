// SPDX-License-Identifier: MIT

import ChatCore
import Testing

/// What the machine is after something was stored, and who has to wait.
@Suite struct RoomMachineStateTests {
    /// The whole visible state.
    struct State: Equatable {
        var record: RoomRecord
        var members: [RoomMember]
        var online: Int

        init(_ machine: RoomMachine) {
            var machine = machine
            record = machine.record
            members = machine.members(offset: 0, limit: 100)
            online = machine.onlineCount
        }

        mutating func set(_ user: UserID, _ role: Role) {
            members.removeAll { $0.user.id == user }
            let reference = UserReference(id: user, name: "user \(user.rawValue)")
            members.append(RoomMember(user: reference, role: role, status: .online))
            sort()
        }

        mutating func sort() {
            members.sort { ($0.role, $1.user.name) > ($1.role, $0.user.name) }
        }
    }

    static let four = Array(Cast.roles.prefix(4))

    /// A room of four who are online.
    static func machine() -> RoomMachine {
        var machine = roomMachine(four)
        for (user, _) in four { _ = machine.setStatus(.online, of: user) }
        return machine
    }

    struct Row: CustomTestStringConvertible, Sendable {
        var change: LogChange
        var effect: @Sendable (inout State) -> Void

        init(_ change: LogChange, _ effect: @escaping @Sendable (inout State) -> Void = { _ in }) {
            self.change = change
            self.effect = effect
        }

        var testDescription: String { "\(change)" }
    }

    static let table: [Row] = [
        Row(.message(text: "x", replyTo: nil)), Row(.edit(target: 1, text: "x")),
        Row(.delete(target: 1)), Row(.react(target: 1, emoji: "e")),
        Row(.unreact(target: 1, emoji: "e")), Row(.pin(target: 1)), Row(.unpin(target: 1)),
        Row(.join(user: Cast.nobody, role: .member, logged: true)) { state in
            let user = UserReference(id: Cast.nobody, name: "New")
            state.members.append(RoomMember(user: user, role: .member))
            state.record.memberCount = 5
            state.sort()
        },
        Row(.join(user: Cast.nobody, role: .admin, logged: false)) { state in
            let user = UserReference(id: Cast.nobody, name: "New")
            state.members.append(RoomMember(user: user, role: .admin))
            state.record.memberCount = 5
            state.sort()
        },
        Row(.leave(user: Cast.admin, reason: .left, logged: true)) { state in
            state.members.removeAll { $0.user.id == Cast.admin }
            state.record.memberCount = 3
            state.online = 3
        },
        Row(.leave(user: Cast.member, reason: .kicked, logged: false)) { state in
            state.members.removeAll { $0.user.id == Cast.member }
            state.record.memberCount = 3
            state.online = 3
        },
        Row(.leave(user: Cast.nobody, reason: .kicked, logged: true)),
        Row(.role(user: Cast.member, role: .admin)) { $0.set(Cast.member, .admin) },
        Row(.role(user: Cast.admin, role: .member)) { $0.set(Cast.admin, .member) },
        Row(.role(user: Cast.member, role: .owner)) {
            $0.set(Cast.member, .owner)
            $0.set(Cast.owner, .admin)
        },
        Row(.role(user: Cast.owner, role: .owner)),
        Row(.role(user: Cast.nobody, role: .admin)),
        Row(.room(RoomChanges())),
        Row(.room(RoomChanges(name: "N"))) { $0.record.name = "N" },
        Row(.room(RoomChanges(description: "D"))) { $0.record.description = "D" },
        Row(.room(RoomChanges(isPrivate: true))) { $0.record.isPrivate = true },
        Row(.room(RoomChanges(maximumMembers: 9))) { $0.record.maximumMembers = 9 },
        Row(.room(RoomChanges(slowModeSeconds: 3))) { $0.record.slowModeSeconds = 3 },
        Row(.room(RoomChanges(retentionDays: 3))) { $0.record.retention.days = 3 },
        Row(.room(RoomChanges(retentionMessages: 3))) { $0.record.retention.messages = 3 },
        Row(
            .room(
                RoomChanges(
                    name: "N", description: "D", isPrivate: true, maximumMembers: 9,
                    slowModeSeconds: 3))
        ) { state in
            state.record.name = "N"
            state.record.description = "D"
            state.record.isPrivate = true
            state.record.maximumMembers = 9
            state.record.slowModeSeconds = 3
        },
    ]

    @Test(arguments: table)
    func `every stored change leaves the state that it names`(row: Row) {
        var machine = Self.machine()
        var expected = State(machine)
        machine.committed(
            row.change, by: Cast.owner, named: "New", seq: 8, at: Timestamp(milliseconds: 1))
        expected.record.head = 8
        row.effect(&expected)
        #expect(State(machine) == expected)
    }

    @Test func `the head never goes back`() {
        var machine = Self.machine()
        for (seq, head) in [(9, 9), (8, 9), (9, 9), (10, 10)] as [(UInt64, UInt64)] {
            machine.committed(
                .delete(target: 1), by: Cast.owner, named: "x", seq: SequenceNumber(rawValue: seq),
                at: Timestamp(milliseconds: 1))
            #expect(machine.record.head.rawValue == head)
        }
    }

    @Test func `a machine starts with the number of members that there are`() {
        var record = RoomRecord(id: room1, name: "R", createdAt: Timestamp(milliseconds: 0))
        record.memberCount = 17
        let machine = RoomMachine(RoomSnapshot(room: record, members: []))
        #expect(machine.record.memberCount == 0)
        #expect(machine.onlineCount == 0)
        #expect(machine.nextDeadline == nil)
    }

    // MARK: Presence

    @Test func `from every status to every status, the count is of those not offline`() {
        for from in PresenceStatus.allCases {
            for to in PresenceStatus.allCases {
                var machine = roomMachine(Self.four)
                _ = machine.setStatus(from, of: Cast.member)
                #expect(machine.setStatus(to, of: Cast.member) == (from != to))
                #expect(machine.onlineCount == (to == .offline ? 0 : 1), "\(from) to \(to)")
                #expect(machine.member(Cast.member)?.status == to)
            }
        }
    }

    @Test func `the status of somebody who is no member changes nothing`() {
        var machine = Self.machine()
        #expect(machine.setStatus(.online, of: Cast.nobody) == false)
        #expect(machine.onlineCount == 4)
        #expect(machine.member(Cast.nobody) == nil)
    }

    @Test func `a leave of somebody offline takes nobody from the count`() {
        var machine = Self.machine()
        _ = machine.setStatus(.offline, of: Cast.member)
        #expect(machine.onlineCount == 3)
        machine.committed(
            .leave(user: Cast.member, reason: .left, logged: true), by: Cast.member, named: "x",
            seq: 8, at: Timestamp(milliseconds: 1))
        #expect(machine.onlineCount == 3)
    }

    // MARK: Slow mode

    static let post = RoomAction.write(.message(text: "x", replyTo: nil), clientID: nil)

    @Test func `a member waits between messages, to the nanosecond`() {
        var machine = roomMachine(slowModeSeconds: 10)
        let justBefore = ChatInstant(nanoseconds: at(10_000).nanoseconds - 1)
        #expect(machine.word(Self.post, by: Cast.member, now: at(0)) == "add")
        #expect(machine.wait(Self.post, by: Cast.member, now: at(1)) == 9_999)
        #expect(machine.wait(Self.post, by: Cast.member, now: justBefore) == 1)
        #expect(machine.word(Self.post, by: Cast.member2, now: at(1)) == "add")
        #expect(machine.word(Self.post, by: Cast.member, now: at(10_000)) == "add")
        #expect(machine.wait(Self.post, by: Cast.member, now: at(10_000)) == 10_000)
    }

    @Test func `moderators and above post as they like`() {
        var machine = roomMachine(slowModeSeconds: 10)
        for user in [Cast.owner, Cast.admin, Cast.moderator] {
            for _ in 0..<3 {
                #expect(machine.word(Self.post, by: user, now: at(0)) == "ADD")
            }
        }
        #expect(machine.nextDeadline == nil)
    }

    @Test func `only messages wait, nothing else that is written`() {
        var machine = roomMachine(slowModeSeconds: 10)
        _ = machine.decide(Self.post, by: Cast.member, now: at(0))
        let others: [LogChange] = [
            .edit(target: 1, text: "x"), .delete(target: 1), .react(target: 1, emoji: "e"),
            .unreact(target: 1, emoji: "e"),
        ]
        for change in others {
            let action = RoomAction.write(change, clientID: nil)
            #expect(machine.word(action, by: Cast.member, now: at(1)) == "add")
        }
        #expect(machine.wait(Self.post, by: Cast.member, now: at(1)) != nil)
    }

    @Test func `slow mode follows the room's settings and the member's role`() {
        var machine = roomMachine()
        for _ in 0..<2 {
            #expect(machine.word(Self.post, by: Cast.member, now: at(0)) == "add")
        }
        func commit(_ change: LogChange) {
            machine.committed(
                change, by: Cast.owner, named: "x", seq: 8, at: Timestamp(milliseconds: 1))
        }
        commit(.room(RoomChanges(slowModeSeconds: 10)))
        _ = machine.decide(Self.post, by: Cast.member, now: at(0))
        #expect(machine.wait(Self.post, by: Cast.member, now: at(1)) == 9_999)
        commit(.role(user: Cast.member, role: .moderator))
        #expect(machine.word(Self.post, by: Cast.member, now: at(1)) == "ADD")
        commit(.role(user: Cast.member, role: .member))
        #expect(machine.wait(Self.post, by: Cast.member, now: at(1)) == 9_999)
        commit(.room(RoomChanges(slowModeSeconds: 0)))
        #expect(machine.word(Self.post, by: Cast.member, now: at(1)) == "add")
    }

    @Test func `the deadline is when the first wait is over, and expiry forgets it`() {
        var machine = roomMachine(slowModeSeconds: 10)
        _ = machine.decide(Self.post, by: Cast.member, now: at(0))
        _ = machine.decide(Self.post, by: Cast.member2, now: at(3))
        #expect(machine.nextDeadline == at(10_000))
        machine.expire(now: ChatInstant(nanoseconds: at(10_000).nanoseconds - 1))
        #expect(machine.nextDeadline == at(10_000))
        machine.expire(now: at(10_000))
        #expect(machine.nextDeadline == at(10_003))
        machine.expire(now: at(10_003))
        #expect(machine.nextDeadline == nil)
    }

    @Test func `who left and came back does not wait`() {
        var machine = roomMachine(slowModeSeconds: 10)
        _ = machine.decide(Self.post, by: Cast.member, now: at(0))
        for change: LogChange in [
            .leave(user: Cast.member, reason: .left, logged: true),
            .join(user: Cast.member, role: .member, logged: true),
        ] {
            machine.committed(
                change, by: Cast.member, named: "x", seq: 8, at: Timestamp(milliseconds: 1))
        }
        #expect(machine.word(Self.post, by: Cast.member, now: at(1)) == "add")
    }
}

extension RoomMachine {
    /// How long slow mode lets `user` wait, in milliseconds; `nil` if it does not.
    fileprivate mutating func wait(
        _ action: RoomAction, by user: UserID, now: ChatInstant
    ) -> Int64? {
        guard case .refused(let error) = decide(action, by: user, now: now),
            error.code == .slowMode
        else { return nil }
        return error.retryAfterMilliseconds
    }
}
