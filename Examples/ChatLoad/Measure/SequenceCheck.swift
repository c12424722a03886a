// SPDX-License-Identifier: MIT

/// One stream of numbers that must be 1 more each time: the `seq` of a room on one connection, or the
/// messages of one sender there.
struct SequenceCheck {
    private(set) var last: UInt64

    init(after last: UInt64 = 0) { self.last = last }

    /// Whether `number` is the next one. If not, a `FaultLog` must be told: see `FaultLog.record`.
    @inline(__always)
    mutating func accepts(_ number: UInt64) -> Bool {
        guard number == last &+ 1 else { return false }
        last = number
        return true
    }

    fileprivate mutating func skip(to number: UInt64) { last = number }
}

/// What was wrong with the streams, and which numbers are still missing. Only touched when something is.
struct FaultLog: Sendable {
    /// Names a stream: a connection, and what of it.
    struct Stream: Hashable, Sendable {
        let connection: UInt32
        let topic: UInt64
    }

    private var missingRanges: [Stream: [ClosedRange<UInt64>]] = [:]
    private(set) var missing: UInt64 = 0
    private(set) var duplicates: UInt64 = 0
    private(set) var reordered: UInt64 = 0
    private(set) var first: String?

    var isEmpty: Bool { missing == 0 && duplicates == 0 && reordered == 0 }

    /// Takes a number that `check` did not accept: too high leaves a gap, too low fills one (it came out of
    /// order) or is there for the second time.
    mutating func record(_ number: UInt64, in check: inout SequenceCheck, of stream: Stream) {
        if number > check.last {
            let gap = check.last + 1...number - 1
            note("\(stream.connection): \(gap) is missing before \(number)")
            missing += UInt64(gap.count)
            missingRanges[stream, default: []].append(gap)
            check.skip(to: number)
        } else if fill(number, in: stream) {
            note("\(stream.connection): \(number) came after \(check.last)")
            missing -= 1
            reordered += 1
        } else {
            note("\(stream.connection): \(number) came twice")
            duplicates += 1
        }
    }

    mutating func merge(_ other: FaultLog) {
        missing += other.missing
        duplicates += other.duplicates
        reordered += other.reordered
        first = first ?? other.first
    }

    private mutating func fill(_ number: UInt64, in stream: Stream) -> Bool {
        guard var ranges = missingRanges[stream],
            let index = ranges.firstIndex(where: { $0.contains(number) })
        else { return false }
        let range = ranges.remove(at: index)
        if range.lowerBound < number { ranges.append(range.lowerBound...number - 1) }
        if range.upperBound > number { ranges.append(number + 1...range.upperBound) }
        missingRanges[stream] = ranges
        return true
    }

    private mutating func note(_ text: String) {
        if first == nil { first = "connection \(text)" }
    }
}
