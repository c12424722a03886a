// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import Testing

/// What the index of search in Postgres must do beyond the contract.
@Suite(.timeLimit(.minutes(15))) struct PostgresSearchTests {
    private static let room = RoomID(rawValue: 1 << 63 | 7)
    private static let ada = UserID(rawValue: .max)

    private let cluster: PostgresCluster
    private let schema = PostgresCluster.newSchema()

    init() async throws { cluster = try await PostgresCluster.shared() }

    @Test func `a deleted text is nowhere in the index`() async throws {
        let store = try await openStore()
        try await post(["secretive words", "kept words"], to: store)
        #expect(try await find("words", in: store) == [3, 2])
        _ = try await store.append(AppendBatch(entries: [entry(.delete(target: 2))]))
        #expect(try await find("words", in: store) == [3])
        let index = try await cluster.query("SELECT words FROM \(schema).search_index")
        #expect(index.contains("kept") && !index.contains("secretive"))
        #expect(try await store.deleteRoom(Self.room))
        #expect(try await cluster.query("SELECT count(*) FROM \(schema).search_rooms") == "0")
        #expect(try await store.sweep(limit: 100).isDone)
        #expect(try await cluster.query("SELECT count(*) FROM \(schema).search_index") == "0")
        #expect(try await cluster.query("SELECT count(*) FROM \(schema).authors") == "0")
        await store.close()
    }

    @Test func `messages that are deleted while others index them stay out`() async throws {
        let store = try await openStore()
        let other = makeStore()
        try await other.open()
        for round in 0..<10 {
            try await post((0..<20).map { "word \($0)" }, to: store)
            let head = UInt64(round * 40 + 21)
            let deletions = ((head - 19)...head).map { seq in
                entry(.delete(target: SequenceNumber(rawValue: seq)))
            }
            async let first = find("word", in: store)
            async let second = find("word", in: other)
            for deletion in deletions {
                _ = try await store.append(AppendBatch(entries: [deletion]))
            }
            _ = try await (first, second)
            #expect(try await find("word", in: other).isEmpty)
        }
        #expect(try await cluster.query("SELECT count(*) FROM \(schema).search_index") == "0")
        await store.close()
        await other.close()
    }

    @Test func `servers that index one log at once find each message once`() async throws {
        let stores = [try await openStore(), makeStore(), makeStore()]
        try await stores[1].open()
        try await stores[2].open()
        for round in 1...5 {
            try await post((0..<100).map { "word \($0)" }, to: stores[round % 3])
            let found = try await withThrowingTaskGroup(of: [UInt64].self) { group in
                for store in stores { group.addTask { try await find("word", in: store) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let expected = Array((2...UInt64(100 * round + 1)).reversed())
            #expect(found == [expected, expected, expected])
        }
        for store in stores { await store.close() }
    }

    @Test func `the index is filled beside the writing, and after a start`() async throws {
        let store = try await openStore()
        try await post(["one", "two"], to: store)
        try await waitForIndex(count: 2)
        await store.close()
        try await cluster.query(
            "TRUNCATE \(schema).search_index; UPDATE \(schema).search_rooms SET seq = 0")
        try await store.open()
        try await waitForIndex(count: 2)
        await store.close()
    }

    @Test(arguments: [
        "x", String(repeating: "y", count: 4_000), String(repeating: "é", count: 119) + "z",
        String(repeating: "\u{1F170}", count: 500), String(repeating: "ж", count: 3_000),
    ])
    func `words of any length are found whole and by their beginning`(word: String) async throws {
        let store = try await openStore()
        try await post(["\(word) end"], to: store)
        guard SearchPattern(word) != nil else { return }
        #expect(try await find(word + " ", in: store) == [2])
        #expect(try await find(String(word.prefix(word.count / 2 + 1)), in: store) == [2])
        #expect(try await find(word + "q ", in: store) == [])
        await store.close()
    }

    @Test func `a search that takes too long is stopped and tells so`() async throws {
        let store = try await openStore { $0.searchMilliseconds = 50 }
        try await post(["one", "two"], to: store)
        #expect(try await find("one", in: store) == [2])
        try await cluster.query(
            """
            ALTER TABLE \(schema).search_index RENAME TO slow;
            CREATE VIEW \(schema).search_index AS
                SELECT slow.* FROM \(schema).slow, pg_sleep(60 + slow.seq % 2)
            """)
        let failure = await #expect(throws: StorageError.self) { try await find("one", in: store) }
        #expect(failure?.code == .unavailable)
        #expect(failure?.description.contains("narrow it") == true)
        #expect(try await store.loadRoom(Self.room)?.room.head == 3, "the connection is usable")
        await store.close()
    }

    @Test func `a search that matches everything is read newest first, in pages`() async throws {
        let store = try await openStore()
        for _ in 0..<5 { try await post((0..<500).map { "of the \($0)" }, to: store) }
        #expect(try await find("the", limit: 20, in: store) == Array((2_482...2_501).reversed()))
        // Candidates in many pages: the words stand in all messages, the phrase in none.
        #expect(try await find("\"the of\"", limit: 20, in: store) == [])
        await store.close()
    }

    // MARK: Helpers

    private func makeStore(
        _ configure: (inout PostgresOptions) -> Void = { _ in }
    ) -> PostgresStore {
        cluster.store {
            $0.schema = schema
            configure(&$0)
        }
    }

    /// One user and their room, whose head is 1.
    private func openStore(
        _ configure: (inout PostgresOptions) -> Void = { _ in }
    ) async throws -> PostgresStore {
        let store = makeStore(configure)
        try await store.open()
        _ = try await store.addUser(
            UserRecord(id: Self.ada, name: "Ada", token: "t", isNameKept: true))
        let room = RoomRecord(
            id: Self.room, name: "Room", createdAt: Timestamp(milliseconds: 1_000))
        _ = try await store.createRoom(room, owner: Self.ada)
        return store
    }

    private func entry(_ change: LogChange) -> LogEntry {
        LogEntry(
            room: Self.room, sender: Self.ada, at: Timestamp(milliseconds: 2_000), change: change)
    }

    private func post(_ texts: [String], to store: PostgresStore) async throws {
        _ = try await store.append(
            AppendBatch(entries: texts.map { entry(.message(text: $0, replyTo: nil)) }))
    }

    private func find(
        _ text: String, limit: Int = .max, in store: PostgresStore
    ) async throws -> [UInt64] {
        let pattern = try #require(SearchPattern(text))
        let query = SearchQuery(SearchRequest(pattern: pattern, limit: limit), by: Self.ada)
        return try await store.search(query).hits.map(\.seq.rawValue)
    }

    /// Waits for what the store does by itself; a test that waits in vain fails by its limit.
    private func waitForIndex(count: Int) async throws {
        while try await cluster.query("SELECT count(*) FROM \(schema).search_index") != "\(count)" {
            await Task.yield()
        }
    }
}
