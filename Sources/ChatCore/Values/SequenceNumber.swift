// SPDX-License-Identifier: MIT

/// The place of an event in its room's log: 1, 2, 3 … without holes; 0 is "before the first".
public struct SequenceNumber: RawRepresentable, Hashable, Sendable, Comparable,
    ExpressibleByIntegerLiteral, CustomStringConvertible
{
    /// The number.
    public let rawValue: UInt64

    /// Makes a place from its number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Makes a place from a literal.
    public init(integerLiteral value: UInt64) { rawValue = value }

    /// The place of an empty log: nothing has happened yet.
    public static let none: SequenceNumber = 0

    /// The place after this one. Traps after 2^64 - 1 events.
    public var next: SequenceNumber { SequenceNumber(rawValue: rawValue + 1) }

    /// The number in decimal digits.
    public var description: String { String(rawValue) }

    /// Order in the log.
    public static func < (left: SequenceNumber, right: SequenceNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}
