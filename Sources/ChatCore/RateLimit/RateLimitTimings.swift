// SPDX-License-Identifier: MIT

/// How buckets that have become full again are forgotten.
public struct RateLimitTimings: Sendable, Equatable {
    /// Between two looks, in milliseconds.
    public var sweepMilliseconds: Int64 = 1_000
    /// How many buckets are looked at each time: a table of a hundred thousand takes 100 looks.
    public var bucketsPerSweep = 1_024

    /// The defaults.
    public init() {}

    /// Makes timings.
    public init(sweepMilliseconds: Int64, bucketsPerSweep: Int) {
        self.sweepMilliseconds = sweepMilliseconds
        self.bucketsPerSweep = bucketsPerSweep
    }
}
