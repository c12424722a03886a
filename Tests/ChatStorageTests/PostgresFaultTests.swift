// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import Testing

/// A server that crashes, connections that are cut, steps that fail: whatever fails, a batch is
/// stored wholly or not at all, and once.
@Suite struct PostgresFaultTests {
    private static let room = RoomID(rawValue: 7)
    private static let ada = UserID(rawValue: 1)
    private static let bob = UserID(rawValue: 2)

    private let cluster: PostgresCluster

    init() async throws { cluster = try await PostgresCluster.shared() }

    /// A batch that touches every table, and a failure at each of them.
    @Test(arguments: [
        "INSERT ON events|WHEN (new.seq = 5)", "INSERT ON events|WHEN (new.seq = 12)",
        "INSERT ON client_ids|WHEN (new.client_id = 'b')", "INSERT ON message_states|",
        "UPDATE ON message_states|", "INSERT ON edits|", "INSERT ON reactions|",
        "DELETE ON reactions|", "UPDATE OF text ON events|", "DELETE ON message_states|",
        "DELETE ON edits|", "INSERT ON members|", "DELETE ON members|",
        "UPDATE OF role ON members|", "INSERT ON room_changes|", "UPDATE OF name ON rooms|",
        "UPDATE OF member_count ON rooms|", "UPDATE OF read ON members|",
    ])
    func `a failure anywhere in a batch leaves nothing`(place: String) async throws {
        let schema = PostgresCluster.newSchema()
        let store = try await filledStore { $0.schema = schema }
        let before = try await contents(store)
        let parts = place.split(separator: "|")
        let table = parts[0].split(separator: " ").last ?? ""
        let moment = parts[0].replacing(" \(table)", with: " \(schema).\(table)")
        let condition = parts.count > 1 ? parts[1] : ""
        try await cluster.query(
            """
            CREATE FUNCTION \(schema).fail() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE 'injected'; END $$;
            CREATE TRIGGER fault BEFORE \(moment) FOR EACH ROW \(condition)
                EXECUTE FUNCTION \(schema).fail()
            """)
        await #expect(throws: StorageError.self) { try await store.append(Self.batch) }
        #expect(try await contents(store) == before)

        try await cluster.query("DROP TRIGGER fault ON \(schema).\(table)")
        let outcomes = try await store.append(Self.batch)
        #expect(outcomes.compactMap(\.storedSeq) == Array(4...16))
        await store.close()
    }

    @Test(arguments: StoreCaller.Kind.allCases)
    func `a serialisation failure and a deadlock are tried again`(
        kind: StoreCaller.Kind
    ) async throws {
        let caller = try await StoreCaller(kind)
        let schema = PostgresCluster.newSchema()
        let store = try await filledStore { $0.schema = schema }
        for code in ["40001", "40P01"] {
            // A sequence keeps its value when a transaction is undone.
            try await cluster.query(
                """
                CREATE SEQUENCE \(schema).calls;
                CREATE FUNCTION \(schema).fail() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN IF nextval('\(schema).calls') < 4 THEN
                        RAISE 'injected' USING ERRCODE = '\(code)'; END IF; RETURN new; END $$;
                CREATE TRIGGER fault BEFORE INSERT ON \(schema).events FOR EACH ROW
                    EXECUTE FUNCTION \(schema).fail()
                """)
            let outcomes = try await store.append(
                AppendBatch(entries: [Self.message("x", "\(code)")]))
            #expect(outcomes.compactMap(\.storedSeq).count == 1)
            #expect(try await cluster.query("SELECT last_value FROM \(schema).calls") == "4")
            try await cluster.query(
                """
                DROP TRIGGER fault ON \(schema).events; DROP FUNCTION \(schema).fail;
                DROP SEQUENCE \(schema).calls
                """)
        }
        await store.close()
        await caller.stop()
    }

