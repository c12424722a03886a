// SPDX-License-Identifier: MIT

extension RoomLog {
    package func invitation(_ code: String?, for user: UserID) -> InvitationRecord? {
        guard let code else { return invitations.values.first { $0.user == user } }
        guard let record = invitation(code: code), record.user == nil || record.user == user else {
            return nil
        }
        return record
    }

    /// Stores an invitation, if the rules let it.
    ///
    /// - Parameters:
    ///   - invitation: one to this room.
    ///   - rules: the rules, with their bounds.
    ///   - isUserKnown: whether there is such a user.
    ///   - countOfUser: how many invitations the user has that are not over.
    ///   - isCodeTaken: whether any room has an invitation of that code.
    package mutating func invite(
        _ invitation: InvitationRecord, rules: InvitationRules, isUserKnown: Bool,
        countOfUser: Int, isCodeTaken: Bool
    ) -> InvitationOutcome {
        let now = invitation.createdAt
        let facts = InvitationFacts(
            room: record, isUserKnown: isUserKnown, senderRole: members[invitation.sender]?.role,
            userRole: invitation.user.flatMap { members[$0]?.role },
            ban: invitation.user.flatMap { bans[$0]?.ban },
            present: invitation.user.flatMap { self.invitation(nil, for: $0) },
            countInRoom: invitations.values.count { $0.expires > now }, countOfUser: countOfUser,
            isCodeTaken: isCodeTaken)
        let outcome = rules.outcome(of: invitation, facts: facts)
        if outcome == .stored {
            setInvitations { invitations in
                invitations = invitations.filter { $0.value.expires > now }
                invitations[invitation.code] = invitation
            }
            if let change = invitation.audit { note(change, keeping: rules.auditEntriesPerRoom) }
        }
        return outcome
    }

    /// The invitation of that code, whoever it is for. Compared byte by byte, as databases do.
    package func invitation(code: String) -> InvitationRecord? {
        guard let record = invitations[code], record.code.utf8.elementsEqual(code.utf8) else {
            return nil
        }
        return record
    }

    /// Removes a user's invitation if it is over at `time`.
    package mutating func forgetPastInvitation(of user: UserID, at time: Timestamp) {
        guard let record = invitation(nil, for: user), record.expires <= time else { return }
        forgetInvitation(of: user)
    }

    /// Takes an invitation away; returns whether there was one.
    package mutating func removeInvitation(_ code: String) -> Bool {
        guard let record = invitation(code: code) else { return false }
        setInvitations { $0[record.code] = nil }
        return true
    }

    /// Takes a user's invitation away; returns whether there was one that was not over.
    package mutating func removeInvitation(of user: UserID, at time: Timestamp) -> Bool {
        guard let record = invitation(nil, for: user) else { return false }
        forgetInvitation(of: user)
        return record.expires > time
    }

    mutating func forgetInvitation(of user: UserID) {
        if invitations.isEmpty { return }
        setInvitations { $0 = $0.filter { $0.value.user != user } }
    }

    /// One use less.
    mutating func use(_ acceptance: Acceptance) {
        guard var record = invitation(acceptance.code, for: acceptance.user) else { return }
        record.usesLeft -= 1
        setInvitations { $0[record.code] = record.usesLeft > 0 ? record : nil }
    }
}
