// SPDX-License-Identifier: MIT

import Testing

@testable import ChatLoad

struct LatencyHistogramTests {
    @Test func `a bucket is at most a 128th of its value wide`() {
        var value: UInt64 = 1
        while value < UInt64.max / 3 {
            for near in [value - 1, value, value + 1, value + value / 3] {
                let middle = LatencyHistogram.middle(of: LatencyHistogram.bucket(of: near))
                let distance = middle > near ? middle - near : near - middle
                #expect(distance <= near / 128, "\(near) is counted as \(middle)")
            }
            value *= 2
        }
    }

    @Test func `buckets are in the order of their values, without a hole`() {
        var last = -1
        for value in UInt64(0)..<5_000 {
            let bucket = LatencyHistogram.bucket(of: value)
            #expect(bucket == last || bucket == last + 1)
            last = bucket
        }
        #expect(LatencyHistogram.bucket(of: .max) > last)
    }

    @Test func `the largest value has a bucket`() {
        var histogram = LatencyHistogram()
        histogram.add(.max)
        #expect(histogram.maximum == .max)
        #expect(histogram.quantile(0.5) >= UInt64.max - UInt64.max / 128)
    }

    @Test func `quantiles are those of the sorted values`() {
        var histogram = LatencyHistogram()
        var values: [UInt64] = []
        var state: UInt64 = 7
        for _ in 0..<10_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            values.append(state >> 40)
        }
        for value in values { histogram.add(value) }
        values.sort()
        for fraction in [0.01, 0.5, 0.9, 0.99, 0.999, 1] {
            let exact = values[max(1, Int((10_000 * fraction).rounded(.up))) - 1]
            let found = histogram.quantile(fraction)
            let distance = found > exact ? found - exact : exact - found
            #expect(distance <= exact / 128 + 1, "\(fraction): \(found) instead of \(exact)")
        }
        #expect(histogram.maximum == values.last)
        #expect(abs(histogram.mean - Double(values.reduce(0, +)) / 10_000) < 1)
    }

    @Test func `no quantile is above the maximum, and an empty histogram has none`() {
        var histogram = LatencyHistogram()
        #expect(histogram.quantile(0.99) == 0)
        #expect(histogram.mean == 0)
        histogram.add(1_000_001)
        #expect(histogram.quantile(0.99) <= 1_000_001)
    }

    @Test func `one entry for many deliveries counts as many`() {
        var one = LatencyHistogram()
        var many = LatencyHistogram()
        one.add(500, times: 99)
        one.add(9_000)
        for _ in 0..<99 { many.add(500) }
        many.add(9_000)
        #expect(one.count == 100)
        for fraction in [0.5, 0.98, 0.99, 1] {
            #expect(one.quantile(fraction) == many.quantile(fraction))
        }
    }

    @Test func `merging adds up`() {
        var left = LatencyHistogram()
        var right = LatencyHistogram()
        left.add(100, times: 3)
        right.add(1_000_000, times: 2)
        left.merge(right)
        #expect(left.count == 5)
        #expect(left.maximum == 1_000_000)
        #expect(left.quantile(0.6) == 100)
        #expect(left.quantile(0.8) > 990_000)
        #expect(left.mean == 400_060)
    }
}
