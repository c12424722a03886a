// SPDX-License-Identifier: MIT

/// What a member may do in a room: owner > admin > moderator > member.
public enum Role: UInt8, Sendable, Comparable, CaseIterable {
    /// Reads, posts, reacts, edits and deletes what is their own.
    case member = 1
    /// Also deletes others' messages, pins, kicks members, is exempt from slow mode.
    case moderator = 2
    /// Also changes the room and the roles below admin.
    case admin = 3
    /// Also deletes the room, names admins, hands the room over. One per room.
    case owner = 4

    /// The name on the wire.
    public var name: String {
        switch self {
        case .member: "member"
        case .moderator: "moderator"
        case .admin: "admin"
        case .owner: "owner"
        }
    }

    /// Reads the name on the wire; `nil` if there is no such role.
    public init?(name: String) {
        guard let role = Role.allCases.first(where: { $0.name == name }) else { return nil }
        self = role
    }

    /// Order of power.
    public static func < (left: Role, right: Role) -> Bool { left.rawValue < right.rawValue }
}

/// How reachable a user is, merged over all of their devices.
public enum PresenceStatus: UInt8, Sendable, CaseIterable {
    /// No device is connected and the grace is over.
    case offline = 0
    /// Every connected device is idle.
    case away = 1
    /// At least one device is active.
    case online = 2
    /// The user asked not to be disturbed.
    case busy = 3

    /// The name on the wire.
    public var name: String {
        switch self {
        case .offline: "offline"
        case .away: "away"
        case .online: "online"
        case .busy: "busy"
        }
    }
}
