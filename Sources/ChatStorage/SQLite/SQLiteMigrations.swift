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
        try connection.execute("PRAGMA user_version = \(SQLiteSchema.version)")
        try connection.execute("PRAGMA application_id = \(SQLiteSchema.applicationID)")
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
