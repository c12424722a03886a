// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageSQLite
import ChatTesting
import Foundation
import Testing

/// Copies of a database that is in use.
@Suite struct SQLiteBackupTests {
    private let directory: TemporaryDirectory
    private let room = RoomID(rawValue: 7)
    private let ada = UserID(rawValue: 1)

    init() throws { directory = try TemporaryDirectory() }

    private func opened(_ name: String = "chat.sqlite") async throws -> SQLiteStore {
        var options = SQLiteOptions()
        options.synchronous = .normal
        let store = SQLiteStore(path: directory.file(name), options: options)
        try await store.open()
        return store
    }

    private func fill(_ store: SQLiteStore, messages: Int) async throws {
        let record = RoomRecord(
            id: room, name: "Room", createdAt: Timestamp(milliseconds: 1_000))
        _ = try await store.createRoom(record, owner: ada)
        try await post(messages, to: store)
    }

    private func post(_ count: Int, to store: SQLiteStore) async throws {
        let text = String(repeating: "words and more words ", count: 20)
        let entries = (0..<count).map { _ in
            LogEntry(
                room: room, sender: ada, at: Timestamp(milliseconds: 2_000),
                change: .message(text: text, replyTo: nil))
        }
        _ = try await store.append(AppendBatch(entries: entries))
    }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path)
    }

    @Test func `a backup is whole and holds what was acknowledged, while others write`()
        async throws
    {
        let store = try await opened()
        try await fill(store, messages: 6_000)
        let steps = Counter()
        try await store.backup(to: directory.file("copy.sqlite"), maximumPages: nil) {
            // Each commit in between would make a backup without a snapshot begin anew.
            try? await post(10, to: store)
            steps.add()
        }
        #expect(steps.value > 1)
        #expect(
            try await store.loadRoom(room)?.room.head.rawValue == 6_001 + 10 * UInt64(steps.value))
        await store.close()

        let raw = try RawDatabase(directory.file("copy.sqlite"))
        #expect(
            try raw.number(
                "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1)
        let copy = try await opened("copy.sqlite")
        #expect(try await copy.loadRoom(room)?.room.head == 6_001)
        let page = try await copy.history(HistoryQuery(room: room, anchor: .latest, limit: 10_000))
        #expect(page.messages.count == 6_000)
        try await post(1, to: copy)
        await copy.close()
        #expect(try files().filter { $0.contains(".part") } == [])
    }

    @Test func `a backup does not replace a file`() async throws {
        let store = try await opened()
        try await fill(store, messages: 10)
        let path = directory.file("there")
        try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
        let error = await #expect(throws: StorageError.self) { try await store.backup(to: path) }
        #expect(error?.code == .configuration)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
        #expect(try files().filter { $0.contains(".part") } == [])
        await store.close()
    }

    @Test func `a backup that finds the disk full leaves nothing`() async throws {
        let store = try await opened()
        try await fill(store, messages: 6_000)
        let before = try files().sorted()
        let error = await #expect(throws: StorageError.self) {
            try await store.backup(to: directory.file("copy.sqlite"), maximumPages: 300)
        }
        #expect(error?.code == .cannotWrite)
        #expect(try files().sorted() == before)
        // And the store goes on.
        try await post(1, to: store)
        try await store.backup(to: directory.file("copy.sqlite"))
        await store.close()
    }

    @Test func `a backup into a directory that is not there says so`() async throws {
        let store = try await opened()
        try await fill(store, messages: 1)
        let error = await #expect(throws: StorageError.self) {
            try await store.backup(to: directory.file("nowhere/copy.sqlite"))
        }
        #expect(error?.code == .configuration)
        await store.close()
    }

    @Test func `a backup needs no open store`() async throws {
        let store = try await opened()
        try await fill(store, messages: 10)
        let other = SQLiteStore(path: directory.file("chat.sqlite"))
        try await other.backup(to: directory.file("copy.sqlite"))
        await store.close()
        let copy = try await opened("copy.sqlite")
        #expect(try await copy.loadRoom(room)?.room.head == 11)
        await copy.close()
    }
}

/// Counts from several tasks.
private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0

    var value: Int { lock.withLock { count } }

    func add() { lock.withLock { count += 1 } }
}
