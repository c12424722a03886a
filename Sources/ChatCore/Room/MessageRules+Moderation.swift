// SPDX-License-Identifier: MIT

// Bans and mutes. The time of the entry decides what is over.
extension MessageRules {
    /// Whether the sender of an entry may not write.
    func isMuted<Facts: RoomFacts>(
        _ entry: LogEntry, _ facts: Facts
    ) throws(Facts.Failure) -> Bool {
        guard let until = try facts.mute(of: entry.sender) else { return false }
        return until > entry.at
    }

    func banning<Facts: RoomFacts>(
        of user: UserID, _ ban: Ban, _ entry: LogEntry, _ facts: Facts
    ) throws(Facts.Failure) -> EntryVerdict {
        let role = try facts.role(of: user)
        guard try allows(.ban, over: role, entry, facts) else { return .refused(.notAbove) }
        guard ban.until > entry.at else { return .unchanged }
        if let present = try facts.ban(of: user), present.until > entry.at {
            return present == ban && role == nil ? .unchanged : .proceed
        }
        let count = try facts.banCount(after: entry.at)
        return count < bansPerRoom ? .proceed : .refused(.tooManyBans)
    }

    func unbanning<Facts: RoomFacts>(
        of user: UserID, _ entry: LogEntry, _ facts: Facts
    ) throws(Facts.Failure) -> EntryVerdict {
        guard try allows(.ban, over: nil, entry, facts) else { return .refused(.notAbove) }
        guard let present = try facts.ban(of: user), present.until > entry.at else {
            return .unchanged
        }
        return .proceed
    }

    func muting<Facts: RoomFacts>(
        of user: UserID, _ until: Timestamp, _ entry: LogEntry, _ facts: Facts
    ) throws(Facts.Failure) -> EntryVerdict {
        guard let role = try facts.role(of: user) else { return .refused(.notMember) }
        guard try allows(.mute, over: role, entry, facts) else { return .refused(.notAbove) }
        guard until > entry.at else { return .unchanged }
        if let present = try facts.mute(of: user), present > entry.at {
            return present == until ? .unchanged : .proceed
        }
        let count = try facts.muteCount(after: entry.at)
        return count < mutesPerRoom ? .proceed : .refused(.tooManyMutes)
    }

    /// Also of somebody who has left: the mute waits for their return.
    func unmuting<Facts: RoomFacts>(
        of user: UserID, _ entry: LogEntry, _ facts: Facts
    ) throws(Facts.Failure) -> EntryVerdict {
        let role = try facts.role(of: user)
        guard try allows(.mute, over: role, entry, facts) else { return .refused(.notAbove) }
        guard let present = try facts.mute(of: user), present > entry.at else {
            return .unchanged
        }
        return .proceed
    }

    /// Whether the sender may do that to whoever has `role`.
    private func allows<Facts: RoomFacts>(
        _ permission: RoomPermission, over role: Role?, _ entry: LogEntry, _ facts: Facts
    ) throws(Facts.Failure) -> Bool {
        guard let own = try facts.role(of: entry.sender) else { return false }
        return PermissionMatrix.allows(permission, own, over: role)
    }
}

extension LogChange {
    /// Whether a muted member may not do it: what others read or see.
    public var needsVoice: Bool {
        switch self {
        case .message, .post, .edit, .react: true
        case .delete, .unreact, .pin, .unpin, .join, .leave, .role, .room, .ban, .unban, .mute,
            .unmute, .accept:
            false
        }
    }
}
