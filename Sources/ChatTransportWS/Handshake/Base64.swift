// SPDX-License-Identifier: MIT

/// Base64 with padding (RFC 4648 section 4), for Sec-WebSocket-Key and Sec-WebSocket-Accept.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Encodes `bytes`.
    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for offset in 0..<3 {
                bits = bits << 8 | (offset < group.count ? UInt32(group[start + offset]) : 0)
            }
            for digit in 0..<4 {
                let value = Int(bits >> UInt32(18 - digit * 6)) & 63
                text.append(digit <= group.count ? alphabet[value] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Decodes `text`, or `nil` for a foreign character or bad padding.
    ///
    /// Stray bits behind the last byte are ignored (RFC 4648 section 3.5 leaves it open): some
    /// clients make up their key digit by digit.
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var digits = 0
        var padding = 0
        for character in text {
            digits += 1
            if character == UInt8(ascii: "=") {
                padding += 1
                bits <<= 6
            } else {
                guard padding == 0, let value = value(of: character) else { return nil }
                bits = bits << 6 | value
            }
            if digits % 4 == 0 {
                guard let group = bytesOf(bits, padding: padding) else { return nil }
                bytes += group
                bits = 0
                if padding > 0 { padding = 4 }  // nothing may follow
            }
        }
        return digits % 4 == 0 ? bytes : nil
    }

    /// The bytes of four digits, of which the last `padding` are padding; `nil` for too much
    /// padding.
    private static func bytesOf(_ bits: UInt32, padding: Int) -> [UInt8]? {
        guard padding <= 2 else { return nil }
        let all = [UInt8(bits >> 16 & 0xFF), UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)]
        return Array(all.dropLast(padding))
    }

    /// The six bits of a digit, or `nil`.
    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
