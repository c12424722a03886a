// SPDX-License-Identifier: MIT

extension PostgresStatement {
    private static let visible = """
        FROM rooms r LEFT JOIN members m ON m.room = r.id AND m.user_id = $1
        WHERE NOT r.is_private OR m.user_id IS NOT NULL
        """

    /// A deleted room's rows stay for a while: nobody may see them.
    static let exists = "EXISTS (SELECT 1 FROM rooms WHERE id = $1)"

    /// The page is cut out of the room's log first, so that what is joined is only that.
    private static func messages(_ place: String, _ order: String) -> String {
        """
        SELECT \(messageColumns)
        FROM (SELECT * FROM events
            WHERE room = $1 AND kind = 0 AND \(place) AND \(exists) ORDER BY seq \(order) LIMIT $3) e
        LEFT JOIN message_states s ON s.room = e.room AND s.seq = e.seq
        LEFT JOIN users u ON u.id = e.sender
        ORDER BY e.seq \(order)
        """
    }

    var readingSQL: String {
        switch self {
        case .room: "SELECT \(Self.roomColumns) FROM rooms r WHERE r.id = $1"
        case .roomNamed: "SELECT id FROM rooms WHERE name_key = $1"
        case .members:
            // Identities are numbers without sign: those with the uppermost bit come last.
            """
            SELECT m.user_id, u.name, m.role, m.joined_at, m.joined_after, m.delivered, m.read, t.until
            FROM members m LEFT JOIN users u ON u.id = m.user_id
            LEFT JOIN mutes t ON t.room = m.room AND t.user_id = m.user_id
            WHERE m.room = $1 ORDER BY m.user_id < 0, m.user_id
            """
        case .countRooms: "SELECT count(*) \(Self.visible)"
        case .rooms:
            """
            SELECT \(Self.roomColumns), m.role \(Self.visible)
            ORDER BY r.created_at DESC, (r.id < 0) DESC, r.id DESC LIMIT $2 OFFSET $3
            """
        case .memberships:
            """
            SELECT \(Self.roomColumns), m.role, m.joined_after, m.delivered, m.read,
                (SELECT count(*) FROM events e WHERE e.room = m.room
                 AND e.seq > greatest(m.read, m.joined_after)
                 AND e.kind = 0 AND e.text IS NOT NULL AND e.sender <> m.user_id)
            FROM members m JOIN rooms r ON r.id = m.room
            WHERE m.user_id = $1 ORDER BY r.id < 0, r.id
            """
        case .user: "SELECT \(Self.userColumns) FROM users WHERE id = $1"
        case .userWithToken:
            "SELECT \(Self.userColumns) FROM users WHERE token = $1 AND token <> ''"
        case .messagesBefore: Self.messages("seq < $2", "DESC")
        case .messagesFrom: Self.messages("seq >= $2", "ASC")
        case .reactions:
            """
            SELECT target, emoji, user_id FROM reactions
            WHERE room = $1 AND target BETWEEN $2 AND $3 ORDER BY target, since, seq
            """
        case .pinned:
            """
            SELECT \(Self.messageColumns) FROM message_states s
            JOIN events e ON e.room = s.room AND e.seq = s.seq
            LEFT JOIN users u ON u.id = e.sender
            WHERE s.room = $1 AND s.is_pinned AND \(Self.exists) ORDER BY s.seq
            """
        case .pinnedReactions:
            """
            SELECT r.target, r.emoji, r.user_id FROM message_states s
            JOIN reactions r ON r.room = s.room AND r.target = s.seq
            WHERE s.room = $1 AND s.is_pinned ORDER BY s.seq, r.since, r.seq
            """
        default:
            """
            SELECT \(Self.eventColumns)
            FROM (SELECT * FROM events
                WHERE room = $1 AND seq > $2 AND \(Self.exists) ORDER BY seq LIMIT $3) e
            LEFT JOIN users u ON u.id = e.sender
            LEFT JOIN users s ON s.id = e.subject
            LEFT JOIN room_changes c ON e.kind = 10 AND c.room = e.room AND c.seq = e.seq
            ORDER BY e.seq
            """
        }
    }
}
