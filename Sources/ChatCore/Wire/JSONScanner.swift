// SPDX-License-Identifier: MIT

/// A place in JSON text that only moves forward. It cannot outlive the bytes.
///
/// It checks the grammar of RFC 8259 while it skips, so that a command that was accepted is JSON to its last
/// byte. UTF-8 has been checked before (by the WebSocket layer, or for the whole line).
struct JSONScanner: ~Escapable {
    let bytes: Span<UInt8>
    var position = 0
    let maximumDepth: Int

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    /// The byte here, or 0 at the end (0 is not part of any JSON text).
    var current: UInt8 { position < bytes.count ? bytes[position] : 0 }

    mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    /// Moves behind `byte`, if it is here.
    mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte, position < bytes.count else { return false }
        position += 1
        return true
    }

    /// Moves behind a value and tells what it was.
    mutating func value(depth: Int = 0) throws(JSONFault) -> JSONValueRange {
        let start = position
        switch current {
        case UInt8(ascii: "\""):
            let hasEscapes = try string()
            return JSONValueRange(
                kind: hasEscapes ? .escapedString : .string, start: start, end: position)
        case UInt8(ascii: "{"):
            try object(depth: depth + 1)
            return JSONValueRange(kind: .object, start: start, end: position)
        case UInt8(ascii: "["):
            try array(depth: depth + 1)
            return JSONValueRange(kind: .array, start: start, end: position)
        case UInt8(ascii: "t"):
            try word("true")
            return JSONValueRange(kind: .true, start: start, end: position)
        case UInt8(ascii: "f"):
            try word("false")
            return JSONValueRange(kind: .false, start: start, end: position)
        case UInt8(ascii: "n"):
            try word("null")
            return JSONValueRange(kind: .null, start: start, end: position)
        default:
            try number()
            return JSONValueRange(kind: .number, start: start, end: position)
        }
    }

    /// Moves behind a string; returns whether it holds escapes.
    mutating func string() throws(JSONFault) -> Bool {
        position += 1
        var hasEscapes = false
        while position < bytes.count {
            skipPlain()
            guard position < bytes.count else { break }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return hasEscapes
            }
            if byte < 0x20 { throw JSONFault() }
            position += 1
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                try escape()
            }
        }
        throw JSONFault()
    }

    /// Passes over ordinary bytes of a string, eight at a time.
    private mutating func skipPlain() {
        position = unsafe bytes.withUnsafeBytes { buffer in
            var index = position
            while index + 8 <= buffer.count {
                let word = unsafe buffer.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                let found = JSONText.special(word)
                if found != 0 { return index + found.trailingZeroBitCount / 8 }
                index += 8
            }
            return index
        }
    }

    private mutating func escape() throws(JSONFault) {
        switch current {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            guard position + 4 < bytes.count else { throw JSONFault() }
            for offset in 1...4 where JSONText.hexDigit(bytes[position + offset]) == nil {
                throw JSONFault()
            }
            position += 5
        default:
            throw JSONFault()
        }
    }

    private mutating func object(depth: Int) throws(JSONFault) {
        guard depth <= maximumDepth else { throw JSONFault() }
        position += 1
        skipSpace()
        if take(UInt8(ascii: "}")) { return }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw JSONFault() }
            _ = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw JSONFault() }
            skipSpace()
            _ = try value(depth: depth)
            skipSpace()
            if take(UInt8(ascii: "}")) { return }
            guard take(UInt8(ascii: ",")) else { throw JSONFault() }
        }
    }

    private mutating func array(depth: Int) throws(JSONFault) {
        guard depth <= maximumDepth else { throw JSONFault() }
        position += 1
        skipSpace()
        if take(UInt8(ascii: "]")) { return }
        while true {
            skipSpace()
            _ = try value(depth: depth)
            skipSpace()
            if take(UInt8(ascii: "]")) { return }
            guard take(UInt8(ascii: ",")) else { throw JSONFault() }
        }
    }

    private mutating func word(_ word: StaticString) throws(JSONFault) {
        for index in 0..<word.utf8CodeUnitCount {
            let expected = unsafe word.utf8Start[index]
            guard take(expected) else { throw JSONFault() }
        }
    }

    private mutating func number() throws(JSONFault) {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if current | 0x20 == UInt8(ascii: "e") {
            position += 1
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
    }

    private mutating func digits() throws(JSONFault) {
        let start = position
        while current >= UInt8(ascii: "0") && current <= UInt8(ascii: "9") { position += 1 }
        guard position > start else { throw JSONFault() }
    }
}

/// The text is not JSON, or nested too deep.
struct JSONFault: Error {}

/// Where a value stands and what it is. Strings include their quotes.
struct JSONValueRange {
    enum Kind: UInt8 {
        case absent, string, escapedString, number, object, array, `true`, `false`, null
    }

    var kind: Kind
    var start: Int32
    var end: Int32

    static let absent = JSONValueRange(kind: .absent, start: 0, end: 0)

    init(kind: Kind, start: Int, end: Int) {
        self.kind = kind
        self.start = Int32(start)
        self.end = Int32(end)
    }

    var range: Range<Int> { Int(start)..<Int(end) }
    /// The range of a string without its quotes.
    var content: Range<Int> { Int(start) + 1..<Int(end) - 1 }
}
