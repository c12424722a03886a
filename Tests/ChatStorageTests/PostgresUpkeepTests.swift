// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import Testing

/// Several servers look after one database at once.
@Suite struct PostgresUpkeepTests {
    private static let room = RoomID(rawValue: 7)
    private static let other = RoomID(rawValue: .max - 1)
    private static let ada = UserID(rawValue: .max)
    private static let time = Timestamp(milliseconds: 1_000)

    private let cluster: PostgresCluster

    init() async throws { cluster = try await PostgresCluster.shared() }

    private func stores(_ count: Int, _ schema: String) async throws -> [PostgresStore] {
        let stores = (0..<count).map { _ in cluster.store { $0.schema = schema } }
        for store in stores { try await store.open() }
        _ = try await stores[0].addUser(
            UserRecord(id: Self.ada, name: "Ada", token: "t", isNameKept: false))
        for (room, name) in [(Self.room, "Room"), (Self.other, "Other")] {
            let record = RoomRecord(id: room, name: name, createdAt: Self.time)
            _ = try await stores[0].createRoom(record, owner: Self.ada)
        }
        return stores
    }

    private static func messages(_ count: Int, in room: RoomID) -> AppendBatch {
        AppendBatch(
            entries: (0..<count).map { number in
                LogEntry(
                    room: room, sender: ada, at: time, clientID: "\(number)",
                    change: .message(text: "text \(number)", replyTo: nil))
            })
    }

    private func count(_ table: String, _ schema: String) async throws -> Int {
        Int(try await cluster.query("SELECT count(*) FROM \(schema).\(table)")) ?? -1
    }

    @Test func `servers that trim one room at once, while others post, remove what they should`()
        async throws
    {
        let schema = PostgresCluster.newSchema()
        let stores = try await stores(3, schema)
        _ = try await stores[0].append(Self.messages(300, in: Self.room))
        let removed = try await withThrowingTaskGroup(of: Int.self) { group in
            for store in stores {
                group.addTask {
                    var removed = 0
                    while let slice = try await store.trim(Self.room, through: 250, limit: 7) {
                        removed += slice.removed
                        if slice.isDone { break }
                    }
                    return removed
                }
                group.addTask {
                    for number in 0..<10 {
                        var batch = Self.messages(1, in: Self.room)
                        batch.entries[0].clientID = nil
                        batch.entries[0].change = .message(text: "new \(number)", replyTo: nil)
                        _ = try await store.append(batch)
                    }
                    return 0
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(removed == 250)
        let events = try await stores[0].events(in: Self.room, after: .none, limit: 1_000)
        #expect(events.map(\.seq.rawValue) == Array(251...331))
        for store in stores { await store.close() }
    }

    @Test func `servers that sweep and erase at once leave nothing and lose nothing`() async throws
    {
        let schema = PostgresCluster.newSchema()
        let stores = try await stores(3, schema)
        _ = try await stores[0].append(Self.messages(200, in: Self.room))
        _ = try await stores[0].append(Self.messages(200, in: Self.other))
        #expect(try await stores[1].deleteRoom(Self.room))
        #expect(try await count("events", schema) == 402)
        _ = try await stores[2].beginErasure(of: Self.ada)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for store in stores {
                group.addTask {
                    while try await !store.sweep(limit: 30).isDone {}
                    while try await store.erase(limit: 30) != nil {}
                }
            }
            try await group.waitForAll()
        }
        #expect(try await count("events", schema) == 201)
        #expect(try await count("deleted_rooms", schema) == 0)
        #expect(try await count("erasures", schema) == 0)
        #expect(try await count("client_ids", schema) == 0)
        #expect(
            try await count("events WHERE text IS NOT NULL OR client_id IS NOT NULL", schema) == 0)
        for store in stores { await store.close() }
    }

    @Test func `an erasure that was done before its answer was cut still tells its rooms`()
        async throws
    {
        let cluster = try await PostgresCluster()
        let store = cluster.store()
        try await store.open()
        _ = try await store.addUser(
            UserRecord(id: Self.ada, name: "Ada", token: "t", isNameKept: false))
        let record = RoomRecord(id: Self.room, name: "Room", createdAt: Self.time)
        _ = try await store.createRoom(record, owner: Self.ada)
        _ = try await store.append(Self.messages(3, in: Self.room))
        _ = try await store.beginErasure(of: Self.ada)
        let slice = try await cluster.cuttingCommits { try await store.erase(limit: 100) }
        #expect(slice == ErasureSlice(user: Self.ada, rooms: [Self.room], isDone: true))
        #expect(try await store.pendingErasures(limit: 9) == [])
        await store.close()
    }

    @Test func `tables of version 2 are brought up to date with what they hold`() async throws {
        let schema = PostgresCluster.newSchema()
        let stores = try await stores(1, schema)
        _ = try await stores[0].append(Self.messages(3, in: Self.room))
        await stores[0].close()
        try await cluster.query(
            """
            DROP TABLE \(schema).read_times, \(schema).deleted_rooms, \(schema).erasures, \(schema).authors,
                \(schema).search_rooms, \(schema).search_index, \(schema).append_guard,
                \(schema).room_passwords, \(schema).audit, \(schema).blocks,
                \(schema).accounts, \(schema).devices;
            DROP INDEX \(schema).uncounted_events;
            ALTER TABLE \(schema).rooms DROP COLUMN trimmed,
                DROP COLUMN retention_days, DROP COLUMN retention_messages,
                ADD COLUMN head bigint NOT NULL DEFAULT 4;
            ALTER TABLE \(schema).room_changes DROP COLUMN retention_days,
                DROP COLUMN retention_messages;
            ALTER TABLE \(schema).users DROP COLUMN is_erased, DROP COLUMN last_seen,
                DROP COLUMN hides_last_seen;
            ALTER TABLE \(schema).events RESET (autovacuum_vacuum_scale_factor);
            UPDATE \(schema).chat_engine_schema SET version = 2
            """)
        try await stores[0].open()
        #expect(try await stores[0].loadRoom(Self.room)?.room.head == 4)
        #expect(try await stores[0].loadRoom(Self.room)?.room.trimmed == SequenceNumber.none)
        let slice = try await stores[0].trim(Self.room, through: 2, limit: 9)
        #expect(slice == TrimSlice(trimmed: 2, removed: 2, isDone: true))
        await stores[0].close()
    }

    @Test func `a report names every table, the largest first`() async throws {
        let schema = PostgresCluster.newSchema()
        let stores = try await stores(1, schema)
        _ = try await stores[0].append(Self.messages(2_000, in: Self.room))
        #expect(try await stores[0].deleteRoom(Self.other))
        let report = try await stores[0].storageReport()
        let names = report.parts.map(\.name)
        #expect(names.contains("events") && names.contains("users"))
        #expect(report.parts.map(\.bytes) == report.parts.map(\.bytes).sorted(by: >))
        #expect(report.advice.contains { $0.contains("sweep") })
        await stores[0].close()
    }

    @Test func `advice comes with many dead rows, with a reason`() {
        let few = PostgresAdvice.lines(
            tables: [("events", 10_000, 1), ("members", 200_000, 1_000_001)], waiting: 0,
            vacuums: true)
        #expect(few == [])
        let many = PostgresAdvice.lines(
            tables: [("events", 10_001, 50_000)], waiting: 0, vacuums: true)
        #expect(many.count == 1 && many[0].contains("VACUUM events"))
        let off = PostgresAdvice.lines(tables: [], waiting: 0, vacuums: false)
        #expect(off.count == 1 && off[0].contains("autovacuum"))
    }
}
