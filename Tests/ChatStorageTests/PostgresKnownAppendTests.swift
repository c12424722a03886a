// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import Testing

/// Messages that are stored without a look at their room, while another server changes it.
@Suite struct PostgresKnownAppendTests {
    private static let room = RoomID(rawValue: 7)
    private static let other = RoomID(rawValue: 8)
    private static let (ada, bob) = (UserID(rawValue: 1), UserID(rawValue: 2))

    private let cluster: PostgresCluster
    private let schema = PostgresCluster.newSchema()

    init() async throws { cluster = try await PostgresCluster.shared() }

    @Test(arguments: StoreCaller.Kind.allCases)
    func `a room that another server has deleted takes no message, also when it is made again`(
        kind: StoreCaller.Kind
    ) async throws {
        let caller = try await StoreCaller(kind)
        let stores = try await stores()
        #expect(try await append("two", to: stores[0], caller) == .stored(seq: 3, at: Self.at))
        #expect(try await stores[1].deleteRoom(Self.room))
        #expect(try await append("lost", to: stores[0], caller) == .refused(.roomNotFound))
        #expect(try await append("kept", in: Self.other, to: stores[0], caller)?.storedSeq == 3)
        try await makeRooms(stores[1], [Self.room])
        #expect(try await append("new", to: stores[0], caller)?.storedSeq == 2)
        for store in stores { await store.close() }
        await caller.stop()
    }

    @Test(arguments: StoreCaller.Kind.allCases)
    func `a message waits for a deletion under way, and leaves nothing behind`(
        kind: StoreCaller.Kind
    ) async throws {
        let caller = try await StoreCaller(kind)
        let stores = try await stores()
        let (cluster, schema) = (cluster, schema)
        let deletion = Task {
            try await cluster.query(
                """
                BEGIN; SET search_path = \(schema);
                LOCK TABLE append_guard IN ACCESS EXCLUSIVE MODE;
                DELETE FROM rooms WHERE id = \(Self.room.rawValue);
                UPDATE append_guard SET deletions = deletions + 1;
                DO $$ BEGIN
                    WHILE NOT EXISTS (SELECT 1 FROM pg_locks
                        WHERE relation = 'append_guard'::regclass AND NOT granted)
                    LOOP PERFORM pg_sleep(0.01); END LOOP; END $$;
                COMMIT
                """)
        }
        let isLocked = """
            SELECT count(*) FROM pg_locks WHERE relation = '\(schema).append_guard'::regclass
                AND mode = 'AccessExclusiveLock' AND granted
            """
        while try await cluster.query(isLocked) == "0" { await Task.yield() }
        #expect(try await append("lost", to: stores[0], caller) == .refused(.roomNotFound))
        _ = try await deletion.value
        let left = "SELECT max(seq) FROM \(schema).events WHERE room = \(Self.room.rawValue)"
        #expect(try await cluster.query(left) == "2")
        for store in stores { await store.close() }
        await caller.stop()
    }

    @Test(arguments: StoreCaller.Kind.allCases)
    func `whom another server has muted posts nothing until they may again`(
        kind: StoreCaller.Kind
    ) async throws {
        let caller = try await StoreCaller(kind)
        let stores = try await stores()
        let join = LogChange.join(user: Self.bob, role: .member, logged: true)
        let mute = LogChange.mute(user: Self.bob, until: Timestamp(milliseconds: .max))
        #expect(try await append(join, by: Self.bob, to: stores[0], caller)?.storedSeq == 3)
        #expect(try await append("two", by: Self.bob, to: stores[0], caller)?.storedSeq == 4)
        #expect(try await append(mute, to: stores[1], caller)?.storedSeq == 5)
        #expect(try await append("no", by: Self.bob, to: stores[0], caller) == .refused(.muted))
        #expect(try await append("yes", to: stores[0], caller)?.storedSeq == 6)
        #expect(try await append("no", by: Self.bob, to: stores[0], caller) == .refused(.muted))
        #expect(try await append(.unmute(user: Self.bob), to: stores[1], caller)?.storedSeq == 7)
        #expect(try await append("three", by: Self.bob, to: stores[0], caller)?.storedSeq == 8)
        #expect(try await append("four", by: Self.bob, to: stores[0], caller)?.storedSeq == 9)
        for store in stores { await store.close() }
        await caller.stop()
    }

