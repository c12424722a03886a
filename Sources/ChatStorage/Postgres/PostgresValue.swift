// SPDX-License-Identifier: MIT

import ChatCore

/// A parameter of a statement, in the server's binary format.
///
/// All text goes as `bytea`: a text may hold NUL, which the server's own text types refuse, and
/// bytes compare alike whatever the locale of the database.
enum PostgresValue {
    case int(Int64)
    case bool(Bool)
    case bytes(String)
    case null
    case ints([Int64?])
    case texts([String?])
    /// As the server reads it.
    case encoded(PostgresArray)

    static func room(_ room: RoomID) -> Self { .int(Int64(bitPattern: room.rawValue)) }
    static func user(_ user: UserID) -> Self { .int(Int64(bitPattern: user.rawValue)) }
    /// A place; one that no log reaches becomes the last possible.
    static func seq(_ seq: SequenceNumber) -> Self { .int(Int64(clamping: seq.rawValue)) }
    static func time(_ at: Timestamp) -> Self { .int(at.milliseconds) }
    static func number(_ value: Int) -> Self { .int(Int64(value)) }
    static func optional(_ value: Int64?) -> Self { value.map(Self.int) ?? .null }
    static func optional(_ text: String?) -> Self { text.map(Self.bytes) ?? .null }
}

/// The parameters of one statement as bytes, one after the other.
///
/// Reused from statement to statement.
struct PostgresParameters {
    /// Never empty, so that the address of an empty value is one.
    private(set) var bytes: [UInt8] = [0]
    /// Where each value begins.
    private(set) var offsets: [Int] = []
    /// How long each value is; -1 for NULL.
    private(set) var lengths: [Int32] = []

    mutating func set(_ values: [PostgresValue]) {
        bytes.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        for value in values {
            offsets.append(bytes.count)
            let start = bytes.count
            let isNull = !append(value)
            lengths.append(isNull ? -1 : Int32(clamping: bytes.count - start))
        }
        bytes.append(0)
    }

    /// Returns whether there is a value.
    private mutating func append(_ value: PostgresValue) -> Bool {
        switch value {
        case .int(let number): append(number)
        case .bool(let flag): bytes.append(flag ? 1 : 0)
        case .bytes(let text): bytes.append(contentsOf: text.utf8)
        case .null: return false
        case .encoded(let array): bytes.append(contentsOf: array.bytes)
        case .ints(let numbers):
            appendArray(numbers, of: .int8) { parameters, number in
                parameters.append(Int32(8))
                parameters.append(number)
            }
        case .texts(let texts):
            appendArray(texts, of: .bytea) { parameters, text in
                parameters.append(Int32(clamping: text.utf8.count))
                parameters.bytes.append(contentsOf: text.utf8)
            }
        }
        return true
    }

    /// One dimension, counted from 1; each element with its length before it, -1 for NULL.
    private mutating func appendArray<Element>(
        _ elements: [Element?], of type: PostgresArray.TypeID, _ body: (inout Self, Element) -> Void
    ) {
        append(Int32(elements.isEmpty ? 0 : 1))
        append(Int32(1))
        append(type.rawValue)
        if elements.isEmpty { return }
        append(Int32(clamping: elements.count))
        append(Int32(1))
        for element in elements {
            if let element { body(&self, element) } else { append(Int32(-1)) }
        }
    }

    private mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        unsafe withUnsafeBytes(of: number.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }
}
