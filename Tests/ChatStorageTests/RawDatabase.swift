// SPDX-License-Identifier: MIT

import CSQLite

/// A connection beside the store, to look at the file and to get in the way.
final class RawDatabase {
    struct Failure: Error { let code: Int32 }

    private var handle: OpaquePointer?

    init(_ path: String) throws {
        try Self.check(sqlite3_open(path, &handle))
        sqlite3_busy_timeout(handle, 2_000)
    }

    deinit { sqlite3_close_v2(handle) }

    func execute(_ sql: String) throws { try Self.check(sqlite3_exec(handle, sql, nil, nil, nil)) }

    func number(_ sql: String) throws -> Int {
        var statement: OpaquePointer?
        try Self.check(sqlite3_prepare_v2(handle, sql, -1, &statement, nil))
        defer { sqlite3_finalize(statement) }
        _ = sqlite3_step(statement)
        return Int(sqlite3_column_int64(statement, 0))
    }

    /// What the last column of each row says.
    func lines(_ sql: String) throws -> [String] {
        var statement: OpaquePointer?
        try Self.check(sqlite3_prepare_v2(handle, sql, -1, &statement, nil))
        defer { sqlite3_finalize(statement) }
        var lines: [String] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            let text = sqlite3_column_text(statement, sqlite3_column_count(statement) - 1)
            lines.append(text.map { String(cString: $0) } ?? "")
        }
        return lines
    }

    private static func check(_ code: Int32) throws {
        if code != SQLITE_OK { throw Failure(code: code) }
    }
}
