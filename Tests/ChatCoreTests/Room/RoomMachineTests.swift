// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// Who may do what: every role and every action.
@Suite struct RoomMachineTests {
    /// One user of each role, 1...4, and 9 who is no member.
    private static let outsider = UserID(rawValue: 9)

    private static func user(_ role: Role) -> UserID { UserID(rawValue: UInt64(role.rawValue)) }

    private static func machine(
        isPrivate: Bool = false, isDefault: Bool = false, small: Int = 100
    ) -> RoomMachine {
        var limits = Limits()
        limits.smallRoomMembers = small
        let record = RoomRecord(
            id: room1, name: "tea", isPrivate: isPrivate, createdAt: Timestamp(milliseconds: 0), head: 4)
        let members = Role.allCases.map {
            MemberRecord(user: user($0), name: $0.name, role: $0, joinedAt: Timestamp(milliseconds: 0))
        }
        return RoomMachine(RoomSnapshot(room: record, members: members), isDefault: isDefault, limits: limits)
    }

    private static func code(_ decision: RoomDecision) -> String {
        switch decision {
        case .append(_, let isModerator): isModerator ? "append as moderator" : "append"
        case .permitted: "permitted"
        case .alreadyMember: "member already"
        case .descriptionOnly: "description"
        case .refused(let error): error.code.rawValue
        }
    }

    /// By role from member to owner.
    private static let table: [(String, RoomAction, [String])] = [
        ("send", .write(.message(text: "x", replyTo: nil), clientID: nil), ["append", "append as moderator", "append as moderator", "append as moderator"]),
        ("edit", .write(.edit(target: 1, text: "x"), clientID: nil), ["append", "append as moderator", "append as moderator", "append as moderator"]),
        ("delete", .write(.delete(target: 1), clientID: nil), ["append", "append as moderator", "append as moderator", "append as moderator"]),
        ("react", .write(.react(target: 1, emoji: "👍"), clientID: nil), ["append", "append as moderator", "append as moderator", "append as moderator"]),
        ("pin", .write(.pin(target: 1), clientID: nil), ["forbidden", "append as moderator", "append as moderator", "append as moderator"]),
        ("unpin", .write(.unpin(target: 1), clientID: nil), ["forbidden", "append as moderator", "append as moderator", "append as moderator"]),
        ("join", .join(after: nil), ["member already", "member already", "member already", "member already"]),
        ("leave", .leave, ["append", "append", "append", "owner_must_transfer"]),
        ("update", .update(RoomChanges(name: "n")), ["forbidden", "forbidden", "append as moderator", "append as moderator"]),
        ("shrink", .update(RoomChanges(maximumMembers: 3)), ["forbidden", "forbidden", "capacity_below_members", "capacity_below_members"]),
        ("shrink to fit", .update(RoomChanges(maximumMembers: 4)), ["forbidden", "forbidden", "append as moderator", "append as moderator"]),
        ("delete room", .delete, ["forbidden", "forbidden", "forbidden", "permitted"]),
        ("kick member", .kick(UserID(rawValue: 1)), ["forbidden", "append as moderator", "append as moderator", "append as moderator"]),
        ("kick moderator", .kick(UserID(rawValue: 2)), ["forbidden", "forbidden", "append as moderator", "append as moderator"]),
        ("kick admin", .kick(UserID(rawValue: 3)), ["forbidden", "forbidden", "forbidden", "append as moderator"]),
        ("kick owner", .kick(UserID(rawValue: 4)), ["forbidden", "forbidden", "forbidden", "forbidden"]),
        ("kick outsider", .kick(UserID(rawValue: 9)), ["forbidden", "not_member", "not_member", "not_member"]),
        ("make moderator", .setRole(UserID(rawValue: 1), .moderator), ["forbidden", "forbidden", "append as moderator", "append as moderator"]),
        ("make admin", .setRole(UserID(rawValue: 1), .admin), ["forbidden", "forbidden", "forbidden", "append as moderator"]),
        ("demote admin", .setRole(UserID(rawValue: 3), .member), ["forbidden", "forbidden", "forbidden", "append as moderator"]),
        ("demote owner", .setRole(UserID(rawValue: 4), .member), ["forbidden", "forbidden", "forbidden", "forbidden"]),
        ("hand over", .setRole(UserID(rawValue: 1), .owner), ["forbidden", "forbidden", "forbidden", "append as moderator"]),
        ("same role", .setRole(UserID(rawValue: 1), .member), ["forbidden", "forbidden", "permitted", "permitted"]),
        ("role of outsider", .setRole(UserID(rawValue: 9), .member), ["forbidden", "forbidden", "not_member", "not_member"]),
        ("members", .members(offset: 0, limit: 9), ["permitted", "permitted", "permitted", "permitted"]),
        ("get", .get, ["permitted", "permitted", "permitted", "permitted"]),
        ("history", .history(.latest, limit: 9), ["permitted", "permitted", "permitted", "permitted"]),
        ("events", .events(after: 0, limit: 9), ["permitted", "permitted", "permitted", "permitted"]),
        ("typing", .typing(true), ["permitted", "permitted", "permitted", "permitted"]),
        ("receipt", .receipt(delivered: 1, read: 1), ["permitted", "permitted", "permitted", "permitted"]),
        ("readers", .readers(1), ["permitted", "permitted", "permitted", "permitted"]),
    ]

