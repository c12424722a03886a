// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

@Suite struct TokenBucketTests {
    @Test(
        arguments: [
            // capacity, tokens a minute, taken at 0 ms, asked at ms, cost, milliseconds to wait
            (10, 60, 0, 0, 10, nil),
            (10, 60, 10, 0, 1, 1_000),
            (10, 60, 10, 999, 1, 1),
            (10, 60, 10, 1_000, 1, nil),
            (10, 60, 10, 0, 10, 10_000),
            (10, 60, 4, 0, 6, nil),
            (10, 60, 4, 0, 7, 1_000),
            (10, 60, 10, 3_600_000, 10, nil),
            (1, 1, 1, 59_999, 1, 1),
            (1, 1, 1, 60_000, 1, nil),
            (1, 7, 1, 0, 1, 8_572),
            (10, 60, 10, 0, 0, nil),
            (10, 60, 10, 0, -5, nil),
            (10, 60, 0, 0, 11, nil),
            (10, 60, 1, 0, 11, 1_000),
            (3, 60_000, 3, 0, 2, 2),
        ] as [(Int, Int, Int, Int64, Int, Int64?)])
    func `a bucket gives what it has or says how long it takes`(
        capacity: Int, perMinute: Int, taken: Int, time: Int64, cost: Int, wait: Int64?
    ) {
        let size = BucketSize(capacity: capacity, tokensPerMinute: perMinute)
        var bucket = TokenBucket(size: size, now: at(0))
        #expect(bucket.take(taken, now: at(0)) == nil)
        let before = bucket.tokens(now: at(time))
        #expect(bucket.take(cost, now: at(time)) == wait)
        let spent = wait == nil ? min(max(cost, 0), capacity) : 0
        #expect(bucket.tokens(now: at(time)) == before - spent)
    }

    @Test func `the wait is exact: one millisecond earlier there is still too little`() throws {
        for perMinute in [1, 7, 59, 61, 1_000, 60_001] {
            let size = BucketSize(capacity: 5, tokensPerMinute: perMinute)
            var bucket = TokenBucket(size: size, now: at(0))
            #expect(bucket.take(5, now: at(0)) == nil)
            let wait = try #require(bucket.retryAfterMilliseconds(3, now: at(0)))
            #expect(bucket.retryAfterMilliseconds(3, now: at(wait - 1)) == 1)
            #expect(bucket.retryAfterMilliseconds(3, now: at(wait)) == nil)
        }
    }

    @Test func `nothing is lost however often the bucket is asked`() {
        // 7 a minute is one token in 8 571 428 571.43 ns: a rounding bucket drifts here.
        let size = BucketSize(capacity: 1_000, tokensPerMinute: 7)
        var bucket = TokenBucket(size: size, now: at(0))
        #expect(bucket.take(1_000, now: at(0)) == nil)
        for step in 1...60_000 as ClosedRange<Int64> {
            _ = bucket.take(1_000, now: ChatInstant(nanoseconds: step * 9_999_991))
            _ = bucket.take(0, now: ChatInstant(nanoseconds: step * 9_999_991))
        }
        #expect(bucket.tokens(now: at(600_000)) == 70)
        #expect(bucket.tokens(now: ChatInstant(nanoseconds: 599_999_999_999)) == 69)
    }

    @Test func `time that runs backwards gives nothing and takes nothing`() {
        let size = BucketSize(capacity: 2, tokensPerMinute: 60)
        var bucket = TokenBucket(size: size, now: at(10_000))
        #expect(bucket.take(2, now: at(10_000)) == nil)
        #expect(bucket.take(1, now: at(0)) == 1_000)
        #expect(bucket.take(0, now: at(0)) == nil)
        #expect(bucket.take(1, now: at(11_000)) == nil)
        #expect(bucket.take(1, now: at(11_000)) == 1_000)
    }

    @Test func `the ends of time and size do not overflow`() {
        let huge = BucketSize(capacity: .max, tokensPerMinute: 1)
        #expect(huge.capacity == BucketSize.maximumCapacity)
        var bucket = TokenBucket(size: huge, now: ChatInstant(nanoseconds: .min))
        #expect(bucket.take(.max, now: ChatInstant(nanoseconds: .min)) == nil)
        #expect(bucket.take(1, now: ChatInstant(nanoseconds: .max)) == nil)
        #expect(bucket.take(.max, now: ChatInstant(nanoseconds: .max)) == 60_000)
        #expect(bucket.fullAt.nanoseconds == .max)
        let least = BucketSize(capacity: -1, tokensPerMinute: 0)
        #expect(least == BucketSize(capacity: 1, tokensPerMinute: 1))
    }

    @Test func `a bucket is full at the moment it says and not before`() {
        let size = BucketSize(capacity: 5, tokensPerMinute: 60)
        var bucket = TokenBucket(size: size, now: at(0))
        #expect(bucket.fullAt == at(0))
        _ = bucket.take(3, now: at(0))
        #expect(bucket.fullAt == at(3_000))
        #expect(bucket.tokens(now: ChatInstant(nanoseconds: 2_999_999_999)) == 4)
        #expect(bucket.tokens(now: at(3_000)) == 5)
    }

    enum Event { case take(Int), wait(Int) }

    @Test func `the bucket agrees with one that is filled by hand every millisecond`() throws {
        let alphabet: [Event] = [.take(1), .take(2), .take(3), .take(4), .wait(1), .wait(2)]
        let size = BucketSize(capacity: 3, tokensPerMinute: 60_000)
        let bucket = TokenBucket(size: size, now: at(0))
        try forEverySequence(of: alphabet, depth: 6, from: bucket) { bucket, history in
            var tokens = 3
            var time: Int64 = 0
            var wait: Int?
            for event in history {
                switch event {
                case .wait(let steps):
                    for _ in 0..<steps where tokens < 3 { tokens += 1 }
                    time += Int64(steps)
                case .take(let cost):
                    let needed = min(cost, 3)
                    wait = needed > tokens ? needed - tokens : nil
                    if wait == nil { tokens -= needed }
                }
            }
            if case .take(let cost) = history[history.count - 1] {
                let actual = bucket.take(cost, now: at(time))
                try check(actual, wait.map(Int64.init), "wait", after: history)
            }
            try check(bucket.tokens(now: at(time)), tokens, "tokens", after: history)
        }
    }
}
