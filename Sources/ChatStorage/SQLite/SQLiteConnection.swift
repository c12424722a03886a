// SPDX-License-Identifier: MIT

import CSQLite
import ChatCore

/// One connection to a database file.
///
/// Belongs to one thread at a time; closed with its last reference.
@safe
final class SQLiteConnection {
    /// What a connection is for.
    enum Mode {
        /// Makes the file if there is none, and writes it.
        case write
        /// Only reads.
        case read
    }

    let handle: OpaquePointer
    private let walPages: UnsafeMutablePointer<Int32>

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: where.
    ///   - mode: what for.
    ///   - busyMilliseconds: how long a call waits for other processes.
    /// - Throws: when it cannot be opened.
    init(path: String, mode: Mode, busyMilliseconds: Int32) throws(StorageError) {
        let access =
            switch mode {
            case .write: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .read: SQLITE_OPEN_READONLY
            }
        // No mutex inside SQLite: a connection stays on its own thread.
        var opened: OpaquePointer?
        let result = unsafe sqlite3_open_v2(
            path, &opened, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard result == SQLITE_OK, let handle = unsafe opened else {
            unsafe sqlite3_close_v2(opened)
            throw SQLiteResultCode.failure(result, "opening the database")
        }
        unsafe self.handle = handle
        unsafe walPages = .allocate(capacity: 1)
        unsafe walPages.initialize(to: 0)
        unsafe sqlite3_busy_timeout(handle, busyMilliseconds)
    }

    deinit {
        // Version 2 waits for statements that are finalised after this.
        unsafe sqlite3_close_v2(handle)
        unsafe walPages.deallocate()
    }

    /// Whether the file cannot be written, although that was asked for.
    var isReadOnly: Bool { unsafe sqlite3_db_readonly(handle, "main") == 1 }

    /// Rows that the last INSERT, UPDATE or DELETE touched.
    var changes: Int { Int(unsafe sqlite3_changes64(handle)) }

    /// Rows that this connection has touched in all.
    var totalChanges: Int64 { unsafe sqlite3_total_changes64(handle) }

    /// Compiles `sql`.
    ///
    /// The result is finalised by its owner.
    func prepare(_ sql: String) throws(StorageError) -> OpaquePointer {
        var statement: OpaquePointer?
        let result = unsafe sqlite3_prepare_v3(
            handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard result == SQLITE_OK, let statement = unsafe statement else {
            throw SQLiteResultCode.failure(result, "preparing a statement")
        }
        return unsafe statement
    }

    /// Runs statements that have neither parameters nor rows of interest.
    func execute(_ sql: String) throws(StorageError) {
        let result = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard result == SQLITE_OK else {
            throw SQLiteResultCode.failure(result, "running a command")
        }
    }

    /// The number that a query of one row and column gives; 0 if there is no row.
    func number(_ sql: String) throws(StorageError) -> Int64 {
        let statement = try SQLiteStatement(self, sql)
        return try statement.first { $0.int(0) } ?? 0
    }

    /// Waits on this thread, for another process.
    func pause(milliseconds: Int32) { sqlite3_sleep(milliseconds) }

    // MARK: Transactions

    /// Undoes what is under way.
    ///
    /// Never fails: some failures have undone it already.
    func rollBack() {
        guard unsafe sqlite3_get_autocommit(handle) == 0 else { return }
        unsafe sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
    }

    // MARK: The write-ahead log

    /// Pages in the write-ahead log after the last commit of this connection.
    var pagesInLog: Int { Int(unsafe walPages.pointee) }

    /// Keeps ``pagesInLog`` up to date.
    ///
    /// Takes the place of SQLite's own checkpoint in the commit.
    func watchLog() {
        unsafe sqlite3_wal_hook(
            handle,
            { context, _, _, pages in
                unsafe context?.assumingMemoryBound(to: Int32.self).pointee = pages
                return SQLITE_OK
            }, walPages)
    }

    /// Reads the file once.
    ///
    /// A connection that has read nothing does not know that there is a log, and its checkpoints do
    /// nothing, without an error.
    func openLog() throws(StorageError) { _ = try number("SELECT count(*) FROM sqlite_schema") }

    /// Moves what the write-ahead log holds into the file, as far as no reader is in the way.
    func checkpoint() {
        // What stays behind now is moved by the next one: there is nothing to do about a failure.
        _ = unsafe sqlite3_wal_checkpoint_v2(
            handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    }
}
