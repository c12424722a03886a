// SPDX-License-Identifier: MIT

import Testing

@testable import ChatLoad

struct PacerTests {
    @Test func `nothing is due before its time`() {
        var pacer = Pacer(start: 1_000, rate: 1_000_000)
        #expect(pacer.take(now: 999) == nil)
        #expect(pacer.take(now: 1_000) == 1_000)
        #expect(pacer.take(now: 1_999) == nil)
        #expect(pacer.nextDue == 2_000)
        #expect(pacer.take(now: 2_000) == 2_000)
    }

    @Test func `what a stall held up keeps the time at which it was due`() {
        var pacer = Pacer(start: 0, rate: 1_000)
        #expect(pacer.take(now: 0) == 0)
        // Nobody asked for 5 ms: five messages are due, each at its own time, none at the present one.
        var due: [UInt64] = []
        while let time = pacer.take(now: 5_500_000) { due.append(time) }
        #expect(due == [1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000])
    }

    @Test(arguments: [3.0, 7.0, 999.0, 33_333.0]) func `no rounding adds up`(_ rate: Double) {
        var pacer = Pacer(start: 0, rate: rate)
        var count = 0
        while pacer.take(now: 100_000_000_000) != nil { count += 1 }
        // In 100 s, the one at 0 counted in.
        #expect(count == Int(rate * 100) + 1)
    }
}
