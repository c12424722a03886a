// SPDX-License-Identifier: MIT

import ChatCore

/// The statements of the writing connection, compiled once.
final class SQLiteWriterStatements {
    // Transactions.
    let begin: SQLiteStatement
    let commit: SQLiteStatement
    let dataVersion: SQLiteStatement

    // Look-ups of the rules.
    let room: SQLiteStatement
    let roomNamed: SQLiteStatement
    let clientID: SQLiteStatement
    let message: SQLiteStatement
    let reactions: SQLiteStatement
    let pinCount: SQLiteStatement
    let role: SQLiteStatement

    // The log.
    let insertEvent: SQLiteStatement
    let insertClientID: SQLiteStatement
    let insertAuthor: SQLiteStatement
    let insertRoomChanges: SQLiteStatement
    let updateMemberCount: SQLiteStatement
    let updateRoom: SQLiteStatement

    // Messages.
    let editMessage: SQLiteStatement
    let insertEdit: SQLiteStatement
    let unindex: SQLiteStatement
    let redactEvents: SQLiteStatement
    let deleteState: SQLiteStatement
    let deleteEdits: SQLiteStatement
    let deleteReactions: SQLiteStatement
    let insertReaction: SQLiteStatement
    let deleteReaction: SQLiteStatement
    let setPinned: SQLiteStatement

    // Members.
    let insertMember: SQLiteStatement
    let deleteMember: SQLiteStatement
    let setRole: SQLiteStatement
    let demoteOwner: SQLiteStatement
    let advance: SQLiteStatement
    let readTimes: SQLiteReadTimeStatements

    let moderation: SQLiteModerationStatements
    let invitations: SQLiteInvitationStatements
    let attachments: SQLiteAttachmentStatements
    let audit: SQLiteAuditStatements

