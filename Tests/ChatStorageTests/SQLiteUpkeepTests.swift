// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageSQLite
import Foundation
import Testing

/// What trims, sweeps and erasures do to the file.
@Suite struct SQLiteUpkeepTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file("chat.sqlite") }
    private let room = RoomID(rawValue: 7)
    private let other = RoomID(rawValue: 8)
    private let ada = UserID(rawValue: 1)
    private let bob = UserID(rawValue: 2)

    private static let tables = [
        "events", "members", "room_changes", "client_ids", "message_states", "edits", "reactions",
        "search_index", "deleted_rooms", "authors", "audit", "room_passwords",
    ]

    init() throws { directory = try TemporaryDirectory() }

    private func opened() async throws -> SQLiteStore {
        var options = SQLiteOptions()
        options.synchronous = .normal
        let store = SQLiteStore(path: path, options: options)
        try await store.open()
        for (id, name) in [(ada, "Ada Lovelace"), (bob, "Bob")] {
            let user = UserRecord(id: id, name: name, token: "token of \(name)", isNameKept: false)
            _ = try await store.addUser(user)
        }
        return store
    }

    private func makeRoom(_ id: RoomID, in store: SQLiteStore) async throws {
        let record = RoomRecord(
            id: id, name: "Room \(id)", createdAt: Timestamp(milliseconds: 1_000))
        _ = try await store.createRoom(record, owner: ada)
    }

    private func entry(
        _ change: LogChange, by sender: UserID? = nil, in room: RoomID? = nil, key: String? = nil
    ) -> LogEntry {
        LogEntry(
            room: room ?? self.room, sender: sender ?? ada, at: Timestamp(milliseconds: 2_000),
            clientID: key, isModerator: true, change: change)
    }

    /// Rows of a room, table by table.
    private func rows() throws -> [String: Int] {
        let raw = try RawDatabase(path)
        var counts: [String: Int] = [:]
        for table in Self.tables { counts[table] = try raw.number("SELECT count(*) FROM \(table)") }
        return counts
    }

    /// A room with 20 000 events of every kind.
    private func fill(_ store: SQLiteStore) async throws {
        try await makeRoom(room, in: store)
        for round in 0..<20 {
            var entries: [LogEntry] = []
            for number in 0..<250 {
                let seq = SequenceNumber(rawValue: UInt64(2 + round * 1_000 + number * 4))
                entries += [
                    entry(.message(text: "old \(round)", replyTo: nil), key: "\(round) \(number)"),
                    entry(.edit(target: seq, text: "edited")),
                    entry(.react(target: seq, emoji: "a")),
                    entry(.react(target: seq, emoji: "b"), by: bob),
                ]
            }
            _ = try await store.append(AppendBatch(entries: entries))
        }
        _ = try await store.append(
            AppendBatch(entries: [entry(.room(RoomChanges(description: "changed")))]))
    }

    @Test func `a deletion of 20 000 events is many short transactions beside appends`()
        async throws
    {
        let store = try await opened()
        try await fill(store)
        try await makeRoom(other, in: store)
        let before = try rows()
        #expect((before["events"] ?? 0) > 20_000)
        #expect(try await store.deleteRoom(room))
        // The deletion itself takes nothing away but the room, and notes it.
        var counts = try rows()
        #expect(counts["events"] == before["events"])
        #expect(counts["deleted_rooms"] == 1)

        let limit = 700
        var isDone = false
        var slices = 0
        while !isDone {
            let slice = try await store.sweep(limit: limit)
            let after = try rows()
            let removed = Self.tables.filter { $0 != "search_index" && $0 != "deleted_rooms" }
                .reduce(0) { $0 + (counts[$1] ?? 0) - (after[$1] ?? 0) }
            #expect(removed == slice.removed)
            #expect(removed <= limit)
            #expect((counts["search_index"] ?? 0) - (after["search_index"] ?? 0) <= limit)
            let posted = try await store.append(
                AppendBatch(entries: [
                    entry(.message(text: "meanwhile \(slices)", replyTo: nil), in: other)
                ]))
            #expect(
                posted == [
                    .stored(
                        seq: SequenceNumber(rawValue: UInt64(slices + 2)),
                        at: Timestamp(milliseconds: 2_000))
                ])
            counts = try rows()
            isDone = slice.isDone
            slices += 1
            if slices == 20 {
                // As after a crash: another store goes on.
                await store.close()
                try await store.open()
            }
        }
        #expect(slices > 20_000 / limit)
        #expect(counts["events"] == slices + 1)
        #expect(counts["authors"] == 1)
        for table in [
            "client_ids", "edits", "reactions", "message_states", "room_changes", "deleted_rooms",
        ] {
            #expect(counts[table] == 0, "\(table)")
        }
        await store.close()
    }

    @Test func `a trim takes no more events at once than it may, and no row stays behind`()
        async throws
    {
        let store = try await opened()
        try await fill(store)
        let head = try #require(try await store.loadRoom(room)?.room.head)
        var counts = try rows()
        var isDone = false
        while !isDone {
            let slice = try #require(try await store.trim(room, through: head, limit: 900))
            let after = try rows()
            #expect((counts["events"] ?? 0) - (after["events"] ?? 0) == slice.removed)
            #expect(slice.removed <= 900)
            counts = after
            isDone = slice.isDone
        }
        for table in [
            "events", "edits", "reactions", "message_states", "room_changes", "search_index",
        ] {
            #expect(counts[table] == 0, "\(table)")
        }
        #expect(counts["members"] == 1)
        #expect(try await store.loadRoom(room)?.room.head == head)
        await store.close()
    }

    @Test func `no byte of an erased user's texts and name is left in the file`() async throws {
        let store = try await opened()
        try await makeRoom(room, in: store)
        let secrets = ["zebrastripes", "quaggahide", "okapitongue", "client-of-ada", "giraffeneck"]
        _ = try await store.append(
            AppendBatch(
                entries: [
                    entry(.message(text: secrets[0], replyTo: nil), key: secrets[3]),
                    entry(.edit(target: 2, text: secrets[1])),
                    entry(.message(text: "of Bob", replyTo: nil), by: bob),
                    entry(.react(target: 4, emoji: secrets[4])),
                ] + (0..<500).map { entry(.message(text: "\(secrets[2]) \($0)", replyTo: nil)) }))
        // The words are in the index.
        let pattern = try #require(SearchPattern(secrets[2]))
        #expect(
            try await store.search(SearchQuery(SearchRequest(pattern: pattern), by: ada)).hits.count
                > 1)
        _ = try await store.beginErasure(of: ada)
        while try await store.erase(limit: 100) != nil {}
        await store.close()
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        for secret in secrets + ["Ada Lovelace", "ada lovelace", "token of Ada"] {
            #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret)")
        }
        #expect(bytes.range(of: Data("of Bob".utf8)) != nil)
    }

    @Test(arguments: [(63 << 20, 0), (65 << 20, 1)])
    func `advice to vacuum comes when much of the file is free`(free: Int, lines: Int) {
        let advice = SQLiteAdvice.lines(
            bytes: 200 << 20, freeBytes: Int64(free), logBytes: 0, waiting: 0)
        #expect(advice.count == lines)
        let large = SQLiteAdvice.lines(
            bytes: 2_000 << 20, freeBytes: Int64(free), logBytes: 0, waiting: 0)
        #expect(large == [])
    }

    @Test func `a report counts what is free`() async throws {
        let store = try await opened()
        try await fill(store)
        let before = try await store.storageReport()
        #expect(before.parts.map(\.name) == ["database file", "write-ahead log"])
        _ = try await store.deleteRoom(room)
        #expect(try await store.storageReport().advice.contains { $0.contains("sweep") })
        while try await !store.sweep(limit: 5_000).isDone {}
        let after = try await store.storageReport()
        #expect((after.parts[0].freeBytes ?? 0) > (before.parts[0].freeBytes ?? 0) + 500_000)
        #expect(after.advice == [])
        await store.close()
    }
}
