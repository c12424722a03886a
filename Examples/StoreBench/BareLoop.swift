// SPDX-License-Identifier: MIT

import CSQLite

/// The least work that the same database can do for the same messages: one prepared statement, no rules.
struct BareLoop {
    let directory: String
    /// Whether places in a room are unique, as every store that numbers events needs.
    let isIndexed: Bool

    /// - Returns: messages per second.
    func run(batch: Int, seconds: Double) throws -> Double {
        let path = directory + "/bare-loop.sqlite"
        Sample.remove(path)
        defer { Sample.remove(path) }
        let database = try Database(path: path)
        defer { sqlite3_close_v2(database.handle) }
        for statement in schema { try database.execute(statement) }
        var insert: OpaquePointer?
        try database.check(
            sqlite3_prepare_v2(
                database.handle,
                """
                INSERT INTO events (room, seq, at, sender, kind, text)
                VALUES (?1, ?2, ?3, ?4, 0, ?5)
                """,
                -1, &insert, nil))
        defer { sqlite3_finalize(insert) }
        sqlite3_bind_int64(insert, 3, Sample.startMilliseconds)
        sqlite3_bind_int64(insert, 4, 1)
        // SQLITE_TRANSIENT: SQLite keeps a copy, once.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        sqlite3_bind_text(insert, 5, Sample.text, -1, transient)
        var written = 0
        func append(_ count: Int) throws {
            try database.execute("BEGIN IMMEDIATE")
            for index in written..<written + count {
                sqlite3_bind_int64(insert, 1, Int64(index % Sample.roomCount))
                sqlite3_bind_int64(insert, 2, Int64(index / Sample.roomCount))
                guard sqlite3_step(insert) == SQLITE_DONE else { throw database.failure() }
                sqlite3_reset(insert)
            }
            try database.execute("COMMIT")
            written += count
        }
        for _ in 0..<Sample.warmupBatches { try append(Sample.warmupBatch) }
        let before = written
        let clock = ContinuousClock()
        let start = clock.now
        while clock.now - start < .seconds(seconds) { try append(batch) }
        return Double(written - before) / ((clock.now - start) / .seconds(1))
    }

    private var schema: [String] {
        [
            "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
            """
            CREATE TABLE events (
                position INTEGER PRIMARY KEY, room INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
                sender INTEGER NOT NULL, kind INTEGER NOT NULL, text TEXT
            ) STRICT
            """,
        ] + (isIndexed ? ["CREATE UNIQUE INDEX events_by_place ON events(room, seq)"] : [])
    }
}

/// A connection to SQLite.
private struct Database {
    let handle: OpaquePointer

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(path: String) throws {
        var handle: OpaquePointer?
        let code = sqlite3_open(path, &handle)
        guard code == SQLITE_OK, let handle else {
            throw Failure(description: "\(path) cannot be opened: \(code)")
        }
        self.handle = handle
    }

    func execute(_ text: String) throws { try check(sqlite3_exec(handle, text, nil, nil, nil)) }

    func check(_ code: Int32) throws {
        if code != SQLITE_OK { throw failure() }
    }

    func failure() -> Failure { Failure(description: String(cString: sqlite3_errmsg(handle))) }
}