    @Test(arguments: StoreCaller.Kind.allCases)
    func `a statement that takes too long is unavailable, and the next one works`(
        kind: StoreCaller.Kind
    ) async throws {
        let caller = try await StoreCaller(kind)
        let schema = PostgresCluster.newSchema()
        let store = try await filledStore {
            $0.schema = schema
            $0.statementMilliseconds = 2_000
        }
        try await cluster.query(
            """
            CREATE FUNCTION \(schema).wait() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_sleep(60); RETURN new; END $$;
            CREATE TRIGGER fault BEFORE INSERT ON \(schema).events FOR EACH ROW
                EXECUTE FUNCTION \(schema).wait()
            """)
        let failure = await #expect(throws: StorageError.self) {
            try await caller.append(AppendBatch(entries: [Self.message("x", "x")]), to: store)
        }
        #expect(failure?.code == .unavailable)
        try await cluster.query("DROP TRIGGER fault ON \(schema).events")
        let outcomes = try await caller.append(
            AppendBatch(entries: [Self.message("x", "x")]), to: store)
        #expect(outcomes.compactMap(\.storedSeq) == [4])
        await store.close()
        await caller.stop()
    }

    @Test(arguments: StoreCaller.Kind.allCases)
    func `connections that are cut are replaced without a failure`(
        kind: StoreCaller.Kind
    ) async throws {
        let caller = try await StoreCaller(kind)
        let schema = PostgresCluster.newSchema()
        let store = try await filledStore { $0.schema = schema }
        for number in 0..<5 {
            // Those of this schema: other tests use the same server.
            try await cluster.query(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name = '\(schema)'
                """)
            let entry = Self.message("\(number)", "\(number)")
            let outcomes = try await caller.append(AppendBatch(entries: [entry]), to: store)
            #expect(outcomes.compactMap(\.storedSeq) == [UInt64(number) + 4])
        }
        await store.close()
        await caller.stop()
    }

    @Test(arguments: StoreCaller.Kind.allCases)
    func `a commit that was cut before it was done is done again`(
        kind: StoreCaller.Kind
    ) async throws {
        let caller = try await StoreCaller(kind)
        let schema = PostgresCluster.newSchema()
        let store = try await filledStore { $0.schema = schema }
        // A deferred trigger runs inside COMMIT: before the commit is on record the backend ends
        // itself, and it ends itself twice.
        try await cluster.query(
            """
            CREATE SEQUENCE \(schema).calls;
            CREATE FUNCTION \(schema).cut() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN IF nextval('\(schema).calls') < 3 THEN
                    PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN new; END $$;
            CREATE CONSTRAINT TRIGGER fault AFTER INSERT ON \(schema).events
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION \(schema).cut()
            """)
        let outcomes = try await caller.append(
            AppendBatch(entries: [Self.message("x", "x")]), to: store)
        #expect(outcomes.compactMap(\.storedSeq) == [4])
        #expect(try await cluster.query("SELECT last_value FROM \(schema).calls") == "3")
        let events = try await store.events(in: Self.room, after: 3, limit: 10)
        #expect(events.map(\.seq) == [4])
        await store.close()
        await caller.stop()
    }

    @Test(arguments: StoreCaller.Kind.allCases)
    func `a commit that was done before it was cut is not done again`(
        kind: StoreCaller.Kind
    ) async throws {
        let caller = try await StoreCaller(kind)
        let cluster = try await PostgresCluster()
        let store = cluster.store()
        try await store.open()
        let record = RoomRecord(
            id: Self.room, name: "Room", createdAt: Timestamp(milliseconds: 0))
        _ = try await store.createRoom(record, owner: nil)
        // Once a room's place is known, messages go the short way.
        for number in 1...2 {
            let outcomes = try await cluster.cuttingCommits {
                try await caller.append(
                    AppendBatch(entries: [Self.message("x", "\(number)")]), to: store)
            }
            let at = Timestamp(milliseconds: 2_000)
            #expect(outcomes == [.stored(seq: SequenceNumber(rawValue: UInt64(number)), at: at)])
        }
        let events = try await store.events(in: Self.room, after: .none, limit: 10)
        #expect(events.map(\.clientID) == ["1", "2"])
        await store.close()
        await caller.stop()
    }

    @Test func `a server that stays away gives an error in time, and is found again`()
        async throws
    {
        let cluster = try await PostgresCluster()
        let store = cluster.store {
            $0.callMilliseconds = 300
            $0.resolveMilliseconds = 300
        }
        try await store.open()
        try await cluster.crash()
        let failure = await #expect(throws: StorageError.self) { try await store.user(Self.ada) }
        #expect(failure?.code == .unavailable)
        try await cluster.start()
        var found: Result<UserRecord?, any Error>?
        while found == nil {
            do {
                found = .success(try await store.user(Self.ada))
            } catch let error where error.code != .unavailable {
                found = .failure(error)
            } catch {}
        }
        #expect(try found?.get() == .some(nil))
        await store.close()
    }

    // MARK: Helpers

    private static func entry(_ change: LogChange, key: String? = nil) -> LogEntry {
        LogEntry(
            room: room, sender: ada, at: Timestamp(milliseconds: 2_000), clientID: key,
            change: change)
    }

    private static func message(_ text: String, _ key: String) -> LogEntry {
        entry(.message(text: text, replyTo: nil), key: key)
    }

    private static let batch = AppendBatch(
        entries: [
            entry(.message(text: "three", replyTo: 2), key: "a"),
            entry(.edit(target: 2, text: "edited"), key: "b"),
            entry(.pin(target: 2)), entry(.unpin(target: 2)),
            entry(.react(target: 2, emoji: "x")), entry(.unreact(target: 2, emoji: "x")),
            entry(.react(target: 2, emoji: "y")), entry(.delete(target: 2)),
            entry(.join(user: bob, role: .member, logged: true)),
            entry(.role(user: bob, role: .owner)),
            entry(.leave(user: ada, reason: .left, logged: true)),
            entry(.room(RoomChanges(name: "Renamed"))),
            entry(.message(text: "last", replyTo: nil)),
        ],
        receipts: [
            ReceiptUpdate(
                room: room, user: bob, delivered: 16, read: 16,
                readAt: Timestamp(milliseconds: 9))
        ])

    /// Two users, Ada's room, two messages: the head is 3.
    private func filledStore(
        _ configure: (inout PostgresOptions) -> Void = { _ in }
    ) async throws -> PostgresStore {
        let store = cluster.store(configure)
        try await store.open()
        for (user, name) in [(Self.ada, "Ada"), (Self.bob, "Bob")] {
            _ = try await store.addUser(
                UserRecord(id: user, name: name, token: name, isNameKept: true))
        }
        let room = RoomRecord(
            id: Self.room, name: "Room", createdAt: Timestamp(milliseconds: 1_000))
        _ = try await store.createRoom(room, owner: Self.ada)
        let messages = ["one", "two"].map { Self.entry(.message(text: $0, replyTo: nil)) }
        _ = try await store.append(AppendBatch(entries: messages))
        return store
    }

    private func contents(_ store: PostgresStore) async throws -> StoreContents {
        try await StoreContents(of: store, rooms: [Self.room], users: [Self.ada, Self.bob])
    }
}
