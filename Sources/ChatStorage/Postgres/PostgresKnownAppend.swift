// SPDX-License-Identifier: MIT

import ChatCore

/// A batch of plain messages in rooms whose positions are known: one round trip, and mostly one statement.
///
/// Nothing is looked up and no room is locked. That places are unique shows whether another server has written
/// (a mute is an event as well), and the guard, whether a room was deleted. Between two ends of a pipeline all is
/// one transaction, without BEGIN and COMMIT. If anything is not as expected, or a client id was seen before,
/// nothing is stored, and the batch goes the longer way (``PostgresAppend``).
struct PostgresKnownAppend {
    private struct Key: Hashable {
        var room: RoomID
        var sender: UserID
        var clientID: String
    }

    /// Where an entry stands in the order of rooms.
    private struct Row: Comparable {
        var room: RoomID
        var index: Int

        static func < (first: Self, second: Self) -> Bool {
            (first.room, first.index) < (second.room, second.index)
        }
    }

    /// How many rooms had been deleted when the positions were noted.
    let deletions: Int64
    /// Where the rooms stand after it, in their order.
    private(set) var after: [PostgresRooms.Place]
    private(set) var outcomes: [AppendOutcome]
    /// What the table `authors` is not known to have.
    private(set) var newPosts: Set<PostgresAuthors.Post> = []
    private var columns: [PostgresValue] = []
    private var clientIDs = PostgresPendingClientIDs()
    private let receipts: [ReceiptUpdate]

    /// Numbers the messages; `nil` if the batch is not of this kind.
    init?(_ batch: AppendBatch, _ rooms: PostgresRooms, _ authors: PostgresAuthors) {
        let entries = batch.entries
        guard !entries.isEmpty, entries.allSatisfy(\.isPlainMessage) else { return nil }
        // In the order of rooms and places: two servers that write to the same rooms meet at the first.
        var rows = entries.indices.map { Row(room: entries[$0].room, index: $0) }
        rows.sort()
        var ids: [RoomID] = []
        ids.reserveCapacity(rows.count)
        for row in rows where row.room != ids.last { ids.append(row.room) }
        guard let known = rooms.positions(of: ids) else { return nil }
        (after, deletions) = known
        receipts = batch.receipts
        outcomes = Array(repeating: .unchanged, count: entries.count)
        guard let places = number(rows, entries) else { return nil }
        newPosts = authors.news(of: places.posts)
        encode(rows, entries, places.seqs, places.times)
    }

    /// Gives each row its place; `nil` if a client id is there twice.
    private mutating func number(
        _ rows: [Row], _ entries: [LogEntry]
    ) -> (seqs: [Int64], times: [Int64], posts: [PostgresAuthors.Post])? {
        var (seqs, times): ([Int64], [Int64]) = ([], [])
        var posts: [PostgresAuthors.Post] = []
        seqs.reserveCapacity(rows.count)
        times.reserveCapacity(rows.count)
        posts.reserveCapacity(rows.count)
        var keys: Set<Key> = []
        var place = 0
        for row in rows {
            let entry = entries[row.index]
            if after[place].key != row.room { place += 1 }
            let seq = after[place].value.head.next
            let at = MessageRules.time(of: entry, after: after[place].value.lastAt)
            after[place].value = PostgresRooms.Position(head: seq, lastAt: at)
            seqs.append(Int64(clamping: seq.rawValue))
            times.append(at.milliseconds)
            posts.append(PostgresAuthors.Post(room: row.room, user: entry.sender, seq: seq))
            outcomes[row.index] = .stored(seq: seq, at: at)
            guard let clientID = entry.clientID else { continue }
            let key = Key(room: row.room, sender: entry.sender, clientID: clientID)
            // Strings that differ in bytes may be equal: then the longer way compares bytes.
            guard keys.insert(key).inserted else { return nil }
            let stored = StoredKey(seq: seq, at: at, fingerprint: entry.change.fingerprint)
            clientIDs.add(entry, clientID, stored)
        }
        return (seqs, times, posts)
    }

