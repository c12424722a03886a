// SPDX-License-Identifier: MIT

import ChatCore

// Retention and the remains of deleted rooms: each call that writes is inside one short transaction.
extension PostgresSession {
    /// Reactions, and read times, that go in one slice at most, per event that may go.
    private static var reactionsPerEvent: Int { 20 }

    // MARK: Looking

    func rooms(after room: RoomID?, limit: Int) throws(PostgresFailure) -> [RoomRecord] {
        var first = Int64.min
        if let room {
            let last = Int64(bitPattern: room.rawValue)
            if last == .max { return [] }
            first = last + 1
        }
        return try fetch(.roomsFrom, [.int(first), .number(max(1, limit))]).all { $0.roomRecord() }
    }

    func user(named name: NameKey) throws(PostgresFailure) -> UserRecord? {
        try fetch(.userNamed, [.bytes(name.folded)]).first { $0.userRecord() }
    }

    func trimPlace(in id: RoomID, for bound: TrimBound) throws(PostgresFailure) -> SequenceNumber {
        try read { session throws(PostgresFailure) in
            let connection = session.connection
            let found = try connection.fetch(.room, [.room(id)])
            guard let room = found.first({ $0.roomRecord() }) else { return .none }
            return try bound.place(in: room) { seq throws(PostgresFailure) in
                try connection.fetch(.eventTime, [.room(id), .seq(seq)]).first { $0.time(0) }
            } newest: { passed throws(PostgresFailure) in
                try connection.fetch(.newestMessage, [.room(id), .number(passed)])
                    .first { $0.seq(0) }
            }
        }
    }

    func storageReport() throws(PostgresFailure) -> StorageReport {
        try read { session throws(PostgresFailure) in
            let tables = try session.connection.fetch(.tableSizes, []).all { row in
                (
                    part: StorageReport.Part(
                        name: row.text(0), bytes: row.int(1), deadRows: row.int(2)),
                    live: row.int(3)
                )
            }
            let waiting = try session.connection.fetch(.waitingUpkeep, [])
                .first { ($0.int(0), $0.bool(1)) }
            let advice = PostgresAdvice.lines(
                tables: tables.map { ($0.part.name, $0.part.deadRows ?? 0, $0.live) },
                waiting: waiting?.0 ?? 0, vacuums: waiting?.1 ?? true)
            return StorageReport(parts: tables.map(\.part), advice: advice)
        }
    }

    // MARK: Retention

    func trim(
        _ id: RoomID, through place: SequenceNumber, limit: Int
    ) throws(PostgresFailure) -> TrimSlice? {
        let locked = try connection.fetchLocked(id)
        guard let room = locked.first({ $0.roomRecord() }) else { return nil }
        let end = TrimSlice.end(of: room, through: place, limit: limit)
        if end == room.trimmed { return TrimSlice(trimmed: end, removed: 0, isDone: true) }
        let bound = max(1_000, min(limit, 100_000) * Self.reactionsPerEvent)
        let reactions = try connection.fetch(
            .trimReactions, [.room(id), .seq(end), .number(bound)])
        let times = try connection.fetch(.trimReadTimes, [.room(id), .seq(end), .number(bound)])
        if reactions.count == bound || times.count == bound {
            return TrimSlice(trimmed: room.trimmed, removed: 0, isDone: false)
        }
        // Whoever fills the index waits, and then does not find these texts.
        try connection.send(.lockSearch, [.ints([Int64(bitPattern: id.rawValue)])])
        try connection.send(.lockFilesUpTo, [.room(id), .seq(end)])
        let steps: [PostgresStatement] = [
            .trimSearchIndex, .trimSearchRoom, .trimAuthors, .trimStates, .trimEdits, .trimChanges,
            .trimAttachments, .setTrimmed, .trimEvents,
        ]
        for step in steps { try connection.send(step, [.room(id), .seq(end)]) }
        return TrimSlice(
            trimmed: end, removed: Int(end.rawValue - room.trimmed.rawValue),
            isDone: end >= min(place, room.head))
    }

    // MARK: Deleted rooms

    func sweep(limit: Int) throws(PostgresFailure) -> SweepSlice {
        var budget = max(1, limit)
        var removed = 0
        while budget > 0 {
            let found = try connection.fetch(.buried, [])
            guard let room = found.first({ $0.room(0) }) else {
                return SweepSlice(removed: removed, isDone: true)
            }
            let count = try sweep(room, limit: budget)
            removed += count
            budget -= max(1, count)
        }
        return SweepSlice(
            removed: removed, isDone: try connection.fetch(.buried, []).count == 0)
    }

    /// Only for an id that is used again, which random ids are not: all at once.
    func sweepRemains(of room: RoomID) throws(PostgresFailure) {
        guard try connection.fetch(.isBuried, [.room(room)]).count > 0 else { return }
        _ = try sweep(room, limit: .max)
    }

    /// Removes rows of a room that was deleted, and then the note that it was.
    ///
    /// - Returns: how many rows were removed.
    private func sweep(_ room: RoomID, limit: Int) throws(PostgresFailure) -> Int {
        let steps: [PostgresStatement] = [
            .sweepSearchIndex, .sweepEvents, .sweepStates, .sweepEdits, .sweepReactions,
            .sweepChanges,
            .sweepMembers, .sweepClientIDs, .sweepBans, .sweepMutes, .sweepAttachments,
            .sweepAuthors, .sweepAudit, .sweepReadTimes,
        ]
        var removed = 0
        for step in steps {
            if step == .sweepAttachments {
                try connection.send(.lockFilesUpTo, [.room(room), .int(.max)])
            }
            removed += try connection.fetch(step, [.room(room), .number(limit - removed)]).count
            if removed >= limit { return removed }
        }
        try connection.send(.exhume, [.room(room)])
        return removed
    }
}

/// What the operator of a database should do.
package enum PostgresAdvice {
    /// - Parameters:
    ///   - tables: each with its dead and its live rows.
    ///   - waiting: rooms to be swept and users to be erased.
    ///   - vacuums: whether autovacuum is on.
    package static func lines(
        tables: [(name: String, dead: Int64, live: Int64)], waiting: Int64, vacuums: Bool
    ) -> [String] {
        var lines: [String] = []
        if !vacuums {
            lines.append(
                "autovacuum is off: switch it on, or space of removed rows is never used again")
        }
        for table in tables where table.dead > 10_000 && table.dead > table.live / 5 {
            lines.append(
                "\(table.name): \(table.dead) dead rows beside \(table.live); autovacuum does not keep "
                    + "up or a transaction holds it: look at pg_stat_activity, run VACUUM \(table.name)"
            )
        }
        if waiting > 0 {
            lines.append("rooms to sweep and users to erase: \(waiting); a running server does it")
        }
        return lines
    }
}
