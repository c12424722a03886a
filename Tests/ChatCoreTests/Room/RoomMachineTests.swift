// SPDX-License-Identifier: MIT

import ChatCore
import Testing

/// One of each role, a second of each to act upon, and somebody who is no member.
enum Cast {
    static let owner = UserID(rawValue: 1)
    static let admin = UserID(rawValue: 2)
    static let moderator = UserID(rawValue: 3)
    static let member = UserID(rawValue: 4)
    static let admin2 = UserID(rawValue: 12)
    static let moderator2 = UserID(rawValue: 13)
    static let member2 = UserID(rawValue: 14)
    static let nobody = UserID(rawValue: 99)
    /// Another one who is no member.
    static let outsider = UserID(rawValue: 98)

    static let roles: [(UserID, Role)] = [
        (owner, .owner), (admin, .admin), (moderator, .moderator), (member, .member),
        (admin2, .admin), (moderator2, .moderator), (member2, .member),
    ]
}

func roomMachine(
    _ members: [(UserID, Role)] = Cast.roles, isPrivate: Bool = false, slowModeSeconds: Int = 0,
    isDefault: Bool = false, limits: Limits = Limits()
) -> RoomMachine {
    let record = RoomRecord(
        id: room1, name: "Room", isPrivate: isPrivate, slowModeSeconds: slowModeSeconds,
        createdAt: Timestamp(milliseconds: 0), head: 7)
    let members = members.map { user, role in
        MemberRecord(
            user: user, name: "user \(user.rawValue)", role: role,
            joinedAt: Timestamp(milliseconds: 0))
    }
    return RoomMachine(
        RoomSnapshot(room: record, members: members), isDefault: isDefault, limits: limits)
}

/// A decision in one word: `add` stores as a member, `ADD` as a moderator, else the code.
func word(_ decision: RoomDecision) -> String {
    switch decision {
    case .append(_, let isModerator): isModerator ? "ADD" : "add"
    case .permitted: "yes"
    case .alreadyMember: "already"
    case .descriptionOnly: "about"
    case .refused(let error): error.code.rawValue
    }
}

extension RoomMachine {
    /// Decides at the same moment of both clocks.
    mutating func decide(
        _ action: RoomAction, by user: UserID, now: ChatInstant
    ) -> RoomDecision {
        let time = Timestamp(milliseconds: now.milliseconds(since: at(0)))
        return decide(action, by: user, now: now, at: time)
    }

    mutating func word(_ action: RoomAction, by user: UserID, now: ChatInstant) -> String {
        ChatCoreTests.word(decide(action, by: user, now: now))
    }
}

@Suite struct RoomMachineTests {
    /// An action and what every kind of actor is told, separated by blanks: owner, admin,
    /// moderator, member, outsider of a public room, outsider of a private room.
    struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var action: RoomAction
        var words: String
        var stored: @Sendable (UserID) -> LogChange?

        init(
            _ name: String, _ action: RoomAction, _ words: String,
            stores stored: @escaping @Sendable (UserID) -> LogChange? = { _ in nil }
        ) {
            self.name = name
            self.action = action
            self.words = words
            self.stored = stored
        }

        static func write(_ name: String, _ change: LogChange, _ words: String) -> Row {
            Row(name, .write(change, clientID: "c"), words) { _ in change }
        }

        static func kick(_ name: String, _ target: UserID, _ words: String) -> Row {
            Row("kick \(name)", .kick(target), words) { _ in
                .leave(user: target, reason: .kicked, logged: true)
            }
        }

        static func sanction(
            _ name: String, _ action: RoomAction, _ words: String, stores change: LogChange
        ) -> Row {
            Row(name, action, words) { _ in change }
        }

        static func role(_ name: String, _ target: UserID, _ role: Role, _ words: String) -> Row {
            Row("make \(name) \(role.name)", .setRole(target, role), words) { _ in
                .role(user: target, role: role)
            }
        }

