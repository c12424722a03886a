// SPDX-License-Identifier: MIT

import CSQLite
import ChatCore

// Erasure of users: each call is one short transaction, and notes how far it has come.
extension SQLiteWriter {
    /// What is to be done next for a user.
    private enum Stage: Int64 {
        /// Look at the next events.
        case walk = 0
        /// Begin to write the index of search anew.
        case beginMerge = 1
        /// Go on with that.
        case merge = 2
    }

    private struct Progress {
        var user: UserID
        /// Rooms are walked in the order of the numbers in the file.
        var room: Int64
        var seq: SequenceNumber
        var stage: Stage
    }

    /// Pages of the index that one transaction writes anew, about.
    private static var mergedPages: Int { 64 }
    /// Read times of one user that go in one slice at most.
    private static var erasedReadTimes: Int { 1_000 }

    func beginErasure(of user: UserID) throws(StorageError) -> UserRecord? {
        let erased = ErasedUser.record(user)
        return try transaction { () throws(StorageError) in
            let update = try SQLiteStatement(
                connection,
                """
                UPDATE users SET name = ?2, name_key = ?3, token = '', is_name_kept = 1,
                    is_erased = 1, display_name = '', avatar = '', status_text = '',
                    created_at = 0, last_seen = NULL, hides_last_seen = 0
                WHERE id = ?1
                """)
            update.bind(1, user)
            update.bind(2, erased.name)
            update.bind(3, NameKey(erased.name).folded)
            try update.run()
            guard connection.changes == 1 else { return nil }
            try forgetBlocks(of: user)
            try removeAccount(of: user)
            try note(Progress(user: user, room: .min, seq: .none, stage: .walk))
            return erased
        }
    }

    func erase(limit: Int) throws(StorageError) -> ErasureSlice? {
        guard try progress() != nil else { return nil }
        return try transaction { () throws(StorageError) in
            guard var progress = try progress() else { return nil }
            var slice = ErasureSlice(user: progress.user, rooms: [], isDone: false)
            switch progress.stage {
            case .walk: slice.isDone = try walk(&progress, &slice, limit: limit)
            case .beginMerge, .merge: slice.isDone = try mergeIndex(&progress)
            }
            if slice.isDone {
                let delete = try SQLiteStatement(connection, "DELETE FROM erasures WHERE user = ?1")
                delete.bind(1, progress.user)
                try delete.run()
            } else {
                try note(progress)
            }
            return slice
        }
    }

    private func progress() throws(StorageError) -> Progress? {
        let find = try SQLiteStatement(
            connection, "SELECT user, room, seq, stage FROM erasures LIMIT 1")
        return try find.first { row in
            Progress(
                user: row.user(0), room: row.int(1), seq: row.seq(2),
                stage: Stage(rawValue: row.int(3)) ?? .walk)
        }
    }

    private func note(_ progress: Progress) throws(StorageError) {
        let note = try SQLiteStatement(
            connection, "INSERT OR REPLACE INTO erasures VALUES (?1, ?2, ?3, ?4)")
        note.bind(1, progress.user)
        note.bind(2, progress.room)
        note.bind(3, progress.seq)
        note.bind(4, progress.stage.rawValue)
        try note.run()
    }

    // MARK: The logs

    /// - Returns: whether nothing is left to do.
    private func walk(
        _ progress: inout Progress, _ slice: inout ErasureSlice, limit: Int
    ) throws(StorageError) -> Bool {
        let next = try SQLiteStatement(
            connection,
            """
            SELECT r.id, r.trimmed,
                coalesce((SELECT max(seq) FROM events WHERE room = r.id), r.trimmed)
            FROM rooms r WHERE r.id >= ?1 ORDER BY r.id LIMIT 1
            """)
        var budget = max(1, limit)
        while budget > 0 {
            next.bind(1, progress.room)
            guard let (id, trimmed, head) = try next.first({ ($0.int(0), $0.seq(1), $0.seq(2)) })
            else {
                // Since 3.42 the index overwrites what it forgets.
                progress.stage = .beginMerge
                return sqlite3_libversion_number() >= 3_042_000
            }
            let start = max(id == progress.room ? progress.seq : .none, trimmed)
            let count = min(UInt64(budget), head.rawValue - min(start.rawValue, head.rawValue))
            let end = SequenceNumber(rawValue: start.rawValue + count)
            let room = RoomID(rawValue: UInt64(bitPattern: id))
            try eraseSanctions(of: progress.user, in: room)
            if try eraseReadTimes(of: progress.user, in: room) { return false }
            if count > 0, try erase(progress.user, in: room, after: start, through: end) {
                slice.rooms.append(room)
            }
            budget -= Int(count) + 1
            (progress.room, progress.seq) = (id, end)
            if end >= head {
                guard id < .max else { continue }
                (progress.room, progress.seq) = (id + 1, .none)
            }
        }
        return false
    }

