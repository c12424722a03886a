// SPDX-License-Identifier: MIT

import ChatTesting
import Testing

@testable import ChatCore

@Suite struct EventRingTests {
    static func limits(events: Int, bytes: Int) -> Limits {
        var limits = Limits()
        limits.ringEvents = events
        limits.ringBytes = bytes
        return limits
    }

    static func contents(_ ring: EventRing, after seq: SequenceNumber) -> [UInt64] {
        var seqs: [UInt64] = []
        ring.forEach(after: seq) { seq, payload in
            #expect(payload.first == UInt8(truncatingIfNeeded: seq.rawValue))
            seqs.append(seq.rawValue)
        }
        return seqs
    }

    /// An event whose payload tells which one it is.
    static func payload(_ seq: UInt64, bytes: Int) -> [UInt8] {
        Array(repeating: UInt8(truncatingIfNeeded: seq), count: bytes)
    }

    static func seq(_ number: UInt64) -> SequenceNumber { SequenceNumber(rawValue: number) }

    @Test func `an empty ring covers only those who have everything`() {
        let ring = EventRing(limits: Limits())
        #expect(ring.count == 0)
        #expect(ring.covers(after: 0, newest: 0))
        #expect(ring.covers(after: 5, newest: 5))
        #expect(ring.covers(after: 6, newest: 5))
        #expect(!ring.covers(after: 4, newest: 5))
        #expect(Self.contents(ring, after: 0) == [])
    }

    @Test func `the newest events stay, up to the limit of their number`() {
        let limit = Limits().ringEvents
        var ring = EventRing(limits: Self.limits(events: limit, bytes: .max))
        // Enough for the ring to throw its past away more than once.
        for number in 1...UInt64(limit * 5) {
            ring.append(Self.seq(number), Self.payload(number, bytes: 1))
            #expect(ring.count == min(Int(number), limit))
        }
        let newest = UInt64(limit * 5)
        #expect(Self.contents(ring, after: 0) == Array((newest - UInt64(limit) + 1)...newest))
    }

    @Test func `the bytes are at the limit, and one more byte forgets the oldest`() {
        var ring = EventRing(limits: Self.limits(events: 100, bytes: 10))
        ring.append(1, Self.payload(1, bytes: 5))
        ring.append(2, Self.payload(2, bytes: 5))
        #expect(Self.contents(ring, after: 0) == [1, 2])
        ring.append(3, Self.payload(3, bytes: 1))
        #expect(Self.contents(ring, after: 0) == [2, 3])
        ring.append(4, Self.payload(4, bytes: 10))
        #expect(Self.contents(ring, after: 0) == [4])
        ring.append(5, Self.payload(5, bytes: 11))
        #expect(ring.count == 0)
        #expect(!ring.covers(after: 4, newest: 5))
        ring.append(6, Self.payload(6, bytes: 10))
        #expect(Self.contents(ring, after: 0) == [6])
        #expect(ring.covers(after: 5, newest: 6))
        #expect(!ring.covers(after: 4, newest: 6))
    }

    @Test func `a ring of no events keeps none`() {
        var ring = EventRing(limits: Self.limits(events: 0, bytes: 100))
        for number in 1...5 as ClosedRange<UInt64> {
            ring.append(Self.seq(number), Self.payload(number, bytes: 1))
            #expect(ring.count == 0)
        }
        #expect(ring.covers(after: 5, newest: 5))
        #expect(!ring.covers(after: 4, newest: 5))
    }

    @Test func `every position is covered exactly if all that follows is here`() {
        var ring = EventRing(limits: Self.limits(events: 4, bytes: 100))
        for number in 11...20 as ClosedRange<UInt64> {
            ring.append(Self.seq(number), Self.payload(number, bytes: 1))
        }
        for position in 0...25 as ClosedRange<UInt64> {
            #expect(
                ring.covers(after: Self.seq(position), newest: 20) == (position >= 16),
                "\(position)")
            let expected = (17...20 as ClosedRange<UInt64>).filter { $0 > position }
            #expect(Self.contents(ring, after: Self.seq(position)) == expected)
        }
    }

    @Test func `a ring that lacks the newest event covers nobody who lacks it too`() {
        var ring = EventRing(limits: Limits())
        for number in 1...3 as ClosedRange<UInt64> {
            ring.append(Self.seq(number), Self.payload(number, bytes: 1))
        }
        for position in 0...3 as ClosedRange<UInt64> {
            #expect(!ring.covers(after: Self.seq(position), newest: 4))
        }
        #expect(ring.covers(after: 4, newest: 4))
    }

    @Test func `the largest seq is no trap`() {
        var ring = EventRing(limits: Limits())
        ring.append(SequenceNumber(rawValue: .max), [0xFF])
        #expect(
            ring.covers(
                after: SequenceNumber(rawValue: .max), newest: SequenceNumber(rawValue: .max)))
        #expect(
            ring.covers(
                after: SequenceNumber(rawValue: .max - 1), newest: SequenceNumber(rawValue: .max)))
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `random events leave what a list of all of them says`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let maximumEvents = Int.random(in: 1...6, using: &generator)
        let maximumBytes = Int.random(in: 1...40, using: &generator)
        var ring = EventRing(limits: Self.limits(events: maximumEvents, bytes: maximumBytes))
        var sizes: [Int] = []
        for number in 1...200 as ClosedRange<UInt64> {
            let size = Int.random(in: 1...15, using: &generator)
            sizes.append(size)
            ring.append(Self.seq(number), Self.payload(number, bytes: size))
            // The longest end of the log that is within both bounds.
            var kept = 0
            var bytes = 0
            for size in sizes.reversed() where kept < maximumEvents {
                bytes += size
                if bytes > maximumBytes { break }
                kept += 1
            }
            let expected = (1...number).suffix(kept)
            #expect(Self.contents(ring, after: 0) == Array(expected), "seed \(seed)")
            for position in 0...number {
                let isCovered = Int(number - position) <= kept
                #expect(
                    ring.covers(after: Self.seq(position), newest: Self.seq(number)) == isCovered)
            }
        }
    }
}
