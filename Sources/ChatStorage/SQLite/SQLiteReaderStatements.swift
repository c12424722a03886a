// SPDX-License-Identifier: MIT

import ChatCore

/// The statements of a reading connection, compiled once.
final class SQLiteReaderStatements {
    let begin: SQLiteStatement

    // Rooms and users.
    let room: SQLiteStatement
    let roomNamed: SQLiteStatement
    let members: SQLiteStatement
    let absentMutes: SQLiteStatement
    let countRooms: SQLiteStatement
    let rooms: SQLiteStatement
    let memberships: SQLiteStatement
    let countJoined: SQLiteStatement
    let joinedRooms: SQLiteStatement
    let joinedMembers: SQLiteStatement
    let joinedAttachments: SQLiteStatement
    let banCount: SQLiteStatement
    let bans: SQLiteStatement
    let invitation: SQLiteStatement
    let invitationCount: SQLiteStatement
    let invitations: SQLiteStatement
    let user: SQLiteStatement
    let userWithToken: SQLiteStatement

    // Logs.
    let events: SQLiteStatement
    let messagesBefore: SQLiteStatement
    let messagesFrom: SQLiteStatement
    let places: SQLiteStatement
    let eventFrom: SQLiteStatement
    let reactions: SQLiteStatement
    let pinned: SQLiteStatement
    let pinnedReactions: SQLiteStatement
    let attachments: SQLiteStatement
    let pinnedAttachments: SQLiteStatement
    let orphanedAttachments: SQLiteStatement
    let isAttached: SQLiteStatement

    // When members read what.
    let readTimes: SQLiteStatement
    let readTimesOfUser: SQLiteStatement

    // Search.
    let ownRooms: SQLiteStatement
    let search: SQLiteStatement

    /// Their texts, and of the writer those that look for many rows, for a look at their plans.
    let texts: [String]

