// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import ChatStorageSQLite
import Testing

/// Stores from before it was noted when users were last seen.
@Suite struct SightingMigrationTests {
    private static let users = [
        UserRecord(
            id: UserID(rawValue: 1), name: "Ada", token: "t", isNameKept: true,
            profile: UserProfile(displayName: "Ada L."), createdAt: Timestamp(milliseconds: 7)),
        UserRecord(id: UserID(rawValue: .max), name: "Bob", token: "", isNameKept: false),
    ]

    @Test func `users of an older file were never seen until they come back`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("chat.sqlite")
        let store = SQLiteStore(path: path)
        try await prepare(store)
        do {
            let raw = try RawDatabase(path)
            try raw.execute(
                """
                ALTER TABLE users DROP COLUMN last_seen;
                ALTER TABLE users DROP COLUMN hides_last_seen;
                PRAGMA user_version = 10
                """)
        }
        try await check(store)
    }

    @Test func `users of an older schema were never seen until they come back`() async throws {
        let cluster = try await PostgresCluster.shared()
        let schema = PostgresCluster.newSchema()
        let store = cluster.store { $0.schema = schema }
        try await prepare(store)
        try await cluster.query(
            """
            SET search_path = \(schema);
            ALTER TABLE users DROP COLUMN last_seen, DROP COLUMN hides_last_seen;
            UPDATE chat_engine_schema SET version = 10
            """)
        try await check(store)
    }

    private func prepare(_ store: some ChatStore) async throws {
        try await store.open()
        for user in Self.users { _ = try await store.addUser(user) }
        await store.close()
    }

    private func check(_ store: some ChatStore) async throws {
        try await store.open()
        for user in Self.users { #expect(try await store.user(user.id) == user) }
        let (ada, bob) = (Self.users[0].id, Self.users[1].id)
        let time = Timestamp(milliseconds: 9_000)
        let sightings = [Sighting(user: ada, at: time), Sighting(user: bob, at: time)]
        #expect(try await store.note(sightings) == [ada: time, bob: time])
        #expect(try await store.profiles(of: [bob]) == [bob: UserProfile(lastSeen: time)])
        await store.close()
    }
}
