// SPDX-License-Identifier: MIT

import ChatCore
import Testing

struct ExpiryMachineTests {
    private static func at(_ milliseconds: Int64) -> ChatInstant {
        ChatInstant(nanoseconds: milliseconds * 1_000_000)
    }

    private func machine(isNeeded: Bool = true) -> ExpiryMachine {
        ExpiryMachine(isNeeded: isNeeded, pauseMilliseconds: 20, now: Self.at(0))
    }

    @Test func `it looks soon after the start, then once an hour, one call at a time`() {
        var machine = machine()
        #expect(machine.nextDeadline == Self.at(1_000))
        let early = machine.begin(now: Self.at(999))
        let due = machine.begin(now: Self.at(1_000))
        #expect(!early && due)
        #expect(machine.nextDeadline == nil)
        let again = machine.begin(now: Self.at(9_000_000))
        #expect(!again)
        machine.removed(0, now: Self.at(2_000))
        #expect(machine.nextDeadline == Self.at(3_602_000))
    }

    @Test func `a whole slice is followed by the next after a pause, a failure by another attempt`()
    {
        var machine = machine()
        _ = machine.begin(now: Self.at(1_000))
        machine.removed(ExpiryMachine.sliceRows, now: Self.at(1_005))
        #expect(machine.nextDeadline == Self.at(1_025))
        let begins = machine.begin(now: Self.at(1_025))
        #expect(begins)
        machine.failed(now: Self.at(1_030))
        #expect(machine.nextDeadline == Self.at(11_030))
        _ = machine.begin(now: Self.at(11_030))
        machine.removed(ExpiryMachine.sliceRows - 1, now: Self.at(11_040))
        #expect(machine.nextDeadline == Self.at(3_611_040))
    }

    @Test func `where it is not needed it does nothing`() {
        var machine = machine(isNeeded: false)
        #expect(machine.nextDeadline == nil)
        let begins = machine.begin(now: Self.at(9_000_000))
        #expect(!begins)
    }
}
