// SPDX-License-Identifier: MIT

import CSQLite
package import ChatCore

/// What SQLite's result codes mean to the operator.
///
/// The codes are those of sqlite.org/rescode.html.
package enum SQLiteResultCode {
    /// The failure of a call.
    ///
    /// - Parameters:
    ///   - code: the result, extended or primary.
    ///   - activity: what was being done, without any user content.
    static func failure(_ code: Int32, _ activity: StaticString) -> StorageError {
        let advice: String =
            switch kind(of: code) {
            case .unavailable: "another process holds the database; the call can be repeated"
            case .cannotWrite: "check free space, permissions and health of the disk"
            case .corrupt: "restore a backup, or run sqlite3 <file> .recover"
            case .configuration: "check that the directory exists and may be written"
            case .tooNew: "update the library"
            case .closed: "the store has been closed"
            }
        let text = unsafe String(cString: sqlite3_errstr(code))
        return StorageError(kind(of: code), "SQLite \(activity): \(text) (\(code)); \(advice)")
    }

    /// The kind of failure that a result code stands for.
    package static func kind(of code: Int32) -> StorageError.Code {
        // The lower byte is the primary code, the rest says more of it.
        switch code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_NOMEM, SQLITE_INTERRUPT, SQLITE_PROTOCOL:
            .unavailable
        case SQLITE_FULL, SQLITE_READONLY, SQLITE_IOERR, SQLITE_PERM: .cannotWrite
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CONSTRAINT, SQLITE_MISMATCH: .corrupt
        case SQLITE_CANTOPEN, SQLITE_AUTH, SQLITE_ERROR, SQLITE_MISUSE: .configuration
        default: .unavailable
        }
    }
}
