// SPDX-License-Identifier: MIT

/// The identity of a room. Random, 64 bits; on the wire `r_` and thirteen base-32 digits.
public struct RoomID: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The identity as a number.
    public let rawValue: UInt64

    /// Makes an identity from its number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Reads the wire form; `nil` if `text` is not one.
    public init?(_ text: String) {
        guard let value = Base32.decode(text, prefix: "r") else { return nil }
        self.rawValue = value
    }

    /// The wire form.
    public var description: String { Base32.encode(rawValue, prefix: "r_") }

    /// Order by number, the order in which stores lock rooms.
    public static func < (left: RoomID, right: RoomID) -> Bool { left.rawValue < right.rawValue }
}

/// The identity of a user. Random, 64 bits; on the wire `u_` and thirteen base-32 digits.
public struct UserID: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The identity as a number.
    public let rawValue: UInt64

    /// Makes an identity from its number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Reads the wire form; `nil` if `text` is not one.
    public init?(_ text: String) {
        guard let value = Base32.decode(text, prefix: "u") else { return nil }
        self.rawValue = value
    }

    /// The wire form.
    public var description: String { Base32.encode(rawValue, prefix: "u_") }

    /// Order by number, used wherever a list of users must not depend on hashing.
    public static func < (left: UserID, right: UserID) -> Bool { left.rawValue < right.rawValue }
}

/// The identity of one signed-in connection (a device) while it lives. Never stored, never on the wire.
public struct SessionID: RawRepresentable, Hashable, Sendable, Comparable {
    /// The shard in the upper 16 bits, a counter of that shard below.
    public let rawValue: UInt64

    /// Makes an identity from its number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Makes the identity of a session of `shard`.
    public init(shard: Int, number: UInt64) { rawValue = UInt64(shard) << 48 | number }

    /// The index of the shard that owns the session.
    public var shard: Int { Int(rawValue >> 48) }

    /// Order by number.
    public static func < (left: SessionID, right: SessionID) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Crockford's base 32 in lower case (no i, l, o, u), thirteen digits for 64 bits.
package enum Base32 {
    private static let length = 13

    /// Two words of eight bytes, which one instruction works on: the first and the last digits of an identity,
    /// the first of them in the highest byte. Thirteen digits: three stand in both.
    typealias Words = SIMD2<UInt64>

    /// The first eight digits and the last eight.
    ///
    /// All at once: each five bits are moved into a byte of their own.
    @inline(__always)
    static func digits(_ value: UInt64) -> Words {
        var five = Words(value >> 25, value)
        five = five & all(0xF_FFFF) | (five & all(0xFF_FFF0_0000)) &<< 12
        five = five & all(0x3FF_0000_03FF) | (five & all(0xF_FC00_000F_FC00)) &<< 6
        five = five & all(0x1F_001F_001F_001F) | (five & all(0x3E0_03E0_03E0_03E0)) &<< 3
        return digits(ofFive: five)
    }

    /// The digits of numbers below 32: to each is added what lies between it and its digit.
    @inline(__always)
    private static func digits(ofFive five: Words) -> Words {
        // "0", then from 10 on "a" (39 further), without i (18), l (20), o (22) and u (27).
        five &+ bytes(0x30) &+ times39(atLeast(10, five)) &+ atLeast(18, five)
            &+ atLeast(20, five) &+ atLeast(22, five) &+ atLeast(27, five)
    }

    /// One in each byte that is `bound` or more, both being below 128.
    @inline(__always)
    private static func atLeast(_ bound: UInt64, _ words: Words) -> Words {
        ((words &+ bytes(128 - bound)) &>> 7) & bytes(1)
    }

    /// From "9" to "a".
    @inline(__always)
    private static func times39(_ ones: Words) -> Words { (ones &<< 5) &+ (ones &<< 3) &- ones }

    @inline(__always)
    private static func bytes(_ byte: UInt64) -> Words { all(byte &* 0x0101_0101_0101_0101) }

    @inline(__always)
    private static func all(_ word: UInt64) -> Words { Words(repeating: word) }

    package static func encode(_ value: UInt64, prefix: StaticString) -> String {
        var writer = ByteWriter(capacity: 16)
        writer.append(constant: prefix)
        writer.append(base32: value)
        return String(decoding: writer.array, as: UTF8.self)
    }

    package static func decode(_ text: String, prefix: Unicode.Scalar) -> UInt64? {
        text.utf8.count == length + 2 ? decode(text.utf8.span, prefix: prefix) : nil
    }

    /// The number behind `prefix` and an underscore; `nil` if that is not what stands there.
    static func decode(_ bytes: Span<UInt8>, prefix: Unicode.Scalar) -> UInt64? {
        guard bytes.count == length + 2, bytes[0] == UInt8(ascii: prefix),
            bytes[1] == UInt8(ascii: "_"), bytes[2] <= UInt8(ascii: "f"),  // else 65 bits
            let value = number(
                Words(
                    JSONText.word(bytes, 2..<10).byteSwapped,
                    JSONText.word(bytes, 7..<15).byteSwapped))
        else { return nil }
        return value
    }

    /// The way of ``digits(_:)`` back; `nil` if there is something that is no digit: it comes to any number, but
    /// that number not back to it.
    @inline(__always)
    private static func number(_ text: Words) -> UInt64? {
        let letters = times39(atLeast(UInt64(UInt8(ascii: "a")), text))
        let gaps =
            atLeast(UInt64(UInt8(ascii: "j")), text) &+ atLeast(UInt64(UInt8(ascii: "m")), text)
            &+ atLeast(UInt64(UInt8(ascii: "p")), text) &+ atLeast(UInt64(UInt8(ascii: "v")), text)
        let five = text &- bytes(0x30) &- letters &- gaps
        let wrong = (text & bytes(0x80)) | (five & bytes(0xE0)) | (digits(ofFive: five) ^ text)
        guard wrong[0] | wrong[1] == 0 else { return nil }
        let ten = five & all(0x1F_001F_001F_001F) | (five & all(0x1F00_1F00_1F00_1F00)) &>> 3
        let twenty = ten & all(0x3FF_0000_03FF) | (ten & all(0x3FF_0000_03FF_0000)) &>> 6
        let forty = twenty & all(0xF_FFFF) | (twenty & all(0xF_FFFF_0000_0000)) &>> 12
        return forty[0] << 25 | forty[1] & 0x1FF_FFFF
    }
}
