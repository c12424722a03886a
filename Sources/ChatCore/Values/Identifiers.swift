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
enum Base32 {
    private static let length = 13

    /// The digit for a number below 32.
    @inline(__always)
    static func digit(_ value: UInt64) -> UInt8 {
        let digits: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"
        return unsafe digits.utf8Start[Int(truncatingIfNeeded: value & 31)]
    }

    static func encode(_ value: UInt64, prefix: StaticString) -> String {
        var writer = ByteWriter(capacity: 16)
        writer.append(prefix)
        writer.append(base32: value)
        return String(decoding: writer.array, as: UTF8.self)
    }

    static func decode(_ text: String, prefix: Unicode.Scalar) -> UInt64? {
        text.utf8.count == length + 2 ? decode(text.utf8.span, prefix: prefix) : nil
    }

    /// The number behind `prefix` and an underscore; `nil` if that is not what stands there.
    static func decode(_ bytes: Span<UInt8>, prefix: Unicode.Scalar) -> UInt64? {
        guard bytes.count == length + 2, bytes[0] == UInt8(ascii: prefix),
            bytes[1] == UInt8(ascii: "_")
        else { return nil }
        var value: UInt64 = 0
        for index in 2..<bytes.count {
            guard let digit = number(bytes[index]) else { return nil }
            if index == 2 && digit > 15 { return nil }  // 65 bits
            value = value << 5 | UInt64(digit)
        }
        return value
    }

    /// What a digit stands for: letters follow each other but for those that are left out.
    @inline(__always)
    private static func number(_ digit: UInt8) -> UInt8? {
        let skipped: UInt8
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "h"): skipped = 0
        case UInt8(ascii: "j")...UInt8(ascii: "k"): skipped = 1
        case UInt8(ascii: "m")...UInt8(ascii: "n"): skipped = 2
        case UInt8(ascii: "p")...UInt8(ascii: "t"): skipped = 3
        case UInt8(ascii: "v")...UInt8(ascii: "z"): skipped = 4
        default: return nil
        }
        return digit - UInt8(ascii: "a") + 10 - skipped
    }
}
