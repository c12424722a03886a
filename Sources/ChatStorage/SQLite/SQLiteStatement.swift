// SPDX-License-Identifier: MIT

import CSQLite
import ChatCore

/// A prepared statement.
///
/// Owned by one place, finalised with it; used on one thread at a time.
@safe
struct SQLiteStatement: ~Copyable {
    private let handle: OpaquePointer

    /// Compiles `sql`.
    ///
    /// - Throws: when it does not fit the schema, or memory is out.
    init(_ connection: SQLiteConnection, _ sql: String) throws(StorageError) {
        unsafe handle = try connection.prepare(sql)
    }

    deinit { unsafe sqlite3_finalize(handle) }

    // MARK: Parameters, counted from 1

    /// Sets a parameter to a number.
    func bind(_ index: Int32, _ value: Int64) {
        unsafe sqlite3_bind_int64(handle, index, value)
    }

    /// Sets a parameter to a number.
    func bind(_ index: Int32, _ value: Int) { bind(index, Int64(value)) }

    /// Sets a parameter to 0 or 1.
    func bind(_ index: Int32, _ value: Bool) { bind(index, value ? 1 : 0) }

    /// Sets a parameter to a room.
    func bind(_ index: Int32, _ room: RoomID) {
        bind(index, Int64(bitPattern: room.rawValue))
    }

    /// Sets a parameter to a user.
    func bind(_ index: Int32, _ user: UserID) {
        bind(index, Int64(bitPattern: user.rawValue))
    }

    /// Sets a parameter to a place.
    ///
    /// One that no log reaches becomes the last possible.
    func bind(_ index: Int32, _ seq: SequenceNumber) { bind(index, Int64(clamping: seq.rawValue)) }

    /// Sets a parameter to a time.
    func bind(_ index: Int32, _ at: Timestamp) { bind(index, at.milliseconds) }

    /// Sets a parameter to text, which may hold NUL.
    func bind(_ index: Int32, _ text: String) {
        var text = text
        text.withUTF8 { bytes in
            // An empty buffer may have no address, which SQLite would take for NULL.
            guard let address = bytes.baseAddress, !bytes.isEmpty else {
                unsafe sqlite3_bind_text(handle, index, "", 0, Self.transient)
                return
            }
            unsafe address.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                _ = unsafe sqlite3_bind_text64(
                    handle, index, $0, UInt64(bytes.count), Self.transient, UInt8(SQLITE_UTF8))
            }
        }
    }

    /// Sets a parameter to a number or NULL.
    ///
    /// Parameters keep their value between runs.
    func bind(_ index: Int32, optional value: Int64?) {
        if let value { bind(index, value) } else { unsafe sqlite3_bind_null(handle, index) }
    }

    /// Sets a parameter to text or NULL.
    func bind(_ index: Int32, optional text: String?) {
        if let text { bind(index, text) } else { unsafe sqlite3_bind_null(handle, index) }
    }

    // MARK: Running

    /// Runs to the end, with no interest in rows.
    func run() throws(StorageError) {
        defer { reset() }
        while try step() {}
    }

    /// Runs to the first row at most.
    ///
    /// - Returns: what `read` makes of it; `nil` if there is no row.
    func first<Value>(_ read: (borrowing SQLiteStatement) -> Value) throws(StorageError) -> Value? {
        defer { reset() }
        return try step() ? read(self) : nil
    }

    /// Runs to the end and collects what `read` makes of each row.
    func all<Value>(_ read: (borrowing SQLiteStatement) -> Value) throws(StorageError) -> [Value] {
        defer { reset() }
        var values: [Value] = []
        while try step() { values.append(read(self)) }
        return values
    }

    /// Runs as long as `body` wants more rows.
    func forEach(_ body: (borrowing SQLiteStatement) -> Bool) throws(StorageError) {
        defer { reset() }
        while try step(), body(self) {}
    }

    /// Whether there is a row.
    func hasRow() throws(StorageError) -> Bool {
        defer { reset() }
        return try step()
    }

    private func step() throws(StorageError) -> Bool {
        let result = unsafe sqlite3_step(handle)
        switch result {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw SQLiteResultCode.failure(result, "running a statement")
        }
    }

    private func reset() { unsafe sqlite3_reset(handle) }

    // MARK: The present row, columns counted from 0

    /// A number.
    func int(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

    /// Whether the column is NULL.
    func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    /// A number, or `nil` for NULL.
    func optionalInt(_ column: Int32) -> Int64? { isNull(column) ? nil : int(column) }

    /// A number that says yes or no.
    func bool(_ column: Int32) -> Bool { int(column) != 0 }

    /// A room.
    func room(_ column: Int32) -> RoomID { RoomID(rawValue: UInt64(bitPattern: int(column))) }

    /// A user.
    func user(_ column: Int32) -> UserID { UserID(rawValue: UInt64(bitPattern: int(column))) }

    /// A place in a log.
    func seq(_ column: Int32) -> SequenceNumber {
        SequenceNumber(rawValue: UInt64(bitPattern: int(column)))
    }

    /// A time.
    func time(_ column: Int32) -> Timestamp { Timestamp(milliseconds: int(column)) }

    /// A time, or `nil` for NULL.
    func optionalTime(_ column: Int32) -> Timestamp? { isNull(column) ? nil : time(column) }

    /// Text; empty for NULL.
    func text(_ column: Int32) -> String {
        guard let bytes = unsafe sqlite3_column_text(handle, column) else { return "" }
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        return unsafe String(
            decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    /// Text, or `nil` for NULL.
    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    /// Tells SQLite to copy: the string is gone when the statement runs.
    ///
    /// The C macro is a cast of -1.
    private static var transient: sqlite3_destructor_type {
        unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }
}
