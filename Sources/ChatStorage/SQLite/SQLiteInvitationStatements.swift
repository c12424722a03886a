// SPDX-License-Identifier: MIT

import ChatCore

/// The statements of the writing connection about invitations.
final class SQLiteInvitationStatements {
    let ofUser: SQLiteStatement
    let ofCode: SQLiteStatement
    let countInRoom: SQLiteStatement
    let countOfUser: SQLiteStatement
    let knowsUser: SQLiteStatement
    let insert: SQLiteStatement
    let deletePast: SQLiteStatement
    let deleteOfUser: SQLiteStatement
    let deleteOfCode: SQLiteStatement
    let use: SQLiteStatement
    let deleteUsed: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StorageError) {
        func prepare(_ sql: String) throws(StorageError) -> SQLiteStatement {
            try SQLiteStatement(connection, sql)
        }
        let columns = SQLiteStatement.invitationColumns
        ofUser = try prepare(
            "SELECT \(columns) FROM invitations i WHERE i.room = ?1 AND i.user = ?2")
        ofCode = try prepare("SELECT \(columns) FROM invitations i WHERE i.code = ?1")
        countInRoom = try prepare(
            "SELECT count(*) FROM invitations WHERE room = ?1 AND expires > ?2")
        countOfUser = try prepare(
            "SELECT count(*) FROM invitations WHERE user = ?1 AND expires > ?2")
        knowsUser = try prepare("SELECT 1 FROM users WHERE id = ?1 AND is_erased = 0")
        insert = try prepare("INSERT INTO invitations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        deletePast = try prepare(
            "DELETE FROM invitations WHERE (room = ?1 OR user = ?2) AND expires <= ?3")
        deleteOfUser = try prepare("DELETE FROM invitations WHERE room = ?1 AND user = ?2")
        deleteOfCode = try prepare("DELETE FROM invitations WHERE code = ?1")
        use = try prepare("UPDATE invitations SET uses_left = uses_left - 1 WHERE code = ?1")
        deleteUsed = try prepare("DELETE FROM invitations WHERE code = ?1 AND uses_left <= 0")
    }
}

extension SQLiteStatement {
    /// Columns that ``invitationRecord(_:)`` reads.
    static let invitationColumns =
        "i.code, i.room, i.user, i.sender, i.created_at, i.expires, i.uses_left"

    /// The invitation of the present row, from column `first` on.
    func invitationRecord(_ first: Int32 = 0) -> InvitationRecord {
        InvitationRecord(
            code: text(first), room: room(first + 1),
            user: isNull(first + 2) ? nil : user(first + 2), sender: user(first + 3),
            createdAt: time(first + 4), expires: time(first + 5), usesLeft: Int(int(first + 6)))
    }
}
