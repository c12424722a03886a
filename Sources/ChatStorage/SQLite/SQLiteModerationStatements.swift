// SPDX-License-Identifier: MIT

import ChatCore

/// The statements of the writing connection about bans and mutes.
final class SQLiteModerationStatements {
    let ban: SQLiteStatement
    let banCount: SQLiteStatement
    let insertBan: SQLiteStatement
    let deleteBan: SQLiteStatement
    let deletePastBans: SQLiteStatement
    let mute: SQLiteStatement
    let muteCount: SQLiteStatement
    let insertMute: SQLiteStatement
    let deleteMute: SQLiteStatement
    let deletePastMutes: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StorageError) {
        func prepare(_ sql: String) throws(StorageError) -> SQLiteStatement {
            try SQLiteStatement(connection, sql)
        }
        ban = try prepare("SELECT until, reason FROM bans WHERE room = ?1 AND user = ?2")
        banCount = try prepare("SELECT count(*) FROM bans WHERE room = ?1 AND until > ?2")
        insertBan = try prepare(
            "INSERT OR REPLACE INTO bans VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        deleteBan = try prepare("DELETE FROM bans WHERE room = ?1 AND user = ?2")
        deletePastBans = try prepare("DELETE FROM bans WHERE room = ?1 AND until <= ?2")
        mute = try prepare("SELECT until FROM mutes WHERE room = ?1 AND user = ?2")
        muteCount = try prepare("SELECT count(*) FROM mutes WHERE room = ?1 AND until > ?2")
        insertMute = try prepare("INSERT OR REPLACE INTO mutes VALUES (?1, ?2, ?3)")
        deleteMute = try prepare("DELETE FROM mutes WHERE room = ?1 AND user = ?2")
        deletePastMutes = try prepare("DELETE FROM mutes WHERE room = ?1 AND until <= ?2")
    }
}
