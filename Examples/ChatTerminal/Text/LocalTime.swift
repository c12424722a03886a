// SPDX-License-Identifier: MIT

public import ChatCore

/// A time as people read it.
public struct LocalTime: Equatable, Sendable {
    /// How many seconds the person's clock is before UTC at a time.
    public typealias Offset = @Sendable (Timestamp) -> Int64

    /// Days since 1970-01-01.
    public let day: Int64
    private let text: String

    /// Reads a time.
    public init(_ time: Timestamp, offset: Offset) {
        let local = time.milliseconds + offset(time) * 1_000
        day = (local - (local % 86_400_000 + 86_400_000) % 86_400_000) / 86_400_000
        text = Timestamp(milliseconds: local).description
    }

    /// `17:05`.
    public var clock: String { String(text.dropFirst(11).prefix(5)) }

    /// `2026-11-22 17:05`.
    public var dayAndClock: String { "\(text.prefix(10)) \(clock)" }

    /// `Sunday, 22 November 2026`.
    public var date: String {
        guard let (number, month, year) = parts else { return String(text.prefix(10)) }
        let weekday = Self.weekdays[Int(((day + 4) % 7 + 7) % 7)]
        return "\(weekday), \(number) \(month) \(year)"
    }

    /// `22 Nov 17:05`.
    public var brief: String {
        guard let (number, month, _) = parts else { return String(text.prefix(16)) }
        return "\(number) \(month.prefix(3)) \(clock)"
    }

    private var parts: (day: Int, month: String, year: Substring)? {
        let parts = text.prefix(10).split(separator: "-")
        guard parts.count == 3, let month = Int(parts[1]), (1...12).contains(month),
            let number = Int(parts[2])
        else { return nil }
        return (number, Self.months[month - 1], parts[0])
    }

    private static let weekdays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
}
