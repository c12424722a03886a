// SPDX-License-Identifier: MIT

/// What somebody with a right over others did, as the audit log of a room names it.
public enum AuditAction: UInt8, Sendable, CaseIterable {
    /// A member was removed.
    case kick = 1
    /// Somebody was banned.
    case ban = 2
    /// A ban was lifted.
    case unban = 3
    /// A member was muted.
    case mute = 4
    /// A mute was lifted.
    case unmute = 5
    /// A member got another role.
    case role = 6
    /// The room got another owner.
    case transfer = 7
    /// Name, description or settings were changed.
    case settings = 8
    /// Somebody else's message was deleted.
    case delete = 9
    /// A join link was made.
    case linkCreated = 10
    /// A join link was withdrawn.
    case linkRevoked = 11
    /// The room's password was set or removed.
    case password = 12

    /// The name on the wire.
    public var name: String {
        switch self {
        case .kick: "kick"
        case .ban: "ban"
        case .unban: "unban"
        case .mute: "mute"
        case .unmute: "unmute"
        case .role: "role"
        case .transfer: "transfer"
        case .settings: "settings"
        case .delete: "delete"
        case .linkCreated: "link.created"
        case .linkRevoked: "link.revoked"
        case .password: "password"
        }
    }
}

/// What is stored of one such act.
public struct AuditChange: Sendable, Equatable {
    /// Who did it.
    public var actor: UserID
    /// When.
    public var at: Timestamp
    /// What.
    public var action: AuditAction
    /// To whom: also the author of a deleted message, and who made a link that was withdrawn.
    public var subject: UserID?
    /// The end of a ban or mute in milliseconds, the role, the place of the deleted message, the uses of a link, whether
    /// a password was set.
    public var value: Int64?
    /// The reason of a ban; the settings that were changed, by their keys.
    public var text: String

    /// Makes a change.
    public init(
        actor: UserID, at: Timestamp, action: AuditAction, subject: UserID? = nil,
        value: Int64? = nil, text: String = ""
    ) {
        self.actor = actor
        self.at = at
        self.action = action
        self.subject = subject
        self.value = value
        self.text = text
    }
}

/// One entry of a room's audit log.
public struct AuditEntry: Sendable, Equatable {
    /// Its place: 1, 2, 3 … per room.
    public var number: UInt64
    /// What was done.
    public var change: AuditChange
    /// The actor's name now.
    public var actorName: String
    /// The subject's name now.
    public var subjectName: String?

    /// Makes an entry.
    public init(number: UInt64, change: AuditChange, actorName: String, subjectName: String?) {
        self.number = number
        self.change = change
        self.actorName = actorName
        self.subjectName = subjectName
    }
}

/// A page of a room's audit log.
public struct AuditPage: Sendable, Equatable {
    /// The newest first.
    public var entries: [AuditEntry]
    /// Whether nothing older is left.
    public var isEnd: Bool

    /// Makes a page.
    public init(entries: [AuditEntry], isEnd: Bool) {
        self.entries = entries
        self.isEnd = isEnd
    }
}

extension LogEntry {
    /// Whether the author of the target decides if this belongs in the audit log: a deletion by a moderator.
    public var isAuditedByAuthor: Bool {
        if case .delete = change { isModerator } else { false }
    }

    /// What the audit log of the room is to say of this entry; `nil` if it is no act over others.
    ///
    /// - Parameters:
    ///   - author: who wrote the target, if ``isAuditedByAuthor``.
    ///   - time: when the entry was stored.
    public func audit(author: UserID?, at time: Timestamp) -> AuditChange? {
        func act(
            _ action: AuditAction, _ subject: UserID? = nil, _ value: Int64? = nil,
            _ text: String = ""
        ) -> AuditChange {
            AuditChange(
                actor: sender, at: time, action: action, subject: subject, value: value, text: text)
        }
        switch change {
        case .leave(let user, .kicked, _): return act(.kick, user)
        case .ban(let user, let ban): return act(.ban, user, ban.until.milliseconds, ban.reason)
        case .unban(let user): return act(.unban, user)
        case .mute(let user, let until): return act(.mute, user, until.milliseconds)
        case .unmute(let user): return act(.unmute, user)
        case .role(let user, .owner): return act(.transfer, user)
        case .role(let user, let role): return act(.role, user, Int64(role.rawValue))
        case .room(let changes): return act(.settings, nil, nil, changes.keys)
        case .delete(let target):
            guard let author, author != sender else { return nil }
            return act(.delete, author, Int64(clamping: target.rawValue))
        case .message, .post, .edit, .react, .unreact, .pin, .unpin, .join, .leave, .accept:
            return nil
        }
    }
}

extension RoomChanges {
    /// The keys on the wire of what is set, with commas between them.
    package var keys: String {
        var keys: [String] = []
        if name != nil { keys.append("name") }
        if description != nil { keys.append("description") }
        if isPrivate != nil { keys.append("private") }
        if maximumMembers != nil { keys.append("max_members") }
        if slowModeSeconds != nil { keys.append("slow_mode_seconds") }
        if retentionDays != nil { keys.append("retention_days") }
        if retentionMessages != nil { keys.append("retention_messages") }
        return keys.joined(separator: ",")
    }
}
