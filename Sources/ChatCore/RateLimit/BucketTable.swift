// SPDX-License-Identifier: MIT

/// Which bucket.
struct RateKey: Hashable, Sendable {
    var scope: RateScope
    var kind: CommandKind
    var id: UInt64
}

/// A bounded set of buckets, without holes, that can be walked a few at a time.
struct BucketTable: Sendable {
    /// How many are compared to find one that can make room.
    static let evictionSample = 8

    private struct Slot: Sendable {
        var key: RateKey
        var bucket: TokenBucket
    }

    private let maximumBuckets: Int
    private var slots: [Slot] = []
    private var places: [RateKey: Int] = [:]
    /// Where the next look begins, so that looks in a row see all buckets in turn.
    private var hand = 0

    init(maximumBuckets: Int) { self.maximumBuckets = max(maximumBuckets, 1) }

    var count: Int { slots.count }

    /// Where the bucket of `key` stands until the next insertion or removal.
    func place(of key: RateKey) -> Int? { places[key] }

    subscript(place: Int) -> TokenBucket {
        get { slots[place].bucket }
        set { slots[place].bucket = newValue }
    }

    /// Adds the bucket of a key that has none; another may have to go.
    mutating func insert(_ bucket: TokenBucket, for key: RateKey) {
        if slots.count >= maximumBuckets { evictOne() }
        places[key] = slots.count
        slots.append(Slot(key: key, bucket: bucket))
    }

    mutating func remove(_ key: RateKey) {
        guard let place = places[key] else { return }
        remove(at: place)
    }

    /// Removes the full ones among the next `limit` buckets.
    mutating func sweep(atMost limit: Int, now: ChatInstant) {
        for _ in 0..<min(limit, slots.count) {
            if hand >= slots.count { hand = 0 }
            if slots[hand].bucket.fullAt <= now {
                remove(at: hand)
            } else {
                hand += 1
            }
        }
    }

    private mutating func evictOne() {
        var victim: (place: Int, fullAt: ChatInstant)?
        for _ in 0..<min(Self.evictionSample, slots.count) {
            if hand >= slots.count { hand = 0 }
            let fullAt = slots[hand].bucket.fullAt
            if victim.map({ fullAt < $0.fullAt }) ?? true { victim = (hand, fullAt) }
            hand += 1
        }
        if let victim { remove(at: victim.place) }
    }

    /// The last one fills the hole.
    private mutating func remove(at place: Int) {
        places.removeValue(forKey: slots[place].key)
        let last = slots.removeLast()
        guard place < slots.count else { return }
        slots[place] = last
        places[last.key] = place
    }
}
