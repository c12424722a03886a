// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

@Suite struct DeadlineTableTests {
    @Test func `deadlines come out in order of time, then of key`() {
        var table = DeadlineTable<UserID>()
        table.set(carol, to: at(5))
        table.set(alice, to: at(7))
        table.set(bob, to: at(5))
        #expect(table.next == at(5))
        let popped = [table.popDue(now: at(7)), table.popDue(now: at(7)), table.popDue(now: at(7))]
        #expect(popped == [bob, carol, alice])
        #expect(table.popDue(now: at(7)) == nil)
        #expect(table.next == nil)
    }

    @Test func `a deadline is due at its moment and not before`() {
        var table = DeadlineTable<UserID>()
        table.set(alice, to: at(5))
        #expect(table.popDue(now: ChatInstant(nanoseconds: 4_999_999)) == nil)
        #expect(table.popDue(now: at(5)) == alice)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `random changes agree with a sorted list`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var table = DeadlineTable<UserID>()
        var model: [UserID: ChatInstant] = [:]
        for _ in 0..<3_000 {
            let user = UserID(rawValue: UInt64.random(in: 0..<40, using: &generator))
            let time = at(Int64.random(in: 0..<50, using: &generator))
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                table.set(user, to: time)
                model[user] = time
            case 2:
                table.remove(user)
                model[user] = nil
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
