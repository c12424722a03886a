// SPDX-License-Identifier: MIT

import ChatCore

/// The statements of the writing connection about when members read what.
final class SQLiteReadTimeStatements {
    /// Most members who leave have fewer; what is left goes by age, or when they come back.
    private static let removedAtLeave = 1_000

    let note: SQLiteStatement
    let deleteSome: SQLiteStatement
    let deleteAll: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StorageError) {
        // Before the mark is moved, as it says up to where they had read.
        note = try SQLiteStatement(
            connection,
            """
            INSERT INTO read_times (room, user, seq, previous, at)
            SELECT room, user, ?3, read, ?4 FROM members
            WHERE room = ?1 AND user = ?2 AND read < ?3
            """)
        deleteSome = try SQLiteStatement(
            connection,
            """
            DELETE FROM read_times WHERE (room, user, seq) IN (
                SELECT room, user, seq FROM read_times WHERE room = ?1 AND user = ?2 LIMIT ?3)
            """)
        deleteAll = try SQLiteStatement(
            connection, "DELETE FROM read_times WHERE room = ?1 AND user = ?2")
    }

    /// Notes an advance of a read mark up to `seq`, if it is one.
    func note(_ receipt: ReceiptUpdate, upTo seq: SequenceNumber) throws(StorageError) {
        guard let at = receipt.readAt else { return }
        note.bind(1, receipt.room)
        note.bind(2, receipt.user)
        note.bind(3, seq)
        note.bind(4, at)
        try note.run()
    }

    /// Somebody is no member any more: their times are out of reach.
    func left(_ user: UserID, _ room: RoomID) throws(StorageError) {
        try delete(of: user, in: room, limit: Self.removedAtLeave)
    }

    /// Somebody is a member: nothing of an earlier membership counts.
    func joined(_ user: UserID, _ room: RoomID) throws(StorageError) {
        deleteAll.bind(1, room)
        deleteAll.bind(2, user)
        try deleteAll.run()
    }

    /// Removes times of a user in a room, `limit` at most.
    func delete(of user: UserID, in room: RoomID, limit: Int) throws(StorageError) {
        deleteSome.bind(1, room)
        deleteSome.bind(2, user)
        deleteSome.bind(3, limit)
        try deleteSome.run()
    }
}

extension SQLiteWriter {
    /// Removes times that are only about events up to `end`, `limit` at most.
    ///
    /// User by user, as the primary key has them: no index is needed that every advance would have to keep up.
    ///
    /// - Returns: how many.
    func trimReadTimes(
        of room: RoomID, through end: SequenceNumber, limit: Int
    ) throws(StorageError) -> Int {
        let trim = try SQLiteStatement(connection, SQLiteReadTimeSQL.trim)
        trim.bind(1, room)
        trim.bind(2, end)
        trim.bind(3, limit)
        try trim.run()
        return connection.changes
    }

    /// Removes times that are older than `time`, `limit` at most.
    ///
    /// - Returns: how many.
    func removeReadTimes(before time: Timestamp, limit: Int) throws(StorageError) -> Int {
        try transaction { () throws(StorageError) in
            let remove = try SQLiteStatement(connection, SQLiteReadTimeSQL.remove)
            remove.bind(1, time)
            remove.bind(2, max(1, limit))
            try remove.run()
            return connection.changes
        }
    }
}

/// Texts of statements, where their plans can be looked at.
enum SQLiteReadTimeSQL {
    /// The first time of each member that is not before a place, if it is about that place. Of a deleted room, none.
    static let ofPlace = """
        SELECT m.user, t.at FROM rooms r CROSS JOIN members m ON m.room = r.id
        CROSS JOIN read_times t ON t.room = m.room AND t.user = m.user AND t.seq = (
            SELECT min(seq) FROM read_times WHERE room = m.room AND user = m.user AND seq >= ?2)
        WHERE r.id = ?1 AND t.previous < ?2
        """

    static let ofUser = """
        SELECT previous, seq, at FROM read_times WHERE room = ?1 AND user = ?2 AND seq > ?3
            AND EXISTS (SELECT 1 FROM rooms WHERE id = ?1)
            AND EXISTS (SELECT 1 FROM members WHERE room = ?1 AND user = ?2)
        ORDER BY seq LIMIT ?4
        """

    static let trim = """
        DELETE FROM read_times WHERE (room, user, seq) IN (
            WITH RECURSIVE readers(user) AS (
                SELECT min(user) FROM read_times WHERE room = ?1
                UNION ALL
                SELECT (SELECT min(user) FROM read_times WHERE room = ?1 AND user > readers.user)
                FROM readers WHERE readers.user IS NOT NULL)
            SELECT t.room, t.user, t.seq FROM readers CROSS JOIN read_times t
                ON t.room = ?1 AND t.user = readers.user AND t.seq <= ?2
            LIMIT ?3)
        """

    static let remove = """
        DELETE FROM read_times WHERE (room, user, seq) IN (
            SELECT room, user, seq FROM read_times INDEXED BY read_times_by_age
            WHERE at < ?1 ORDER BY at LIMIT ?2)
        """
}

extension SQLiteReader {
    func readTimes(
        of seq: SequenceNumber, in room: RoomID
    ) throws(StorageError) -> [UserID: Timestamp] {
        statements.readTimes.bind(1, room)
        statements.readTimes.bind(2, seq)
        let rows = try statements.readTimes.all { ($0.user(0), $0.time(1)) }
        return Dictionary(rows, uniquingKeysWith: { first, _ in first })
    }

    func readTimes(
        by user: UserID, in room: RoomID, after seq: SequenceNumber, limit: Int
    ) throws(StorageError) -> [ReadTime] {
        statements.readTimesOfUser.bind(1, room)
        statements.readTimesOfUser.bind(2, user)
        statements.readTimesOfUser.bind(3, seq)
        statements.readTimesOfUser.bind(4, max(1, limit))
        return try statements.readTimesOfUser.all { row in
            ReadTime(previous: row.seq(0), seq: row.seq(1), at: row.time(2))
        }
    }
}
