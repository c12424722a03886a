// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

@Suite struct SlotDeadlinesTests {
    @Test func `slots come out in order of time, then of number, at their moment`() {
        var table = SlotDeadlines()
        table.set(7, to: at(5))
        table.set(2, to: at(7))
        table.set(3, to: at(5))
        #expect(table.next == at(5))
        #expect(table.popDue(now: ChatInstant(nanoseconds: 4_999_999)) == nil)
        let popped = [table.popDue(now: at(7)), table.popDue(now: at(7)), table.popDue(now: at(7))]
        #expect(popped == [3, 7, 2])
        #expect(table.next == nil)
        table.remove(1_000)
        #expect(table.count == 0)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `random changes of slots agree with a sorted list`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var table = SlotDeadlines()
        var model: [UInt32: ChatInstant] = [:]
        for _ in 0..<3_000 {
            let slot = UInt32.random(in: 0..<40, using: &generator)
            let time = at(Int64.random(in: 0..<50, using: &generator))
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                table.set(slot, to: time)
                model[slot] = time
            case 2:
                table.remove(slot)
                model[slot] = nil
            default:
                let first = model.min { ($0.value, $0.key) < ($1.value, $1.key) }
                let due = first.flatMap { $0.value <= time ? $0.key : nil }
                #expect(table.popDue(now: time) == due)
                if let due { model[due] = nil }
            }
            #expect(table.next == model.values.min())
            #expect(table.count == model.count)
        }
    }
}
