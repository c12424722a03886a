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
        let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        // Subtracting borrows into the top bit of a byte that is too small; a bit that was set is no sign.
        let control = (word &- ones &* 0x20) & ~word
        let equal = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash
        return (control | equal) & (ones &* 0x80)
    }

    /// The string at `value`; `nil` if it is none, or holds half a surrogate pair (no Unicode text).
    static func string(_ value: JSONValueRange, in bytes: Span<UInt8>) -> String? {
        switch value.kind {
        case .string: trusted(bytes.extracting(value.content))
        case .escapedString: unescape(bytes.extracting(value.content))
        default: nil
        }
    }

    /// The text of a value as it stands there.
    ///
    /// The whole message was found to be UTF-8, and a value begins and ends with characters of one byte.
    static func trusted(_ bytes: Span<UInt8>) -> String {
        String(copying: unsafe UTF8Span(unchecked: bytes))
    }

    private static func copy(_ bytes: Span<UInt8>) -> String? {
        guard let text = try? UTF8Span(validating: bytes) else { return nil }
        return String(copying: text)
    }

    /// The unsigned integer at `value`; `nil` if it is none or has more than 18 digits.
    static func integer(_ value: JSONValueRange, in bytes: Span<UInt8>) -> UInt64? {
        guard value.kind == .number, value.end - value.start <= 18 else { return nil }
        var result: UInt64 = 0
        for index in value.range {
            let byte = bytes[index]
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            result = result * 10 + UInt64(byte - UInt8(ascii: "0"))
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
