// SPDX-License-Identifier: MIT

import CSQLite

/// The least work that the same database can do for the same messages: one prepared statement, no rules.
final class BareLoop: Contender {
    private let path: String
    private let database: Database
    private var insert: OpaquePointer?
    private var written = 0

    /// Makes the file and fills it.
    ///
    /// - Parameter isIndexed: whether places in a room are unique, as every store that numbers events needs.
    init(path: String, isIndexed: Bool) throws {
        self.path = path
        Sample.remove(path)
        database = try Database(path: path)
        for statement in Self.schema(isIndexed: isIndexed) { try database.execute(statement) }
        try database.check(
            sqlite3_prepare_v2(
                database.handle,
                """
                INSERT INTO events (room, seq, at, sender, kind, text)
                VALUES (?1, ?2, ?3, ?4, 0, ?5)
                """,
                -1, &insert, nil))
        sqlite3_bind_int64(insert, 3, Sample.startMilliseconds)
        sqlite3_bind_int64(insert, 4, 1)
        // SQLITE_TRANSIENT: SQLite keeps a copy, once.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        sqlite3_bind_text(insert, 5, Sample.text, -1, transient)
        for _ in 0..<Sample.warmupBatches { try append(Sample.warmupBatch) }
    }

    func run(batch: Int, seconds: Double) throws -> Figures {
        let watch = Stopwatch()
        var transactions = 0
        while watch.isWithin(seconds) {
            try append(batch)
            transactions += 1
        }
        return watch.figures(transactions: transactions, batch: batch)
    }

    func close() {
        sqlite3_finalize(insert)
        sqlite3_close_v2(database.handle)
        Sample.remove(path)
    }

    private func append(_ count: Int) throws {
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

    private static func schema(isIndexed: Bool) -> [String] {
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
