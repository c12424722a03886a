// SPDX-License-Identifier: MIT

import ChatCore

extension SQLiteReader {
    func invitation(code: String) throws(StorageError) -> InvitationRecord? {
        statements.invitation.bind(1, code)
        return try statements.invitation.first { $0.invitationRecord() }
    }

    func invitations(
        of user: UserID, at time: Timestamp, offset: Int, limit: Int
    ) throws(StorageError) -> InvitationPage {
        try transaction { () throws(StorageError) in
            statements.invitationCount.bind(1, user)
            statements.invitationCount.bind(2, time)
            let total = try statements.invitationCount.first { Int($0.int(0)) } ?? 0
            statements.invitations.bind(1, user)
            statements.invitations.bind(2, time)
            statements.invitations.bind(3, max(1, limit))
            statements.invitations.bind(4, max(0, offset))
            let first = SQLiteStatement.afterRoomColumns
            let entries = try statements.invitations.all { row in
                let invitation = row.invitationRecord(first)
                return InvitationPage.Entry(
                    invitation: invitation, room: row.roomRecord(),
                    sender: UserReference(id: invitation.sender, name: row.text(first + 7)))
            }
            return InvitationPage(entries: entries, total: total)
        }
    }
}