    @Test(arguments: table.indices) func `every role may do what the table says, and deciding changes nothing`(
        _ row: Int
    ) {
        let (name, action, expected) = Self.table[row]
        for (role, code) in zip(Role.allCases, expected) {
            var machine = Self.machine()
            #expect(Self.code(machine.decide(action, by: Self.user(role), now: at(0))) == code, "\(name) by \(role)")
            #expect(machine.record == Self.machine().record)
            #expect(machine.members(offset: 0, limit: 9) == Self.machine().members(offset: 0, limit: 9))
        }
    }

    @Test(arguments: table.indices) func `an outsider of a private room learns nothing`(_ row: Int) {
        var machine = Self.machine(isPrivate: true)
        let decision = machine.decide(Self.table[row].1, by: Self.outsider, now: at(0))
        #expect(decision == .refused(WireError(.roomNotFound, "there is no such room", field: "room")))
    }

    @Test(arguments: table.indices) func `an outsider of a public room may join and look at its description`(
        _ row: Int
    ) {
        var machine = Self.machine()
        let decision = Self.code(machine.decide(Self.table[row].1, by: Self.outsider, now: at(0)))
        let expected = ["join": "append", "get": "description"][Self.table[row].0] ?? "not_member"
        #expect(decision == expected)
    }

    @Test func `the default room stays, and stays public`() {
        for action in [RoomAction.leave, .delete, .update(RoomChanges(isPrivate: true))] {
            var machine = Self.machine(isDefault: true)
            let by = action == .leave ? Self.user(.member) : Self.user(.owner)
            #expect(Self.code(machine.decide(action, by: by, now: at(0))) == "default_room")
        }
    }

    @Test(arguments: [(3, false), (4, true), (5, true)])
    func `joins and leaves are logged up to the size of a small room`(_ small: Int, _ isLogged: Bool) {
        var machine = Self.machine(small: small)
        #expect(machine.isSmall == isLogged)
        let join = LogChange.join(user: Self.outsider, role: .member, logged: isLogged)
        #expect(machine.decide(.join(after: nil), by: Self.outsider, now: at(0)) == .append(join, isModerator: false))
        let leave = LogChange.leave(user: Self.user(.member), reason: .left, logged: isLogged)
        #expect(machine.decide(.leave, by: Self.user(.member), now: at(0)) == .append(leave, isModerator: false))
    }

    @Test func `handing over makes the owner an admin`() {
        var machine = Self.machine()
        let change = LogChange.role(user: Self.user(.member), role: .owner)
        machine.committed(change, by: Self.user(.owner), named: "x", seq: 5, at: Timestamp(milliseconds: 1))
        #expect(machine.member(Self.user(.member))?.role == .owner)
        #expect(machine.member(Self.user(.owner))?.role == .admin)
        #expect(machine.record.head == 5)
    }

    // MARK: A small world

    /// What an independent, naive room knows.
    private struct Model {
        var roles: [UserID: Role] = [alice: .owner]
        var online: Set<UserID> = []
        var head: UInt64 = 1
    }

