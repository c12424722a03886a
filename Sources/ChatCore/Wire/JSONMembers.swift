// SPDX-License-Identifier: MIT

/// The members of one JSON object with their values as they stand: for what takes objects apart and puts others together
/// without knowing them.
package struct JSONMembers: Sendable {
    /// Name and JSON text of the value, in their order.
    package private(set) var all: [(name: String, value: ArraySlice<UInt8>)] = []

    /// Reads an object.
    ///
    /// - Parameters:
    ///   - bytes: the whole text.
    ///   - maximumDepth: the deepest nesting.
    /// - Throws: `bad_utf8`, `bad_json`.
    /// - Complexity: O(bytes); a slice per member.
    package init(_ bytes: ArraySlice<UInt8>, maximumDepth: Int = 16) throws(WireError) {
        guard bytes.count <= JSONValueRange.maximumBytes else {
            throw WireError(.tooLarge, "this is too long")
        }
        let span = bytes.span
        guard (try? UTF8Span(validating: span)) != nil else {
            throw WireError(.badUTF8, "JSON must be UTF-8")
        }
        do throws(JSONFault) {
            try scan(span, bytes, maximumDepth: maximumDepth)
        } catch {
            throw WireError(.badJSON, "this must be one JSON object")
        }
    }

    private mutating func scan(
        _ span: Span<UInt8>, _ bytes: ArraySlice<UInt8>, maximumDepth: Int
    ) throws(JSONFault) {
        var scanner = JSONScanner(span, maximumDepth: maximumDepth)
        scanner.skipSpace()
        guard scanner.take(UInt8(ascii: "{")) else { throw JSONFault() }
        scanner.skipSpace()
        if !scanner.take(UInt8(ascii: "}")) {
            repeat {
                scanner.skipSpace()
                guard scanner.current == UInt8(ascii: "\"") else { throw JSONFault() }
                let key = try scanner.value()
                scanner.skipSpace()
                guard let name = JSONText.string(key, in: span), scanner.take(UInt8(ascii: ":"))
                else { throw JSONFault() }
                scanner.skipSpace()
                let value = try scanner.value(depth: 1)
                let start = bytes.startIndex + value.start
                all.append((name, bytes[start..<start + value.count]))
                scanner.skipSpace()
            } while scanner.take(UInt8(ascii: ","))
            guard scanner.take(UInt8(ascii: "}")) else { throw JSONFault() }
        }
        scanner.skipSpace()
        guard scanner.position == span.count else { throw JSONFault() }
    }

    /// The value of a member; of a repeated one the last.
    package subscript(name: String) -> ArraySlice<UInt8>? {
        all.last { $0.name == name }?.value
    }

    /// The text of a member that is a string; `nil` otherwise.
    package func string(_ name: String) -> String? {
        guard let value = self[name], value.first == UInt8(ascii: "\"") else { return nil }
        let range = JSONValueRange(kind: .escapedString, start: 0, end: value.count)
        return JSONText.string(range, in: value.span)
    }

    /// The value of a member that is a whole number; `nil` otherwise.
    package func integer(_ name: String) -> Int64? {
        self[name].flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
    }

    /// A text as JSON.
    package static func quoted(_ text: String) -> [UInt8] {
        var writer = JSONWriter(capacity: text.utf8.count + 2)
        writer.string(text)
        return writer.bytes
    }
}
