// SPDX-License-Identifier: MIT

import CSQLite
import ChatCore
import ChatPlatform

/// A copy of a file that others write meanwhile.
///
/// The copy is the state at the beginning: a read transaction holds it, or each commit of somebody else would make SQLite
/// begin anew. Meanwhile the write-ahead log grows.
@safe
final class SQLiteBackup {
    private let source: SQLiteConnection
    private var target: SQLiteConnection?
    private var handle: OpaquePointer?
    private let file: NewFile

    /// Begins: from here on the state of the source is settled.
    ///
    /// - Parameters:
    ///   - path: the file to copy.
    ///   - file: the copy.
    ///   - busyMilliseconds: how long a call waits for other processes.
    ///   - maximumPages: how large the copy may become; for tests of full disks.
    init(
        of path: String, to file: NewFile, busyMilliseconds: Int32, maximumPages: Int?
    ) throws(StorageError) {
        self.file = file
        source = try SQLiteConnection(path: path, mode: .read, busyMilliseconds: busyMilliseconds)
        try source.execute("BEGIN")
        try source.openLog()
        let target = try SQLiteConnection(
            path: file.temporaryPath, mode: .write, busyMilliseconds: busyMilliseconds)
        self.target = target
        do throws(StorageError) {
            // A copy that is not complete has no name: nobody needs to undo its pages.
            try target.execute("PRAGMA synchronous = OFF")
            if let maximumPages { try target.execute("PRAGMA max_page_count = \(maximumPages)") }
            unsafe handle = sqlite3_backup_init(target.handle, "main", source.handle, "main")
            guard unsafe handle != nil else {
                throw SQLiteResultCode.failure(
                    unsafe sqlite3_errcode(target.handle), "beginning a backup")
            }
        } catch {
            discard()
            throw error
        }
    }

    deinit { discard() }

    /// Copies some pages.
    ///
    /// - Returns: whether there are more.
    func step(pages: Int32) throws(StorageError) -> Bool {
        switch unsafe sqlite3_backup_step(handle, pages) {
        case SQLITE_OK: return true
        case SQLITE_DONE: return false
        case SQLITE_BUSY, SQLITE_LOCKED:
            source.pause(milliseconds: 10)
            return true
        case let code:
            discard()
            throw SQLiteResultCode.failure(code, "writing a backup")
        }
    }

    /// Checks the copy, writes it to the disk and gives it its name.
    func finish() throws(StorageError) {
        let result = unsafe sqlite3_backup_finish(handle)
        unsafe handle = nil
        target = nil
        defer { discard() }
        guard result == SQLITE_OK else {
            throw SQLiteResultCode.failure(result, "finishing a backup")
        }
        do throws(NewFile.Failure) {
            try file.publish()
        } catch {
            throw SQLiteStore.failure(error)
        }
    }

    private func discard() {
        if unsafe handle != nil { unsafe sqlite3_backup_finish(handle) }
        unsafe handle = nil
        if target != nil { file.discard() }
        target = nil
        file.discard()
    }
}
