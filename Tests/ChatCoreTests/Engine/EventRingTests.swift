// SPDX-License-Identifier: MIT

@testable import ChatCore
import Testing

@Suite struct EventRingTests {
    private func ring(events: Int, bytes: Int = 1_000) -> EventRing {
        var limits = Limits()
        limits.ringEvents = events
        limits.ringBytes = bytes
        return EventRing(limits: limits)
    }

    private func fill(_ ring: inout EventRing, _ range: ClosedRange<UInt64>, bytes: Int = 1) {
        for seq in range {
            ring.append(SequenceNumber(rawValue: seq), Array(repeating: UInt8(seq % 256), count: bytes))
        }
    }

    @Test func `an empty ring covers only who misses nothing`() {
        let ring = ring(events: 3)
        #expect(ring.covers(after: 5, newest: 5))
        #expect(!ring.covers(after: 4, newest: 5))
    }

    @Test func `it keeps so many events and not one more`() {
        var ring = ring(events: 3)
        fill(&ring, 1...3)
        #expect(ring.count == 3)
        #expect(ring.covers(after: 0, newest: 3))
        fill(&ring, 4...4)
        #expect(ring.count == 3)
        #expect(!ring.covers(after: 0, newest: 4))
        #expect(ring.covers(after: 1, newest: 4))
    }

    @Test func `it keeps so many bytes and not one more`() {
        var ring = ring(events: 100, bytes: 30)
        fill(&ring, 1...3, bytes: 10)
        #expect(ring.count == 3)
        fill(&ring, 4...4, bytes: 1)
        #expect(ring.count == 3)
        #expect(!ring.covers(after: 0, newest: 4))
        fill(&ring, 5...5, bytes: 31)
        #expect(ring.count == 0, "an event larger than the ring is not kept")
    }

    @Test func `it does not cover a newest event that it was never given`() {
        var ring = ring(events: 3)
        fill(&ring, 1...2)
        #expect(!ring.covers(after: 1, newest: 3))
    }

    @Test(arguments: 1...7) func `whatever it holds comes out in order`(_ size: Int) {
        var ring = ring(events: size)
        for newest in 1...40 as ClosedRange<UInt64> {
            fill(&ring, newest...newest)
            for after in 0...newest where ring.covers(after: SequenceNumber(rawValue: after), newest: SequenceNumber(rawValue: newest)) {
                var seen: [UInt64] = []
                ring.forEach(after: SequenceNumber(rawValue: after)) { seq, payload in
                    seen.append(seq.rawValue)
                    #expect(payload == [UInt8(seq.rawValue)])
                }
                #expect(seen == (after..<newest).map { $0 + 1 })
            }
        }
    }
}
