// SPDX-License-Identifier: MIT

extension Command {
    /// How the command must be ordered among the others of its session.
    var work: SessionWork {
        switch self {
        case .hello: .hello
        case .ping, .presence: .immediate
        case .whoami, .updateProfile, .logout, .createRoom, .listRooms, .joinedRooms, .invitations,
            .search, .openDirect, .joinByCode, .block, .unblock, .blocks:
            .barrier
        case .room(_, let action):
            switch action {
            case .write, .receipt, .typing: .write
            default: .barrier
            }
        }
    }

    /// How many tokens it takes from its budget.
    func cost(_ limits: Limits) -> Int {
        switch self {
        case .search, .room(_, .search): limits.searchCostTokens
        default: 1
        }
    }

    /// Which budget it is taken from.
    var kind: CommandKind {
        switch self {
        case .hello: .signIn
        case .ping, .logout: .free
        case .whoami, .listRooms, .joinedRooms, .invitations, .search, .blocks: .sync
        case .presence, .updateProfile, .block, .unblock: .other
        case .createRoom: .room
        case .openDirect, .joinByCode: .join
        case .room(_, let action):
            switch action {
            case .write(let change, _): change.kind
            case .join, .enter(.code, _): .join
            case .enter(.password, _): .password
            case .update, .delete, .kick, .setRole, .ban, .unban, .mute, .unmute, .invite,
                .createLink, .revokeLink, .setPassword:
                .room
            case .leave: .free
            case .declineInvitation: .other
            case .typing: .typing
            case .members, .bans, .links, .audit, .get, .history, .search, .events, .receipt,
                .readers:
                .sync
            }
        }
    }
}

extension LogChange {
    /// Which budget a write is taken from.
    fileprivate var kind: CommandKind {
        switch self {
        case .message, .post, .edit: .message
        default: .other
        }
    }
}