    private enum Event: CaseIterable {
        case bobJoins, carolJoins, bobLeaves, aliceLeaves, aliceKicksBob, bobKicksCarol
        case promoteBob, handToBob, bobOnline, bobOffline

        var request: (UserID, RoomAction)? {
            switch self {
            case .bobJoins: (bob, .join(after: nil))
            case .carolJoins: (carol, .join(after: nil))
            case .bobLeaves: (bob, .leave)
            case .aliceLeaves: (alice, .leave)
            case .aliceKicksBob: (alice, .kick(bob))
            case .bobKicksCarol: (bob, .kick(carol))
            case .promoteBob: (alice, .setRole(bob, .moderator))
            case .handToBob: (alice, .setRole(bob, .owner))
            case .bobOnline, .bobOffline: nil
            }
        }
    }

    /// What the model does with a request: whether it becomes an event.
    private static func apply(_ event: Event, to model: inout Model) -> Bool {
        let roles = model.roles
        func may(_ actor: UserID, over target: UserID, from role: Role) -> Bool {
            guard let own = roles[actor], let other = roles[target] else { return false }
            return own >= role && other < own
        }
        switch event {
        case .bobJoins, .carolJoins:
            let user = event == .bobJoins ? bob : carol
            if roles[user] != nil { return false }
            model.roles[user] = .member
        case .bobLeaves, .aliceLeaves:
            let user = event == .bobLeaves ? bob : alice
            guard let role = roles[user], role != .owner else { return false }
            model.roles[user] = nil
        case .aliceKicksBob:
            guard may(alice, over: bob, from: .moderator) else { return false }
            model.roles[bob] = nil
        case .bobKicksCarol:
            guard may(bob, over: carol, from: .moderator) else { return false }
            model.roles[carol] = nil
        case .promoteBob:
            guard may(alice, over: bob, from: .admin), roles[bob] != .moderator else { return false }
            model.roles[bob] = .moderator
        case .handToBob:
            guard roles[alice] == .owner, roles[bob] != nil else { return false }
            model.roles[alice] = .admin
            model.roles[bob] = .owner
        case .bobOnline, .bobOffline:
            return false
        }
        model.online.formIntersection(Set(model.roles.keys))
        model.head += 1
        return true
    }

    @Test func `in every sequence the machine and the model agree`() throws {
        let record = RoomRecord(id: room1, name: "tea", createdAt: Timestamp(milliseconds: 0), head: 1)
        let owner = MemberRecord(user: alice, name: "", role: .owner, joinedAt: Timestamp(milliseconds: 0))
        let first = RoomMachine(RoomSnapshot(room: record, members: [owner]))
        try forEverySequence(of: Event.allCases, depth: 5, from: (first, Model())) { state, events in
            let event = events[events.count - 1]
            let isEvent = Self.apply(event, to: &state.1)
            if let (user, action) = event.request {
                let decision = state.0.decide(action, by: user, now: at(0))
                if case .append(let change, _) = decision {
                    try check(true, isEvent, "decision \(decision)", after: events)
                    state.0.committed(
                        change, by: user, named: "", seq: state.0.record.head.next, at: Timestamp(milliseconds: 0))
                } else {
                    try check(false, isEvent, "decision \(decision)", after: events)
                }
            } else {
                let isOnline = event == .bobOnline
                let isChange = state.1.roles[bob] != nil && state.1.online.contains(bob) != isOnline
                if state.1.roles[bob] != nil {
                    if isOnline { state.1.online.insert(bob) } else { state.1.online.remove(bob) }
                }
                try check(state.0.setStatus(isOnline ? .online : .offline, of: bob), isChange, "status", after: events)
            }
            let roles = Dictionary(uniqueKeysWithValues: users.compactMap { user in state.0.member(user).map { (user, $0.role) } })
            try check(roles, state.1.roles, "roles", after: events)
            try check(state.0.onlineCount, state.1.online.count, "online", after: events)
            try check(state.0.record.head.rawValue, state.1.head, "head", after: events)
            try check(state.0.record.memberCount, state.1.roles.count, "count", after: events)
        }
        #expect(Event.allCases.count == 10)
    }
}
