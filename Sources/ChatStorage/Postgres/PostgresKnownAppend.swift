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

    /// How many rooms had been deleted when the positions were noted.
    let deletions: Int64
    /// Where the rooms stand after it.
    private(set) var after: [RoomID: PostgresRooms.Position]
    private(set) var outcomes: [AppendOutcome] = []
    private var messages: PostgresPendingMessages
    private var clientIDs = PostgresPendingClientIDs()
    private var posts: Set<PostgresAuthors.Post> = []
    private let receipts: [ReceiptUpdate]

    /// Numbers the messages; `nil` if the batch is not of this kind.
    init?(_ batch: AppendBatch, _ rooms: PostgresRooms) {
        guard !batch.entries.isEmpty, batch.entries.allSatisfy(\.isPlainMessage),
            let known = rooms.positions(of: batch.entries.lazy.map(\.room))
        else { return nil }
        (after, deletions) = known
        messages = PostgresPendingMessages(capacity: batch.entries.count)
        receipts = batch.receipts
        outcomes.reserveCapacity(batch.entries.count)
        var keys: Set<Key> = []
        for entry in batch.entries {
            guard var position = after[entry.room] else { return nil }
            position.head = position.head.next
            position.lastAt = MessageRules.time(of: entry, after: position.lastAt)
            after[entry.room] = position
            messages.add(entry, seq: position.head, at: position.lastAt)
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
        try connection.send(.insertMessages, messages.values + [.int(deletions)])
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
            rooms.note(append.after, deletions: append.deletions)
            return .committed(append.outcomes)
        } catch {
            if error.kind == .lost { return .unknown(append.outcomes) }
            let failure = recovered(from: error)
            guard failure.kind == .transient else { throw failure }
            if failure.isOvertaken { rooms.leaveOut(append.after.keys) }
            if failure.isOutdated { rooms.forgetAll(deletions: append.deletions) }
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
