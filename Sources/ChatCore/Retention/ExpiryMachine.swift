// SPDX-License-Identifier: MIT

/// Decides when rows are removed that are over by themselves, as devices whose refresh token has expired, or times of
/// reading: one call at a time, with a pause after each. Pure.
///
/// They only take room. They are looked for once an hour.
package struct ExpiryMachine: Sendable {
    /// How many rows one transaction removes.
    package static let sliceRows = 200
    /// The time between two looks, in milliseconds.
    package static let intervalMilliseconds: Int64 = 3_600_000
    /// How long after the start what an earlier process left is looked for.
    package static let startMilliseconds: Int64 = 1_000
    /// How long after a failure.
    package static let retryMilliseconds: Int64 = 10_000

    private let isNeeded: Bool
    private let pauseMilliseconds: Int64
    private var isBusy = false
    private var due: ChatInstant

    /// Makes a machine that begins soon.
    ///
    /// - Parameters:
    ///   - isNeeded: whether there can be such rows.
    ///   - pauseMilliseconds: the time between two slices, in which others write.
    ///   - now: the present.
    package init(isNeeded: Bool, pauseMilliseconds: Int64, now: ChatInstant) {
        self.isNeeded = isNeeded
        self.pauseMilliseconds = pauseMilliseconds
        due = now.advanced(byMilliseconds: Self.startMilliseconds)
    }

    /// When ``begin(now:)`` has something to do.
    package var nextDeadline: ChatInstant? { isNeeded && !isBusy ? due : nil }

    /// Whether to remove a slice now.
    package mutating func begin(now: ChatInstant) -> Bool {
        guard isNeeded, !isBusy, due <= now else { return false }
        isBusy = true
        return true
    }

    /// So many rows were removed; after a whole slice there may be more.
    package mutating func removed(_ count: Int, now: ChatInstant) {
        isBusy = false
        let isMore = count >= Self.sliceRows
        due = now.advanced(byMilliseconds: isMore ? pauseMilliseconds : Self.intervalMilliseconds)
    }

    /// The call failed: it is made again later.
    package mutating func failed(now: ChatInstant) {
        isBusy = false
        due = now.advanced(byMilliseconds: Self.retryMilliseconds)
    }
}
