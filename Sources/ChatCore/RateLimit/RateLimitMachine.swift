// SPDX-License-Identifier: MIT

/// The token buckets of connections, users, addresses and rooms.
///
/// A bucket that is not there is full, so only those in use take up memory, and forgetting a full
/// one changes nothing. If as many as allowed are in use, the one nearest to full of a few makes
/// room: a flood of new addresses costs strangers nothing and its own buckets little.
public struct RateLimitMachine: RateLimiting {
    private let policy: RateLimitPolicy
    private let timings: RateLimitTimings
    private var table: BucketTable
    private var nextSweep: ChatInstant?

    /// Requests that a dry run let pass.
    public private(set) var refusalsInDryRun: UInt64 = 0

    /// Makes a limiter in which every bucket is full.
    ///
    /// - Parameters:
    ///   - policy: which buckets there are.
    ///   - timings: how full ones are forgotten.
    ///   - maximumBuckets: how many are remembered at once; at least 1.
    public init(
        policy: RateLimitPolicy = .standard, timings: RateLimitTimings = RateLimitTimings(),
        maximumBuckets: Int = Limits().rateBuckets
    ) {
        self.policy = policy
        self.timings = timings
        table = BucketTable(maximumBuckets: maximumBuckets)
    }

    /// How many buckets are remembered.
    ///
    /// - Complexity: O(1).
    public var bucketCount: Int { table.count }

    /// When to look for full buckets; `nil` if there are none at all.
    ///
    /// - Complexity: O(1).
    public var nextDeadline: ChatInstant? { nextSweep }

    /// Takes `cost` from the buckets of connection, user, address and room, or from none.
    ///
    /// - Complexity: O(1).
    public mutating func admit(_ request: RateRequest, now: ChatInstant) -> RateDecision {
        guard !policy.isOff, request.kind != .free, request.cost > 0 else { return .admitted }
        var places: InlineArray<4, Int?> = [nil, nil, nil, nil]
        for scope in RateScope.allCases {
            guard let (key, _) = bucket(of: request, in: scope) else { continue }
            guard let place = table.place(of: key) else { continue }
            places[Int(scope.rawValue)] = place
            if let wait = table[place].retryAfterMilliseconds(request.cost, now: now) {
                return refusal(scope, request.kind, retryAfterMilliseconds: wait)
            }
        }
        take(request, from: places, now: now)
        return .admitted
    }

    /// Forgets the buckets of a connection.
    ///
    /// - Complexity: O(1).
    public mutating func sessionEnded(_ session: SessionID) {
        for kind in CommandKind.allCases {
            table.remove(RateKey(scope: .connection, kind: kind, id: session.rawValue))
        }
        if table.count == 0 { nextSweep = nil }
    }

    /// Forgets the full ones among some of the buckets.
    ///
    /// - Complexity: O(``RateLimitTimings/bucketsPerSweep``).
    public mutating func expire(now: ChatInstant) {
        guard let deadline = nextSweep, deadline <= now else { return }
        table.sweep(atMost: timings.bucketsPerSweep, now: now)
        nextSweep = table.count == 0 ? nil : now.advanced(byMilliseconds: timings.sweepMilliseconds)
    }

    private mutating func refusal(
        _ scope: RateScope, _ kind: CommandKind, retryAfterMilliseconds: Int64
    ) -> RateDecision {
        guard policy.isDryRun else {
            return .refused(
                scope: scope, kind: kind, retryAfterMilliseconds: retryAfterMilliseconds)
        }
        refusalsInDryRun += 1
        return .tolerated(scope: scope, kind: kind)
    }

    /// All have enough.
    ///
    /// Those that are there come first: making room for the others may move them.
    private mutating func take(
        _ request: RateRequest, from places: InlineArray<4, Int?>, now: ChatInstant
    ) {
        for index in places.indices {
            if let place = places[index] { _ = table[place].take(request.cost, now: now) }
        }
        for scope in RateScope.allCases where places[Int(scope.rawValue)] == nil {
            guard let (key, size) = bucket(of: request, in: scope) else { continue }
            var bucket = TokenBucket(size: size, now: now)
            _ = bucket.take(request.cost, now: now)
            table.insert(bucket, for: key)
        }
        if nextSweep == nil, table.count > 0 {
            nextSweep = now.advanced(byMilliseconds: timings.sweepMilliseconds)
        }
    }

    private func bucket(
        of request: RateRequest, in scope: RateScope
    ) -> (key: RateKey, size: BucketSize)? {
        guard let size = policy[scope, request.kind] else { return nil }
        let id: UInt64? =
            switch scope {
            case .connection: request.session.rawValue
            case .user: request.user?.rawValue
            case .address: request.address
            case .room: request.room?.rawValue
            }
        guard let id else { return nil }
        return (RateKey(scope: scope, kind: request.kind, id: id), size)
    }
}
