// SPDX-License-Identifier: MIT

/// A JSON value (RFC 8259), as the server sends it.
///
/// Objects keep the order of their keys; they are small, so a list is the fastest map.
public enum JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, Sendable
{
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction that fits.
    case int(Int)
    /// Any other number.
    case double(Double)
    /// Text.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// Keys and values.
    case object([(key: String, value: JSONValue)])

    /// The value of a key; `nil` without it, or if this is no object.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let entries) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// The text, if it is text.
    public var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    /// The number, if it is a whole one.
    public var int: Int? {
        guard case .int(let value) = self else { return nil }
        return value
    }

    /// The answer, if it is `true` or `false`.
    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The elements; none if it is no list.
    public var array: [JSONValue] {
        guard case .array(let values) = self else { return [] }
        return values
    }
}

extension JSONValue {
    /// Makes a value out of a literal.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Makes a value out of a literal.
    public init(integerLiteral value: Int) { self = .int(value) }
    /// Makes a value out of a literal.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Makes a value out of a literal.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Makes a value out of a literal.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { (key: $0.0, value: $0.1) })
    }

    /// The same object with one more key.
    public func with(_ key: String, _ value: JSONValue) -> JSONValue {
        guard case .object(let entries) = self else { return self }
        return .object(entries + [(key: key, value: value)])
    }
}

// MARK: Writing

extension JSONValue {
    /// The value as JSON text in UTF-8, without white space.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128)
        write(to: &bytes)
        return bytes
    }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += Array("null".utf8)
        case .bool(let value): bytes += Array((value ? "true" : "false").utf8)
        case .int(let value): bytes += Array(String(value).utf8)
        case .double(let value):
            // JSON has no word for infinity and for what is not a number.
            bytes += Array((value.isFinite ? "\(value)" : "null").utf8)
        case .string(let value): Self.write(value, to: &bytes)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let entries):
            bytes.append(UInt8(ascii: "{"))
            for (index, entry) in entries.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(entry.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                entry.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ string: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A:
                bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 0..<0x20:
                bytes += Array("\\u00".utf8)
                bytes += [hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

private let hexDigits = Array("0123456789abcdef".utf8)
