// SPDX-License-Identifier: MIT

public import ChatCore
import Synchronization

// The index of search: filled beside the writing, and to the end before a search.
extension SQLiteStore {
    /// What is taken into the index at once while others may wait to write: some milliseconds.
    private static let slice = SQLiteIndexer.Slice(events: 128, bytes: 32_768)
    /// The same when a search waits.
    private static let searchSlice = SQLiteIndexer.Slice(events: 1_024, bytes: 524_288)
    /// The pause between two slices while others write: so they lose about a hundredth of the time.
    private static let pause = Duration.milliseconds(100)

    /// See ``ChatStore/search(_:)``.
    ///
    /// What the index lacks is added first, so a search after much writing takes longer.
    public func search(_ query: SearchQuery) async throws(StorageError) -> SearchPage {
        let end = try await writer.perform { writer throws(StorageError) in
            try writer.lastPosition()
        }
        while try await index(Self.searchSlice, upTo: end) {}
        return try await read { reader throws(StorageError) in try reader.search(query) }
    }

    /// Fills the index in the background.
    ///
    /// One at a time.
    func startIndexing() {
        guard !isIndexing.exchange(true, ordering: .relaxed) else { return }
        Task {
            // A failure ends it until the next append; a search meets it by itself and tells.
            try? await fillIndex()
            isIndexing.store(false, ordering: .relaxed)
        }
    }

    private func fillIndex() async throws {
        var seen = -1
        var hasMore = true
        while hasMore {
            // First let what comes at once come together; later, as long as nobody writes, there is
            // nobody to make room for.
            let now = appends.load(ordering: .relaxed)
            if now != seen { try await Task.sleep(for: Self.pause) }
            seen = now
            hasMore = try await index(Self.slice)
        }
    }

    /// Takes a slice into the index, on the writer's thread.
    ///
    /// - Returns: whether there is more.
    private func index(
        _ slice: SQLiteIndexer.Slice, upTo end: Int64 = .max
    ) async throws(StorageError) -> Bool {
        let threshold = options.checkpointPages
        return try await writer.perform { writer throws(StorageError) in
            // A slice writes many pages: it does not add to a log that is long already. If the
            // checkpointer is at it, this returns at once.
            if writer.pagesInLog >= threshold { writer.checkpoint() }
            return try writer.index(slice, upTo: end)
        }
    }
}
