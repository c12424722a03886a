// SPDX-License-Identifier: MIT

import ChatCore

extension SQLiteWriter {
    func invite(_ invitation: InvitationRecord) throws(StorageError) -> InvitationOutcome {
        try transaction { () throws(StorageError) in
            let outcome = invitationRules.outcome(of: invitation, facts: try facts(of: invitation))
            if outcome == .stored { try insert(invitation) }
            return outcome
        }
    }

    private func facts(of invitation: InvitationRecord) throws(StorageError) -> InvitationFacts {
        let room = try rooms.room(invitation.room)?.record
        let none = InvitationFacts(
            room: nil, isUserKnown: false, senderRole: nil, userRole: nil, ban: nil, present: nil,
            countInRoom: 0, countOfUser: 0, isCodeTaken: false)
        guard let room else { return none }
        let facts = SQLiteRoomFacts(statements: statements, room: room, hasMutes: false)
        let (statements, now) = (statements.invitations, invitation.createdAt)
        var result = none
        result.room = room
        result.isUserKnown = true
        result.senderRole = try facts.role(of: invitation.sender)
        statements.countInRoom.bind(1, room.id)
        statements.countInRoom.bind(2, now)
        result.countInRoom = try statements.countInRoom.first { Int($0.int(0)) } ?? 0
        statements.ofCode.bind(1, invitation.code)
        result.isCodeTaken = try statements.ofCode.hasRow()
        guard let user = invitation.user else { return result }
        statements.knowsUser.bind(1, user)
        result.isUserKnown = try statements.knowsUser.hasRow()
        result.userRole = try facts.role(of: user)
        result.ban = try facts.ban(of: user)
        result.present = try facts.invitation(nil, for: user)
        statements.countOfUser.bind(1, user)
        statements.countOfUser.bind(2, now)
        result.countOfUser = try statements.countOfUser.first { Int($0.int(0)) } ?? 0
        return result
    }

    private func insert(_ invitation: InvitationRecord) throws(StorageError) {
        let statements = statements.invitations
        let user = invitation.user.map { Int64(bitPattern: $0.rawValue) }
        statements.deletePast.bind(1, invitation.room)
        statements.deletePast.bind(2, optional: user)
        statements.deletePast.bind(3, invitation.createdAt)
        try statements.deletePast.run()
        statements.insert.bind(1, invitation.code)
        statements.insert.bind(2, invitation.room)
        statements.insert.bind(3, optional: user)
        statements.insert.bind(4, invitation.sender)
        statements.insert.bind(5, invitation.createdAt)
        statements.insert.bind(6, invitation.expires)
        statements.insert.bind(7, invitation.usesLeft)
        try statements.insert.run()
        if let change = invitation.audit {
            try self.statements.audit.insert(
                change, in: invitation.room, keeping: invitationRules.auditEntriesPerRoom)
        }
    }

    func removeInvitation(code: String) throws(StorageError) -> Bool {
        try transaction { () throws(StorageError) in
            statements.invitations.deleteOfCode.bind(1, code)
            try statements.invitations.deleteOfCode.run()
            return connection.changes > 0
        }
    }

    func removeInvitation(
        of user: UserID, to room: RoomID, at time: Timestamp
    ) throws(StorageError) -> Bool {
        try transaction { () throws(StorageError) in
            let statements = statements.invitations
            statements.ofUser.bind(1, room)
            statements.ofUser.bind(2, user)
            let found = try statements.ofUser.first { $0.invitationRecord() }
            guard let found else { return false }
            statements.deleteOfCode.bind(1, found.code)
            try statements.deleteOfCode.run()
            return found.expires > time
        }
    }
}
