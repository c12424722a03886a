// SPDX-License-Identifier: MIT

import CSQLite
import ChatCore
import ChatStorageSQLite
import Testing

/// Failures while the store runs: whatever fails, a batch is stored wholly or not at all.
@Suite struct SQLiteFaultTests {
    private static let room = RoomID(rawValue: 7)
    private static let ada = UserID(rawValue: 1)
    private static let bob = UserID(rawValue: 2)

    private let directory: TemporaryDirectory
    private var path: String { directory.file("chat.sqlite") }

    init() throws { directory = try TemporaryDirectory() }

    /// A batch that touches every table, and a failure at each of them.
    @Test(arguments: [
        "INSERT ON events WHEN new.seq = 5", "INSERT ON events WHEN new.seq = 12",
        "INSERT ON client_ids WHEN new.client_id = 'b'", "INSERT ON message_states",
        "UPDATE ON message_states", "INSERT ON edits", "INSERT ON reactions",
        "DELETE ON reactions", "UPDATE OF text ON events", "DELETE ON message_states",
        "DELETE ON edits", "INSERT ON members", "DELETE ON members", "UPDATE OF role ON members",
        "INSERT ON room_changes", "UPDATE OF name ON rooms", "UPDATE OF member_count ON rooms",
        "UPDATE OF read ON members",
    ])
    func `a failure anywhere in a batch leaves nothing`(place: String) async throws {
        let store = try await filledStore()
        let before = try await contents(store)
        let raw = try RawDatabase(path)
        try raw.execute(
            "CREATE TRIGGER fault BEFORE \(place) BEGIN SELECT raise(ABORT, 'injected'); END")
        await #expect(throws: StorageError.self) { try await store.append(Self.batch) }
        #expect(try await contents(store) == before)

        try raw.execute("DROP TRIGGER fault")
        let outcomes = try await store.append(Self.batch)
        let places = outcomes.compactMap { outcome -> UInt64? in
            if case .stored(let seq, _) = outcome { seq.rawValue } else { nil }
        }
        #expect(places == Array(4...16))
        await store.close()
    }

    @Test(arguments: ["INSERT ON members", "INSERT ON events", "UPDATE OF member_count ON rooms"])
    func `a room is made wholly or not at all`(place: String) async throws {
        let store = try await filledStore()
        let raw = try RawDatabase(path)
        try raw.execute(
            "CREATE TRIGGER fault BEFORE \(place) BEGIN SELECT raise(ABORT, 'injected'); END")
        let room = RoomRecord(
            id: RoomID(rawValue: 8), name: "New", createdAt: Timestamp(milliseconds: 0))
        await #expect(throws: StorageError.self) {
            try await store.createRoom(room, owner: Self.ada)
        }
        #expect(try await store.loadRoom(room.id) == nil)
        #expect(try await store.findRoom(named: NameKey("new")) == nil)
        await store.close()
    }

    @Test func `a file that another process holds is unavailable for now`() async throws {
        var options = SQLiteOptions()
        options.busyMilliseconds = 20
        let store = try await filledStore(options)
        let other = try RawDatabase(path)
        try other.execute("BEGIN IMMEDIATE")
        let failure = await #expect(throws: StorageError.self) {
            try await store.append(Self.batch)
        }
        #expect(failure?.code == .unavailable)
        #expect(try await store.loadRoom(Self.room)?.room.head == 3)
        try other.execute("ROLLBACK")
        #expect(try await store.append(Self.batch).count == 13)
        await store.close()
    }

    private static let meanings: [(Int32, StorageError.Code)] = [
        (SQLITE_BUSY, .unavailable), (SQLITE_LOCKED, .unavailable), (SQLITE_NOMEM, .unavailable),
        (SQLITE_FULL, .cannotWrite), (SQLITE_READONLY, .cannotWrite),
        (SQLITE_IOERR, .cannotWrite), (SQLITE_CANTOPEN, .configuration),
        (SQLITE_CORRUPT, .corrupt), (SQLITE_NOTADB, .corrupt), (SQLITE_CONSTRAINT, .corrupt),
        // Extended codes: the primary one is in the lower byte.
        (SQLITE_IOERR | 4 << 8, .cannotWrite), (SQLITE_BUSY | 2 << 8, .unavailable),
    ]

    @Test(arguments: meanings)
    func `result codes have a meaning`(code: Int32, meaning: StorageError.Code) {
        #expect(SQLiteResultCode.kind(of: code) == meaning)
    }

    // MARK: Helpers

    private static func entry(_ change: LogChange, key: String? = nil) -> LogEntry {
        LogEntry(
            room: room, sender: ada, at: Timestamp(milliseconds: 2_000), clientID: key,
            change: change)
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
    private func filledStore(_ options: SQLiteOptions = .init()) async throws -> SQLiteStore {
        let store = SQLiteStore(path: path, options: options)
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

    private func contents(_ store: SQLiteStore) async throws -> StoreContents {
        try await StoreContents(of: store, rooms: [Self.room], users: [Self.ada, Self.bob])
    }
}
