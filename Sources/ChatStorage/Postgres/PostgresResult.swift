// SPDX-License-Identifier: MIT

import CPostgres
import ChatCore

/// The rows of a statement, in the server's binary format.
///
/// Belongs to the thread of its connection.
@safe
final class PostgresResult {
    private let handle: OpaquePointer

    /// Takes a result over.
    init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe PQclear(handle) }

    var status: ExecStatusType { unsafe PQresultStatus(handle) }

    /// How many rows there are.
    var count: Int { Int(unsafe PQntuples(handle)) }

    /// What the server said against the statement.
    func failure(_ activity: String) -> PostgresFailure {
        let state = SQLState(field(UInt8(ascii: "C")))
        let text = field(UInt8(ascii: "M"))
        return PostgresFailure(
            state, text.isEmpty ? "the connection was lost" : text, activity,
            table: field(UInt8(ascii: "t")))
    }

    /// `C` the SQLSTATE, `t` the table, `M` the primary message: it names columns and constraints, never values.
    private func field(_ code: UInt8) -> String {
        unsafe PQresultErrorField(handle, Int32(code)).map { unsafe String(cString: $0) } ?? ""
    }

    /// What `read` makes of the first row; `nil` if there is none.
    func first<Value>(_ read: (PostgresRow) -> Value) -> Value? {
        count > 0 ? read(PostgresRow(result: self, index: 0)) : nil
    }

    /// What `read` makes of each row.
    func all<Value>(_ read: (PostgresRow) -> Value) -> [Value] {
        (0..<count).map { read(PostgresRow(result: self, index: Int32($0))) }
    }

    // MARK: Columns, counted from 0

    fileprivate func isNull(_ row: Int32, _ column: Int32) -> Bool {
        unsafe PQgetisnull(handle, row, column) == 1
    }

    fileprivate func bytes<Value>(
        _ row: Int32, _ column: Int32, _ body: (UnsafeRawBufferPointer) -> Value
    ) -> Value {
        let count = Int(unsafe PQgetlength(handle, row, column))
        let address = unsafe PQgetvalue(handle, row, column)
        return unsafe body(UnsafeRawBufferPointer(start: address, count: count))
    }
}

/// One row of a result.
struct PostgresRow {
    fileprivate let result: PostgresResult
    fileprivate let index: Int32

    func isNull(_ column: Int32) -> Bool { result.isNull(index, column) }

    /// A number of 1, 2, 4 or 8 bytes (a Boolean has one); 0 for NULL.
    func int(_ column: Int32) -> Int64 {
        unsafe result.bytes(index, column) { bytes in
            guard let first = unsafe bytes.first else { return 0 }
            return unsafe bytes.dropFirst().reduce(Int64(Int8(bitPattern: first))) {
                $0 << 8 | Int64($1)
            }
        }
    }

    func optionalTime(_ column: Int32) -> Timestamp? { isNull(column) ? nil : time(column) }
    func optionalInt(_ column: Int32) -> Int64? { isNull(column) ? nil : int(column) }
    func bool(_ column: Int32) -> Bool { int(column) != 0 }
    func room(_ column: Int32) -> RoomID { RoomID(rawValue: UInt64(bitPattern: int(column))) }
    func user(_ column: Int32) -> UserID { UserID(rawValue: UInt64(bitPattern: int(column))) }
    func time(_ column: Int32) -> Timestamp { Timestamp(milliseconds: int(column)) }
    func seq(_ column: Int32) -> SequenceNumber {
        SequenceNumber(rawValue: UInt64(bitPattern: int(column)))
    }

    /// A text; empty for NULL.
    func text(_ column: Int32) -> String {
        unsafe result.bytes(index, column) { unsafe String(decoding: $0, as: UTF8.self) }
    }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    /// A role; `nil` for NULL and for numbers that are none.
    func role(_ column: Int32) -> Role? {
        isNull(column) ? nil : Role(rawValue: UInt8(truncatingIfNeeded: int(column)))
    }
}
