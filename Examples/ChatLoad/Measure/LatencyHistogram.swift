// SPDX-License-Identifier: MIT

/// Durations in nanoseconds, counted in buckets that are at most 1/128 of their value wide.
struct LatencyHistogram: Sendable {
    private static let fineBits = 7
    private static let fineCount = 1 << fineBits
    private var buckets: [UInt64] = Array(repeating: 0, count: (65 - fineBits) << fineBits)
    private(set) var count: UInt64 = 0
    private(set) var maximum: UInt64 = 0
    private var sum = 0.0

    var mean: Double { count == 0 ? 0 : sum / Double(count) }

    mutating func add(_ nanoseconds: UInt64, times: UInt64 = 1) {
        buckets[Self.bucket(of: nanoseconds)] += times
        count += times
        sum += Double(nanoseconds) * Double(times)
        maximum = max(maximum, nanoseconds)
    }

    mutating func merge(_ other: LatencyHistogram) {
        for index in buckets.indices { buckets[index] += other.buckets[index] }
        count += other.count
        sum += other.sum
        maximum = max(maximum, other.maximum)
    }

    /// The value that the part `fraction` of all values does not exceed, as the middle of its bucket.
    func quantile(_ fraction: Double) -> UInt64 {
        guard count > 0 else { return 0 }
        let rank = max(1, UInt64((Double(count) * fraction).rounded(.up)))
        var seen: UInt64 = 0
        for (index, entries) in buckets.enumerated() {
            seen += entries
            if seen >= rank { return min(Self.middle(of: index), maximum) }
        }
        return maximum
    }

    /// Small values have a bucket each; above, every power of two is divided into `fineCount` buckets.
    static func bucket(of value: UInt64) -> Int {
        guard value >= UInt64(fineCount) else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount - fineBits
        return (exponent + 1) << fineBits | Int(value >> UInt64(exponent)) & (fineCount - 1)
    }

    static func middle(of bucket: Int) -> UInt64 {
        guard bucket >= fineCount else { return UInt64(bucket) }
        let exponent = UInt64(bucket >> fineBits - 1)
        let low = UInt64(fineCount | bucket & (fineCount - 1)) << exponent
        return low + (1 << exponent) / 2
    }
}
