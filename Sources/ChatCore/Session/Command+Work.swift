// SPDX-License-Identifier: MIT

extension Command {
    /// How the command must be ordered among the others of its session.
    var work: SessionWork {
        switch self {
        case .hello: .hello
        case .ping, .presence: .immediate
        case .whoami, .logout, .createRoom, .listRooms: .barrier
        case .room(_, let action):
            switch action {
            case .write, .receipt, .typing: .write
            default: .barrier
            }
        }
    }

    /// Which budget it is taken from.
    var kind: CommandKind {
        switch self {
        case .hello: .signIn
        case .ping, .logout: .free
        case .whoami, .listRooms: .sync
        case .presence: .other
        case .createRoom: .room
        case .room(_, let action):
            switch action {
            case .write(let change, _): change.kind
            case .join, .update, .delete, .kick, .setRole: .room
            case .leave: .free
            case .typing: .typing
            case .members, .get, .history, .events, .receipt, .readers: .sync
            }
        }
    }
}

extension LogChange {
    /// Which budget a write is taken from.
    fileprivate var kind: CommandKind {
        switch self {
        case .message, .edit: .message
        default: .other
        }
    }
}
