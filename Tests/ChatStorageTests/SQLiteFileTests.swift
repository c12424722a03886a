// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageSQLite
import Foundation
import Testing

@Suite struct SQLiteFileTests {
    private static let room = RoomID(rawValue: 7)
    private static let ada = UserID(rawValue: .max)

    private let directory: TemporaryDirectory
    private var path: String { directory.file("chat.sqlite") }

    init() throws { directory = try TemporaryDirectory() }

    // MARK: What lasts

    @Test func `a reopened file has everything`() async throws {
        let store = try await opened()
        try await fill(store)
        let before = try await contents(store)
        await store.close()

        let again = try await opened()
        #expect(try await contents(again) == before)
        let retry = try await again.append(AppendBatch(entries: [message("one", key: "k")]))
        #expect(retry == [.duplicate(seq: 2, at: Timestamp(milliseconds: 2_000))])
        await again.close()
    }

    @Test func `a file whose process was killed has everything`() async throws {
        let store = try await opened()
        try await fill(store)
        let before = try await contents(store)
        // The store is still open: what is on the disk now is what a kill would leave.
        try directory.copyDatabase("chat.sqlite", to: "copy.sqlite")
        let copy = SQLiteStore(path: directory.file("copy.sqlite"))
        try await copy.open()
        #expect(try await contents(copy) == before)
        await copy.close()
        await store.close()
    }

    @Test func `a store can be opened again after it was closed`() async throws {
        let store = try await opened()
        try await fill(store)
        await store.close()
        await #expect(throws: StorageError.self) { try await store.user(Self.ada) }
        try await store.open()
        #expect(try await store.user(Self.ada)?.name == "Ada")
        await store.close()
    }

    @Test func `a deleted text is nowhere in the file`() async throws {
        let store = try await opened()
        try await fill(store)
        let secret = "a-very-secret-text"
        _ = try await store.append(
            AppendBatch(entries: [
                message(secret), entry(.edit(target: 4, text: secret + "-too")),
                entry(.delete(target: 4)),
            ]))
        await store.close()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(bytes.range(of: Data(secret.utf8)) == nil)
    }

