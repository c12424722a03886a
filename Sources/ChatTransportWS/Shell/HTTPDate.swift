// SPDX-License-Identifier: MIT

import ChatCore

/// Dates of HTTP (RFC 9110 section 5.6.7), made once a second.
struct HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private var second = Int64.min
    private var cached = ""

    /// `Fri, 02 Jan 2026 03:04:05 GMT`.
    mutating func text(_ time: Timestamp) -> String {
        let now = time.milliseconds / 1_000
        if now != second {
            second = now
            cached = Self.format(time)
        }
        return cached
    }

    static func format(_ time: Timestamp) -> String {
        // 2026-01-02T03:04:05.678Z
        var bytes: [UInt8] = []
        time.append(to: &bytes)
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        // The first of January 1970 was a Thursday.
        let day = Int(time.milliseconds / 86_400_000 + 4) % 7
        let month = (Int(text(5..<7)) ?? 1) - 1
        return "\(days[day]), \(text(8..<10)) \(months[month]) \(text(0..<4)) \(text(11..<19)) GMT"
    }
}
