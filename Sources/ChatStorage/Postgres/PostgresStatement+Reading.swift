// SPDX-License-Identifier: MIT

extension PostgresStatement {
    private static let visible = """
        FROM rooms r LEFT JOIN members m ON m.room = r.id AND m.user_id = $1
        WHERE NOT r.is_private OR m.user_id IS NOT NULL
        """

    /// A deleted room's rows stay for a while: nobody may see them.
    static let exists = "EXISTS (SELECT 1 FROM rooms WHERE id = $1)"

    var readingSQL: String {
        switch self {
        case .room: "SELECT \(Self.roomColumns) FROM rooms r WHERE r.id = $1"
        case .roomNamed: "SELECT id FROM rooms WHERE name_key = $1"
        case .members:
            // Identities are numbers without sign: those with the uppermost bit come last.
            """
            SELECT m.user_id, u.name, m.role, m.joined_at, m.joined_after, m.delivered, m.read, t.until
            FROM members m \(Self.joining("users", as: "u", where: "id = m.user_id"))
            \(Self.joining("mutes", as: "t", where: "room = m.room AND user_id = m.user_id"))
            WHERE m.room = $1 ORDER BY m.user_id < 0, m.user_id
            """
        case .countRooms: "SELECT count(*) \(Self.visible)"
        case .rooms:
            """
            SELECT \(Self.roomColumns), m.role \(Self.visible)
            ORDER BY r.created_at DESC, (r.id < 0) DESC, r.id DESC LIMIT $2 OFFSET $3
            """
        case .user: "SELECT \(Self.userColumns) FROM users WHERE id = $1"
        case .userWithToken:
            "SELECT \(Self.userColumns) FROM users WHERE token = $1 AND token <> ''"
        case .pinned:
            """
            SELECT \(Self.messageColumns) FROM message_states p
            JOIN LATERAL (SELECT * FROM events x
                WHERE x.room = p.room AND x.seq = p.seq LIMIT 1) e ON true
            \(Self.joiningMessage)
            WHERE p.room = $1 AND p.is_pinned AND \(Self.exists) ORDER BY p.seq
            """
        case .pinnedReactions:
            """
            SELECT r.target, r.emoji, r.user_id FROM message_states s
            CROSS JOIN LATERAL (SELECT * FROM reactions x
                WHERE x.room = s.room AND x.target = s.seq OFFSET 0) r
            WHERE s.room = $1 AND s.is_pinned ORDER BY s.seq, r.since, r.seq
            """
        default:
            """
            SELECT \(Self.eventColumns)
            FROM (SELECT * FROM events
                WHERE room = $1 AND seq > $2 AND \(Self.exists) ORDER BY seq LIMIT $3) e
            \(Self.joining("users", as: "u", where: "id = e.sender"))
            \(Self.joining("users", as: "s", where: "id = e.subject"))
            \(Self.joining(
                "room_changes", as: "c", where: "e.kind = 10 AND room = e.room AND seq = e.seq"))
            ORDER BY e.seq
            """
        }
    }
}