    /// The columns, as the statement wants them.
    private mutating func encode(
        _ rows: [Row], _ entries: [LogEntry], _ seqs: [Int64], _ times: [Int64]
    ) {
        let count = rows.count
        var ids = PostgresArray(texts: count, bytesPerText: clientIDs.isEmpty ? 0 : 40)
        var texts = PostgresArray(texts: count, bytesPerText: 160)
        for row in rows {
            ids.append(entries[row.index].clientID)
            guard case .message(let text, _) = entries[row.index].change else { continue }
            texts.append(text)
        }
        columns = [
            .encoded(PostgresArray(count: count) { Int64(bitPattern: rows[$0].room.rawValue) }),
            .encoded(PostgresArray(count: count) { seqs[$0] }),
            .encoded(PostgresArray(count: count) { times[$0] }),
            .encoded(
                PostgresArray(count: count) {
                    Int64(bitPattern: entries[rows[$0].index].sender.rawValue)
                }),
            .encoded(ids), .encoded(texts), .int(deletions),
        ]
    }

    /// Remembers what it has stored.
    func note(_ rooms: PostgresRooms, _ authors: PostgresAuthors) {
        rooms.note(after, deletions: deletions)
        authors.note(newPosts)
    }

    /// Whether the longer way is open after a failure; then what the store remembers is put right.
    func isOpen(after failure: PostgresFailure, _ rooms: PostgresRooms) -> Bool {
        guard failure.kind == .transient else { return false }
        if failure.isOvertaken { rooms.leaveOut(after.lazy.map(\.key)) }
        if failure.isOutdated { rooms.forgetAll(deletions: deletions) }
        return true
    }

    /// Sends all of it; the end of the pipeline commits.
    func send(over connection: PostgresConnection) throws(PostgresFailure) {
        try connection.send(.insertMessages, columns)
        if !clientIDs.isEmpty { try connection.send(.insertClientIDs, clientIDs.values) }
        if !newPosts.isEmpty {
            try connection.send(.insertAuthors, PostgresAuthors.values(newPosts))
        }
        if let values = PostgresAppend.advances(receipts) { try connection.send(.advance, values) }
    }
}

extension PostgresSession {
    /// Appends a batch in one round trip.
    ///
    /// - Returns: `nil` if it must go the longer way; then nothing is stored.
    func appendKnown(
        _ batch: AppendBatch, _ rooms: PostgresRooms, _ authors: PostgresAuthors
    ) throws(PostgresFailure) -> PostgresOutcome<[AppendOutcome]>? {
        guard let append = PostgresKnownAppend(batch, rooms, authors) else { return nil }
        do throws(PostgresFailure) {
            // What is lost before the end of the pipeline was sent is undone.
            try append.send(over: connection)
        } catch {
            throw recovered(from: error)
        }
        do throws(PostgresFailure) {
            _ = try connection.finish()
            append.note(rooms, authors)
            return .committed(append.outcomes)
        } catch {
            if error.kind == .lost { return .unknown(append.outcomes) }
            let failure = recovered(from: error)
            guard append.isOpen(after: failure, rooms) else { throw failure }
            return nil
        }
    }

    /// Appends a batch with its rooms locked.
    ///
    /// Whoever locks no rooms may be faster again and again: then they are kept out. So they are while it is
    /// looked whether an earlier attempt, which may have been one without locks, is stored.
    func appendLocked(
        _ batch: AppendBatch, _ authors: PostgresAuthors, earlier: [AppendOutcome]?
    ) throws(PostgresFailure) -> PostgresOutcome<[AppendOutcome]> {
        func attempt(isAlone: Bool) throws(PostgresFailure) -> PostgresOutcome<[AppendOutcome]> {
            try write { session throws(PostgresFailure) in
                try session.append(batch, authors, isAlone: isAlone, earlier: earlier)
            }
        }
        do throws(PostgresFailure) {
            return try attempt(isAlone: earlier != nil)
        } catch {
            guard error.isOvertaken else { throw error }
            return try attempt(isAlone: true)
        }
    }
}
