// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import ChatStorageSQLite
import Testing

/// When members read what, in databases that were there before, and that several servers write to.
@Suite struct ReadTimeStoreTests {
    private static let room = RoomID(rawValue: 7)
    private static let (ada, bob) = (UserID(rawValue: 1), UserID(rawValue: 1 << 63 | 2))

    @Test func `a file of version 9 has no times of what was read before`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("chat.sqlite")
        try await migrate(SQLiteStore(path: path)) {
            try RawDatabase(path).execute(
                """
                DROP TABLE read_times;
                ALTER TABLE users DROP COLUMN last_seen;
                ALTER TABLE users DROP COLUMN hides_last_seen;
                PRAGMA user_version = 9
                """)
        }
    }

    @Test func `a schema of version 9 has no times of what was read before`() async throws {
        let cluster = try await PostgresCluster.shared()
        let schema = PostgresCluster.newSchema()
        try await migrate(cluster.store { $0.schema = schema }) {
            try await cluster.query(
                """
                SET search_path = \(schema);
                DROP TABLE read_times;
                ALTER TABLE users DROP COLUMN last_seen, DROP COLUMN hides_last_seen;
                UPDATE chat_engine_schema SET version = 9
                """)
        }
    }

    private func migrate(
        _ store: some ChatStore, makeOlder: () async throws -> Void
    ) async throws {
        try await store.open()
        try await fill(store)
        try await read(store, 5)
        await store.close()
        try await makeOlder()
        try await store.open()
        #expect(try await store.loadRoom(Self.room)?.members.map(\.read) == [0, 5])
        #expect(try await store.readTimes(of: 4, in: Self.room) == [:])
        try await read(store, 8, at: 20)
        #expect(try await store.readTimes(of: 5, in: Self.room) == [:])
        let time = Timestamp(milliseconds: 20)
        #expect(try await store.readTimes(of: 6, in: Self.room) == [Self.bob: time])
        await store.close()
    }

    @Test func `two stores on one schema move one mark, each place with a time of its own`()
        async throws
    {
        let cluster = try await PostgresCluster.shared()
        let schema = PostgresCluster.newSchema()
        let stores = (0..<2).map { _ in cluster.store { $0.schema = schema } }
        for store in stores { try await store.open() }
        try await fill(stores[0])
        try await withThrowingTaskGroup { group in
            for store in stores {
                group.addTask {
                    for seq in 3...40 as ClosedRange<UInt64> {
                        try await read(store, SequenceNumber(rawValue: seq), at: Int64(seq))
                    }
                }
            }
            try await group.waitForAll()
        }
        let times = try await stores[1].readTimes(
            by: Self.bob, in: Self.room, after: .none, limit: 100)
        #expect(times.map(\.seq.rawValue) == Array(3...40))
        #expect(times.map(\.at.milliseconds) == Array(3...40))
        #expect(times.allSatisfy { $0.previous < $0.seq })
        for store in stores { await store.close() }
    }

    /// A room of Ada and Bob whose head is 40.
    private func fill(_ store: some ChatStore) async throws {
        let at = Timestamp(milliseconds: 1)
        _ = try await store.createRoom(
            RoomRecord(id: Self.room, name: "Room", createdAt: at), owner: Self.ada)
        let join = LogChange.join(user: Self.bob, role: .member, logged: true)
        var entries = [LogEntry(room: Self.room, sender: Self.bob, at: at, change: join)]
        for number in 3...40 {
            entries.append(
                LogEntry(
                    room: Self.room, sender: Self.ada, at: at,
                    change: .message(text: "\(number)", replyTo: nil)))
        }
        _ = try await store.append(AppendBatch(entries: entries))
    }

    private func read(
        _ store: some ChatStore, _ seq: SequenceNumber, at time: Int64 = 10
    ) async throws {
        let update = ReceiptUpdate(
            room: Self.room, user: Self.bob, delivered: seq, read: seq,
            readAt: Timestamp(milliseconds: time))
        _ = try await store.append(AppendBatch(receipts: [update]))
    }
}
