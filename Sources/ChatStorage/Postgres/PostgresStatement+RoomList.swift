// SPDX-License-Identifier: MIT

import ChatCore

// The queries about a user's own rooms.
//
// What is unread is computed from the log, without reading it: places have no holes, so the messages
// after a place are the places after it, less those of other events and of deleted messages
// (`uncounted_events`), less the user's own. Where those are, `authors` says: in which blocks of
// places somebody has posted. Only these blocks are read.
extension PostgresStatement {
    /// The members of a deleted room stay for a while: the join leaves them out.
    private static let ownMembers =
        "FROM members m JOIN rooms r ON r.id = m.room WHERE m.user_id = $1"

    /// `start`: after which place messages count.
    private static let own = """
        own AS (SELECT m.*, greatest(m.read, m.joined_after, r.trimmed) AS start \(ownMembers))
        """

    /// Each block is counted by itself, so that the plan cannot be to read the whole log and then to look which blocks count.
    private static let unread = """
        greatest(0, \(head) - o.start
        - (SELECT count(*) FROM events x
            WHERE x.room = o.room AND x.seq > o.start AND (x.kind <> 0 OR x.text IS NULL))
        - (SELECT coalesce(sum(b.own), 0)::bigint FROM authors a CROSS JOIN LATERAL (
            SELECT count(*) AS own FROM events x WHERE x.room = a.room
                AND x.seq >= greatest(a.block * \(PostgresAuthors.blockEvents), o.start + 1)
                AND x.seq < (a.block + 1) * \(PostgresAuthors.blockEvents)
                AND x.kind = 0 AND x.text IS NOT NULL AND x.sender = o.user_id) b
            WHERE a.room = o.room AND a.user_id = o.user_id
                AND a.block >= o.start / \(PostgresAuthors.blockEvents)))
        """

    private static let membership = """
        \(roomColumns), o.role, o.joined_after, o.delivered, o.read, \(unread)
        """

    /// The page `$2` rooms long after `$3`, by the time of the last message.
    private static let page = """
        page AS MATERIALIZED (SELECT o.*, e.seq AS last
            FROM own o JOIN rooms r ON r.id = o.room
            LEFT JOIN LATERAL (SELECT x.seq, x.at FROM events x
                WHERE x.room = o.room AND x.kind = 0 ORDER BY x.seq DESC LIMIT 1) e ON true
            ORDER BY coalesce(e.at, r.created_at) DESC, (o.room < 0) DESC, o.room DESC
            LIMIT $2 OFFSET $3)
        """

    var roomListSQL: String {
        switch self {
        case .memberships:
            """
            WITH \(Self.own)
            SELECT \(Self.membership) FROM own o JOIN rooms r ON r.id = o.room
            ORDER BY r.id < 0, r.id
            """
        case .countJoined: "SELECT count(*) \(Self.ownMembers)"
        case .joinedRooms:
            """
            WITH \(Self.own), \(Self.page)
            SELECT \(Self.membership), \(Self.messageColumns)
            FROM page o JOIN rooms r ON r.id = o.room
            \(Self.joining("events", as: "e", where: "room = o.room AND seq = o.last"))
            \(Self.joiningMessage)
            """
        case .joinedAttachments:
            """
            WITH \(Self.own), \(Self.page)
            SELECT \(Self.attachmentColumns), a.room
            FROM page o JOIN attachments a ON a.room = o.room AND a.seq = o.last
            ORDER BY a.room, a.place
            """
        default:
            """
            WITH \(Self.own), \(Self.page)
            SELECT o.room, m.user_id, u.name, m.role FROM page o
            CROSS JOIN LATERAL (SELECT * FROM (
                (SELECT * FROM members x WHERE x.room = o.room AND x.user_id >= 0
                    ORDER BY x.user_id LIMIT $4)
                UNION ALL
                (SELECT * FROM members x WHERE x.room = o.room AND x.user_id < 0
                    ORDER BY x.user_id LIMIT $4)) y
                ORDER BY y.user_id < 0, y.user_id LIMIT $4) m
            \(Self.joining("users", as: "u", where: "id = m.user_id"))
            """
        }
    }
}
