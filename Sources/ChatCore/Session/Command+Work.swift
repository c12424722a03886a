// SPDX-License-Identifier: MIT

extension Command {
    /// How the command must be ordered among the others of its session.
    var work: SessionWork {
        switch self {
        case .hello: .hello
        case .ping, .presence: .immediate
        case .refresh: .credentials
        case .whoami, .updateProfile, .logout, .changePassword, .changeUsername, .changeEmail,
            .listDevices,
            .removeDevice, .createRoom, .listRooms, .joinedRooms, .invitations, .search,
            .openDirect, .joinByCode, .block,
            .unblock, .blocks, .file:
            .barrier
        case .room(_, let action):
            switch action {
            // Its files have to be found first: what comes later must not overtake it.
            case .write(.post, _): .barrier
            case .write, .receipt, .typing: .write
            default: .barrier
            }
        }
    }

    /// How many tokens it takes from its budget.
    func cost(_ limits: Limits) -> Int {
        switch self {
        case .search, .room(_, .search): limits.searchCostTokens
        // Counted where the files are, as what comes over HTTP.
        case .file: 0
        default: 1
        }
    }

    /// Which budget it is taken from.
    var kind: CommandKind {
        switch self {
        case .hello(let hello): hello.registration == nil ? .signIn : .registration
        case .refresh, .changePassword, .changeEmail: .signIn
        case .ping, .logout: .free
        case .whoami, .listDevices, .listRooms, .joinedRooms, .invitations, .search, .blocks: .sync
        case .presence, .updateProfile, .changeUsername, .removeDevice, .block, .unblock: .other
        case .file(let command): command.kind
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
