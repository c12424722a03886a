// SPDX-License-Identifier: MIT

/// Decides when files that no message has any more are asked for and removed: one call at a time. Pure.
///
/// Files are released by deletions, which say so, and by trims, sweeps and erasures, which a look once a minute finds.
package struct OrphanMachine: Sendable {
    /// How many files are removed at once.
    package static let pageFiles = 100
    /// The time between two looks when nothing says so, in milliseconds.
    package static let intervalMilliseconds: Int64 = 60_000
    /// How long after a deletion: several come at once.
    package static let delayMilliseconds: Int64 = 500
    /// How long after a failure.
    package static let retryMilliseconds: Int64 = 10_000

    private let hasFiles: Bool
    private var isBusy = false
    private var due: ChatInstant

    /// Makes a machine that begins soon.
    package init(hasFiles: Bool, now: ChatInstant) {
        self.hasFiles = hasFiles
        due = now.advanced(byMilliseconds: Self.delayMilliseconds)
    }

    /// When ``begin(now:)`` has something to do.
    package var nextDeadline: ChatInstant? { hasFiles && !isBusy ? due : nil }

    /// A message was deleted.
    package mutating func released(now: ChatInstant) {
        due = min(due, now.advanced(byMilliseconds: Self.delayMilliseconds))
    }

    /// Whether to look now.
    package mutating func begin(now: ChatInstant) -> Bool {
        guard hasFiles, !isBusy, due <= now else { return false }
        isBusy = true
        due = now.advanced(byMilliseconds: Self.intervalMilliseconds)
        return true
    }

    /// So many files were removed.
    package mutating func removed(_ count: Int, now: ChatInstant) {
        isBusy = false
        // A full page: there may be more.
        if count >= Self.pageFiles { released(now: now) }
    }

    /// Something failed: what is left is named again.
    package mutating func failed(now: ChatInstant) {
        isBusy = false
        due = min(due, now.advanced(byMilliseconds: Self.retryMilliseconds))
    }
}
