// SPDX-License-Identifier: MIT

/// A JSON text as a value, for tests: easy to write down, easy to compare.
public enum JSONValue: Sendable, Equatable {
    /// `null`, or what is not there at all.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction and exponent.
    case integer(Int64)
    /// Any other number.
    case number(Double)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object. Of a repeated key the last value counts.
    case object([String: JSONValue])

    /// The value at `key`; ``null`` if this is no object or has no such key.
    public subscript(key: String) -> JSONValue {
        if case .object(let values) = self { values[key] ?? .null } else { .null }
    }

    /// The element at `index`; ``null`` if this is no array or has none there.
    public subscript(index: Int) -> JSONValue {
        guard case .array(let values) = self, values.indices.contains(index) else { return .null }
        return values[index]
    }

    /// The string, if it is one.
    public var string: String? { if case .string(let text) = self { text } else { nil } }
    /// The integer, if it is one.
    public var integer: Int? { if case .integer(let value) = self { Int(value) } else { nil } }
    /// The truth value, if it is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements; empty if this is no array.
    public var elements: [JSONValue] { if case .array(let values) = self { values } else { [] } }
    /// The object's keys, sorted; empty if this is no object.
    public var keys: [String] {
        if case .object(let values) = self { values.keys.sorted() } else { [] }
    }

    /// `type` of a protocol message.
    public var type: String { self["type"].string ?? "" }
    /// `code` of a refusal.
    public var code: String { self["code"].string ?? "" }
    /// `seq` of an event or answer; 0 if it has none.
    public var seq: Int { self["seq"].integer ?? 0 }

    /// The object with `value` at `key`; anything else stays as it is.
    public func setting(_ key: String, to value: JSONValue) -> JSONValue {
        guard case .object(var values) = self else { return self }
        values[key] = value
        return .object(values)
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// Makes a string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Makes an integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// Makes a truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Makes a null.
    public init(nilLiteral: ()) { self = .null }
    /// Makes an array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Makes an object.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { $1 })
    }
}

extension JSONValue: CustomStringConvertible {
    /// The JSON text, keys in order.
    public var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .string(let text): Self.quoted(text)
        case .array(let values): "[\(values.map(\.description).joined(separator: ","))]"
        case .object(let values):
            "{"
                + values.sorted { $0.key < $1.key }
                .map { Self.quoted($0.key) + ":" + $0.value.description }
                .joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
