// SPDX-License-Identifier: MIT

/// Finds where a time lies in a log whose times never decrease, by halving.
///
/// For stores that can look up "the first event at this place or after it", which an index over
/// places gives them: no index over times is needed. A log that begins late, or lacks places, is
/// no obstacle.
public struct LogHalving: Sendable {
    private let time: Timestamp
    private var low: UInt64
    private var high: UInt64

    /// Begins with the places from the first to the last event of a log.
    ///
    /// - Parameters:
    ///   - time: what is looked for.
    ///   - places: of the first and the last event.
    public init(for time: Timestamp, in places: ClosedRange<SequenceNumber>) {
        self.time = time
        low = places.lowerBound.rawValue
        high = places.upperBound.next.rawValue
    }

    /// Where to look next; `nil` when it is found.
    public var next: SequenceNumber? {
        low < high ? SequenceNumber(rawValue: low + (high - low) / 2) : nil
    }

    /// The place of the first event at the time or later, the one after the last if there is none.
    ///
    /// When ``next`` is `nil`.
    public var result: SequenceNumber { SequenceNumber(rawValue: low) }

    /// Takes what stands at ``next``, or as the first after it.
    ///
    /// - Complexity: O(log events) calls until it is found.
    public mutating func look(_ seq: SequenceNumber, at: Timestamp) {
        guard let middle = next else { return }
        if at < time { low = max(middle, seq).rawValue + 1 } else { high = middle.rawValue }
    }
}