        var testDescription: String { name }
    }

    static let renamed = RoomChanges(name: "New", slowModeSeconds: 5)

    static let table: [Row] = [
        //                          owner admin moderator member | public private outsider
        .write(
            "post", .message(text: "x", replyTo: 1), "ADD ADD ADD add not_member room_not_found"),
        .write("edit", .edit(target: 1, text: "x"), "ADD ADD ADD add not_member room_not_found"),
        .write("delete", .delete(target: 1), "ADD ADD ADD add not_member room_not_found"),
        .write("react", .react(target: 1, emoji: "e"), "ADD ADD ADD add not_member room_not_found"),
        .write(
            "unreact", .unreact(target: 1, emoji: "e"),
            "ADD ADD ADD add not_member room_not_found"),
        .write("pin", .pin(target: 1), "ADD ADD ADD forbidden not_member room_not_found"),
        .write("unpin", .unpin(target: 1), "ADD ADD ADD forbidden not_member room_not_found"),
        Row("join", .join(after: 3), "already already already already add add") {
            .join(user: $0, role: .member, logged: true)
        },
        Row(
            "invite", .invite(Cast.outsider, .never),
            "yes yes yes yes not_member room_not_found"),
        Row("decline", .declineInvitation, "yes yes yes yes yes yes"),
        Row("leave", .leave, "owner_must_transfer add add add not_member room_not_found") {
            .leave(user: $0, reason: .left, logged: true)
        },
        Row(
            "update", .update(renamed), "ADD ADD forbidden forbidden not_member room_not_found"
        ) { _ in .room(renamed) },
        Row("delete room", .delete, "yes forbidden forbidden forbidden not_member room_not_found"),

        .kick("member", Cast.member2, "ADD ADD ADD forbidden not_member room_not_found"),
        .kick(
            "moderator", Cast.moderator2, "ADD ADD forbidden forbidden not_member room_not_found"),
        .kick("admin", Cast.admin2, "ADD forbidden forbidden forbidden not_member room_not_found"),
        .kick(
            "owner", Cast.owner, "forbidden forbidden forbidden forbidden not_member room_not_found"
        ),
        .kick(
            "nobody", Cast.nobody,
            "not_member not_member not_member forbidden not_member room_not_found"
        ),

        .sanction(
            "ban a member", .ban(Cast.member2, .after(seconds: 2), reason: "why"),
            "ADD ADD ADD forbidden not_member room_not_found",
            stores: .ban(
                user: Cast.member2, Ban(until: Timestamp(milliseconds: 2_000), reason: "why"))),
        .sanction(
            "ban a moderator", .ban(Cast.moderator2, .never, reason: ""),
            "ADD ADD forbidden forbidden not_member room_not_found",
            stores: .ban(user: Cast.moderator2, Ban())),
        .sanction(
            "ban an admin", .ban(Cast.admin2, .never, reason: ""),
            "ADD forbidden forbidden forbidden not_member room_not_found",
            stores: .ban(user: Cast.admin2, Ban())),
        .sanction(
            "ban the owner", .ban(Cast.owner, .never, reason: ""),
            "forbidden forbidden forbidden forbidden not_member room_not_found",
            stores: .ban(user: Cast.owner, Ban())),
        .sanction(
            "ban nobody", .ban(Cast.outsider, .at(Timestamp(milliseconds: 9)), reason: ""),
            "ADD ADD ADD forbidden not_member room_not_found",
            stores: .ban(user: Cast.outsider, Ban(until: Timestamp(milliseconds: 9)))),
        .sanction(
            "ban until now", .ban(Cast.member2, .at(Timestamp(milliseconds: 0)), reason: ""),
            "invalid_field invalid_field invalid_field forbidden not_member room_not_found",
            stores: .ban(user: Cast.member2, Ban())),
        .sanction(
            "unban", .unban(Cast.outsider), "ADD ADD ADD forbidden not_member room_not_found",
            stores: .unban(user: Cast.outsider)),
        .sanction(
            "mute a member", .mute(Cast.member2, .never),
            "ADD ADD ADD forbidden not_member room_not_found",
            stores: .mute(user: Cast.member2, until: .forever)),
        .sanction(
            "mute a moderator", .mute(Cast.moderator2, .never),
            "ADD ADD forbidden forbidden not_member room_not_found",
            stores: .mute(user: Cast.moderator2, until: .forever)),
        .sanction(
            "mute an admin", .mute(Cast.admin2, .never),
            "ADD forbidden forbidden forbidden not_member room_not_found",
            stores: .mute(user: Cast.admin2, until: .forever)),
        .sanction(
            "mute the owner", .mute(Cast.owner, .never),
            "forbidden forbidden forbidden forbidden not_member room_not_found",
            stores: .mute(user: Cast.owner, until: .forever)),
        .sanction(
            "mute nobody", .mute(Cast.outsider, .never),
            "not_member not_member not_member forbidden not_member room_not_found",
            stores: .mute(user: Cast.outsider, until: .forever)),
        .sanction(
            "mute until now", .mute(Cast.member2, .after(seconds: 0)),
            "invalid_field invalid_field invalid_field forbidden not_member room_not_found",
            stores: .mute(user: Cast.member2, until: .forever)),
        .sanction(
            "unmute a member", .unmute(Cast.member2),
            "ADD ADD ADD forbidden not_member room_not_found",
            stores: .unmute(user: Cast.member2)),
        .sanction(
            "unmute a moderator", .unmute(Cast.moderator2),
            "ADD ADD forbidden forbidden not_member room_not_found",
            stores: .unmute(user: Cast.moderator2)),
        .sanction(
            "unmute who has left", .unmute(Cast.outsider),
            "ADD ADD ADD forbidden not_member room_not_found",
            stores: .unmute(user: Cast.outsider)),
        Row(
            "bans", .bans(offset: 0, limit: 1), "yes yes yes forbidden not_member room_not_found"),

        .role(
            "member", Cast.member2, .moderator,
            "ADD ADD forbidden forbidden not_member room_not_found"),
        .role(
            "member", Cast.member2, .admin,
            "ADD forbidden forbidden forbidden not_member room_not_found"),
        .role(
            "member", Cast.member2, .owner,
            "ADD forbidden forbidden forbidden not_member room_not_found"),
        .role(
            "member", Cast.member2, .member, "yes yes forbidden forbidden not_member room_not_found"
        ),
        .role(
            "moderator", Cast.moderator2, .member,
            "ADD ADD forbidden forbidden not_member room_not_found"),
        .role(
            "moderator", Cast.moderator2, .admin,
            "ADD forbidden forbidden forbidden not_member room_not_found"),
        .role(
            "admin", Cast.admin2, .member,
            "ADD forbidden forbidden forbidden not_member room_not_found"),
        .role(
            "admin", Cast.admin2, .admin,
            "yes forbidden forbidden forbidden not_member room_not_found"),
        .role(
            "owner", Cast.owner, .member,
            "forbidden forbidden forbidden forbidden not_member room_not_found"),
        .role(
            "owner", Cast.owner, .owner,
            "yes forbidden forbidden forbidden not_member room_not_found"),
        .role(
            "nobody", Cast.nobody, .member,
            "not_member not_member forbidden forbidden not_member room_not_found"),

        Row("members", .members(offset: 0, limit: 1), "yes yes yes yes not_member room_not_found"),
        Row("get", .get, "yes yes yes yes about room_not_found"),
        Row("history", .history(.latest, limit: 1), "yes yes yes yes not_member room_not_found"),
        Row("events", .events(after: 0, limit: 1), "yes yes yes yes not_member room_not_found"),
        Row("typing", .typing(true), "yes yes yes yes not_member room_not_found"),
        Row(
            "receipt", .receipt(delivered: 1, read: 1),
            "yes yes yes yes not_member room_not_found"),
        Row("readers", .readers(1), "yes yes yes yes not_member room_not_found"),
    ]

    static let actors: [(user: UserID, isPrivate: Bool)] = [
        (Cast.owner, false), (Cast.admin, false), (Cast.moderator, false), (Cast.member, false),
        (Cast.nobody, false), (Cast.nobody, true),
    ]

    @Test(arguments: table)
    func `everybody may do what the table says`(row: Row) throws {
        let words = row.words.split(separator: " ").map(String.init)
        try #require(words.count == Self.actors.count)
        for (actor, expected) in zip(Self.actors, words) {
            var machine = roomMachine(isPrivate: actor.isPrivate)
            let decision = machine.decide(row.action, by: actor.user, now: at(0))
            #expect(word(decision) == expected, "\(actor)")
            // What an outsider of a private room needs to join is the store's to check.
            if case .append(let change, _) = decision {
                #expect(change.recorded == row.stored(actor.user), "\(actor)")
                if case .accept = change { #expect(actor.isPrivate) }
            }
        }
    }

    @Test(arguments: table.filter { $0.name != "invite" })
    func `a member of a private room may do what a member of a public one may`(row: Row) {
        for (user, _) in Cast.roles {
            var open = roomMachine()
            var hidden = roomMachine(isPrivate: true)
            let decision = hidden.decide(row.action, by: user, now: at(0))
            #expect(open.decide(row.action, by: user, now: at(0)) == decision)
        }
    }

    @Test func `a stranger joins a private room only by an invitation, a public one without`() {
        let row = Acceptance(user: Cast.nobody, isLogged: true)
        var hidden = roomMachine(isPrivate: true)
        let decision = hidden.decide(.join(after: nil), by: Cast.nobody, now: at(0))
        #expect(decision == .append(.accept(row), isModerator: false))
        hidden.committed(
            .accept(row), by: Cast.nobody, named: "n", seq: 8, at: Timestamp(milliseconds: 0))
        #expect(hidden.member(Cast.nobody)?.role == .member)
        var open = roomMachine()
        let join = LogChange.join(user: Cast.nobody, role: .member, logged: true)
        #expect(
            open.decide(.join(after: nil), by: Cast.nobody, now: at(0))
                == .append(join, isModerator: false))
    }

    @Test func `members of a private room need to be moderators to invite`() {
        for (user, role) in Cast.roles {
            var hidden = roomMachine(isPrivate: true)
            let word = hidden.word(.invite(Cast.nobody, .never), by: user, now: at(0))
            #expect(word == (role >= .moderator ? "yes" : "forbidden"))
        }
    }

    @Test func `nobody kicks or demotes themselves or an equal`() {
        for (user, role) in Cast.roles {
            var machine = roomMachine()
            #expect(machine.word(.kick(user), by: user, now: at(0)) == "forbidden")
            for lower in Role.allCases where lower < role {
                let decision = machine.decide(.setRole(user, lower), by: user, now: at(0))
                #expect(word(decision) == "forbidden", "\(role) to \(lower)")
            }
        }
    }

    @Test func `a refusal names the key that is wrong`() {
        var machine = roomMachine()
        func field(_ action: RoomAction, by user: UserID) -> String? {
            guard case .refused(let error) = machine.decide(action, by: user, now: at(0)) else {
                return "not refused"
            }
            return error.field
        }
        #expect(field(.kick(Cast.nobody), by: Cast.owner) == "user")
        #expect(field(.setRole(Cast.nobody, .member), by: Cast.owner) == "user")
        #expect(field(.history(.latest, limit: 1), by: Cast.nobody) == "room")
        #expect(field(.kick(Cast.owner), by: Cast.admin) == nil)
        machine = roomMachine(isPrivate: true)
        #expect(field(.get, by: Cast.nobody) == "room")
        machine = roomMachine(isDefault: true)
        #expect(field(.leave, by: Cast.member) == "room")
    }

    // MARK: The default room

    static let defaultTable: [Row] = [
        Row("leave", .leave, "default_room default_room default_room default_room not_member"),
        Row("delete", .delete, "default_room default_room default_room default_room not_member"),
        Row(
            "hide", .update(RoomChanges(isPrivate: true)),
            "default_room default_room forbidden forbidden not_member"),
        Row(
            "open", .update(RoomChanges(isPrivate: false)),
            "ADD ADD forbidden forbidden not_member"),
        Row("rename", .update(RoomChanges(name: "x")), "ADD ADD forbidden forbidden not_member"),
        Row("kick", .kick(Cast.member2), "ADD ADD ADD forbidden not_member"),
        Row(
            "transfer", .setRole(Cast.member2, .owner),
            "ADD forbidden forbidden forbidden not_member"),
        Row("post", .write(.delete(target: 1), clientID: nil), "ADD ADD ADD add not_member"),
        Row("join", .join(after: nil), "already already already already add"),
    ]

    @Test(arguments: defaultTable)
    func `the default room cannot be left, hidden or deleted`(row: Row) {
        let words = row.words.split(separator: " ").map(String.init)
        for (actor, expected) in zip(Self.actors.dropLast(), words) {
            var machine = roomMachine(isDefault: true)
            #expect(
                machine.word(row.action, by: actor.user, now: at(0)) == expected, "\(actor)")
        }
    }

    // MARK: Capacity

    @Test(arguments: [
        (0, "ADD"), (6, "capacity_below_members"), (7, "ADD"), (8, "ADD"),
    ])
    func `the maximum of members is not below their number`(maximum: Int, expected: String) {
        var machine = roomMachine()
        let changes = RoomChanges(maximumMembers: maximum)
        #expect(machine.word(.update(changes), by: Cast.owner, now: at(0)) == expected)
    }

    // MARK: Small and large

    @Test func `a room is small up to the limit and tells joins and leaves one by one`() {
        var limits = Limits()
        for (limit, isSmall) in [(7, true), (6, false)] {
            limits.smallRoomMembers = limit
            var machine = roomMachine(limits: limits)
            #expect(machine.isSmall == isSmall)
            #expect(
                machine.decide(.join(after: nil), by: Cast.nobody, now: at(0))
                    == .append(
                        .join(user: Cast.nobody, role: .member, logged: isSmall), isModerator: false
                    ))
            #expect(
                machine.decide(.leave, by: Cast.member, now: at(0))
                    == .append(
                        .leave(user: Cast.member, reason: .left, logged: isSmall),
                        isModerator: false))
            #expect(
                machine.decide(.kick(Cast.member), by: Cast.owner, now: at(0))
                    == .append(
                        .leave(user: Cast.member, reason: .kicked, logged: isSmall),
                        isModerator: true))
        }
    }

    @Test func `a room becomes large by a join and small again by a leave`() {
        var limits = Limits()
        limits.smallRoomMembers = 7
        var machine = roomMachine(limits: limits)
        commit(&machine, .join(user: Cast.nobody, role: .member, logged: true))
        #expect(!machine.isSmall)
        commit(&machine, .leave(user: Cast.nobody, reason: .left, logged: false))
        #expect(machine.isSmall)
    }

    // MARK: Pages of members

    @Test func `members stand by role, then name, then id`() {
        var machine = roomMachine([])
        let members: [(UInt64, String, Role)] = [
            (5, "bea", .member), (4, "bea", .member), (6, "abe", .member), (3, "zoe", .moderator),
            (9, "yan", .admin), (8, "xia", .owner), (2, "ada", .admin),
        ]
        for (id, name, role) in members {
            machine.committed(
                .join(user: UserID(rawValue: id), role: role, logged: true),
                by: UserID(rawValue: id), named: name, seq: 8, at: Timestamp(milliseconds: 0))
        }
        let order: [UInt64] = [8, 2, 9, 3, 6, 4, 5]
        func page(_ offset: Int, _ limit: Int) -> [UInt64] {
            machine.members(offset: offset, limit: limit).map(\.user.id.rawValue)
        }
        #expect(page(0, 100) == order)
        for offset in 0...8 {
            for limit in 0...8 {
                #expect(page(offset, limit) == Array(order.dropFirst(offset).prefix(limit)))
            }
        }
        #expect(page(.max, .max) == [])
    }

    private func commit(_ machine: inout RoomMachine, _ change: LogChange) {
        machine.committed(
            change, by: Cast.owner, named: "Name", seq: 8, at: Timestamp(milliseconds: 1))
    }
}
