// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import Testing

/// Schemas that earlier versions wrote.
@Suite struct PostgresMigrationTests {
    private static let room = RoomID(rawValue: 7)
    private static let (ada, bob) = (UserID(rawValue: 1), UserID(rawValue: 2))

    @Test func `a schema of version 3 gets an index of what it has, and exact unread counts`()
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
            DROP TABLE search_rooms, search_index, authors, append_guard, room_passwords, audit, blocks;
            DROP INDEX uncounted_events;
            ALTER TABLE rooms ADD COLUMN head bigint NOT NULL DEFAULT 302;
            ALTER TABLE rooms DROP COLUMN retention_days, DROP COLUMN retention_messages;
            ALTER TABLE room_changes DROP COLUMN retention_days, DROP COLUMN retention_messages;
            DROP TABLE accounts, devices, read_times;
            ALTER TABLE users DROP COLUMN last_seen, DROP COLUMN hides_last_seen;
            UPDATE chat_engine_schema SET version = 3
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

    @Test func `names that are folded otherwise now are found in an older schema`()
        async throws
    {
        let cluster = try await PostgresCluster.shared()
        let schema = PostgresCluster.newSchema()
        let store = cluster.store { $0.schema = schema }
        try await store.open()
        let user = UserRecord(id: Self.ada, name: "Weiß", token: "", isNameKept: true)
        _ = try await store.addUser(user)
        await store.close()
        try await cluster.query(
            """
            SET search_path = \(schema);
            DROP TABLE accounts, devices, read_times;
            ALTER TABLE users DROP COLUMN last_seen, DROP COLUMN hides_last_seen;
            UPDATE users SET name_key = convert_to('weiß', 'UTF8');
            UPDATE chat_engine_schema SET version = 8
            """)
        try await store.open()
        #expect(try await store.user(named: NameKey("WEISS")) == user)
        await store.close()
    }

    @Test func `a schema of version 1 keeps its logs and goes on with them`() async throws {
        let cluster = try await PostgresCluster.shared()
        let schema = PostgresCluster.newSchema()
        try await cluster.query(
            """
            CREATE SCHEMA \(schema);
            SET search_path = \(schema);
            CREATE TABLE chat_engine_schema (version bigint NOT NULL);
            INSERT INTO chat_engine_schema VALUES (1);
            \(Self.version1)
            INSERT INTO users VALUES (1, 'Ada', 'ada', 't', true), (2, 'Bob', 'bob', 'u', false);
            INSERT INTO rooms VALUES (7, 2, 5000, 2, false, 0, 0, 1000, 'Room', 'room', '');
            INSERT INTO members VALUES (7, 1, 4, 1000, 1, 0, 0), (7, 2, 1, 1000, 1, 0, 0);
            INSERT INTO events (room, seq, at, sender, kind, subject, detail, text)
            VALUES (7, 1, 1000, 1, 7, 1, 4, NULL), (7, 2, 5000, 2, 0, NULL, NULL, 'one');
            """)
        let store = cluster.store { $0.schema = schema }
        try await store.open()
        let (room, ada, bob) = (RoomID(rawValue: 7), UserID(rawValue: 1), UserID(rawValue: 2))
        let at = Timestamp(milliseconds: 5_000)
        #expect(try await store.user(ada)?.profile == UserProfile())
        let page = try await store.history(HistoryQuery(room: room, anchor: .latest, limit: 9))
        #expect(page.messages.map(\.text) == ["one"])
        #expect(page.messages.map(\.attachments) == [[]])
        func outcome(_ change: LogChange, by sender: UserID) async throws -> [AppendOutcome] {
            let entry = LogEntry(room: room, sender: sender, at: at, change: change)
            return try await store.append(AppendBatch(entries: [entry]))
        }
        let two = LogChange.message(text: "two", replyTo: nil)
        #expect(try await outcome(two, by: bob) == [.stored(seq: 3, at: at)])
        let mute = LogChange.mute(user: bob, until: .forever)
        #expect(try await outcome(mute, by: ada) == [.stored(seq: 4, at: at)])
        #expect(try await outcome(two, by: bob) == [.refused(.muted)])
        #expect(try await store.events(in: room, after: 0, limit: 9).map(\.seq) == [1, 2, 3, 4])
        await store.close()
    }

    /// What version 1 made; it stays as it was.
    private static let version1 = """
        CREATE TABLE users (
            id bigint PRIMARY KEY,
            name bytea NOT NULL,
            name_key bytea NOT NULL UNIQUE,
            token bytea NOT NULL,
            is_name_kept boolean NOT NULL
        );
        CREATE UNIQUE INDEX users_by_token ON users(token) WHERE token <> '';

        CREATE TABLE rooms (
            id bigint PRIMARY KEY,
            head bigint NOT NULL,
            last_at bigint NOT NULL,
            member_count bigint NOT NULL,
            is_private boolean NOT NULL,
            maximum_members bigint NOT NULL,
            slow_mode_seconds bigint NOT NULL,
            created_at bigint NOT NULL,
            name bytea NOT NULL,
            name_key bytea NOT NULL UNIQUE,
            description bytea NOT NULL
        ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
        CREATE INDEX rooms_by_age ON rooms(created_at);

        CREATE TABLE members (
            room bigint NOT NULL,
            user_id bigint NOT NULL,
            role smallint NOT NULL,
            joined_at bigint NOT NULL,
            joined_after bigint NOT NULL,
            delivered bigint NOT NULL,
            read bigint NOT NULL,
            PRIMARY KEY (room, user_id)
        ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
        CREATE INDEX members_by_user ON members(user_id);

        CREATE TABLE events (
            room bigint NOT NULL,
            seq bigint NOT NULL,
            at bigint NOT NULL,
            sender bigint NOT NULL,
            target bigint,
            subject bigint,
            kind smallint NOT NULL,
            detail smallint,
            client_id bytea,
            text bytea,
            PRIMARY KEY (room, seq)
        );

        CREATE TABLE room_changes (
            room bigint NOT NULL,
            seq bigint NOT NULL,
            name bytea,
            description bytea,
            is_private boolean,
            maximum_members bigint,
            slow_mode_seconds bigint,
            PRIMARY KEY (room, seq)
        );

        CREATE TABLE client_ids (
            room bigint NOT NULL,
            sender bigint NOT NULL,
            seq bigint NOT NULL,
            at bigint NOT NULL,
            fingerprint bigint NOT NULL,
            client_id bytea NOT NULL,
            PRIMARY KEY (room, sender, client_id)
        );
        CREATE INDEX client_ids_by_age ON client_ids USING brin(at) WITH (pages_per_range = 16);

        CREATE TABLE message_states (
            room bigint NOT NULL,
            seq bigint NOT NULL,
            edited_at bigint,
            is_pinned boolean NOT NULL,
            text bytea,
            PRIMARY KEY (room, seq)
        );
        CREATE INDEX pinned_messages ON message_states(room, seq) WHERE is_pinned;

        CREATE TABLE edits (
            room bigint NOT NULL,
            target bigint NOT NULL,
            seq bigint NOT NULL,
            PRIMARY KEY (room, target, seq)
        );

        CREATE TABLE reactions (
            room bigint NOT NULL,
            target bigint NOT NULL,
            user_id bigint NOT NULL,
            seq bigint NOT NULL,
            since bigint NOT NULL,
            emoji bytea NOT NULL,
            PRIMARY KEY (room, target, emoji, user_id)
        );
        """
}
