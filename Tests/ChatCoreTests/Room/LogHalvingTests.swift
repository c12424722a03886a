// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@Suite struct LogHalvingTests {
    @Test func `every time is found in every small log, with holes as well`() {
        // Each bit says whether there is an event at that place; times go up by 0, 1 or 2.
        for pattern in 1..<UInt64(1 << 9) {
            let places = (0..<9).filter { pattern >> UInt64($0) & 1 == 1 }.map { $0 + 5 }
            for stride in 0...2 {
                let log = places.enumerated().map { index, place in
                    (seq: UInt64(place), at: Int64(index * stride))
                }
                for time in Int64(-1)...20 { check(time, in: log) }
            }
        }
    }

    @Test func `a log of a million takes twenty looks`() {
        var halving = LogHalving(for: Timestamp(milliseconds: 777_777), in: 1...1_000_000)
        var looks = 0
        while let seq = halving.next {
            halving.look(seq, at: Timestamp(milliseconds: Int64(seq.rawValue)))
            looks += 1
        }
        #expect(halving.result == 777_777)
        #expect(looks <= 20)
    }

    private func check(_ time: Int64, in log: [(seq: UInt64, at: Int64)]) {
        let places =
            SequenceNumber(
                rawValue: log[0].seq)...SequenceNumber(rawValue: log[log.count - 1].seq)
        var halving = LogHalving(for: Timestamp(milliseconds: time), in: places)
        while let next = halving.next {
            guard let found = log.first(where: { $0.seq >= next.rawValue }) else {
                Issue.record("\(next) is beyond the log")
                return
            }
            halving.look(
                SequenceNumber(rawValue: found.seq), at: Timestamp(milliseconds: found.at))
        }
        // All events before the result are earlier, all from it on are not.
        let result = halving.result.rawValue
        #expect(log.allSatisfy { ($0.seq < result) == ($0.at < time) })
    }
}
