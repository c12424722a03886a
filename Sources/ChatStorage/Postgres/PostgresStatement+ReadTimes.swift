// SPDX-License-Identifier: MIT

import ChatCore

extension PostgresStatement {
    /// Most members who leave have fewer read times; what is left goes by age, or when they come back.
    private static let removedAtLeave = 1_000

    /// Removes read times that a query names, by their places in the table.
    private static func removingReadTimes(_ places: String) -> String {
        "DELETE FROM read_times WHERE ctid = ANY(ARRAY(\(places)))"
    }

    var readTimeSQL: String {
        switch self {
        case .advance:
            // The snapshot of all three parts is that of the beginning: `previous` is the mark before the update.
            """
            WITH t AS MATERIALIZED (
                SELECT m.room, m.user_id, m.read AS previous, least(u.read, u.head) AS read,
                    least(greatest(u.delivered, u.read), u.head) AS delivered, u.at
                FROM (SELECT i.*, \(Self.head) AS head
                    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
                        $5::bigint[]) AS i(room, user_id, delivered, read, at)
                    JOIN rooms r ON r.id = i.room OFFSET 0) u
                JOIN members m ON m.room = u.room AND m.user_id = u.user_id),
            noted AS (
                INSERT INTO read_times (room, user_id, seq, previous, at)
                SELECT room, user_id, read, previous, at FROM t
                WHERE at IS NOT NULL AND read > previous ON CONFLICT DO NOTHING)
            UPDATE members m SET delivered = greatest(m.delivered, t.delivered),
                read = greatest(m.read, t.read)
            FROM t WHERE m.room = t.room AND m.user_id = t.user_id
                AND (m.delivered < t.delivered OR m.read < t.read)
            """
        case .insertMember:
            // Nothing of an earlier membership counts.
            """
            WITH gone AS (DELETE FROM read_times WHERE room = $1 AND user_id = $2)
            INSERT INTO members (room, user_id, role, joined_at, joined_after, delivered, read)
            VALUES ($1, $2, $3::bigint, $4, $5, 0, 0)
            """
        case .deleteMember:
            """
            WITH gone AS (\(Self.removingReadTimes("""
                SELECT ctid FROM read_times WHERE room = $1 AND user_id = $2
                ORDER BY seq LIMIT \(Self.removedAtLeave)
                """)))
            DELETE FROM members WHERE room = $1 AND user_id = $2
            """
        case .readTimes:
            // The first time of each member that is not before a place, if it is about that place.
            """
            SELECT m.user_id, t.at FROM members m
            CROSS JOIN LATERAL (SELECT previous, at FROM read_times
                WHERE room = m.room AND user_id = m.user_id AND seq >= $2
                ORDER BY seq LIMIT 1) t
            WHERE m.room = $1 AND t.previous < $2 AND \(Self.exists)
            """
        case .readTimesOfUser:
            """
            SELECT previous, seq, at FROM read_times t
            WHERE room = $1 AND user_id = $2 AND seq > $3 AND \(Self.exists)
                AND EXISTS (SELECT 1 FROM members WHERE room = $1 AND user_id = $2)
            ORDER BY seq LIMIT $4
            """
        case .trimReadTimes:
            // User by user, as the primary key has them: no index is needed that every advance would have to keep up.
            """
            WITH RECURSIVE readers(user_id) AS (
                (SELECT user_id FROM read_times WHERE room = $1 ORDER BY user_id LIMIT 1)
                UNION ALL
                SELECT (SELECT t.user_id FROM read_times t
                    WHERE t.room = $1 AND t.user_id > readers.user_id ORDER BY t.user_id LIMIT 1)
                FROM readers WHERE readers.user_id IS NOT NULL)
            \(Self.removingReadTimes("""
                SELECT t.ctid FROM readers CROSS JOIN LATERAL (SELECT ctid FROM read_times
                    WHERE room = $1 AND user_id = readers.user_id AND seq <= $2
                    ORDER BY seq LIMIT $3) t
                LIMIT $3
                """)) RETURNING 1
            """
        case .eraseReadTimes:
            Self.removingReadTimes(
                """
                SELECT ctid FROM read_times WHERE room = $1 AND user_id = $2
                ORDER BY seq LIMIT $3
                """) + " RETURNING 1"
        default:
            // What another server removes right now is left to it.
            Self.removingReadTimes(
                """
                SELECT ctid FROM read_times WHERE at < $1 ORDER BY at LIMIT $2
                FOR UPDATE SKIP LOCKED
                """) + " RETURNING 1"
        }
    }
}
