// SPDX-License-Identifier: MIT

import ChatCore

/// The queries about a user's own rooms.
///
/// What is unread is computed from the log, without reading it: places have no holes, so the
/// messages after a place are the places after it, less those of other events and of deleted
/// messages (`uncounted_events`), less the user's own. Where those are, `authors` says: in which
/// blocks of places somebody has posted. Only these blocks are read.
enum SQLiteRoomList {
    /// Places in a block.
    static let blockEvents: UInt64 = 256

    /// The members of a deleted room stay for a while: the join leaves them out.
    private static let ownMembers =
        "FROM members m CROSS JOIN rooms r ON r.id = m.room WHERE m.user = ?1"

    /// One row per room of the user `?1`; `start`: after which place messages count.
    private static let own = """
        own AS MATERIALIZED (SELECT m.*,
            max(m.read, m.joined_after, r.trimmed) AS start,
            coalesce((SELECT max(seq) FROM events WHERE room = m.room), r.trimmed) AS head
            \(ownMembers))
        """

    private static let unread = """
        max(0, o.head - o.start
        - (SELECT count(*) FROM events x INDEXED BY uncounted_events
            WHERE x.room = o.room AND x.seq > o.start AND (x.kind <> 0 OR x.text IS NULL))
        - (SELECT count(*) FROM authors a CROSS JOIN events x ON x.room = a.room
            AND x.seq BETWEEN max(a.block * \(blockEvents), o.start + 1)
                AND (a.block + 1) * \(blockEvents) - 1
            WHERE a.room = o.room AND a.user = o.user AND a.block >= o.start / \(blockEvents)
                AND x.kind = 0 AND x.text IS NOT NULL AND x.sender = o.user))
        """

    private static let membership = """
        \(SQLiteStatement.roomColumns), o.role, o.joined_after, o.delivered, o.read, \(unread)
        """

    /// The page `?2` rooms long after `?3`, by the time of the last message.
    private static let page = """
        page AS MATERIALIZED (SELECT l.*, coalesce(e.at, r.created_at) AS active_at
            FROM (SELECT o.*, (SELECT x.seq FROM events x WHERE x.room = o.room AND x.kind = 0
                ORDER BY x.seq DESC LIMIT 1) AS last FROM own o) l
            CROSS JOIN rooms r ON r.id = l.room
            LEFT JOIN events e ON e.room = l.room AND e.seq = l.last
            ORDER BY active_at DESC, l.room < 0 DESC, l.room DESC LIMIT ?2 OFFSET ?3)
        """

    static let memberships = """
        WITH \(own)
        SELECT \(membership) FROM own o CROSS JOIN rooms r ON r.id = o.room
        ORDER BY r.id < 0, r.id
        """

    static let count = "SELECT count(*) \(ownMembers)"

    static let rooms = """
        WITH \(own), \(page)
        SELECT \(membership), \(SQLiteStatement.messageColumns)
        FROM page o CROSS JOIN rooms r ON r.id = o.room
        LEFT JOIN events e ON e.room = o.room AND e.seq = o.last
        LEFT JOIN message_states s ON s.room = e.room AND s.seq = e.seq
        LEFT JOIN users u ON u.id = e.sender
        """

    /// The files of the last messages.
    static let attachments = """
        WITH \(own), \(page)
        SELECT \(SQLiteStatement.attachmentColumns), a.room
        FROM page o CROSS JOIN attachments a ON a.room = o.room AND a.seq = o.last
        ORDER BY a.place
        """

    /// The first `?4` members of each, in no order.
    static let members = """
        WITH \(own), \(page)
        SELECT m.room, m.user, u.name, m.role FROM page o
        CROSS JOIN members m ON m.room = o.room AND m.user IN (SELECT user FROM (
            SELECT * FROM (SELECT x.user FROM members x
                WHERE x.room = o.room AND x.user >= 0 ORDER BY x.user LIMIT ?4)
            UNION ALL
            SELECT * FROM (SELECT x.user FROM members x
                WHERE x.room = o.room AND x.user < 0 ORDER BY x.user LIMIT ?4)
            ) ORDER BY user < 0, user LIMIT ?4)
        LEFT JOIN users u ON u.id = m.user
        """
}

extension SQLiteReader {
    func memberships(of user: UserID) throws(StorageError) -> [MembershipRecord] {
        statements.memberships.bind(1, user)
        return try statements.memberships.all { $0.membershipRecord() }
    }

    func joinedRooms(_ query: JoinedRoomQuery) throws(StorageError) -> JoinedRoomPage {
        try transaction { () throws(StorageError) in
            statements.countJoined.bind(1, query.user)
            let total = try statements.countJoined.first { Int($0.int(0)) } ?? 0
            let members = try listedMembers(query)
            var files: [RoomID: [MessageAttachment]] = [:]
            bind(query, to: statements.joinedAttachments)
            try statements.joinedAttachments.forEach { row in
                files[row.room(10), default: []].append(row.attachment())
                return true
            }
            bind(query, to: statements.joinedRooms)
            let first = SQLiteStatement.afterMembershipColumns
            let rooms = try statements.joinedRooms.all { row in
                var last = row.isNull(first) ? nil : row.message(from: first)
                last?.attachments = files[row.room(0)] ?? []
                return JoinedRoom(
                    membership: row.membershipRecord(), lastMessage: last,
                    members: (members[row.room(0)] ?? []).sorted { $0.user.id < $1.user.id })
            }
            return JoinedRoomPage(rooms: rooms.sorted(by: JoinedRoom.isBefore), total: total)
        }
    }

    private func listedMembers(
        _ query: JoinedRoomQuery
    ) throws(StorageError) -> [RoomID: [ListedMember]] {
        var members: [RoomID: [ListedMember]] = [:]
        bind(query, to: statements.joinedMembers)
        statements.joinedMembers.bind(4, max(0, query.members))
        try statements.joinedMembers.forEach { row in
            members[row.room(0), default: []].append(
                ListedMember(
                    user: UserReference(id: row.user(1), name: row.text(2)),
                    role: row.role(3) ?? .member))
            return true
        }
        return members
    }

    private func bind(_ query: JoinedRoomQuery, to statement: borrowing SQLiteStatement) {
        statement.bind(1, query.user)
        statement.bind(2, max(1, query.limit))
        statement.bind(3, max(0, query.offset))
    }
}

extension SQLiteStatement {
    /// The first column after those of ``membershipRecord()``.
    fileprivate static let afterMembershipColumns = afterRoomColumns + 5

    /// The membership of the present row.
    fileprivate func membershipRecord() -> MembershipRecord {
        let first = Self.afterRoomColumns
        return MembershipRecord(
            room: roomRecord(), role: role(first) ?? .member, joinedAfter: seq(first + 1),
            delivered: seq(first + 2), read: seq(first + 3), unread: Int(int(first + 4)))
    }
}
