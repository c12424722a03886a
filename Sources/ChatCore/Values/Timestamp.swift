// SPDX-License-Identifier: MIT

/// A point in civil time, UTC, in milliseconds since 1970-01-01. Shown to people; never used for order.
public struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let milliseconds: Int64

    /// Makes a point `milliseconds` after 1970-01-01T00:00:00Z.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// RFC 3339 with milliseconds, for example `2026-01-02T03:04:05.678Z`; the years before 0 and after 9999, which it
    /// does not know, with a sign, as in ISO 8601: `-0001-…`, `+10000-…`.
    public var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the RFC 3339 form (24 bytes for the years 0 to 9999). No allocation beyond the buffer's own.
    public func append(to bytes: inout [UInt8]) {
        let days = Self.floorDivide(milliseconds, 86_400_000)
        let rest = Self.floorRemainder(milliseconds, 86_400_000)
        let (year, month, day) = Self.civil(days: days)
        Self.append(year: year, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(month, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(day, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        Self.append(rest / 3_600_000, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(rest / 60_000 % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(rest / 1000 % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        Self.append(rest % 1000, digits: 3, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// Whole seconds since 1970, rounded down.
    var second: Int64 { Self.floorDivide(milliseconds, 1_000) }

    /// What is left beside ``second``, 0 to 999.
    var millisecondOfSecond: Int64 { Self.floorRemainder(milliseconds, 1_000) }

    /// Order in time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    /// Not from the quotient: near the ends of the range its product with the divisor does not fit.
    private static func floorRemainder(_ value: Int64, _ divisor: Int64) -> Int64 {
        let remainder = value % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }

    /// The proleptic Gregorian date of a day number, by shifting the year's start to March so that the
    /// leap day comes last and month lengths follow one linear formula.
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func append(year: Int64, to bytes: inout [UInt8]) {
        if (0...9_999).contains(year) { return append(year, digits: 4, to: &bytes) }
        bytes.append(UInt8(ascii: year < 0 ? "-" : "+"))
        let digits = String(year.magnitude)
        for _ in digits.utf8.count..<max(4, digits.utf8.count) { bytes.append(UInt8(ascii: "0")) }
        bytes += digits.utf8
    }

    private static func append(_ value: Int64, digits: Int, to bytes: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }
}