    /// The transaction is under way: a thread waits for its end instead of the loop.
    @Test func `a message is stored once when its loop loses its reactor meanwhile`() async throws {
        let stores = try await stores()
        let caller = try await StoreCaller(.loop)
        let (cluster, schema) = (cluster, schema)
        try await cluster.query(
            """
            CREATE TABLE \(schema).go (n int);
            CREATE FUNCTION \(schema).wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                WHILE (SELECT count(*) FROM \(schema).go) = 0 LOOP PERFORM pg_sleep(0.01); END LOOP;
                RETURN new; END $$;
            CREATE TRIGGER wait BEFORE INSERT ON \(schema).events
                FOR EACH ROW EXECUTE FUNCTION \(schema).wait()
            """)
        async let outcome = append("two", to: stores[0], caller)
        let isWaiting = """
            SELECT count(*) FROM pg_stat_activity
            WHERE application_name = '\(schema)' AND wait_event = 'PgSleep'
            """
        while try await cluster.query(isWaiting) == "0" { await Task.yield() }
        #expect(await caller.watchCount == 1)
        await caller.stop()
        try await cluster.query("INSERT INTO \(schema).go VALUES (1)")
        #expect(try await outcome?.storedSeq == 3)
        let left = "SELECT count(*) FROM \(schema).events WHERE room = \(Self.room.rawValue)"
        #expect(try await cluster.query(left) == "3")
        for store in stores { await store.close() }
    }

    /// Small batches are sent by the loop, large ones by a thread.
    @Test func `batches of every size are stored for a loop, in order`() async throws {
        let stores = try await stores()
        let caller = try await StoreCaller(.loop)
        var texts: [String] = []
        for (count, bytes) in [(1, 10), (128, 10), (129, 10), (4, 16_384), (5, 16_384), (200, 100)]
        {
            let batch = (0..<count).map { "\($0) " + String(repeating: "x", count: bytes - 4) }
            let entries = batch.map {
                LogEntry(
                    room: Self.room, sender: Self.ada, at: Self.at,
                    change: .message(text: $0, replyTo: nil))
            }
            let outcomes = try await caller.append(AppendBatch(entries: entries), to: stores[0])
            let first = UInt64(texts.count) + 3
            #expect(outcomes.map(\.storedSeq) == (0..<UInt64(count)).map { first + $0 })
            texts += batch
        }
        let events = try await stores[0].events(in: Self.room, after: 2, limit: 1_000)
        #expect(events.map(\.change) == texts.map { .message(text: $0, replyTo: nil) })
        for store in stores { await store.close() }
        await caller.stop()
    }

    /// Of those who lock no room the first wins, and whoever locks it would come last again and again.
    @Test(arguments: StoreCaller.Kind.allCases)
    func `two servers that post in one room at once both get on`(
        kind: StoreCaller.Kind
    ) async throws {
        let caller = try await StoreCaller(kind)
        let stores = try await stores()
        let seqs = try await withThrowingTaskGroup(of: [UInt64].self) { group in
            for store in stores {
                group.addTask {
                    var seqs: [UInt64] = []
                    for number in 0..<100 {
                        let outcome = try await append("\(number)", to: store, caller)
                        seqs.append(try #require(outcome?.storedSeq))
                    }
                    return seqs
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(seqs.sorted() == Array(3..<203))
        for store in stores { await store.close() }
        await caller.stop()
    }

    // MARK: Stores and messages

    private static let at = Timestamp(milliseconds: 2_000)

    /// Two stores on one schema; the first knows where both rooms stand: at 2.
    private func stores() async throws -> [PostgresStore] {
        let schema = schema
        let stores = (0..<2).map { _ in cluster.store { $0.schema = schema } }
        for store in stores { try await store.open() }
        for (user, name) in [(Self.ada, "Ada"), (Self.bob, "Bob")] {
            _ = try await stores[0].addUser(
                UserRecord(id: user, name: name, token: "", isNameKept: true))
        }
        try await makeRooms(stores[0], [Self.room, Self.other])
        for room in [Self.room, Self.other] {
            _ = try await append("one", in: room, to: stores[0], StoreCaller(.task))
        }
        return stores
    }

    private func makeRooms(_ store: PostgresStore, _ rooms: [RoomID]) async throws {
        for room in rooms {
            let record = RoomRecord(
                id: room, name: "room \(room.rawValue)", createdAt: Timestamp(milliseconds: 1_000))
            _ = try await store.createRoom(record, owner: Self.ada)
        }
    }

    private func append(
        _ text: String, by user: UserID = ada, in room: RoomID = room, to store: PostgresStore,
        _ caller: StoreCaller
    ) async throws -> AppendOutcome? {
        try await append(.message(text: text, replyTo: nil), by: user, in: room, to: store, caller)
    }

    private func append(
        _ change: LogChange, by user: UserID = ada, in room: RoomID = room, to store: PostgresStore,
        _ caller: StoreCaller
    ) async throws -> AppendOutcome? {
        let entry = LogEntry(
            room: room, sender: user, at: Self.at, isModerator: user == Self.ada, change: change)
        return try await caller.append(AppendBatch(entries: [entry]), to: store).first
    }
}
