// SPDX-License-Identifier: MIT

/// How much a bucket holds and how fast it fills.
public struct BucketSize: Sendable, Hashable {
    /// The most tokens of any bucket, so that the arithmetic below cannot overflow.
    public static let maximumCapacity = 100_000_000

    /// The most tokens at once: the size of a burst.
    ///
    /// From 1 to ``maximumCapacity``.
    public let capacity: Int
    /// How many tokens come back in a minute.
    ///
    /// At least 1.
    public let tokensPerMinute: Int

    /// Makes a size; values out of range are brought into it.
    public init(capacity: Int, tokensPerMinute: Int) {
        self.capacity = min(max(capacity, 1), Self.maximumCapacity)
        self.tokensPerMinute = min(max(tokensPerMinute, 1), Self.maximumCapacity)
    }
}

/// A budget that fills up steadily.
///
/// A token is counted as as many units as a minute has nanoseconds: at one token a minute one unit
/// comes back per nanosecond, so every refill is a whole number and nothing is ever rounded away.
public struct TokenBucket: Sendable, Equatable {
    private static let unitsPerToken: Int64 = 60_000_000_000

    /// How much it holds and how fast it fills.
    public let size: BucketSize
    private var level: Int64
    private var updated: ChatInstant

    /// Makes a full bucket.
    public init(size: BucketSize, now: ChatInstant) {
        self.size = size
        level = Int64(size.capacity) * Self.unitsPerToken
        updated = now
    }

    /// Takes `cost` tokens if there are so many.
    ///
    /// - Complexity: O(1).
    ///
    /// - Parameters:
    ///   - cost: tokens; 0 or less takes none, more than the capacity is taken for the capacity.
    ///   - now: the present. A time before the last call counts as that of the last call.
    /// - Returns: `nil` if they were taken, else the milliseconds after which they will be there.
    public mutating func take(_ cost: Int, now: ChatInstant) -> Int64? {
        if let wait = retryAfterMilliseconds(cost, now: now) { return wait }
        level = level(at: now) - units(cost)
        updated = max(updated, now)
        return nil
    }

    /// The milliseconds (rounded up) until `cost` tokens are there; `nil` if they are there now.
    ///
    /// - Complexity: O(1).
    public func retryAfterMilliseconds(_ cost: Int, now: ChatInstant) -> Int64? {
        let missing = units(cost) - level(at: now)
        return missing > 0 ? ceiling(nanoseconds(toFill: missing), 1_000_000) : nil
    }

    /// Whole tokens that are there now.
    ///
    /// - Complexity: O(1).
    public func tokens(now: ChatInstant) -> Int { Int(level(at: now) / Self.unitsPerToken) }

    /// When the bucket will be full if nothing is taken; not after `now` if it is full.
    ///
    /// - Complexity: O(1).
    public var fullAt: ChatInstant {
        let (sum, overflow) = updated.nanoseconds.addingReportingOverflow(
            nanoseconds(toFill: fullLevel - level))
        return ChatInstant(nanoseconds: overflow ? .max : sum)
    }

    private var fullLevel: Int64 { Int64(size.capacity) * Self.unitsPerToken }

    private func units(_ cost: Int) -> Int64 {
        Int64(min(max(cost, 0), size.capacity)) * Self.unitsPerToken
    }

    private func level(at now: ChatInstant) -> Int64 {
        let (elapsed, tooFar) = now.nanoseconds.subtractingReportingOverflow(updated.nanoseconds)
        guard !tooFar else { return fullLevel }
        guard elapsed > 0 else { return level }
        let (gained, tooMuch) = elapsed.multipliedReportingOverflow(by: Int64(size.tokensPerMinute))
        return tooMuch || gained >= fullLevel - level ? fullLevel : level + gained
    }

    private func nanoseconds(toFill units: Int64) -> Int64 {
        ceiling(units, Int64(size.tokensPerMinute))
    }

    private func ceiling(_ value: Int64, _ divisor: Int64) -> Int64 {
        value / divisor + (value % divisor > 0 ? 1 : 0)
    }
}
