// SPDX-License-Identifier: MIT

extension Timestamp {
    /// Reads the form that ``description`` has for the years 0 to 9999: RFC 3339 in UTC, with any number of
    /// digits after the second, or none. Digits after the millisecond are dropped.
    public init?(_ text: String) {
        var reader = DigitReader(bytes: Array(text.utf8))
        guard let year = reader.number(4), reader.take("-"),
            let month = reader.number(2), (1...12).contains(month), reader.take("-"),
            let day = reader.number(2), (1...Self.days(of: month, in: year)).contains(day),
            reader.take("T"),
            let hour = reader.number(2), hour < 24, reader.take(":"),
            let minute = reader.number(2), minute < 60, reader.take(":"),
            let second = reader.number(2), second < 60,
            let fraction = reader.milliseconds(), reader.take("Z"), reader.isAtEnd
        else { return nil }
        let time = (hour * 60 + minute) * 60 + second
        let days = Self.dayNumber(year, month, day)
        self.init(milliseconds: (days * 86_400 + time) * 1_000 + fraction)
    }

    private static func days(of month: Int64, in year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01: the way back of what `description` does, with the year from March on.
    private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        // 400 years later, so that the year before March of year 0 is not negative.
        let shifted = year + 400 - (month <= 2 ? 1 : 0)
        let (era, yearOfEra) = shifted.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (era - 1) * 146_097 + dayOfEra - 719_468
    }
}

/// Reads digits and the marks between them.
private struct DigitReader {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    mutating func number(_ digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// A point and digits, or nothing.
    mutating func milliseconds() -> Int64? {
        guard take(".") else { return 0 }
        guard var value = digit() else { return nil }
        var unit: Int64 = 100
        value *= unit
        while let digit = digit() {
            unit /= 10
            value += digit * unit
        }
        return value
    }

    private mutating func digit() -> Int64? {
        guard position < bytes.count, (48...57).contains(bytes[position]) else { return nil }
        defer { position += 1 }
        return Int64(bytes[position] - 48)
    }
}
