// SPDX-License-Identifier: MIT

/// The identity of a room. Random, 64 bits; on the wire `r_` and thirteen base-32 digits.
public struct RoomID: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The identity as a number.
    public let rawValue: UInt64

    /// Makes an identity from its number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Reads the wire form; `nil` if `text` is not one.
    public init?(_ text: String) {
        guard let value = Base32.decode(text, prefix: "r_") else { return nil }
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
        guard let value = Base32.decode(text, prefix: "u_") else { return nil }
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
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    static func encode(_ value: UInt64, prefix: StaticString) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(15)
        prefix.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
        appendDigits(of: value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    static func appendDigits(of value: UInt64, to bytes: inout [UInt8]) {
        var shift = 60
        while shift >= 0 {
            bytes.append(digits[Int(value >> UInt64(shift) & 31)])
            shift -= 5
        }
    }

    static func decode(_ text: String, prefix: String) -> UInt64? {
        guard text.utf8.count == 15, text.hasPrefix(prefix) else { return nil }
        var value: UInt64 = 0
        for (index, byte) in text.utf8.dropFirst(2).enumerated() {
            guard let digit = digits.firstIndex(of: byte) else { return nil }
            if index == 0 && digit > 15 { return nil }
            value = value << 5 | UInt64(digit)
        }
        return value
    }
}
