// SPDX-License-Identifier: MIT

import ChatCore

/// A batch of plain messages in rooms whose positions are known: one round trip.
///
/// All statements go out together, the first checks the positions. Between two ends of a pipeline they are one
/// transaction, without BEGIN and COMMIT. If anything is not as expected (another server's event, a client id that
/// was seen before), nothing is stored, and the batch goes the longer way (``PostgresAppend``).
struct PostgresKnownAppend {
    private struct Key: Hashable {
        var room: RoomID
        var sender: UserID
        var clientID: String
    }

    private let before: [RoomID: PostgresRooms.Position]
    /// Where the rooms stand after it.
    private(set) var after: [RoomID: PostgresRooms.Position]
    private(set) var outcomes: [AppendOutcome] = []
    private var events = PostgresPendingEvents()
    private var clientIDs = PostgresPendingClientIDs()
    private var posts: Set<PostgresAuthors.Post> = []
    private let receipts: [ReceiptUpdate]

    /// Numbers the messages; `nil` if the batch is not of this kind.
    init?(_ batch: AppendBatch, _ rooms: PostgresRooms) {
        guard !batch.entries.isEmpty, batch.entries.allSatisfy(\.isPlainMessage),
            let known = rooms.positions(of: batch.entries.lazy.map(\.room))
        else { return nil }
        before = known
        after = known
        receipts = batch.receipts
        outcomes.reserveCapacity(batch.entries.count)
        var keys: Set<Key> = []
        for entry in batch.entries {
            guard var position = after[entry.room] else { return nil }
            position.head = position.head.next
            position.lastAt = MessageRules.time(of: entry, after: position.lastAt)
            after[entry.room] = position
            events.add(entry, seq: position.head, at: position.lastAt)
            posts.insert(
                PostgresAuthors.Post(room: entry.room, user: entry.sender, seq: position.head))
            outcomes.append(.stored(seq: position.head, at: position.lastAt))
            guard let clientID = entry.clientID else { continue }
            let key = Key(room: entry.room, sender: entry.sender, clientID: clientID)
            // Strings that differ in bytes may be equal: then the longer way compares bytes.
            guard keys.insert(key).inserted else { return nil }
            let stored = StoredKey(
                seq: position.head, at: position.lastAt, fingerprint: entry.change.fingerprint)
            clientIDs.add(entry, clientID, stored)
        }
    }

    /// Sends all of it; the end of the pipeline commits.
    func send(
        over connection: PostgresConnection, _ authors: PostgresAuthors
    ) throws(PostgresFailure) {
        // In the order of their identities, as whoever locks rooms does.
        let ids = before.keys.map { Int64(bitPattern: $0.rawValue) }.sorted()
        let rooms = ids.map { RoomID(rawValue: UInt64(bitPattern: $0)) }
        try connection.send(
            .advanceHeads,
            [
                .ints(ids),
                .ints(rooms.map { before[$0].map { Int64(clamping: $0.head.rawValue) } }),
                .ints(rooms.map { after[$0].map { Int64(clamping: $0.head.rawValue) } }),
                .ints(rooms.map { after[$0]?.lastAt.milliseconds }), .number(ids.count),
            ])
        try connection.send(.insertEvents, events.values)
        if !clientIDs.isEmpty { try connection.send(.insertClientIDs, clientIDs.values) }
        if let values = authors.values(posts) { try connection.send(.insertAuthors, values) }
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
        guard let append = PostgresKnownAppend(batch, rooms) else { return nil }
        do throws(PostgresFailure) {
            // What is lost before the end of the pipeline was sent is undone.
            try append.send(over: connection, authors)
        } catch {
            throw recovered(from: error)
        }
        do throws(PostgresFailure) {
            _ = try connection.finish()
            rooms.note(append.after)
            return .committed(append.outcomes)
        } catch {
            if error.kind == .lost { return .unknown(append.outcomes) }
            let failure = recovered(from: error)
            guard failure.kind == .transient else { throw failure }
            if failure.isOvertaken { rooms.leaveOut(append.after.keys) }
            return nil
        }
    }
}
