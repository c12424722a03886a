// SPDX-License-Identifier: MIT

import ChatCore

// Retention and the remains of deleted rooms: each call is one short transaction.
extension SQLiteWriter {
    /// Reactions, and read times, that go in one slice at most, per event that may go.
    private static var reactionsPerEvent: Int { 20 }

    // MARK: Retention

    func trim(
        _ id: RoomID, through place: SequenceNumber, limit: Int
    ) throws(StorageError) -> TrimSlice? {
        try transaction { () throws(StorageError) in
            guard let room = try rooms.room(id)?.record else { return nil }
            let end = TrimSlice.end(of: room, through: place, limit: limit)
            if end == room.trimmed { return TrimSlice(trimmed: end, removed: 0, isDone: true) }
            let bound = max(1_000, min(limit, 100_000) * Self.reactionsPerEvent)
            try run(
                """
                DELETE FROM reactions WHERE (room, target, emoji, user) IN
                    (SELECT room, target, emoji, user FROM reactions
                     WHERE room = ?1 AND target <= ?2 LIMIT ?3)
                """, id, end, bound)
            let reactions = connection.changes
            let times = try trimReadTimes(of: id, through: end, limit: bound)
            if reactions == bound || times == bound {
                return TrimSlice(trimmed: room.trimmed, removed: 0, isDone: false)
            }
            try removeEvents(of: id, through: end)
            return TrimSlice(
                trimmed: end, removed: Int(end.rawValue - room.trimmed.rawValue),
                isDone: end >= min(place, room.head))
        }
    }

    /// The index before the events, which say which of its rows are theirs.
    private func removeEvents(
        of room: RoomID, through end: SequenceNumber
    ) throws(StorageError) {
        rooms.forget(room)
        for sql in [
            """
            UPDATE rooms SET trimmed = ?2,
                trimmed_at = (SELECT at FROM events WHERE room = ?1 AND seq = ?2) WHERE id = ?1
            """,
            """
            DELETE FROM search_index WHERE rowid IN
                (SELECT position FROM events WHERE room = ?1 AND seq <= ?2 AND kind = 0)
            """,
            // Only whole blocks: in the block of the edge somebody may have posted after it.
            """
            DELETE FROM authors
            WHERE room = ?1 AND block < (?2 + 1) / \(SQLiteRoomList.blockEvents)
            """,
            "DELETE FROM message_states WHERE room = ?1 AND seq <= ?2",
            "DELETE FROM edits WHERE room = ?1 AND target <= ?2",
            "DELETE FROM room_changes WHERE room = ?1 AND seq <= ?2",
            """
            INSERT OR IGNORE INTO orphaned_attachments
            SELECT a.id FROM attachments a WHERE a.room = ?1 AND a.seq <= ?2 AND NOT EXISTS (
                SELECT 1 FROM attachments b
                WHERE b.id = a.id AND NOT (b.room = ?1 AND b.seq <= ?2))
            """,
            "DELETE FROM attachments WHERE room = ?1 AND seq <= ?2",
            "DELETE FROM events WHERE room = ?1 AND seq <= ?2",
        ] { try run(sql, room, end) }
        try connection.execute(SQLiteIndexer.stepBack)
    }

    private func run(
        _ sql: String, _ room: RoomID, _ end: SequenceNumber, _ limit: Int? = nil
    ) throws(StorageError) {
        let statement = try SQLiteStatement(connection, sql)
        statement.bind(1, room)
        statement.bind(2, end)
        if let limit { statement.bind(3, limit) }
        try statement.run()
    }

    // MARK: Deleted rooms

    func sweep(limit: Int) throws(StorageError) -> SweepSlice {
        guard try deletedRoom() != nil else { return SweepSlice(removed: 0, isDone: true) }
        return try transaction { () throws(StorageError) in
            var budget = max(1, limit)
            var removed = 0
            while budget > 0, let room = try deletedRoom() {
                let count = try sweep(room, limit: budget)
                removed += count
                budget -= max(1, count)
            }
            try connection.execute(SQLiteIndexer.stepBack)
            return SweepSlice(removed: removed, isDone: try deletedRoom() == nil)
        }
    }

    /// Only for an id that is used again, which random ids are not: all at once.
    func sweepRemains(of room: RoomID) throws(StorageError) {
        let find = try SQLiteStatement(connection, "SELECT 1 FROM deleted_rooms WHERE room = ?1")
        find.bind(1, room)
        guard try find.hasRow() else { return }
        _ = try sweep(room, limit: .max)
        try connection.execute(SQLiteIndexer.stepBack)
    }

    private func deletedRoom() throws(StorageError) -> RoomID? {
        let find = try SQLiteStatement(connection, "SELECT room FROM deleted_rooms LIMIT 1")
        return try find.first { $0.room(0) }
    }

    /// Removes rows of a room that was deleted, and then the note that it was.
    ///
    /// - Returns: how many rows were removed.
    private func sweep(_ room: RoomID, limit: Int) throws(StorageError) -> Int {
        let tables = [
            ("events", "position"), ("message_states", "room, seq"),
            ("edits", "room, target, seq"), ("reactions", "room, target, emoji, user"),
            ("room_changes", "room, seq"), ("members", "room, user"),
            ("client_ids", "room, sender, client_id"), ("bans", "room, user"),
            ("mutes", "room, user"), ("attachments", "room, seq, place"),
            ("authors", "room, user, block"), ("audit", "room, number"),
            ("read_times", "room, user, seq"),
        ]
        var removed = 0
        for (table, key) in tables {
            let order = table == "events" ? "ORDER BY seq" : ""
            let some = "(SELECT \(key) FROM \(table) WHERE room = ?1 \(order) LIMIT ?2)"
            if table == "events" {
                try run("DELETE FROM search_index WHERE rowid IN \(some)", room, limit - removed)
            }
            if table == "attachments" {
                try run(
                    """
                    INSERT OR IGNORE INTO orphaned_attachments
                    SELECT a.id FROM attachments a WHERE (\(key)) IN \(some) AND NOT EXISTS (
                        SELECT 1 FROM attachments b WHERE b.id = a.id AND b.room <> ?1)
                    """, room, limit - removed)
            }
            try run("DELETE FROM \(table) WHERE (\(key)) IN \(some)", room, limit - removed)
            removed += connection.changes
            if removed >= limit { return removed }
        }
        try run("DELETE FROM deleted_rooms WHERE room = ?1", room)
        return removed
    }

    private func run(_ sql: String, _ room: RoomID, _ limit: Int) throws(StorageError) {
        let statement = try SQLiteStatement(connection, sql)
        statement.bind(1, room)
        statement.bind(2, limit)
        try statement.run()
    }
}
