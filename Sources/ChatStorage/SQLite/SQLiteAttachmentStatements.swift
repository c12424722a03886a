// SPDX-License-Identifier: MIT

import ChatCore

/// The statements of the writing connection about attachments.
final class SQLiteAttachmentStatements {
    let insert: SQLiteStatement
    let adopt: SQLiteStatement
    let orphan: SQLiteStatement
    let delete: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StorageError) {
        func prepare(_ sql: String) throws(StorageError) -> SQLiteStatement {
            try SQLiteStatement(connection, sql)
        }
        insert = try prepare(
            "INSERT INTO attachments VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")
        adopt = try prepare("DELETE FROM orphaned_attachments WHERE id = ?1")
        orphan = try prepare(
            """
            INSERT OR IGNORE INTO orphaned_attachments
            SELECT a.id FROM attachments a WHERE a.room = ?1 AND a.seq = ?2 AND NOT EXISTS (
                SELECT 1 FROM attachments b
                WHERE b.id = a.id AND NOT (b.room = ?1 AND b.seq = ?2))
            """)
        delete = try prepare("DELETE FROM attachments WHERE room = ?1 AND seq = ?2")
    }
}
