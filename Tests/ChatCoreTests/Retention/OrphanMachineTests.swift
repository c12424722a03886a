// SPDX-License-Identifier: MIT

import ChatCore
import Testing

struct OrphanMachineTests {
    private static func at(_ milliseconds: Int64) -> ChatInstant {
        ChatInstant(nanoseconds: milliseconds * 1_000_000)
    }

    @Test func `it looks soon after the start, then once a minute`() {
        var machine = OrphanMachine(hasFiles: true, now: Self.at(0))
        #expect(machine.nextDeadline == Self.at(500))
        let begins1 = machine.begin(now: Self.at(499))
        #expect(!begins1)
        let begins2 = machine.begin(now: Self.at(500))
        #expect(begins2)
        #expect(machine.nextDeadline == nil)
        let begins3 = machine.begin(now: Self.at(90_000))
        #expect(!begins3)
        machine.removed(3, now: Self.at(600))
        #expect(machine.nextDeadline == Self.at(60_500))
    }

    @Test func `a deletion brings the next look nearer, also while one is under way`() {
        var machine = OrphanMachine(hasFiles: true, now: Self.at(0))
        let begins4 = machine.begin(now: Self.at(500))
        #expect(begins4)
        machine.released(now: Self.at(600))
        machine.removed(0, now: Self.at(700))
        #expect(machine.nextDeadline == Self.at(1_100))
        machine.released(now: Self.at(1_000))
        #expect(machine.nextDeadline == Self.at(1_100))
    }

    @Test func `a full page is followed by the next, a failure by another attempt`() {
        var machine = OrphanMachine(hasFiles: true, now: Self.at(0))
        let begins5 = machine.begin(now: Self.at(500))
        #expect(begins5)
        machine.removed(OrphanMachine.pageFiles - 1, now: Self.at(600))
        #expect(machine.nextDeadline == Self.at(60_500))
        let begins6 = machine.begin(now: Self.at(60_500))
        #expect(begins6)
        machine.removed(OrphanMachine.pageFiles, now: Self.at(61_000))
        #expect(machine.nextDeadline == Self.at(61_500))
        let begins7 = machine.begin(now: Self.at(61_500))
        #expect(begins7)
        machine.failed(now: Self.at(62_000))
        #expect(machine.nextDeadline == Self.at(72_000))
    }

    @Test func `without files it does nothing`() {
        var machine = OrphanMachine(hasFiles: false, now: Self.at(0))
        machine.released(now: Self.at(0))
        #expect(machine.nextDeadline == nil)
        let begins8 = machine.begin(now: Self.at(100_000))
        #expect(!begins8)
    }
}
