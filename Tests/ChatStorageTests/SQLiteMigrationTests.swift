// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageSQLite
import Testing

/// Files that earlier versions wrote.
@Suite struct SQLiteMigrationTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file("chat.sqlite") }

    init() throws { directory = try TemporaryDirectory() }

    @Test func `a file of version 1 keeps its logs and goes on with them`() async throws {
        let room = RoomID(rawValue: 7)
        let ada = UserID(rawValue: 1)
        let at = Timestamp(milliseconds: 5_000)
        do {
            let raw = try RawDatabase(path)
            try raw.execute(Self.version1)
            try raw.execute(
                """
                INSERT INTO users VALUES (1, 'Ada', 'ada', 't', 1);
                INSERT INTO rooms VALUES (7, 2, 5000, 1, 0, 0, 0, 1000, 'Room', 'room', '');
                INSERT INTO rooms VALUES (8, 0, 1000, 0, 0, 0, 0, 1000, 'Empty', 'empty', '');
                INSERT INTO members VALUES (7, 1, 4, 1000, 1, 0, 0);
                INSERT INTO events VALUES (1, 7, 1, 1000, 1, 7, NULL, 1, 4, NULL, NULL);
                INSERT INTO events VALUES (2, 7, 2, 5000, 1, 0, NULL, NULL, NULL, NULL, 'one');
                PRAGMA user_version = 1;
                PRAGMA application_id = 1130906990;
                """)
        }
        let store = SQLiteStore(path: path)
        try await store.open()
        #expect(try await store.loadRoom(room)?.room.head == 2)
        #expect(try await store.loadRoom(RoomID(rawValue: 8))?.room.head == SequenceNumber.none)
        let page = try await store.listRooms(visibleTo: ada, offset: 0, limit: 10)
        #expect(page.entries.map(\.room.head) == [.none, 2])
        // A clock that was put back does not put the log's times back.
        let entry = LogEntry(
            room: room, sender: ada, at: Timestamp(milliseconds: 2_000),
            change: .message(text: "two", replyTo: nil))
        #expect(try await store.append(AppendBatch(entries: [entry])) == [.stored(seq: 3, at: at)])
        let member = try await store.memberships(of: ada)
        #expect(member.map(\.unread) == [0], "both messages are her own")
        let events = try await store.events(in: room, after: .none, limit: 10)
        #expect(events.map(\.seq) == [1, 2, 3])
        await store.close()
    }

    /// What version 1 made; it stays as it was.
    private static let version1 = """
        CREATE TABLE users (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            name_key TEXT NOT NULL UNIQUE,
            token TEXT NOT NULL,
            is_name_kept INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX users_by_token ON users(token) WHERE token <> '';

        CREATE TABLE rooms (
            id INTEGER PRIMARY KEY,
            head INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            member_count INTEGER NOT NULL,
            is_private INTEGER NOT NULL,
            maximum_members INTEGER NOT NULL,
            slow_mode_seconds INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            name TEXT NOT NULL,
            name_key TEXT NOT NULL UNIQUE,
            description TEXT NOT NULL
        ) STRICT;
        CREATE INDEX rooms_by_age ON rooms(created_at);

        CREATE TABLE members (
            room INTEGER NOT NULL,
            user INTEGER NOT NULL,
            role INTEGER NOT NULL,
            joined_at INTEGER NOT NULL,
            joined_after INTEGER NOT NULL,
            delivered INTEGER NOT NULL,
            read INTEGER NOT NULL,
            PRIMARY KEY (room, user)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX members_by_user ON members(user);

        CREATE TABLE events (
            position INTEGER PRIMARY KEY,
            room INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            at INTEGER NOT NULL,
            sender INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            target INTEGER,
            subject INTEGER,
            detail INTEGER,
            client_id TEXT,
            text TEXT
        ) STRICT;
        CREATE UNIQUE INDEX events_by_place ON events(room, seq);

        CREATE TABLE room_changes (
            room INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            name TEXT,
            description TEXT,
            is_private INTEGER,
            maximum_members INTEGER,
            slow_mode_seconds INTEGER,
            PRIMARY KEY (room, seq)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE client_ids (
            room INTEGER NOT NULL,
            sender INTEGER NOT NULL,
            client_id TEXT NOT NULL,
            seq INTEGER NOT NULL,
            at INTEGER NOT NULL,
            fingerprint INTEGER NOT NULL,
            PRIMARY KEY (room, sender, client_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE message_states (
            room INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            edited_at INTEGER,
            is_pinned INTEGER NOT NULL,
            text TEXT,
            PRIMARY KEY (room, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX pinned_messages ON message_states(room, seq) WHERE is_pinned = 1;

        CREATE TABLE edits (
            room INTEGER NOT NULL,
            target INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY (room, target, seq)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE reactions (
            room INTEGER NOT NULL,
            target INTEGER NOT NULL,
            emoji TEXT NOT NULL,
            user INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY (room, target, emoji, user)
        ) STRICT, WITHOUT ROWID;
        """
}
