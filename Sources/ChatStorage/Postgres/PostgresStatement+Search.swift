// SPDX-License-Identifier: MIT

extension PostgresStatement {
    private static func lockBehind(_ clause: String) -> String {
        // Locked in the order of the rows, by the room's identity: nobody waits in a circle.
        """
        SELECT p.room, p.seq
        FROM unnest($1::bigint[], $2::bigint[]) AS w(room, seq)
        JOIN search_rooms p ON p.room = w.room
        JOIN rooms r ON r.id = w.room
        WHERE p.seq < least(w.seq, \(head))
        ORDER BY p.room LIMIT $3 FOR UPDATE OF p \(clause)
        """
    }

    var searchSQL: String {
        switch self {
        case .searchSettings:
            // The plan depends on how frequent the words are.
            """
            SELECT set_config('plan_cache_mode', 'force_custom_plan', true),
                set_config('statement_timeout', $1::bigint::text, true)
            """
        case .ownRooms:
            "SELECT m.room FROM members m JOIN rooms r ON r.id = m.room WHERE m.user_id = $1"
        case .searchCandidates:
            // The limit inside: what is joined is only what is looked at.
            """
            SELECT i.room, i.seq, i.at, e.sender, u.name, s.edited_at, coalesce(s.text, e.text)
            FROM (SELECT room, seq, at FROM search_index
                WHERE words @@ convert_from($1::bytea, 'UTF8')::tsquery
                    AND room = ANY($2::bigint[]) AND at >= $3 AND at < $4
                    AND (at, room, seq) < ($5, $6, $7)
                ORDER BY at DESC, room DESC, seq DESC LIMIT $8) i
            \(Self.joining("events", as: "e", where: "room = i.room AND seq = i.seq AND kind = 0"))
            \(Self.joiningMessage)
            ORDER BY i.at DESC, i.room DESC, i.seq DESC
            """
        case .ownRoomsBehind:
            """
            SELECT r.id, \(Self.head) FROM members m
            JOIN search_rooms p ON p.room = m.room
            JOIN rooms r ON r.id = m.room
            WHERE m.user_id = $1 AND p.seq < \(Self.head)
            """
        case .roomsBehind:
            """
            SELECT r.id FROM rooms r JOIN search_rooms p ON p.room = r.id
            WHERE p.seq < \(Self.head)
            """
        case .lockBehind: Self.lockBehind("")
        case .lockBehindIfFree: Self.lockBehind("SKIP LOCKED")
        case .lockSearch:
            "SELECT 1 FROM search_rooms WHERE room = ANY($1::bigint[]) ORDER BY room FOR UPDATE"
        case .unindexed:
            """
            SELECT w.room, t.seq, e.seq, e.at, e.sender, coalesce(s.text, e.text)
            FROM unnest($1::bigint[], $2::bigint[]) AS w(room, seq)
            CROSS JOIN LATERAL (SELECT x.seq,
                    CASE x.kind WHEN 0 THEN x.seq WHEN 1 THEN x.target END AS message
                FROM events x WHERE x.room = w.room AND x.seq > w.seq
                ORDER BY x.seq LIMIT $3) t
            LEFT JOIN LATERAL (SELECT * FROM events x
                WHERE x.room = w.room AND x.seq = t.message AND x.kind = 0
                    AND x.text IS NOT NULL LIMIT 1) e ON true
            \(Self.joining("message_states", as: "s", where: "room = e.room AND seq = e.seq"))
            """
        case .index:
            """
            INSERT INTO search_index (room, seq, at, words)
            SELECT t.room, t.seq, t.at,
                array_to_tsvector(string_to_array(convert_from(t.words, 'UTF8'), ' '))
            FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[])
                AS t(room, seq, at, words)
            ON CONFLICT (room, seq) DO UPDATE SET words = excluded.words
            """
        case .setIndexed:
            """
            UPDATE search_rooms p SET seq = t.seq
            FROM unnest($1::bigint[], $2::bigint[]) AS t(room, seq) WHERE p.room = t.room
            """
        case .insertSearchRoom: "INSERT INTO search_rooms (room, seq) VALUES ($1, 0)"
        case .deleteSearchRoomOf: "DELETE FROM search_rooms WHERE room = $1"
        case .hitAttachments:
            """
            SELECT \(Self.attachmentColumns), h.n
            FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS h(room, seq, n)
            JOIN attachments a ON a.room = h.room AND a.seq = h.seq ORDER BY h.n, a.place
            """
        default: "DELETE FROM search_index WHERE room = $1 AND seq = $2"
        }
    }
}
