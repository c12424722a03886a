// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageSQLite
import Testing

/// The writer keeps rooms between its transactions: nobody may notice.
@Suite struct SQLiteRoomsTests {
    private static let rooms = (1...3).map { RoomID(rawValue: $0) }
    private static let ada = UserID(rawValue: 1)
    private static let bob = UserID(rawValue: 2)

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func `a store goes on where another store on its file has written`() async throws {
        let (first, second) = (try await opened(), try await opened())
        try await fill(first)
        let (one, two) = (Self.rooms[0], Self.rooms[1])
        for place in stride(from: UInt64(2), through: 8, by: 2) {
            #expect(try await places(first, [post(one)]) == [place])
            #expect(try await places(second, [post(one)]) == [place + 1])
        }
        // What somebody else changes of the room itself.
        _ = try await first.append(AppendBatch(entries: [join(Self.bob, to: two)]))
        let rename = entry(two, .room(RoomChanges(name: "Renamed")))
        #expect(try await places(second, [rename]) == [3])
        let leave = entry(two, .leave(user: Self.bob, reason: .left, logged: true))
        #expect(try await places(first, [leave]) == [4])
        let record = try await second.loadRoom(two)?.room
        #expect(record?.name == "Renamed")
        #expect(record?.memberCount == 1)

        #expect(try await second.deleteRoom(two))
        #expect(
            try await first.append(AppendBatch(entries: [post(two)])) == [.refused(.roomNotFound)])
        await first.close()
        await second.close()
    }

    @Test func `what a failed transaction has done to a room is forgotten`() async throws {
        let store = try await opened()
        try await fill(store)
        let room = Self.rooms[0]
        #expect(try await places(store, [post(room)]) == [2])
        let raw = try RawDatabase(directory.file("chat.sqlite"))
        try raw.execute(
            """
            CREATE TRIGGER fault BEFORE INSERT ON events WHEN new.text = 'no'
            BEGIN SELECT raise(ABORT, 'injected'); END
            """)
        // The other connection's change is seen before the failure, so that nothing but the failure
        // makes the store forget.
        #expect(try await places(store, [post(room)]) == [3])
        await #expect(throws: StorageError.self) {
            try await store.append(
                AppendBatch(entries: [join(Self.bob, to: room), post(room, "no")]))
        }
        #expect(try await places(store, [post(room)]) == [4])
        #expect(try await places(store, [join(Self.bob, to: room)]) == [5])
        #expect(try await store.loadRoom(room)?.room.memberCount == 2)
        await store.close()
    }

    @Test(arguments: [0, 1, 2, 3])
    func `with more rooms than are kept the answers are the same`(keptRooms: Int) async throws {
        var options = SQLiteOptions()
        options.keptRooms = keptRooms
        let store = try await opened(options)
        try await fill(store)
        for round in UInt64(0)..<3 {
            let entries = Self.rooms.map { post($0) } + Self.rooms.map { post($0) }
            let (first, second) = (2 + 2 * round, 3 + 2 * round)
            #expect(
                try await places(store, entries)
                    == [first, first, first, second, second, second])
        }
        // The number of members is written at the batch's end, whatever came between.
        let joins = Self.rooms.map { join(Self.bob, to: $0) }
        let leaves = Self.rooms.map {
            entry($0, .leave(user: Self.bob, reason: .left, logged: true))
        }
        _ = try await places(store, joins + leaves + joins)
        for room in Self.rooms {
            #expect(try await store.loadRoom(room)?.room.memberCount == 2)
        }
        await store.close()
    }

    @Test func `nobody's marks pass the end of the log`() async throws {
        let store = try await opened()
        try await fill(store)
        let room = Self.rooms[0]
        let receipt = ReceiptUpdate(room: room, user: Self.ada, delivered: 2, read: 9)
        // In the batch that makes the log longer.
        _ = try await store.append(AppendBatch(entries: [post(room)], receipts: [receipt]))
        let member = try await store.loadRoom(room)?.members.first
        #expect(member?.delivered == 2)
        #expect(member?.read == 2)
        await store.close()
    }

    // MARK: Helpers

    private func opened(_ options: SQLiteOptions = .init()) async throws -> SQLiteStore {
        let store = SQLiteStore(path: directory.file("chat.sqlite"), options: options)
        try await store.open()
        return store
    }

    /// Three rooms of Ada's; the heads are 1.
    private func fill(_ store: SQLiteStore) async throws {
        for (user, name) in [(Self.ada, "Ada"), (Self.bob, "Bob")] {
            _ = try await store.addUser(
                UserRecord(id: user, name: name, token: name, isNameKept: true))
        }
        for room in Self.rooms {
            let record = RoomRecord(
                id: room, name: "Room \(room.rawValue)", createdAt: Timestamp(milliseconds: 1_000))
            _ = try await store.createRoom(record, owner: Self.ada)
        }
    }

    private func entry(_ room: RoomID, _ change: LogChange) -> LogEntry {
        LogEntry(
            room: room, sender: Self.ada, at: Timestamp(milliseconds: 2_000), change: change)
    }

    private func post(_ room: RoomID, _ text: String = "text") -> LogEntry {
        entry(room, .message(text: text, replyTo: nil))
    }

    private func join(_ user: UserID, to room: RoomID) -> LogEntry {
        entry(room, .join(user: user, role: .member, logged: true))
    }

    private func places(_ store: SQLiteStore, _ entries: [LogEntry]) async throws -> [UInt64] {
        try await store.append(AppendBatch(entries: entries)).compactMap { outcome in
            if case .stored(let seq, _) = outcome { seq.rawValue } else { nil }
        }
    }
}
