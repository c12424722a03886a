// SPDX-License-Identifier: MIT

/// Reads single values out of JSON text whose grammar was checked before.
enum JSONText {
    /// The value of a hexadecimal digit.
    static func hexDigit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// Which of eight bytes end a run inside a string: a quote, a backslash or a control character.
    ///
    /// The lowest bit that is set is in the first such byte; there may be bits behind it that mean nothing.
    @inline(__always)
    static func special(_ bytes: UInt64) -> UInt64 {
        let word = UInt64(littleEndian: bytes)
        let ones: UInt64 = 0x0101_0101_0101_0101
        // What was equal is zero now, and subtracting borrows into the top bit of a byte that is too small; a
        // bit that was set before is no sign.
        let quote = (word ^ (ones &* UInt64(UInt8(ascii: "\"")))) &- ones
        let backslash = (word ^ (ones &* UInt64(UInt8(ascii: "\\")))) &- ones
        let control = word &- ones &* 0x20
        return (quote | backslash | control) & ~word & (ones &* 0x80)
    }

    /// The index of the first byte from `start` on that ends a run inside a string, or the end.
    @inline(__always)
    static func plainEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
        // Most keys, and many values, end within eight bytes. The load is checked to end before the count.
        guard start >= 0, start <= bytes.count &- 8 else { return longPlainEnd(bytes, from: start) }
        let found = unsafe special(
            bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt64.self))
        return found != 0
            ? start &+ found.trailingZeroBitCount / 8 : longPlainEnd(bytes, from: start &+ 8)
    }

    private static func longPlainEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
        precondition(start >= 0)
        // Every load ends before the count, which is checked before it.
        let raw = unsafe bytes.bytes
        var index = start
        while index <= bytes.count &- 16 {
            let first = unsafe special(
                raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
            let second = unsafe special(
                raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index &+ 8, as: UInt64.self))
            if first | second != 0 {
                return first != 0
                    ? index &+ first.trailingZeroBitCount / 8
                    : index &+ 8 &+ second.trailingZeroBitCount / 8
            }
            index &+= 16
        }
        if bytes.count >= 8 {
            if index <= bytes.count &- 8 {
                let found = unsafe special(
                    raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
                if found != 0 { return index &+ found.trailingZeroBitCount / 8 }
                index &+= 8
            }
            let rest = bytes.count &- index
            if rest <= 0 { return bytes.count }
            // The last word once more, without what was seen: zeros follow, which are control characters.
            let last = unsafe UInt64(
                littleEndian: raw.unsafeLoadUnaligned(
                    fromUncheckedByteOffset: bytes.count &- 8, as: UInt64.self))
            let unseen = last &>> UInt64(truncatingIfNeeded: 8 &* (8 &- rest))
            let found = special(unseen.littleEndian)
            return found == 0
                ? bytes.count : min(index &+ found.trailingZeroBitCount / 8, bytes.count)
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            index += 1
        }
        return index
    }

    /// Up to eight bytes as a number, the first in the lowest bits, with zeros behind them.
    @inline(__always)
    static func word(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        if range.isEmpty { return 0 }
        if range.lowerBound <= bytes.count &- 8 {
            // Eight bytes are there, and those behind the range are shifted out.
            let word = unsafe UInt64(
                littleEndian: bytes.bytes.unsafeLoadUnaligned(
                    fromUncheckedByteOffset: range.lowerBound, as: UInt64.self))
            let spare = UInt64(truncatingIfNeeded: 64 &- 8 &* range.count)
            return (word &<< spare) &>> spare
        }
        return range.reversed().reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
    }

    /// The same of a text that is known at compile time: a constant.
    @inline(__always)
    static func word(_ text: StaticString) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<text.utf8CodeUnitCount {
            unsafe word |= UInt64(text.utf8Start[index]) << UInt64(8 * index)
        }
        return word
    }

    /// Whether no byte is above ASCII.
    static func isASCII(_ bytes: Span<UInt8>) -> Bool {
        // Every load ends before the count, which is checked before it.
        let raw = unsafe bytes.bytes
        var (first, second): (UInt64, UInt64) = (0, 0)
        var index = 0
        while index <= bytes.count &- 16 {
            unsafe first |= raw.unsafeLoadUnaligned(
                fromUncheckedByteOffset: index, as: UInt64.self)
            unsafe second |= raw.unsafeLoadUnaligned(
                fromUncheckedByteOffset: index &+ 8, as: UInt64.self)
            index &+= 16
        }
        if bytes.count >= 16 {
            // The last sixteen, some of them once more.
            unsafe first |= raw.unsafeLoadUnaligned(
                fromUncheckedByteOffset: bytes.count &- 16, as: UInt64.self)
            unsafe second |= raw.unsafeLoadUnaligned(
                fromUncheckedByteOffset: bytes.count &- 8, as: UInt64.self)
        } else {
            for index in 0..<bytes.count { first |= UInt64(bytes[index]) }
        }
        return (first | second) & 0x8080_8080_8080_8080 == 0
    }

    /// The string at `value`; `nil` if it is none, or holds half a surrogate pair (no Unicode text).
    ///
    /// - Parameter isASCII: whether all of `bytes` is known to be.
    static func string(
        _ value: JSONValueRange, in bytes: Span<UInt8>, isASCII: Bool = false
    ) -> String? {
        switch value.kind {
        case .string: trusted(bytes.extracting(value.content), isASCII: isASCII)
        case .escapedString: unescape(bytes.extracting(value.content))
        default: nil
        }
    }

    /// The text of a value as it stands there.
    ///
    /// The whole message was found to be UTF-8, and a value begins and ends with characters of one byte.
    static func trusted(_ bytes: Span<UInt8>, isASCII: Bool = false) -> String {
        String(copying: unsafe UTF8Span(unchecked: bytes, isKnownASCII: isASCII))
    }

    private static func copy(_ bytes: Span<UInt8>) -> String? {
        guard let text = try? UTF8Span(validating: bytes) else { return nil }
        return String(copying: text)
    }

    /// The unsigned integer at `value`; `nil` if it is none or has more than 18 digits.
    static func integer(_ value: JSONValueRange, in bytes: Span<UInt8>) -> UInt64? {
        guard value.kind == .number, value.count <= 18 else { return nil }
        var result: UInt64 = 0
        for index in value.range {
            let byte = bytes[index]
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            result = result &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))  // 18 digits are below 2^64
        }
        return result
    }

    private static func unescape(_ bytes: Span<UInt8>) -> String? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            let escape = bytes[index]
            index += 1
            switch escape {
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"):
                guard let scalar = unicodeEscape(bytes, &index) else { return nil }
                result.append(contentsOf: Unicode.UTF8.encode(scalar) ?? .init())
            default: result.append(escape)
            }
        }
        return copy(result.span)
    }

    /// Reads `XXXX` or `XXXX\uXXXX` (a surrogate pair) behind `\u`.
    private static func unicodeEscape(_ bytes: Span<UInt8>, _ index: inout Int) -> Unicode.Scalar? {
        let first = codeUnit(bytes, &index)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(first), index + 5 < bytes.count,
            bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
        else { return nil }
        index += 2
        let second = codeUnit(bytes, &index)
        guard UTF16.isTrailSurrogate(second) else { return nil }
        return Unicode.Scalar(0x10000 + (UInt32(first - 0xD800) << 10) + UInt32(second - 0xDC00))
    }

    private static func codeUnit(_ bytes: Span<UInt8>, _ index: inout Int) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            unit = unit << 4 | (hexDigit(bytes[index]) ?? 0)
            index += 1
        }
        return unit
    }
}
