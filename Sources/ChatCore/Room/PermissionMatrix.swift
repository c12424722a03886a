// SPDX-License-Identifier: MIT

/// What needs a right in a room. The raw value is the name in `docs/permissions.md`.
public enum RoomPermission: String, Sendable, CaseIterable {
    /// Read history, search, members, receipts.
    case read
    /// Post, reply, edit what is one's own, react, type, delete what is one's own.
    case post
    /// Leave the room. Not for owners, who hand the room over first.
    case leave
    /// Invite a user into a public room.
    case inviteToPublic = "invite to public"
    /// Invite a user into a private room.
    case inviteToPrivate = "invite to private"
    /// Make, list and withdraw join links.
    case link
    /// Pin and unpin messages.
    case pin
    /// Delete others' messages.
    case deleteOthers = "delete others"
    /// Post without waiting for the slow mode.
    case skipSlowMode = "skip slow mode"
    /// Remove a member.
    case kick
    /// Ban, and lift a ban.
    case ban
    /// See who is banned.
    case bans
    /// Mute, and lift a mute.
    case mute
    /// Give a role below one's own.
    case role
    /// Change name, description and settings.
    case update
    /// Set and remove the password.
    case password
    /// Read the audit log.
    case audit
    /// Hand the room over.
    case transfer
    /// Delete the room.
    case delete
}

/// Who may do what in a room: one table, which the room's machine and the rules of the stores ask.
public enum PermissionMatrix {
    /// The lowest role that may do it; all above may, too.
    public static func minimumRole(_ permission: RoomPermission) -> Role {
        switch permission {
        case .read, .post, .leave, .inviteToPublic: .member
        case .inviteToPrivate, .link, .pin, .deleteOthers, .skipSlowMode, .kick, .ban, .bans, .mute:
            .moderator
        case .role, .update, .password, .audit: .admin
        case .transfer, .delete: .owner
        }
    }

    /// Whether it is done to somebody, whose role must be below that of whoever does it.
    public static func isOverOthers(_ permission: RoomPermission) -> Bool {
        switch permission {
        case .kick, .ban, .mute, .role: true
        default: false
        }
    }

    /// Whether a member of this role may do it.
    @inline(__always)
    public static func allows(_ permission: RoomPermission, _ role: Role) -> Bool {
        role >= minimumRole(permission)
    }

    /// Whether a member of this role may do it to one who has `other`; `nil` for somebody who is no member.
    public static func allows(
        _ permission: RoomPermission, _ role: Role, over other: Role?
    ) -> Bool {
        guard allows(permission, role) else { return false }
        guard isOverOthers(permission), let other else { return true }
        return other < role
    }
}
