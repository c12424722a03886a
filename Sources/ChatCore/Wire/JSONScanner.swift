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
        precondition(bytes.count <= JSONValueRange.maximumBytes)
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    /// The byte here, or 0 at the end (0 is not part of any JSON text).
    var current: UInt8 {
        @inline(__always) get { position < bytes.count ? bytes[position] : 0 }
    }

    @inline(__always)
    mutating func skipSpace() {
        // Few clients write any.
        if current <= 0x20 { position = Self.spaceEnd(bytes, from: position) }
    }

    // What is rare is done outside, so that the common way has the position in a register.
    private static func spaceEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return index
            }
        }
        return index
    }

    /// Moves behind `byte`, if it is here.
    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// Moves behind a value and tells what it was.
    @inline(__always)
    mutating func value(depth: Int = 0) throws(JSONFault) -> JSONValueRange {
        let start = position
        if current == UInt8(ascii: "\"") {
            let hasEscapes = try string()
            return JSONValueRange(
                kind: hasEscapes ? .escapedString : .string, start: start, end: position)
        }
        let value = try Self.other(bytes, at: start, depth: depth, maximumDepth)
        position = value.end
        return value
    }

    /// A value that is no string.
    private static func other(
        _ bytes: Span<UInt8>, at start: Int, depth: Int, _ maximumDepth: Int
    ) throws(JSONFault) -> JSONValueRange {
        var scanner = JSONScanner(bytes, maximumDepth: maximumDepth)
        scanner.position = start
        let kind: JSONValueRange.Kind
        switch scanner.current {
        case UInt8(ascii: "{"):
            kind = .object
            try scanner.object(depth: depth + 1)
        case UInt8(ascii: "["):
            kind = .array
            try scanner.array(depth: depth + 1)
        case UInt8(ascii: "t"):
            kind = .true
            try scanner.word("true")
        case UInt8(ascii: "f"):
            kind = .false
            try scanner.word("false")
        case UInt8(ascii: "n"):
            kind = .null
            try scanner.word("null")
        default:
            kind = .number
            try scanner.number()
        }
        return JSONValueRange(kind: kind, start: start, end: scanner.position)
    }

    /// Moves behind a string; returns whether it holds escapes.
    @inline(__always)
    mutating func string() throws(JSONFault) -> Bool {
        let end = JSONText.plainEnd(bytes, from: position + 1)
        guard end < bytes.count else { throw JSONFault() }
        if bytes[end] == UInt8(ascii: "\"") {
            position = end + 1
            return false
        }
        position = try Self.escapedEnd(bytes, from: end)
        return true
    }

    /// The end of a string that has something at `start` that is not plain.
    private static func escapedEnd(
        _ bytes: Span<UInt8>, from start: Int
    ) throws(JSONFault) -> Int {
        var scanner = JSONScanner(bytes, maximumDepth: 0)
        scanner.position = start
        while scanner.take(UInt8(ascii: "\\")) {
            try scanner.escape()
            scanner.position = JSONText.plainEnd(bytes, from: scanner.position)
            if scanner.take(UInt8(ascii: "\"")) { return scanner.position }
        }
        throw JSONFault()
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
        // Most are whole: digits and no more.
        let start = position
        if current > UInt8(ascii: "0") { position = Self.digitsEnd(bytes, from: position) }
        if position > start, current != UInt8(ascii: "."), current | 0x20 != UInt8(ascii: "e") {
            return
        }
        position = start
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
        position = Self.digitsEnd(bytes, from: start)
        guard position > start else { throw JSONFault() }
    }

    @inline(__always)
    private static func digitsEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] &- UInt8(ascii: "0") < 10 { index += 1 }
        return index
    }
}

/// The text is not JSON, or nested too deep.
struct JSONFault: Error {}

/// Where a value stands and what it is. Strings include their quotes.
///
/// Eight bytes: a command has thirty of these.
struct JSONValueRange {
    enum Kind: UInt8 {
        case absent, string, escapedString, number, object, array, `true`, `false`, null
    }

    /// As far as a place can be told.
    static let maximumBytes = 1 << 28 - 1

    private let first: UInt32
    /// The length above the lowest four bits, which are the kind.
    private let rest: UInt32

    static let absent = JSONValueRange(kind: .absent, start: 0, end: 0)

    /// - Precondition: `end` is not before `start`, nor above ``maximumBytes``.
    @inline(__always)
    init(kind: Kind, start: Int, end: Int) {
        first = UInt32(truncatingIfNeeded: start)
        rest = UInt32(truncatingIfNeeded: end &- start) &<< 4 | UInt32(kind.rawValue)
    }

    var kind: Kind {
        // Only a kind is ever put there.
        @inline(__always) get {
            unsafe unsafeBitCast(UInt8(truncatingIfNeeded: rest & 15), to: Kind.self)
        }
    }
    var start: Int { Int(first) }
    var count: Int { Int(rest >> 4) }
    var end: Int { start + count }

    var range: Range<Int> { start..<end }
    /// The range of a string without its quotes.
    var content: Range<Int> { start + 1..<end - 1 }
}
