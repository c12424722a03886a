// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import Testing

/// What several servers on one database, and its operator, rely on.
@Suite struct PostgresStoreTests {
    private static let room = RoomID(rawValue: 7)
    private static let ada = UserID(rawValue: .max)

    private let cluster: PostgresCluster

    init() async throws { cluster = try await PostgresCluster.shared() }

    // MARK: What lasts

    @Test func `a store that is opened again has everything`() async throws {
        let store = try await filledStore()
        let before = try await contents(store)
        await store.close()
        await #expect(throws: StorageError.self) { try await store.user(Self.ada) }
        try await store.open()
        #expect(try await contents(store) == before)
        let retry = try await store.append(AppendBatch(entries: [message("one", key: "k")]))
        #expect(retry == [.duplicate(seq: 2, at: Timestamp(milliseconds: 2_000))])
        await store.close()
    }

    @Test func `old client ids are forgotten, young ones are not`() async throws {
        let schema = PostgresCluster.newSchema()
        let store = try await filledStore {
            $0.idempotencySeconds = 100
            $0.schema = schema
        }
        for number in 0..<300 {
            let entry = message("m", key: "key \(number)", at: Int64(number) * 1_000)
            _ = try await store.append(AppendBatch(entries: [entry]))
        }
        await store.close()
        let table = "\(schema).client_ids"
        let count = try await cluster.query("SELECT count(*) FROM \(table)")
        #expect((Int(count) ?? .max) < 150)
        let span = try await cluster.query("SELECT max(at) - min(at) FROM \(table)")
        #expect((Int(span) ?? 0) >= 100_000)
    }

    // MARK: Several stores, one schema

    @Test func `stores that make one schema at once do not race`() async throws {
        for _ in 0..<3 {
            let schema = PostgresCluster.newSchema()
            let stores = (0..<4).map { _ in cluster.store { $0.schema = schema } }
            try await withThrowingTaskGroup { group in
                for store in stores { group.addTask { try await store.open() } }
                try await group.waitForAll()
            }
            for store in stores { await store.close() }
            let versions = try await cluster.query(
                "SELECT version FROM \(schema).chat_engine_schema")
            #expect(versions == "11")
        }
    }

    @Test func `two stores on one schema number one log`() async throws {
        let schema = PostgresCluster.newSchema()
        let stores = [
            try await filledStore { $0.schema = schema }, cluster.store { $0.schema = schema },
        ]
        try await stores[1].open()
        let outcomes = try await withThrowingTaskGroup(of: [AppendOutcome].self) { group in
            for number in 0..<40 {
                let store = stores[number % 2]
                let batch = AppendBatch(entries: [message("from \(number)")])
                group.addTask { try await store.append(batch) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(outcomes.compactMap(\.storedSeq).sorted() == Array(4..<44))
        #expect(try await contents(stores[0]) == contents(stores[1]))
        for store in stores { await store.close() }
    }

    /// What a store remembers of a room is a hint: it is checked.
    @Test func `stores that take turns in one room number one log`() async throws {
        let schema = PostgresCluster.newSchema()
        let stores = [
            try await filledStore { $0.schema = schema }, cluster.store { $0.schema = schema },
        ]
        try await stores[1].open()
        var seq: UInt64 = 3
        for turn in [0, 0, 1, 1, 0, 1, 0, 0, 0, 1] {
            let at = Int64(2_000 + turn * 500)
            let entries = [
                message("\(seq)", key: "\(seq)", at: at), message("again", key: "k", at: at),
                message("plain", at: at),
            ]
            let outcomes = try await stores[turn].append(AppendBatch(entries: entries))
            #expect(outcomes.compactMap(\.storedSeq) == [seq + 1, seq + 2])
            #expect(outcomes[1] == .refused(.clientIDReused))
            let alone = try await stores[turn].append(
                AppendBatch(
                    entries: [message("alone", at: at)],
                    receipts: [
                        ReceiptUpdate(room: Self.room, user: Self.ada, delivered: 99, read: 99)
                    ]))
            #expect(alone.first?.storedSeq == seq + 3)
            seq += 3
        }
        #expect(try await contents(stores[0]) == contents(stores[1]))
        let ada = try await stores[0].loadRoom(Self.room)?.members.first
        #expect(ada?.read.rawValue == seq)
        let events = try await stores[0].events(in: Self.room, after: .none, limit: .max)
        #expect(events.map(\.seq.rawValue) == Array(1...seq))
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.at <= $1.at })
        for store in stores { await store.close() }
    }

    @Test func `batches over many rooms in any order do not wait for each other forever`()
        async throws
    {
        let store = try await filledStore { $0.connections = 4 }
        let rooms = (100..<110).map { RoomID(rawValue: $0) }
        for room in rooms {
            let record = RoomRecord(
                id: room, name: "room \(room)", createdAt: Timestamp(milliseconds: 0))
            _ = try await store.createRoom(record, owner: nil)
        }
        try await withThrowingTaskGroup { group in
            for number in 0..<40 {
                let order = number % 2 == 0 ? rooms : rooms.reversed()
                let batch = AppendBatch(entries: order.map { message("\(number)", in: $0) })
                group.addTask {
                    let outcomes = try await store.append(batch)
                    #expect(outcomes.compactMap(\.storedSeq).count == 10)
                }
            }
            try await group.waitForAll()
        }
        for room in rooms { #expect(try await store.loadRoom(room)?.room.head == 40) }
        await store.close()
    }

    @Test func `of two renames to one name at once, one is refused`() async throws {
        let store = try await filledStore()
        let other = RoomRecord(
            id: RoomID(rawValue: 8), name: "Other", createdAt: Timestamp(milliseconds: 0))
        _ = try await store.createRoom(other, owner: nil)
        for number in 0..<10 {
            let change = LogChange.room(RoomChanges(name: "Wanted \(number)"))
            async let left = store.append(AppendBatch(entries: [entry(change)]))
            async let right = store.append(AppendBatch(entries: [entry(change, in: other.id)]))
            let outcomes = try await left + right
            #expect(outcomes.compactMap(\.storedSeq).count == 1)
            #expect(outcomes.contains(.refused(.roomNameTaken)))
        }
        await store.close()
    }

    /// A room of another log, under the same identity and as long: what is remembered of the first counts for nothing.
    @Test func `a room that is made again under its old identity begins anew`() async throws {
        let store = try await filledStore()
        for _ in 0..<3 {
            _ = try await store.append(AppendBatch(entries: [message("late", at: 9_000_000)]))
            #expect(try await store.deleteRoom(Self.room))
            let record = RoomRecord(
                id: Self.room, name: "Again", createdAt: Timestamp(milliseconds: 1_000))
            _ = try await store.createRoom(record, owner: Self.ada)
            for seq in 2..<5 {
                let outcomes = try await store.append(AppendBatch(entries: [message("early")]))
                let at = Timestamp(milliseconds: 2_000)
                #expect(outcomes == [.stored(seq: SequenceNumber(rawValue: UInt64(seq)), at: at)])
            }
        }
        await store.close()
    }

    // MARK: What cannot be opened

    @Test func `a schema of a newer release is refused and left alone`() async throws {
        let schema = PostgresCluster.newSchema()
        let store = try await filledStore { $0.schema = schema }
        await store.close()
        try await cluster.query("UPDATE \(schema).chat_engine_schema SET version = 99")
        let failure = await #expect(throws: StorageError.self) { try await store.open() }
        #expect(failure?.code == .tooNew)
        #expect(try await cluster.query("SELECT version FROM \(schema).chat_engine_schema") == "99")
    }

    @Test func `a schema of another program is refused`() async throws {
        let schema = PostgresCluster.newSchema()
        try await cluster.query("CREATE SCHEMA \(schema); CREATE TABLE \(schema).theirs (x int)")
        let store = cluster.store { $0.schema = schema }
        let failure = await #expect(throws: StorageError.self) { try await store.open() }
        #expect(failure?.code == .configuration)
        let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = '\(schema)'"
        #expect(try await cluster.query(tables) == "1")
    }

    @Test func `a server that is not there is unavailable`() async {
        let failure = await #expect(throws: StorageError.self) {
            try await PostgresStore("host=/nonexistent-chat user=chat dbname=x").open()
        }
        #expect(failure?.code == .unavailable)
    }

    @Test func `a database or a role that does not exist is a configuration error`() async {
        for wrong in ["dbname=nowhere", "user=nobody_here"] {
            let failure = await #expect(throws: StorageError.self) {
                // Of a keyword given twice the last one counts.
                try await PostgresStore(cluster.conninfo + " " + wrong).open()
            }
            #expect(failure?.code == .configuration, "\(wrong)")
        }
    }

