// SPDX-License-Identifier: MIT

import CSQLite
import ChatCore

/// Brings a file's tables up to date.
enum SQLiteMigrations {
    /// Runs the steps that are missing, all in one exclusive transaction: of several processes that
    /// start at once, one does the work and the others find it done.
    ///
    /// - Throws: ``StorageError/Code/tooNew`` for a file of a later version;
    ///   ``StorageError/Code/configuration`` for one that belongs to another program.
    static func run(on connection: SQLiteConnection) throws(StorageError) {
        try check(connection)
        try useWriteAheadLog(connection)
        try connection.execute("BEGIN EXCLUSIVE")
        do {
            let present = try check(connection)
            if present < SQLiteSchema.version { try migrate(connection, from: Int(present)) }
            try connection.execute("COMMIT")
        } catch {
            connection.rollBack()
            throw error
        }
    }

    private static func migrate(
        _ connection: SQLiteConnection, from present: Int
    ) throws(StorageError) {
        for step in SQLiteSchema.migrations[present...] { try connection.execute(step) }
        if present > 0, present < SQLiteSchema.foldingVersion { try renewKeys(connection) }
        try connection.execute("PRAGMA user_version = \(SQLiteSchema.version)")
        try connection.execute("PRAGMA application_id = \(SQLiteSchema.applicationID)")
    }

    /// Names that are folded otherwise since: only those with more than ASCII. One that is another's now keeps its key.
    private static func renewKeys(_ connection: SQLiteConnection) throws(StorageError) {
        for table in ["users", "rooms"] {
            let find = try SQLiteStatement(
                connection, "SELECT id, name, name_key FROM \(table) WHERE name GLOB '*[^ -~]*'")
            let rows = try find.all { ($0.int(0), NameKey($0.text(1)).folded, $0.text(2)) }
            let update = try SQLiteStatement(
                connection, "UPDATE OR IGNORE \(table) SET name_key = ?2 WHERE id = ?1")
            for (id, key, before) in rows where Array(key.utf8) != Array(before.utf8) {
                update.bind(1, id)
                update.bind(2, key)
                try update.run()
            }
        }
    }

    /// The file's version; 0 for a new file.
    @discardableResult
    private static func check(_ connection: SQLiteConnection) throws(StorageError) -> Int64 {
        let present = try connection.number("PRAGMA user_version")
        let tables = try connection.number("SELECT count(*) FROM sqlite_schema")
        let application = try connection.number("PRAGMA application_id")
        guard tables == 0 || application == Int64(SQLiteSchema.applicationID) else {
            throw StorageError(
                .configuration, "the database belongs to another program; choose another path")
        }
        guard present <= SQLiteSchema.version else {
            throw StorageError(
                .tooNew,
                "the database has schema version \(present), this library knows versions up to "
                    + "\(SQLiteSchema.version); start the newer release that wrote it")
        }
        return present
    }

    /// The change to a write-ahead log needs the file alone and does not wait for others by itself,
    /// so a second process that starts at the same moment tries again.
    private static func useWriteAheadLog(
        _ connection: SQLiteConnection
    ) throws(StorageError) {
        var attempts = 0
        while true {
            do {
                return try connection.execute("PRAGMA journal_mode = WAL")
            } catch {
                attempts += 1
                guard error.code == .unavailable, attempts < 250 else { throw error }
                connection.pause(milliseconds: 20)
            }
        }
    }
}
