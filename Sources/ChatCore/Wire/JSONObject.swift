// SPDX-License-Identifier: MIT

/// One JSON object, read as a whole: for what is rare (tokens, commands about accounts). The commands of the
/// conversation have `CommandFields`, which reads only what it is asked for.
package struct JSONObject {
    /// The value of a member.
    package enum Value: Sendable, Equatable {
        /// A string.
        case string(String)
        /// A number, without what stands behind its point.
        case integer(Int64)
        /// `true` or `false`.
        case bool(Bool)
        /// `null`.
        case null
        /// An array of strings and of nothing else.
        case strings([String])
        /// Anything else: an object, a mixed array, a number with an exponent or of more than 18 digits.
        case other
    }

    /// Why it cannot be read.
    package enum Fault: Error, Sendable, Equatable {
        /// It is no JSON object in UTF-8, or nested too deep.
        case malformed
        /// Two members have this name.
        case duplicate(String)
        /// It has more members than are read.
        case tooManyMembers
    }

    private var members: [String: Value] = [:]

    /// Reads an object.
    ///
    /// - Parameters:
    ///   - bytes: the whole text.
    ///   - maximumMembers: the most members.
    ///   - maximumDepth: the deepest nesting; what is nested is checked, not kept.
    ///   - isLenient: whether, as in every command, the last of members of one name counts, and text that is no Unicode is
    ///     ``Value/other``.
    /// - Complexity: O(bytes); allocates.
    package init(
        _ bytes: Span<UInt8>, maximumMembers: Int = 64, maximumDepth: Int = 16,
        isLenient: Bool = false
    ) throws(Fault) {
        guard bytes.count <= JSONValueRange.maximumBytes,
            (try? UTF8Span(validating: bytes)) != nil
        else { throw .malformed }
        var scanner = JSONScanner(bytes, maximumDepth: maximumDepth)
        scanner.skipSpace()
        guard scanner.take(UInt8(ascii: "{")) else { throw .malformed }
        scanner.skipSpace()
        if !scanner.take(UInt8(ascii: "}")) {
            repeat {
                guard members.count < maximumMembers else { throw .tooManyMembers }
                try member(&scanner, bytes, isLenient)
            } while scanner.take(UInt8(ascii: ","))
            guard scanner.take(UInt8(ascii: "}")) else { throw .malformed }
        }
        scanner.skipSpace()
        guard scanner.position == bytes.count else { throw .malformed }
    }

    private mutating func member(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, _ isLenient: Bool
    ) throws(Fault) {
        scanner.skipSpace()
        guard scanner.current == UInt8(ascii: "\"") else { throw .malformed }
        let name: String?
        let value: JSONValueRange
        do throws(JSONFault) {
            name = JSONText.string(try scanner.value(), in: bytes)
            scanner.skipSpace()
            guard scanner.take(UInt8(ascii: ":")) else { throw JSONFault() }
            scanner.skipSpace()
            value = try scanner.value()
        } catch {
            throw .malformed
        }
        scanner.skipSpace()
        let read = Self.read(value, bytes)
        guard let name, let read else {
            guard isLenient else { throw .malformed }
            if let name { members[name] = .other }
            return
        }
        let before = members.updateValue(read, forKey: name)
        if before != nil, !isLenient { throw .duplicate(name) }
    }

    private static func read(_ value: JSONValueRange, _ bytes: Span<UInt8>) -> Value? {
        switch value.kind {
        case .string, .escapedString:
            return JSONText.string(value, in: bytes).map(Value.string)
        case .number: return integer(bytes.extracting(value.range)).map(Value.integer) ?? .other
        case .true: return .bool(true)
        case .false: return .bool(false)
        case .null: return .null
        case .array: return strings(bytes.extracting(value.range)).map(Value.strings) ?? .other
        case .object, .absent: return .other
        }
    }

    private static func integer(_ bytes: Span<UInt8>) -> Int64? {
        let isNegative = bytes[0] == UInt8(ascii: "-")
        var digits = 0
        var result: Int64 = 0
        for index in (isNegative ? 1 : 0)..<bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: ".") {
                // Digits follow, and perhaps an exponent.
                let hasExponent = (index..<bytes.count).contains {
                    bytes[$0] | 0x20 == UInt8(ascii: "e")
                }
                if hasExponent { return nil }
                break
            }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), digits < 18 else {
                return nil
            }
            digits += 1
            result = result * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return isNegative ? -result : result
    }

    private static func strings(_ bytes: Span<UInt8>) -> [String]? {
        var result: [String] = []
        var scanner = JSONScanner(bytes, maximumDepth: 1)
        _ = scanner.take(UInt8(ascii: "["))
        scanner.skipSpace()
        if scanner.take(UInt8(ascii: "]")) { return result }
        repeat {
            scanner.skipSpace()
            guard let value = try? scanner.value(),
                let text = JSONText.string(value, in: bytes)
            else { return nil }
            result.append(text)
            scanner.skipSpace()
        } while scanner.take(UInt8(ascii: ","))
        return result
    }

    /// The value of a member; `nil` if it is not there.
    package subscript(name: String) -> Value? { members[name] }

    /// The string of that name; `nil` if it is not there or no string.
    package func string(_ name: String) -> String? {
        guard case .string(let text)? = members[name] else { return nil }
        return text
    }

    /// The whole number of that name; `nil` if it is not there or none.
    package func integer(_ name: String) -> Int64? {
        guard case .integer(let number)? = members[name] else { return nil }
        return number
    }
}
