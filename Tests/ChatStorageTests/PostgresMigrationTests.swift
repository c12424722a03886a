// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import Testing

/// Schemas that earlier versions made.
@Suite struct PostgresMigrationTests {
    private static let room = RoomID(rawValue: 7)
    private static let (ada, bob) = (UserID(rawValue: 1), UserID(rawValue: 2))

    @Test func `a schema of version 1 gets an index of what it has, and exact unread counts`()
        async throws
    {
        let cluster = try await PostgresCluster.shared()
        let schema = PostgresCluster.newSchema()
        let store = cluster.store { $0.schema = schema }
        try await store.open()
        try await fill(store)
        let before = try await contents(store)
        await store.close()
        try await cluster.query(
            """
            SET search_path = \(schema);
            DROP TABLE search_rooms, search_index, authors; DROP INDEX uncounted_events;
            UPDATE chat_engine_schema SET version = 1
            """)
        try await store.open()
        #expect(try await contents(store) == before)
        #expect(before.memberships.map { $0.map(\.unread) } == [[30], [270]])
        let pattern = try #require(SearchPattern("number 17 "))
        let query = SearchQuery(SearchRequest(pattern: pattern), by: Self.ada)
        #expect(try await store.search(query).hits.map(\.excerpt.text) == ["number 17"])
        await store.close()
    }

    /// 300 messages, every tenth of Bob.
    private func fill(_ store: PostgresStore) async throws {
        for (user, name) in [(Self.ada, "Ada"), (Self.bob, "Bob")] {
            _ = try await store.addUser(
                UserRecord(id: user, name: name, token: "", isNameKept: true))
        }
        let at = Timestamp(milliseconds: 1_000)
        _ = try await store.createRoom(
            RoomRecord(id: Self.room, name: "Room", createdAt: at), owner: Self.ada)
        var entries = [
            LogEntry(
                room: Self.room, sender: Self.bob, at: at,
                change: .join(user: Self.bob, role: .member, logged: true))
        ]
        for number in 0..<300 {
            entries.append(
                LogEntry(
                    room: Self.room, sender: number % 10 == 0 ? Self.bob : Self.ada, at: at,
                    change: .message(text: "number \(number)", replyTo: nil)))
        }
        _ = try await store.append(AppendBatch(entries: entries))
    }

    private func contents(_ store: PostgresStore) async throws -> StoreContents {
        try await StoreContents(of: store, rooms: [Self.room], users: [Self.ada, Self.bob])
    }
}