    init(_ connection: SQLiteConnection) throws(StorageError) {
        var texts: [String] = []
        func prepare(_ sql: String) throws(StorageError) -> SQLiteStatement {
            texts.append(sql)
            return try SQLiteStatement(connection, sql)
        }
        let roomColumns = SQLiteStatement.roomColumns
        let visible = """
            FROM rooms r LEFT JOIN members m ON m.room = r.id AND m.user = ?1
            WHERE r.is_private = 0 OR m.user IS NOT NULL
            """
        // A deleted room's rows stay for a while: nobody may see them.
        let exists = "EXISTS (SELECT 1 FROM rooms WHERE id = ?1)"
        let messages = """
            SELECT \(SQLiteStatement.messageColumns) FROM events e
            LEFT JOIN message_states s ON s.room = e.room AND s.seq = e.seq
            LEFT JOIN users u ON u.id = e.sender
            WHERE e.room = ?1 AND e.kind = 0 AND \(exists)
            """
        // A cross join is never reordered: the few pins first, not all events of the room.
        let pins = "FROM message_states s INDEXED BY pinned_messages CROSS JOIN"
        begin = try prepare("BEGIN")

        room = try prepare("SELECT \(roomColumns) FROM rooms r WHERE r.id = ?1")
        roomNamed = try prepare("SELECT id FROM rooms WHERE name_key = ?1")
        // Identities are numbers without sign: those with the uppermost bit come last.
        members = try prepare(
            """
            SELECT m.user, u.name, m.role, m.joined_at, m.joined_after, m.delivered, m.read, t.until
            FROM members m LEFT JOIN users u ON u.id = m.user
            LEFT JOIN mutes t ON t.room = m.room AND t.user = m.user
            WHERE m.room = ?1 ORDER BY m.user < 0, m.user
            """)
        absentMutes = try prepare(
            """
            SELECT t.user, t.until FROM mutes t WHERE t.room = ?1 AND NOT EXISTS
                (SELECT 1 FROM members m WHERE m.room = t.room AND m.user = t.user)
            """)
        countRooms = try prepare("SELECT count(*) \(visible)")
        rooms = try prepare(
            """
            SELECT \(roomColumns), m.role \(visible)
            ORDER BY r.created_at DESC, r.id < 0 DESC, r.id DESC LIMIT ?2 OFFSET ?3
            """)
        memberships = try prepare(SQLiteRoomList.memberships)
        countJoined = try prepare(SQLiteRoomList.count)
        joinedRooms = try prepare(SQLiteRoomList.rooms)
        joinedMembers = try prepare(SQLiteRoomList.members)
        joinedAttachments = try prepare(SQLiteRoomList.attachments)
        banCount = try prepare(
            "SELECT count(*) FROM bans WHERE room = ?1 AND until > ?2 AND \(exists)")
        bans = try prepare(
            """
            SELECT b.user, u.name, b.until, b.reason, b.at, b.sender, s.name FROM bans b
            LEFT JOIN users u ON u.id = b.user LEFT JOIN users s ON s.id = b.sender
            WHERE b.room = ?1 AND b.until > ?2 AND \(exists) ORDER BY b.seq DESC LIMIT ?3 OFFSET ?4
            """)
        let invitation = SQLiteStatement.invitationColumns
        self.invitation = try prepare("SELECT \(invitation) FROM invitations i WHERE i.code = ?1")
        invitationCount = try prepare(
            "SELECT count(*) FROM invitations WHERE user = ?1 AND expires > ?2")
        invitations = try prepare(
            """
            SELECT \(roomColumns), \(invitation), u.name FROM invitations i
            JOIN rooms r ON r.id = i.room LEFT JOIN users u ON u.id = i.sender
            WHERE i.user = ?1 AND i.expires > ?2
            ORDER BY i.created_at DESC, r.id < 0 DESC, r.id DESC LIMIT ?3 OFFSET ?4
            """)
        user = try prepare("SELECT \(SQLiteStatement.userColumns) FROM users WHERE id = ?1")
        userWithToken = try prepare(
            """
            SELECT \(SQLiteStatement.userColumns) FROM users
            WHERE token = ?1 AND token <> ''
            """)

        events = try prepare(
            """
            SELECT \(SQLiteStatement.eventColumns) FROM events e
            LEFT JOIN users u ON u.id = e.sender
            LEFT JOIN users s ON s.id = e.subject
            LEFT JOIN room_changes c ON e.kind = 10 AND c.room = e.room AND c.seq = e.seq
            WHERE e.room = ?1 AND e.seq > ?2 AND \(exists) ORDER BY e.seq LIMIT ?3
            """)
        messagesBefore = try prepare(
            "\(messages) AND e.seq < ?2 ORDER BY e.seq DESC LIMIT ?3")
        messagesFrom = try prepare("\(messages) AND e.seq >= ?2 ORDER BY e.seq LIMIT ?3")
        places = try prepare(
            """
            SELECT (SELECT min(seq) FROM events WHERE room = ?1),
                (SELECT max(seq) FROM events WHERE room = ?1)
            """)
        eventFrom = try prepare(
            "SELECT seq, at FROM events WHERE room = ?1 AND seq >= ?2 ORDER BY seq LIMIT 1")
        reactions = try prepare(
            """
            SELECT target, emoji, user FROM reactions
            WHERE room = ?1 AND target BETWEEN ?2 AND ?3 ORDER BY target, since, seq
            """)
        pinned = try prepare(
            """
            SELECT \(SQLiteStatement.messageColumns)
            \(pins) events e ON e.room = s.room AND e.seq = s.seq
            LEFT JOIN users u ON u.id = e.sender
            WHERE s.room = ?1 AND s.is_pinned = 1 AND \(exists) ORDER BY s.seq
            """)
        pinnedReactions = try prepare(
            """
            SELECT r.target, r.emoji, r.user
            \(pins) reactions r ON r.room = s.room AND r.target = s.seq
            WHERE s.room = ?1 AND s.is_pinned = 1 ORDER BY s.seq, r.since, r.seq
            """)

        let attachment = "SELECT \(SQLiteStatement.attachmentColumns)"
        attachments = try prepare(
            """
            \(attachment) FROM attachments a
            WHERE a.room = ?1 AND a.seq BETWEEN ?2 AND ?3 ORDER BY a.seq, a.place
            """)
        pinnedAttachments = try prepare(
            """
            \(attachment) \(pins) attachments a ON a.room = s.room AND a.seq = s.seq
            WHERE s.room = ?1 AND s.is_pinned = 1 ORDER BY s.seq, a.place
            """)
        orphanedAttachments = try prepare(
            "SELECT id FROM orphaned_attachments ORDER BY id LIMIT ?1")
        isAttached = try prepare(
            "SELECT id FROM attachments WHERE id = ?1 AND room = ?2 LIMIT 1")

        ownRooms = try prepare(
            "SELECT m.room FROM members m JOIN rooms r ON r.id = m.room WHERE m.user = ?1")
        // The index first, from its end: its order is that of storing.
        search = try prepare(
            """
            SELECT e.room, e.seq, e.at, e.sender, u.name, s.edited_at, coalesce(s.text, e.text),
                e.position
            FROM search_index CROSS JOIN events e ON e.position = search_index.rowid
            LEFT JOIN message_states s ON s.room = e.room AND s.seq = e.seq
            LEFT JOIN users u ON u.id = e.sender
            WHERE search_index MATCH ?1 AND e.kind = 0 AND e.text IS NOT NULL
                AND e.at >= ?2 AND e.at < ?3 AND search_index.rowid < ?4
            ORDER BY search_index.rowid DESC
            """)
        readTimes = try prepare(SQLiteReadTimeSQL.ofPlace)
        readTimesOfUser = try prepare(SQLiteReadTimeSQL.ofUser)
        self.texts = texts + [SQLiteReadTimeSQL.trim, SQLiteReadTimeSQL.remove]
    }
}

extension SQLiteStatement {
    /// Columns that ``message()`` reads.
    static let messageColumns = """
        e.seq, e.at, e.sender, u.name, e.client_id, e.text, e.target, s.text, s.edited_at, \
        s.is_pinned
        """

    /// The message of the present row, whose columns begin at `first`, still without reactions.
    ///
    /// Without a text it was deleted.
    func message(from first: Int32 = 0) -> Message {
        let isDeleted = isNull(first + 5)
        return Message(
            seq: seq(first), at: time(first + 1), sender: user(first + 2),
            senderName: text(first + 3), clientID: optionalText(first + 4),
            text: isNull(first + 7) ? text(first + 5) : text(first + 7),
            replyTo: isDeleted || isNull(first + 6) ? nil : seq(first + 6),
            editedAt: optionalInt(first + 8).map { Timestamp(milliseconds: $0) },
            isDeleted: isDeleted, isPinned: bool(first + 9))
    }
}