    // Old client ids.
    let clientIDsAfter: SQLiteStatement
    let deleteClientID: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StorageError) {
        func prepare(_ sql: String) throws(StorageError) -> SQLiteStatement {
            try SQLiteStatement(connection, sql)
        }
        begin = try prepare("BEGIN IMMEDIATE")
        commit = try prepare("COMMIT")
        dataVersion = try prepare("PRAGMA data_version")

        room = try prepare(
            """
            SELECT \(SQLiteStatement.roomColumns), coalesce(
                (SELECT e.at FROM events e WHERE e.room = r.id ORDER BY e.seq DESC LIMIT 1),
                max(r.trimmed_at, r.created_at)),
                EXISTS (SELECT 1 FROM mutes WHERE room = r.id)
            FROM rooms r WHERE r.id = ?1
            """)
        roomNamed = try prepare("SELECT id FROM rooms WHERE name_key = ?1")
        clientID = try prepare(
            """
            SELECT seq, at, fingerprint FROM client_ids
            WHERE room = ?1 AND sender = ?2 AND client_id = ?3
            """)
        message = try prepare(
            """
            SELECT e.sender, e.text IS NULL, s.is_pinned FROM events e
            LEFT JOIN message_states s ON s.room = e.room AND s.seq = e.seq
            WHERE e.room = ?1 AND e.seq = ?2 AND e.kind = 0
            """)
        reactions = try prepare(
            """
            SELECT count(DISTINCT emoji), total(emoji = ?3), total(emoji = ?3 AND user = ?4)
            FROM reactions WHERE room = ?1 AND target = ?2
            """)
        pinCount = try prepare(
            """
            SELECT count(*) FROM message_states INDEXED BY pinned_messages
            WHERE room = ?1 AND is_pinned = 1
            """)
        role = try prepare("SELECT role FROM members WHERE room = ?1 AND user = ?2")

        insertEvent = try prepare(
            """
            INSERT INTO events
                (room, seq, at, sender, kind, target, subject, detail, client_id, text)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """)
        insertClientID = try prepare("INSERT INTO client_ids VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        insertAuthor = try prepare("INSERT OR IGNORE INTO authors VALUES (?1, ?2, ?3)")
        insertRoomChanges = try prepare(
            "INSERT INTO room_changes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
        updateMemberCount = try prepare("UPDATE rooms SET member_count = ?2 WHERE id = ?1")
        updateRoom = try prepare(
            """
            UPDATE rooms SET name = ?2, name_key = ?3, description = ?4, is_private = ?5,
                maximum_members = ?6, slow_mode_seconds = ?7, retention_days = ?8,
                retention_messages = ?9 WHERE id = ?1
            """)

        editMessage = try prepare(
            """
            INSERT INTO message_states (room, seq, edited_at, is_pinned, text)
            VALUES (?1, ?2, ?3, 0, ?4)
            ON CONFLICT DO UPDATE SET edited_at = ?3, text = ?4
            """)
        insertEdit = try prepare("INSERT INTO edits VALUES (?1, ?2, ?3)")
        unindex = try prepare(
            """
            DELETE FROM search_index WHERE rowid =
                (SELECT position FROM events WHERE room = ?1 AND seq = ?2)
            """)
        redactEvents = try prepare(
            """
            UPDATE events SET text = NULL, detail = NULL WHERE room = ?1 AND seq IN
                (SELECT ?2 UNION ALL SELECT seq FROM edits WHERE room = ?1 AND target = ?2)
            """)
        deleteState = try prepare("DELETE FROM message_states WHERE room = ?1 AND seq = ?2")
        deleteEdits = try prepare("DELETE FROM edits WHERE room = ?1 AND target = ?2")
        deleteReactions = try prepare("DELETE FROM reactions WHERE room = ?1 AND target = ?2")
        insertReaction = try prepare(
            """
            INSERT INTO reactions VALUES (?1, ?2, ?3, ?4, ?5, coalesce(
                (SELECT min(since) FROM reactions
                 WHERE room = ?1 AND target = ?2 AND emoji = ?3), ?5))
            """)
        deleteReaction = try prepare(
            "DELETE FROM reactions WHERE room = ?1 AND target = ?2 AND emoji = ?3 AND user = ?4")
        setPinned = try prepare(
            """
            INSERT INTO message_states (room, seq, is_pinned) VALUES (?1, ?2, ?3)
            ON CONFLICT DO UPDATE SET is_pinned = ?3
            """)

        insertMember = try prepare("INSERT INTO members VALUES (?1, ?2, ?3, ?4, ?5, 0, 0)")
        deleteMember = try prepare("DELETE FROM members WHERE room = ?1 AND user = ?2")
        setRole = try prepare("UPDATE members SET role = ?3 WHERE room = ?1 AND user = ?2")
        demoteOwner = try prepare(
            "UPDATE members SET role = \(Role.admin.rawValue) WHERE room = ?1"
                + " AND role = \(Role.owner.rawValue)")
        advance = try prepare(
            """
            UPDATE members SET delivered = max(delivered, ?3), read = max(read, ?4)
            WHERE room = ?1 AND user = ?2 AND (delivered < ?3 OR read < ?4)
            """)

        readTimes = try SQLiteReadTimeStatements(connection)
        moderation = try SQLiteModerationStatements(connection)
        invitations = try SQLiteInvitationStatements(connection)
        attachments = try SQLiteAttachmentStatements(connection)
        audit = try SQLiteAuditStatements(connection)

        clientIDsAfter = try prepare(
            """
            SELECT room, sender, client_id, at FROM client_ids
            WHERE (room, sender, client_id) > (?1, ?2, ?3)
            ORDER BY room, sender, client_id LIMIT ?4
            """)
        deleteClientID = try prepare(
            "DELETE FROM client_ids WHERE room = ?1 AND sender = ?2 AND client_id = ?3")
    }

    /// Takes the text, the files, the edits' texts, reactions and the pin of a message away.
    ///
    /// The order matters: the edits' table names the events to redact.
    func redact(_ target: SequenceNumber, in room: RoomID) throws(StorageError) {
        func run(_ statement: borrowing SQLiteStatement) throws(StorageError) {
            statement.bind(1, room)
            statement.bind(2, target)
            try statement.run()
        }
        try run(unindex)
        try run(attachments.orphan)
        try run(attachments.delete)
        try run(redactEvents)
        try run(deleteState)
        try run(deleteEdits)
        try run(deleteReactions)
    }
}
