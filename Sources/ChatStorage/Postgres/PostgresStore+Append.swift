// SPDX-License-Identifier: MIT

public import ChatCore

extension PostgresStore {
    /// Entries, and bytes of their texts, up to which an event loop sends a batch itself: about 0.2 ms of its time.
    private static let (entriesOnLoop, bytesOnLoop) = (128, 65_536)

    /// See ``ChatStore/append(_:)``.
    public func append(_ batch: AppendBatch) async throws(StorageError) -> [AppendOutcome] {
        try await append(batch, first: nil)
    }

    /// See ``ChatStore/append(_:on:)``.
    ///
    /// A batch of plain messages is sent by the loop, which also waits for the answer: no other thread is woken.
    public func append(
        _ batch: AppendBatch, on loop: isolated EventLoop
    ) async throws(StorageError) -> [AppendOutcome] {
        guard Self.isForLoop(batch) else { return try await append(batch) }
        return try await append(batch) { pool, deadline throws(PostgresFailure) in
            try await self.appendKnown(batch, on: loop, pool, until: deadline)
        }
    }

    private static func isForLoop(_ batch: AppendBatch) -> Bool {
        guard batch.entries.count <= entriesOnLoop else { return false }
        var bytes = 0
        for entry in batch.entries {
            guard case .message(let text, _) = entry.change else { return false }
            bytes += text.utf8.count
        }
        return bytes <= bytesOnLoop
    }

    private func append(
        _ batch: AppendBatch,
        first: PostgresCall.Shortcut<[AppendOutcome]>?
    ) async throws(StorageError) -> [AppendOutcome] {
        if batch.isEmpty { return [] }
        let (rooms, authors) = (rooms, authors)
        let outcomes = try await call().run(first: first) {
            (
                session, earlier: [AppendOutcome]?
            ) throws(PostgresFailure)
                -> PostgresOutcome<[AppendOutcome]> in
            if earlier == nil, let done = try session.appendKnown(batch, rooms, authors) {
                return done
            }
            let outcome = try session.appendLocked(batch, authors, earlier: earlier)
            if case .committed = outcome {
                rooms.note(session.positions, deletions: session.deletions)
                authors.note(session.posts)
            }
            return outcome
        }
        if let now = batch.entries.last?.at { purgeIfDue(now) }
        startIndexing(batch.entries.lazy.map(\.room))
        return outcomes
    }

    /// Appends a batch in one round trip, for which the loop waits.
    ///
    /// - Returns: `nil` if it must go the longer way; then nothing is stored.
    private func appendKnown(
        _ batch: AppendBatch, on loop: isolated EventLoop, _ pool: PostgresPool,
        until deadline: ChatInstant
    ) async throws(PostgresFailure) -> PostgresOutcome<[AppendOutcome]>? {
        guard loop.attachedDriver != nil, let append = PostgresKnownAppend(batch, rooms, authors)
        else { return nil }
        do throws(PostgresFailure) {
            let outcome = try await pool.commit(on: loop, until: deadline) {
                connection throws(PostgresFailure) in
                try append.send(over: connection)
            }
            guard case .committed = outcome else { return .unknown(append.outcomes) }
            append.note(rooms, authors)
            return .committed(append.outcomes)
        } catch {
            guard append.isOpen(after: error, rooms) else { throw error }
            return nil
        }
    }
}
