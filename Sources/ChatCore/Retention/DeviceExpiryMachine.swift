// SPDX-License-Identifier: MIT

/// Decides when devices of accounts are removed whose refresh token has expired: one call at a time, with a pause after
/// each. Pure.
///
/// Nobody can sign in with them: they only take room. They are looked for once an hour.
package struct DeviceExpiryMachine: Sendable {
    /// How many devices one transaction removes.
    package static let sliceDevices = 200
    /// The time between two looks, in milliseconds.
    package static let intervalMilliseconds: Int64 = 3_600_000
    /// How long after the start what an earlier process left is looked for.
    package static let startMilliseconds: Int64 = 1_000
    /// How long after a failure.
    package static let retryMilliseconds: Int64 = 10_000

    private let hasAccounts: Bool
    private let pauseMilliseconds: Int64
    private var isBusy = false
    private var due: ChatInstant

    /// Makes a machine that begins soon.
    ///
    /// - Parameter pauseMilliseconds: the time between two slices, in which others write.
    package init(hasAccounts: Bool, pauseMilliseconds: Int64, now: ChatInstant) {
        self.hasAccounts = hasAccounts
        self.pauseMilliseconds = pauseMilliseconds
        due = now.advanced(byMilliseconds: Self.startMilliseconds)
    }

    /// When ``begin(now:)`` has something to do.
    package var nextDeadline: ChatInstant? { hasAccounts && !isBusy ? due : nil }

    /// Whether to remove a slice now.
    package mutating func begin(now: ChatInstant) -> Bool {
        guard hasAccounts, !isBusy, due <= now else { return false }
        isBusy = true
        return true
    }

    /// So many devices were removed; after a whole slice there may be more.
    package mutating func removed(_ count: Int, now: ChatInstant) {
        isBusy = false
        let isMore = count >= Self.sliceDevices
        due = now.advanced(byMilliseconds: isMore ? pauseMilliseconds : Self.intervalMilliseconds)
    }

    /// The call failed: it is made again later.
    package mutating func failed(now: ChatInstant) {
        isBusy = false
        due = now.advanced(byMilliseconds: Self.retryMilliseconds)
    }
}
