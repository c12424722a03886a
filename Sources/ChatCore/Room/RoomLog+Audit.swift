// SPDX-License-Identifier: MIT

extension InvitationRecord {
    /// What the audit log says of the making of a join link; nothing of an invitation of one user.
    public var audit: AuditChange? {
        guard user == nil else { return nil }
        return AuditChange(
            actor: sender, at: createdAt, action: .linkCreated, value: Int64(usesLeft))
    }

    /// What the audit log says when a join link is withdrawn.
    public func revocation(by actor: UserID, at time: Timestamp) -> AuditChange {
        AuditChange(
            actor: actor, at: time, action: .linkRevoked, subject: sender, value: Int64(usesLeft))
    }
}

extension AuditChange {
    /// What the audit log says when the password of a room was set, or removed.
    public static func password(
        isSet: Bool, by actor: UserID, at time: Timestamp
    ) -> AuditChange {
        AuditChange(actor: actor, at: time, action: .password, value: isSet ? 1 : 0)
    }
}

// The audit log, the password and the join links of a room in memory.
extension RoomLog {
    /// Who wrote what the entry deletes.
    func authorOfTarget(of entry: LogEntry) -> UserID? {
        guard case .delete(let target) = entry.change else { return nil }
        return message(at: target)?.author
    }

    /// Adds to the audit log; the oldest entries beyond the bound go.
    mutating func note(_ change: AuditChange, keeping bound: Int) {
        auditNumber += 1
        audit.append(change)
        if audit.count > max(1, bound) { audit.removeFirst(audit.count - max(1, bound)) }
    }

    /// Takes out of the audit log what was given as the reason of a ban by or of a user.
    mutating func eraseReasons(of user: UserID) {
        for index in audit.indices where audit[index].actor == user || audit[index].subject == user
        {
            audit[index].text = audit[index].action == .ban ? "" : audit[index].text
        }
    }

    /// A page of the audit log, the newest first.
    package func audit(
        before number: UInt64?, limit: Int, name: (UserID) -> String
    ) -> AuditPage {
        let first = auditNumber - UInt64(audit.count) + 1
        let end = min(number ?? .max, auditNumber + 1)
        let rest = audit.prefix(end > first ? Int(end - first) : 0)
        let page = rest.indices.suffix(max(1, limit)).reversed().map { index in
            AuditEntry(
                number: first + UInt64(index), change: audit[index],
                actorName: name(audit[index].actor), subjectName: audit[index].subject.map(name))
        }
        return AuditPage(entries: page, isEnd: page.count == rest.count)
    }

    /// Sets or removes the hash of the password.
    package mutating func setPassword(
        _ hash: String?, by user: UserID, at time: Timestamp, rules: MessageRules
    ) {
        passwordHash = hash
        note(
            .password(isSet: hash != nil, by: user, at: time), keeping: rules.auditEntriesPerRoom)
    }

    /// A page of the join links, the newest first.
    package func links(
        at time: Timestamp, offset: Int, limit: Int, name: (UserID) -> String
    ) -> LinkPage {
        let links = invitations.values.filter { $0.user == nil && $0.expires > time }
        let sorted = links.sorted { left, right in
            if left.createdAt != right.createdAt { return left.createdAt > right.createdAt }
            return left.code.utf8.lexicographicallyPrecedes(right.code.utf8)
        }
        let page = sorted.dropFirst(max(0, offset)).prefix(max(1, limit)).map { link in
            LinkPage.Entry(
                invitation: link,
                sender: UserReference(id: link.sender, name: name(link.sender)))
        }
        return LinkPage(entries: page, total: sorted.count)
    }

    /// Withdraws a join link; returns whether there was one.
    package mutating func revokeLink(
        _ code: String, by user: UserID, at time: Timestamp, rules: MessageRules
    ) -> Bool {
        guard let link = invitation(code: code), link.user == nil, removeInvitation(code) else {
            return false
        }
        note(link.revocation(by: user, at: time), keeping: rules.auditEntriesPerRoom)
        return true
    }
}
