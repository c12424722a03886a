// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform

/// The rooms whose log has grown, and whether somebody is at them.
struct PostgresIndexing: Sendable {
    var rooms: Set<RoomID> = []
    var isRunning = false
}

// The index of search: filled beside the writing, and to the end before a search.
extension PostgresStore {
    /// What is taken into the index at once while others may wait for a connection.
    private static let slice = PostgresIndexer.Slice(rooms: 64, events: 256, waits: false)
    /// The same when a search waits.
    private static let searchSlice = PostgresIndexer.Slice(rooms: 256, events: 2_048, waits: true)
    /// The pause between two slices while others write.
    private static let pause = Duration.milliseconds(100)

    /// See ``ChatStore/search(_:)``.
    ///
    /// What the index lacks is added first, so a search after much writing takes longer; the search
    /// itself may take ``PostgresOptions/searchMilliseconds``.
    public func search(_ query: SearchQuery) async throws(StorageError) -> SearchPage {
        let goal = try await read { session throws(PostgresFailure) in
            try session.roomsBehind(query)
        }
        if !goal.isEmpty { while try await index(Self.searchSlice, goal) {} }
        let milliseconds = options.searchMilliseconds
        return try await read { session throws(PostgresFailure) in
            try session.search(query, milliseconds: milliseconds)
        }
    }

    /// Has the index filled in the background with what rooms have that it lacks.
    func startIndexing(_ rooms: some Sequence<RoomID>) {
        let starts = indexing.withLock { indexing in
            indexing.rooms.formUnion(rooms)
            if indexing.isRunning || indexing.rooms.isEmpty { return false }
            indexing.isRunning = true
            return true
        }
        if starts { Task { await fillIndex() } }
    }

    /// One at a time.
    private func fillIndex() async {
        while true {
            // What comes at once comes together; and who writes has the server to themselves.
            try? await Task.sleep(for: Self.pause)
            let rooms = indexing.withLock { indexing in
                let rooms = indexing.rooms
                indexing.rooms = []
                indexing.isRunning = !rooms.isEmpty
                return rooms
            }
            if rooms.isEmpty { return }
            let end = SequenceNumber(rawValue: .max)
            let goal = PostgresIndexer.Goal(uniqueKeysWithValues: rooms.map { ($0, end) })
            // A failure ends it for these rooms until they grow again, or somebody searches them:
            // a search meets it by itself and tells.
            while (try? await index(Self.slice, goal)) == true {
                if indexing.withLock({ !$0.rooms.isEmpty }) {
                    try? await Task.sleep(for: Self.pause)
                }
            }
        }
    }

    /// Takes a slice into the index.
    ///
    /// - Returns: whether there may be more.
    private func index(
        _ slice: PostgresIndexer.Slice, _ goal: PostgresIndexer.Goal
    ) async throws(StorageError) -> Bool {
        try await write { session, _ throws(PostgresFailure) in
            try PostgresIndexer(connection: session.connection).run(slice, goal)
        }
    }
}
