// SPDX-License-Identifier: MIT

import ChatCore

// What upkeep asks; seldom, so its statements are compiled when they are needed.
extension SQLiteReader {
    func rooms(after room: RoomID?, limit: Int) throws(StorageError) -> [RoomRecord] {
        var first = Int64.min
        if let room {
            let last = Int64(bitPattern: room.rawValue)
            if last == .max { return [] }
            first = last + 1
        }
        let page = try SQLiteStatement(
            connection,
            """
            SELECT \(SQLiteStatement.roomColumns) FROM rooms r
            WHERE r.id >= ?1 ORDER BY r.id LIMIT ?2
            """)
        page.bind(1, first)
        page.bind(2, max(1, limit))
        return try page.all { $0.roomRecord() }
    }

    func user(named name: NameKey) throws(StorageError) -> UserRecord? {
        let find = try SQLiteStatement(
            connection, "SELECT \(SQLiteStatement.userColumns) FROM users WHERE name_key = ?1")
        find.bind(1, name.folded)
        return try find.first { $0.userRecord() }
    }

    func trimPlace(in id: RoomID, for bound: TrimBound) throws(StorageError) -> SequenceNumber {
        try transaction { () throws(StorageError) in
            statements.room.bind(1, id)
            guard let room = try statements.room.first({ $0.roomRecord() }) else { return .none }
            let event = try SQLiteStatement(
                connection, "SELECT at FROM events WHERE room = ?1 AND seq = ?2")
            return try bound.place(in: room) { seq throws(StorageError) in
                event.bind(1, id)
                event.bind(2, seq)
                return try event.first { $0.time(0) }
            } newest: { passed throws(StorageError) in
                let message = try SQLiteStatement(
                    connection,
                    """
                    SELECT seq FROM events WHERE room = ?1 AND kind = 0
                    ORDER BY seq DESC LIMIT 1 OFFSET ?2
                    """)
                message.bind(1, id)
                message.bind(2, passed)
                return try message.first { $0.seq(0) }
            }
        }
    }

    func pendingErasures(limit: Int) throws(StorageError) -> [UserID] {
        let find = try SQLiteStatement(
            connection, "SELECT user FROM erasures ORDER BY user LIMIT ?1")
        find.bind(1, max(1, limit))
        return try find.all { $0.user(0) }
    }

    // MARK: The report

    func storageReport(log: Int) throws(StorageError) -> StorageReport {
        let page = try connection.number("PRAGMA page_size")
        let pages = try connection.number("PRAGMA page_count")
        let free = try connection.number("PRAGMA freelist_count")
        let file = StorageReport.Part(
            name: "database file", bytes: pages * page, freeBytes: free * page)
        let walk = StorageReport.Part(name: "write-ahead log", bytes: Int64(log) * page)
        return StorageReport(
            parts: [file, walk],
            advice: SQLiteAdvice.lines(
                bytes: pages * page, freeBytes: free * page, logBytes: Int64(log) * page,
                waiting: try connection.number(
                    "SELECT (SELECT count(*) FROM deleted_rooms) + (SELECT count(*) FROM erasures)"
                )))
    }
}

/// What the operator of a file should do.
package enum SQLiteAdvice {
    /// - Parameters:
    ///   - bytes: the file's size.
    ///   - freeBytes: what of it is not used.
    ///   - logBytes: the size of the write-ahead log.
    ///   - waiting: rooms to be swept and users to be erased.
    package static func lines(
        bytes: Int64, freeBytes: Int64, logBytes: Int64, waiting: Int64
    ) -> [String] {
        var lines: [String] = []
        if freeBytes > 64 << 20, freeBytes > bytes / 4 {
            lines.append(
                "a quarter of the file or more is free and will be used again; to give it back to the "
                    + "disk, stop the server and run: sqlite3 FILE VACUUM (it needs as much space again)"
            )
        }
        if logBytes > 256 << 20 {
            lines.append(
                "the write-ahead log is long: a reader or a backup has been holding it; it shrinks when "
                    + "the server is restarted")
        }
        if waiting > 0 {
            lines.append("rooms to sweep and users to erase: \(waiting); a running server does it")
        }
        return lines
    }
}
