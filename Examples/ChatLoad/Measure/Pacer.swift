// SPDX-License-Identifier: MIT

/// Says when the messages of an open loop are due. What was due and could not be sent in time is not
/// forgotten and not put off: it keeps its time, so that a server that stalls is charged for every message
/// it held up (no coordinated omission).
struct Pacer {
    private let start: UInt64
    private let nanosecondsPerMessage: Double
    private var issued: UInt64 = 0

    /// - Parameters:
    ///   - start: when the first message is due, in nanoseconds.
    ///   - rate: messages per second, more than 0.
    init(start: UInt64, rate: Double) {
        self.start = start
        nanosecondsPerMessage = 1e9 / rate
    }

    /// When the next message is due. Counted from the start, so that no rounding adds up.
    var nextDue: UInt64 { start + UInt64(Double(issued) * nanosecondsPerMessage) }

    /// The time at which a message was due by now, or nil when none is; each is returned once.
    mutating func take(now: UInt64) -> UInt64? {
        let due = nextDue
        guard due <= now else { return nil }
        issued += 1
        return due
    }
}
