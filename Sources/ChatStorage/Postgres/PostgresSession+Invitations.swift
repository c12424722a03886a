// SPDX-License-Identifier: MIT

import ChatCore

extension PostgresSession {
    /// The room's lock makes this and the joins take turns; the user's row, invitations to other rooms.
    func invite(
        _ invitation: InvitationRecord, earlier: InvitationOutcome? = nil
    ) throws(PostgresFailure) -> InvitationOutcome {
        let room = try connection.fetchLocked(invitation.room).first { $0.roomRecord() }
        var facts = InvitationFacts(
            room: room, isUserKnown: true, senderRole: nil, userRole: nil, ban: nil, present: nil,
            countInRoom: 0, countOfUser: 0, isCodeTaken: false)
        if let room { try fill(&facts, room, invitation) }
        if earlier == .stored, facts.isCodeTaken {
            isDoneAlready = true
            return .stored
        }
        let outcome = invitationRules.outcome(of: invitation, facts: facts)
        if outcome == .stored { try insert(invitation) }
        return outcome
    }

    private func fill(
        _ facts: inout InvitationFacts, _ room: RoomRecord, _ invitation: InvitationRecord
    ) throws(PostgresFailure) {
        let rows = PostgresRoomFacts(connection: connection, room: room, mutes: [:])
        let now = PostgresValue.time(invitation.createdAt)
        facts.senderRole = try rows.role(of: invitation.sender)
        facts.countInRoom =
            try connection.fetch(.invitationsInRoom, [.room(room.id), now])
            .first { Int($0.int(0)) } ?? 0
        facts.isCodeTaken =
            try connection.fetch(.invitationOfCode, [.bytes(invitation.code)]).count > 0
        guard let user = invitation.user else { return }
        facts.isUserKnown = try connection.fetch(.lockUser, [.user(user)]).count > 0
        facts.userRole = try rows.role(of: user)
        facts.ban = try rows.ban(of: user)
        facts.present = try rows.invitation(nil, for: user)
        facts.countOfUser =
            try connection.fetch(.invitationsOfUser, [.user(user), now])
            .first { Int($0.int(0)) } ?? 0
    }

    private func insert(_ invitation: InvitationRecord) throws(PostgresFailure) {
        let user = invitation.user.map { PostgresValue.user($0) } ?? .null
        let room = PostgresValue.room(invitation.room)
        try connection.send(.deletePastInvitations, [room, user, .time(invitation.createdAt)])
        try connection.send(
            .insertInvitation,
            [
                .bytes(invitation.code), room, user, .user(invitation.sender),
                .time(invitation.createdAt), .time(invitation.expires),
                .number(invitation.usesLeft),
            ])
        if let change = invitation.audit {
            try connection.note(
                change, in: invitation.room, keeping: invitationRules.auditEntriesPerRoom)
        }
    }

    func removeInvitation(code: String) throws(PostgresFailure) -> Bool {
        try connection.fetch(.deleteInvitationOfCode, [.bytes(code)]).count > 0
    }

    func removeInvitation(
        of user: UserID, to room: RoomID, at time: Timestamp
    ) throws(PostgresFailure) -> Bool {
        let found = try connection.fetch(.invitationOfUser, [.room(room), .user(user)])
            .first { $0.invitationRecord() }
        guard let found, try removeInvitation(code: found.code) else { return false }
        return found.expires > time
    }

    // MARK: Reading

    func invitation(code: String) throws(PostgresFailure) -> InvitationRecord? {
        try fetch(.invitationOfCode, [.bytes(code)]).first { $0.invitationRecord() }
    }

    func invitations(
        of user: UserID, at time: Timestamp, offset: Int, limit: Int
    ) throws(PostgresFailure) -> InvitationPage {
        try read { session throws(PostgresFailure) in
            try session.connection.ask(.invitationsOfUser, [.user(user), .time(time)])
            try session.connection.ask(
                .invitations,
                [.user(user), .time(time), .number(max(1, limit)), .number(max(0, offset))])
            let results = try session.connection.answers()
            let first = PostgresStatement.afterRoomColumns
            let entries = results.last?.all { row in
                let invitation = row.invitationRecord(first)
                return InvitationPage.Entry(
                    invitation: invitation, room: row.roomRecord(),
                    sender: UserReference(id: invitation.sender, name: row.text(first + 7)))
            }
            let total = results.first?.first { Int($0.int(0)) }
            return InvitationPage(entries: entries ?? [], total: total ?? 0)
        }
    }
}

extension PostgresRow {
    /// The invitation of this row, from column `first` on.
    func invitationRecord(_ first: Int32 = 0) -> InvitationRecord {
        InvitationRecord(
            code: text(first), room: room(first + 1),
            user: isNull(first + 2) ? nil : user(first + 2), sender: user(first + 3),
            createdAt: time(first + 4), expires: time(first + 5), usesLeft: Int(int(first + 6)))
    }
}