    @Test func `a connection string that is none is a configuration error`() async {
        let failure = await #expect(throws: StorageError.self) {
            try await PostgresStore("no such=thing=").open()
        }
        #expect(failure?.code == .configuration)
    }

    private static let meanings: [(String, StorageError.Code)] = [
        ("40001", .unavailable), ("40P01", .unavailable), ("57014", .unavailable),
        ("57P01", .unavailable), ("08006", .unavailable), ("53300", .unavailable),
        ("53100", .cannotWrite), ("25006", .cannotWrite), ("42501", .cannotWrite),
        ("58030", .cannotWrite), ("XX001", .corrupt), ("28P01", .configuration),
        ("3D000", .configuration), ("42P01", .configuration), ("", .unavailable),
    ]

    @Test(arguments: meanings)
    func `the server's codes have a meaning`(code: String, meaning: StorageError.Code) {
        #expect(SQLState(code).kind == meaning)
    }

    // MARK: Helpers

    private func entry(
        _ change: LogChange, key: String? = nil, at: Int64 = 2_000, in room: RoomID = Self.room
    ) -> LogEntry {
        LogEntry(
            room: room, sender: Self.ada, at: Timestamp(milliseconds: at), clientID: key,
            change: change)
    }

    private func message(
        _ text: String, key: String? = nil, at: Int64 = 2_000, in room: RoomID = Self.room
    ) -> LogEntry {
        entry(.message(text: text, replyTo: nil), key: key, at: at, in: room)
    }

    /// One user, their room, two messages: the head is 3.
    private func filledStore(
        _ configure: (inout PostgresOptions) -> Void = { _ in }
    ) async throws -> PostgresStore {
        let store = cluster.store(configure)
        try await store.open()
        _ = try await store.addUser(
            UserRecord(id: Self.ada, name: "Ada", token: "t", isNameKept: true))
        let room = RoomRecord(
            id: Self.room, name: "Room", createdAt: Timestamp(milliseconds: 1_000))
        _ = try await store.createRoom(room, owner: Self.ada)
        _ = try await store.append(
            AppendBatch(entries: [message("one", key: "k"), message("two")]))
        return store
    }

    private func contents(_ store: PostgresStore) async throws -> StoreContents {
        try await StoreContents(of: store, rooms: [Self.room], users: [Self.ada])
    }
}

extension AppendOutcome {
    /// Where it was stored; `nil` for every other outcome.
    var storedSeq: UInt64? {
        if case .stored(let seq, _) = self { seq.rawValue } else { nil }
    }
}
