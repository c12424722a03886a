// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageSQLite
import Foundation
import Testing

/// A disk that is full, files that may not be written, files that are damaged or gone: typed errors, nothing half
/// done, and the store goes on when the cause is gone.
@Suite struct SQLiteDiskFaultTests {
    private static let room = RoomID(rawValue: 7)

    private let directory: TemporaryDirectory
    private var path: String { directory.file("chat.sqlite") }

    init() throws { directory = try TemporaryDirectory() }

    // MARK: Full, read-only

    /// In a process of its own: what it may write is bounded by `RLIMIT_FSIZE`, which works everywhere.
    @Test func `a disk that is full refuses batches, and takes them when there is space`() async {
        await #expect(processExitsWith: .success) { [path = path as String] in
            signal(SIGXFSZ, SIG_IGN)
            let store = SQLiteStore(path: path)
            try await store.open()
            _ = try await store.createRoom(Self.record, owner: nil)
            _ = try await Self.append(["a"], to: store)
            try Self.limitFiles(to: 64 * 1_024)
            var stored = ["a"]
            var failures = 0
            // Some more may fit; then each fails, whatever its size.
            for number in 0..<40 {
                let keys = (0...number % 3).map { "\(number) \($0)" }
                do throws(StorageError) {
                    _ = try await Self.append(keys, to: store)
                    stored += keys
                } catch {
                    #expect(error.code == .cannotWrite, "\(error)")
                    failures += 1
                }
                #expect(try await Self.keys(store) == stored)
            }
            #expect(failures > 10)
            try Self.limitFiles(to: nil)
            _ = try await Self.append(["z"], to: store)
            #expect(try await Self.keys(store) == stored + ["z"])
            await store.close()
            try await store.open()
            #expect(try await Self.keys(store) == stored + ["z"])
            await store.close()
        }
    }

    /// Root may write everything, so the process becomes somebody else.
    @Test(arguments: ["file", "directory"])
    func `what may not be written cannot be opened, until it may`(what: String) async throws {
        let store = SQLiteStore(path: path)
        try await store.open()
        _ = try await store.createRoom(Self.record, owner: nil)
        _ = try await Self.append(["a"], to: store)
        await store.close()
        if geteuid() == 0 {
            for file in [directory.path, path] { chown(file, 65_534, 65_534) }
        }
        await #expect(processExitsWith: .success) {
            [path = path as String, folder = directory.path as String, what = what as String] in
            if geteuid() == 0 { #expect(seteuid(65_534) == 0) }
            let isFile = what == "file"
            chmod(isFile ? path : folder, isFile ? 0o400 : 0o500)
            let store = SQLiteStore(path: path)
            let failure = await #expect(throws: StorageError.self) { try await store.open() }
            #expect(
                failure?.code == .cannotWrite || failure?.code == .configuration,
                "\(String(describing: failure))")
            chmod(isFile ? path : folder, 0o700)
            try await store.open()
            _ = try await Self.append(["b"], to: store)
            #expect(try await Self.keys(store) == ["a", "b"])
            await store.close()
        }
    }

    // MARK: Damaged

    /// Every page of the file in turn, with bytes that are no page and with single flipped bits.
    @Test(arguments: [false, true])
    func `a damaged page gives errors of a kind, never a crash or a hole`(
        _ isBit: Bool
    ) async throws {
        let whole = try await filledFile()
        let pages = whole.count / 4_096
        #expect(pages > 20)
        var found = 0
        for page in 0..<pages {
            var damaged = whole
            let start = page * 4_096
            if isBit {
                // In the page's own header: what kind of page it is and where its cells are.
                damaged[start + (page == 0 ? 100 : 0) + page % 8] ^= 0x15
            } else {
                for index in start..<start + 512 {
                    damaged[index] = UInt8(truncatingIfNeeded: index)
                }
            }
            let copy = directory.file("damaged-\(page).sqlite")
            try damaged.write(to: URL(fileURLWithPath: copy))
            if try await isFoundOut(SQLiteStore(path: copy)) { found += 1 }
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: copy + suffix)
            }
        }
        // Pages that no call reads are not missed.
        #expect(found > 5, "\(found) of \(pages)")
    }

    /// The end of a write-ahead log that was not written wholly, or not at all, is a time before it was written.
    @Test(arguments: ["gone", "short", "flipped", "empty"])
    func `a write-ahead log that is damaged leaves a beginning of the log`(how: String) async throws
    {
        let store = SQLiteStore(path: path)
        try await store.open()
        _ = try await store.createRoom(Self.record, owner: nil)
        await store.close()
        try await store.open()
        let keys = (0..<60).map { "\($0)" }
        for key in keys { _ = try await Self.append([key], to: store) }
        try directory.copyDatabase("chat.sqlite", to: "copy.sqlite")
        await store.close()
        let log = URL(fileURLWithPath: directory.file("copy.sqlite-wal"))
        var bytes = try Data(contentsOf: log)
        #expect(bytes.count > 100_000)
        switch how {
        case "gone": try FileManager.default.removeItem(at: log)
        case "short": try bytes.prefix(bytes.count / 2 + 100).write(to: log)
        case "flipped":
            bytes[bytes.count / 2] ^= 0xFF
            try bytes.write(to: log)
        default: try Data().write(to: log)
        }
        let copy = SQLiteStore(path: directory.file("copy.sqlite"))
        try await copy.open()
        let left = try await Self.keys(copy)
        #expect(left == Array(keys.prefix(left.count)))
        let isCut = how == "short" || how == "flipped"
        #expect(isCut ? (20..<40).contains(left.count) : left.isEmpty, "\(left.count)")
        let outcome = try await Self.append(["next"], to: copy).first
        #expect(
            outcome == .stored(seq: SequenceNumber(rawValue: UInt64(left.count + 1)), at: Self.at))
        await copy.close()
    }

    // MARK: Helpers

    private static let at = Timestamp(milliseconds: 1_000)
    private static var record: RoomRecord { RoomRecord(id: room, name: "Room", createdAt: at) }

    private static func append(
        _ keys: [String], to store: SQLiteStore
    ) async throws(StorageError) -> [AppendOutcome] {
        try await store.append(
            AppendBatch(
                entries: keys.map { key in
                    LogEntry(
                        room: room, sender: UserID(rawValue: 1), at: at, clientID: key,
                        change: .message(text: "text of \(key)", replyTo: nil))
                }))
    }

    private static func keys(_ store: SQLiteStore) async throws -> [String] {
        let events = try await store.events(in: room, after: .none, limit: .max)
        #expect(events.map(\.seq.rawValue) == events.indices.map { UInt64($0 + 1) })
        return events.compactMap(\.clientID)
    }

    static func limitFiles(to bytes: Int?) throws {
        var limit = rlimit()
        #expect(getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
        limit.rlim_cur = bytes.map { rlim_t($0) } ?? limit.rlim_max
        #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
    }

    /// A file with something in every table.
    private func filledFile() async throws -> Data {
        let store = SQLiteStore(path: path)
        try await store.open()
        _ = try await store.addUser(
            UserRecord(id: UserID(rawValue: 1), name: "Ada", token: "t", isNameKept: true))
        _ = try await store.createRoom(Self.record, owner: UserID(rawValue: 1))
        for number in 0..<20 {
            _ = try await Self.append((0..<20).map { "\(number) \($0)" }, to: store)
        }
        _ = try await store.search(Self.search())
        await store.close()
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    private static func search() throws -> SearchQuery {
        let pattern = try #require(SearchPattern("text"))
        return SearchQuery(SearchRequest(pattern: pattern), by: UserID(rawValue: 1), in: [room])
    }

    /// Calls everything; whether an error came. What is read without one has no holes.
    private func isFoundOut(_ store: SQLiteStore) async throws -> Bool {
        let search = try Self.search()
        var errors: [StorageError] = []
        func note(_ body: () async throws(StorageError) -> Void) async {
            do throws(StorageError) { try await body() } catch { errors.append(error) }
        }
        await note { () async throws(StorageError) in try await store.open() }
        if errors.isEmpty {
            await note { () async throws(StorageError) in
                let events = try await store.events(in: Self.room, after: .none, limit: .max)
                for (left, right) in zip(events, events.dropFirst()) {
                    #expect(left.seq < right.seq)
                }
            }
            await note { () async throws(StorageError) in
                _ = try await store.history(
                    HistoryQuery(room: Self.room, anchor: .latest, limit: 50))
            }
            await note { () async throws(StorageError) in _ = try await store.loadRoom(Self.room) }
            await note { () async throws(StorageError) in _ = try await store.search(search) }
            await note { () async throws(StorageError) in
                _ = try await store.memberships(of: UserID(rawValue: 1))
            }
            await note { () async throws(StorageError) in
                _ = try await Self.append(["0 0", "new"], to: store)
            }
        }
        for error in errors {
            let isKnown = [.corrupt, .cannotWrite, .configuration, .tooNew].contains(error.code)
            #expect(isKnown, "\(error)")
        }
        await store.close()
        return !errors.isEmpty
    }
}