    @Test func `no word of a deleted text is in the index's rows`() async throws {
        let store = try await opened()
        try await fill(store)
        let pattern = try #require(SearchPattern("secretword"))
        let query = SearchQuery(SearchRequest(pattern: pattern), by: Self.ada)
        _ = try await store.append(AppendBatch(entries: [message("a secretword")]))
        #expect(try await store.search(query).hits.count == 1)
        _ = try await store.append(AppendBatch(entries: [entry(.delete(target: 4))]))
        #expect(
            try number("SELECT count(*) FROM search_index_content WHERE c0 LIKE '%secretword%'")
                == 0)
        await store.close()
    }

    @Test func `names that are folded otherwise now are found in an older file`() async throws {
        let store = try await opened()
        let names: [(UInt64, String)] = [(501, "Weiß"), (502, "Groß"), (503, "GROSS")]
        for (id, name) in names where id != 502 {
            let user = UserRecord(
                id: UserID(rawValue: id), name: name, token: "", isNameKept: true)
            _ = try await store.addUser(user)
        }
        await store.close()
        try execute(
            """
            DROP TABLE accounts; DROP TABLE devices; DROP TABLE read_times;
            ALTER TABLE users DROP COLUMN last_seen; ALTER TABLE users DROP COLUMN hides_last_seen;
            UPDATE users SET name_key = 'weiß' WHERE id = 501;
            INSERT INTO users (id, name, name_key, token, is_name_kept)
                VALUES (502, 'Groß', 'groß', '', 1);
            PRAGMA user_version = 8
            """)
        let again = try await opened()
        #expect(try await again.user(named: NameKey("WEISS"))?.id == UserID(rawValue: 501))
        // The name that is another's now stays where it is.
        #expect(try await again.user(named: NameKey("Groß"))?.id == UserID(rawValue: 503))
        #expect(try await again.user(UserID(rawValue: 502))?.name == "Groß")
        await again.close()
    }

    @Test func `a file from before search gets an index of what it has`() async throws {
        let store = try await opened()
        try await fill(store)
        _ = try await store.append(
            AppendBatch(entries: [message("old words"), entry(.edit(target: 4, text: "new words"))])
        )
        await store.close()
        try execute(
            """
            DROP TABLE search_index; DROP TABLE search_state; DROP TABLE bans; DROP TABLE mutes;
            DROP TABLE invitations;
            DROP TABLE attachments; DROP TABLE orphaned_attachments;
            ALTER TABLE users DROP COLUMN display_name;
            ALTER TABLE users DROP COLUMN avatar;
            ALTER TABLE users DROP COLUMN status_text;
            ALTER TABLE users DROP COLUMN created_at;
            DROP TABLE deleted_rooms; DROP TABLE erasures;
            ALTER TABLE rooms DROP COLUMN trimmed;
            ALTER TABLE rooms DROP COLUMN trimmed_at;
            ALTER TABLE users DROP COLUMN is_erased;
            DROP TABLE authors; DROP INDEX uncounted_events;
            DROP TABLE room_passwords; DROP TABLE audit; DROP TABLE blocks;
            ALTER TABLE rooms DROP COLUMN retention_days;
            ALTER TABLE rooms DROP COLUMN retention_messages;
            ALTER TABLE room_changes DROP COLUMN retention_days;
            ALTER TABLE room_changes DROP COLUMN retention_messages;
            DROP TABLE accounts; DROP TABLE devices; DROP TABLE read_times;
            ALTER TABLE users DROP COLUMN last_seen; ALTER TABLE users DROP COLUMN hides_last_seen;
            ALTER TABLE rooms ADD COLUMN head INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE rooms ADD COLUMN last_at INTEGER NOT NULL DEFAULT 0;
            PRAGMA user_version = 1
            """)

        let again = try await opened()
        for (text, count) in [("new words", 1), ("old", 0), ("one", 1)] {
            let pattern = try #require(SearchPattern(text))
            let query = SearchQuery(SearchRequest(pattern: pattern), by: Self.ada)
            #expect(try await again.search(query).hits.count == count, "\(text)")
        }
        #expect(try number("PRAGMA user_version") > 1)
        await again.close()
    }

    @Test func `a search of one store finds what another stored`() async throws {
        let stores = [try await opened(), try await opened()]
        try await fill(stores[0])
        let pattern = try #require(SearchPattern("number"))
        let query = SearchQuery(SearchRequest(pattern: pattern, limit: 50), by: Self.ada)
        for number in 1...10 {
            _ = try await stores[number % 2].append(
                AppendBatch(entries: [message("number \(number)")]))
            #expect(try await stores[(number + 1) % 2].search(query).hits.count == number)
        }
        for store in stores { await store.close() }
    }

    // MARK: Several stores, one file

    @Test func `two stores that make one file at once do not race`() async throws {
        for round in 0..<5 {
            let path = directory.file("new-\(round).sqlite")
            let stores = (0..<3).map { _ in SQLiteStore(path: path) }
            try await withThrowingTaskGroup { group in
                for store in stores { group.addTask { try await store.open() } }
                try await group.waitForAll()
            }
            for store in stores { await store.close() }
        }
    }

    @Test func `two stores on one file number one log`() async throws {
        let stores = [try await opened(), try await opened()]
        try await fill(stores[0])
        let seqs = try await withThrowingTaskGroup(of: [AppendOutcome].self) { group in
            for number in 0..<40 {
                let store = stores[number % 2]
                let batch = AppendBatch(entries: [message("from \(number)")])
                group.addTask { try await store.append(batch) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let places: [UInt64] = seqs.compactMap {
            if case .stored(let seq, _) = $0 { seq.rawValue } else { nil }
        }
        #expect(places.sorted() == Array(4..<44))
        #expect(try await contents(stores[0]) == contents(stores[1]))
        for store in stores { await store.close() }
    }

    // MARK: What cannot be opened

    @Test func `a missing directory is a configuration error`() async {
        await expectFailure(.configuration, at: directory.file("missing/chat.sqlite"))
    }

    @Test func `a directory is not a database`() async {
        await expectFailure(.configuration, at: directory.path)
    }

    @Test func `a file that is no database is corrupt`() async throws {
        let text = Data(String(repeating: "not a database ", count: 100).utf8)
        try text.write(to: URL(fileURLWithPath: path))
        await expectFailure(.corrupt, at: path)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == text)
    }

    @Test func `a file of a newer release is refused and left alone`() async throws {
        let store = try await opened()
        await store.close()
        try execute("PRAGMA user_version = 99")
        await expectFailure(.tooNew, at: path)
        #expect(try number("PRAGMA user_version") == 99)
    }

    @Test func `a database of another program is refused`() async throws {
        try execute("CREATE TABLE theirs (x); PRAGMA user_version = 3")
        await expectFailure(.configuration, at: path)
        #expect(try number("SELECT count(*) FROM sqlite_schema") == 1)
    }

    @Test func `a file that may only be read cannot be written`() async throws {
        let store = try await opened()
        await store.close()
        let manager = FileManager.default
        try manager.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
        let folder = (path as NSString).deletingLastPathComponent
        try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder)
        await #expect(processExitsWith: .success) { [path = path as String] in
            // Root may write everything, so the attempt is made as somebody else.
            if getuid() == 0 { try #require(setuid(65_534) == 0) }
            let error = await #expect(throws: StorageError.self) {
                try await SQLiteStore(path: path).open()
            }
            #expect(error?.code == .cannotWrite)
        }
    }

    // MARK: Housekeeping

    @Test func `old client ids are forgotten, young ones are not`() async throws {
        var options = SQLiteOptions()
        options.idempotencySeconds = 100
        let store = SQLiteStore(path: path, options: options)
        try await store.open()
        try await fill(store)
        for number in 0..<300 {
            let entry = message("m", key: "key \(number)", at: Int64(number) * 1_000)
            _ = try await store.append(AppendBatch(entries: [entry]))
        }
        #expect(try number("SELECT count(*) FROM client_ids") < 150)
        #expect(try number("SELECT max(at) - min(at) FROM client_ids") >= 100_000)
        await store.close()
    }

    @Test func `the write-ahead log does not grow without bound`() async throws {
        var options = SQLiteOptions()
        options.checkpointPages = 20
        options.synchronous = .normal
        let store = SQLiteStore(path: path, options: options)
        try await store.open()
        try await fill(store)
        for number in 0..<400 {
            let entry = message(String(repeating: "\(number)", count: 1_000))
            _ = try await store.append(AppendBatch(entries: [entry]))
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: path + "-wal")
        let pages = (attributes[.size] as? Int ?? .max) / 4_096
        // Without checkpoints it would have more than a thousand; how many depends on when threads run.
        #expect(pages < 600)
        await store.close()
    }

    // MARK: Helpers

    private func opened() async throws -> SQLiteStore {
        let store = SQLiteStore(path: path)
        try await store.open()
        return store
    }

    /// One user, their room, two messages: the head is 3.
    private func fill(_ store: SQLiteStore) async throws {
        _ = try await store.addUser(
            UserRecord(id: Self.ada, name: "Ada", token: "t", isNameKept: true))
        let room = RoomRecord(
            id: Self.room, name: "Room", createdAt: Timestamp(milliseconds: 1_000))
        _ = try await store.createRoom(room, owner: Self.ada)
        _ = try await store.append(
            AppendBatch(entries: [message("one", key: "k"), message("two")]))
    }

    private func entry(_ change: LogChange, key: String? = nil, at: Int64 = 2_000) -> LogEntry {
        LogEntry(
            room: Self.room, sender: Self.ada, at: Timestamp(milliseconds: at), clientID: key,
            change: change)
    }

    private func message(_ text: String, key: String? = nil, at: Int64 = 2_000) -> LogEntry {
        entry(.message(text: text, replyTo: nil), key: key, at: at)
    }

    private func contents(_ store: SQLiteStore) async throws -> StoreContents {
        try await StoreContents(of: store, rooms: [Self.room], users: [Self.ada])
    }

    private func expectFailure(_ code: StorageError.Code, at path: String) async {
        let failure = await #expect(throws: StorageError.self) {
            try await SQLiteStore(path: path).open()
        }
        #expect(failure?.code == code, "\(String(describing: failure))")
    }

    private func execute(_ sql: String) throws { try RawDatabase(path).execute(sql) }

    private func number(_ sql: String) throws -> Int { try RawDatabase(path).number(sql) }
}