    /// - Returns: whether there was anything to erase.
    private func erase(
        _ user: UserID, in room: RoomID, after start: SequenceNumber, through end: SequenceNumber
    ) throws(StorageError) -> Bool {
        func bind(_ statement: borrowing SQLiteStatement) {
            statement.bind(1, room)
            statement.bind(2, start)
            statement.bind(3, end)
            statement.bind(4, user)
        }
        // Up to `end` nothing of theirs is left to count.
        let blocks = try SQLiteStatement(
            connection,
            """
            DELETE FROM authors WHERE room = ?1 AND user = ?4
                AND block < (?3 + 1) / \(SQLiteRoomList.blockEvents)
            """)
        bind(blocks)
        try blocks.run()
        let own = "WHERE room = ?1 AND seq > ?2 AND seq <= ?3 AND sender = ?4"
        // What others gave as the reason of a ban.
        let bans = try SQLiteStatement(
            connection,
            """
            UPDATE events SET text = NULL
            WHERE room = ?1 AND seq > ?2 AND seq <= ?3 AND subject = ?4 AND sender <> ?4
                AND kind = \(StoredEventKind.ban.rawValue) AND text IS NOT NULL
            """)
        bind(bans)
        try bans.run()
        let hasBans = connection.changes > 0
        let find = try SQLiteStatement(
            connection, "SELECT seq, kind, target, text, client_id FROM events \(own)")
        bind(find)
        let events = try find.all { row in
            (
                seq: row.seq(0), kind: StoredEventKind(rawValue: row.int(1)), target: row.seq(2),
                text: row.optionalText(3), clientID: row.optionalText(4)
            )
        }
        if events.isEmpty { return hasBans }
        for event in events {
            if let clientID = event.clientID { try forget(clientID, of: user, in: room) }
            guard let text = event.text else { continue }
            if event.kind == .message { try statements.redact(event.seq, in: room) }
            if event.kind == .react {
                statements.deleteReaction.bind(1, room)
                statements.deleteReaction.bind(2, event.target)
                statements.deleteReaction.bind(3, text)
                statements.deleteReaction.bind(4, user)
                try statements.deleteReaction.run()
            }
        }
        let update = try SQLiteStatement(
            connection, "UPDATE events SET text = NULL, client_id = NULL \(own)")
        bind(update)
        try update.run()
        return hasBans || events.contains { $0.text != nil }
    }

    /// What the room knows of them beside the log; that they are banned stays.
    private func eraseSanctions(of user: UserID, in room: RoomID) throws(StorageError) {
        for sql in [
            """
            UPDATE bans SET reason = ''
            WHERE room = ?1 AND (user = ?2 OR sender = ?2) AND reason <> ''
            """,
            """
            UPDATE audit SET text = '' WHERE room = ?1 AND (actor = ?2 OR subject = ?2)
                AND action = \(AuditAction.ban.rawValue) AND text <> ''
            """,
            "DELETE FROM mutes WHERE room = ?1 AND user = ?2",
            "DELETE FROM invitations WHERE room = ?1 AND (user = ?2 OR sender = ?2)",
        ] {
            let statement = try SQLiteStatement(connection, sql)
            statement.bind(1, room)
            statement.bind(2, user)
            try statement.run()
        }
    }

    /// - Returns: whether there may be more of them.
    private func eraseReadTimes(of user: UserID, in room: RoomID) throws(StorageError) -> Bool {
        try statements.readTimes.delete(of: user, in: room, limit: Self.erasedReadTimes)
        return connection.changes == Self.erasedReadTimes
    }

    private func forget(
        _ clientID: String, of user: UserID, in room: RoomID
    ) throws(StorageError) {
        statements.deleteClientID.bind(1, room)
        statements.deleteClientID.bind(2, user)
        statements.deleteClientID.bind(3, clientID)
        try statements.deleteClientID.run()
    }

    // MARK: The index of search

    /// Before 3.42 the index keeps single words of what was taken out until it merges their place.
    /// So all of it is merged, some pages at a time.
    ///
    /// - Returns: whether that is done.
    private func mergeIndex(_ progress: inout Progress) throws(StorageError) -> Bool {
        let before = connection.totalChanges
        let pages = progress.stage == .beginMerge ? -Self.mergedPages : Self.mergedPages
        try connection.execute(
            "INSERT INTO search_index (search_index, rank) VALUES ('merge', \(pages))")
        defer { progress.stage = .merge }
        // One change is the command itself.
        return progress.stage == .merge && connection.totalChanges - before < 2
    }
}
