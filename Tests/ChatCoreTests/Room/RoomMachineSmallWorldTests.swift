// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

@Suite struct RoomMachineSmallWorldTests {
    enum Event {
        case act(UserID, RoomAction)
        case status(UserID, PresenceStatus)
    }

    /// A room as nested sets: `ranks[0]` are the members, `ranks[1]` those of them who are at least
    /// moderators, then admins, then the owner. The rules follow from who is in which set.
    struct Model {
        var ranks: [Set<UserID>]
        var statuses: [UserID: PresenceStatus] = [:]
        var isHidden = false
        var head: UInt64 = 7

        init(_ roles: [(UserID, Role)]) {
            ranks = (0..<4).map { rank in
                Set(roles.filter { Int($0.1.rawValue) > rank }.map(\.0))
            }
        }

        func height(_ user: UserID) -> Int { ranks.count { $0.contains(user) } }

        mutating func move(_ user: UserID, toHeight height: Int) {
            for rank in 0..<4 {
                if rank < height { ranks[rank].insert(user) } else { ranks[rank].remove(user) }
            }
        }

        mutating func remove(_ user: UserID) {
            move(user, toHeight: 0)
            statuses[user] = nil
        }

        var online: Int { statuses.values.count { $0 != .offline } }

        /// Highest first, then by id (the names are in the same order).
        var members: [String] {
            (1...4).reversed().flatMap { height in
                users.filter { self.height($0) == height }.map { user in
                    "\(user.rawValue) \(height) \(statuses[user] ?? .offline)"
                }
            }
        }

        /// What the room says to an action, in the words of the permission table; does it as well.
        mutating func act(_ user: UserID, _ action: RoomAction) -> String {
            let own = height(user)
            if own == 0 {
                // Into a hidden room with an invitation, of which the machine knows nothing.
                guard case .join = action else {
                    return isHidden ? "room_not_found" : "not_member"
                }
                move(user, toHeight: 1)
                head += 1
                return "add"
            }
            switch action {
            case .join: return "already"
            case .leave:
                if own == 4 { return "owner_must_transfer" }
                remove(user)
                head += 1
                return "add"
            case .kick(let target):
                if own == 1 { return "forbidden" }
                if height(target) == 0 { return "not_member" }
                if height(target) >= own { return "forbidden" }
                remove(target)
                head += 1
                return "ADD"
            case .setRole(let target, let role):
                return setRole(target, Int(role.rawValue), own: own, actor: user)
            case .update(let changes):
                if own < 3 { return "forbidden" }
                isHidden = changes.isPrivate ?? isHidden
                head += 1
                return "ADD"
            default: return "not modelled"
            }
        }

        private mutating func setRole(
            _ target: UserID, _ wanted: Int, own: Int, actor: UserID
        ) -> String {
            if own < 3 { return "forbidden" }
            let present = height(target)
            if present == 0 { return "not_member" }
            if wanted == 4 {
                if own < 4 { return "forbidden" }
                if target == actor { return "yes" }
                move(actor, toHeight: 3)
            } else {
                if present >= own || wanted >= own { return "forbidden" }
                if present == wanted { return "yes" }
            }
            move(target, toHeight: wanted)
            head += 1
            return "ADD"
        }
    }

    struct World {
        var machine: RoomMachine
        var model: Model

        init(_ roles: [(UserID, Role)]) {
            machine = roomMachine(roles)
            model = Model(roles)
        }

        mutating func apply(_ event: Event, _ history: [Event]) throws {
            switch event {
            case .act(let user, let action):
                let decision = machine.decide(action, by: user, now: at(0))
                if case .append(let change, _) = decision {
                    machine.committed(
                        change, by: user, named: "user \(user.rawValue)",
                        seq: machine.record.head.next, at: Timestamp(milliseconds: 1))
                }
                try check(word(decision), model.act(user, action), "decision", after: history)
            case .status(let user, let status):
                let isMember = model.height(user) > 0
                let changes = isMember && (model.statuses[user] ?? .offline) != status
                if isMember { model.statuses[user] = status }
                let changed = machine.setStatus(status, of: user)
                try check(changed, changes, "status change", after: history)
            }
            let members = machine.members(offset: 0, limit: 10).map { member in
                "\(member.user.id.rawValue) \(member.role.rawValue) \(member.status)"
            }
            try check(members, model.members, "members", after: history)
            try check(machine.onlineCount, model.online, "online", after: history)
            try check(machine.record.memberCount, model.ranks[0].count, "count", after: history)
            try check(machine.record.head.rawValue, model.head, "head", after: history)
            try check(machine.record.isPrivate, model.isHidden, "private", after: history)
            try check(members.count { $0.contains(" 4 ") }, 1, "owners", after: history)
        }
    }

    @Test func `a room that fills agrees with the model after every sequence of four events`()
        throws
    {
        let alphabet: [Event] = [
            .act(bob, .join(after: nil)), .act(carol, .join(after: nil)),
            .act(alice, .leave), .act(bob, .leave), .act(carol, .leave),
            .act(alice, .kick(bob)), .act(bob, .kick(carol)), .act(bob, .kick(alice)),
            .act(alice, .setRole(bob, .admin)), .act(alice, .setRole(bob, .owner)),
            .act(bob, .setRole(carol, .moderator)), .act(bob, .setRole(alice, .member)),
            .act(alice, .update(RoomChanges(isPrivate: true))),
            .status(alice, .busy), .status(bob, .online), .status(bob, .offline),
        ]
        try forEverySequence(
            of: alphabet, depth: 4, from: World([(alice, .owner)])
        ) { world, history in
            try world.apply(history[history.count - 1], history)
        }
    }

    @Test func `a room of three agrees with the model after every sequence of five events`() throws
    {
        let alphabet: [Event] = [
            .act(alice, .setRole(bob, .owner)), .act(bob, .setRole(carol, .owner)),
            .act(bob, .setRole(alice, .moderator)), .act(bob, .setRole(carol, .moderator)),
            .act(bob, .kick(carol)), .act(carol, .kick(bob)), .act(alice, .kick(bob)),
            .act(alice, .leave),
            .act(carol, .join(after: nil)), .status(carol, .away),
        ]
        let roles: [(UserID, Role)] = [(alice, .owner), (bob, .admin), (carol, .member)]
        try forEverySequence(of: alphabet, depth: 5, from: World(roles)) { world, history in
            try world.apply(history[history.count - 1], history)
        }
    }
}
