// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@testable import ChatAuth

@Suite struct `A login limit` {
    static func at(_ seconds: Int64) -> ChatInstant {
        ChatInstant(nanoseconds: seconds * 1_000_000_000)
    }

    static func machine(
        account: Int = 3, address: Int = 5, remembered: Int = 100
    ) -> LoginLimitMachine {
        var limits = LoginLimits()
        limits.failuresPerAccount = account
        limits.failuresPerAddress = address
        limits.remembered = remembered
        return LoginLimitMachine(limits: limits)
    }

    /// A wrong password; what the machine said before.
    @discardableResult
    static func guess(
        _ machine: inout LoginLimitMachine, account: UInt64 = 1, address: UInt64 = 9,
        second: Int64 = 0
    ) -> LoginLimitMachine.Verdict {
        let verdict = machine.begin(account: account, address: address, now: at(second))
        if verdict == .admitted {
            machine.failed(account: account, address: address, now: at(second))
        }
        return verdict
    }

    @Test func `blocks an account after its failures, for 15 minutes, from everywhere`() {
        var machine = Self.machine()
        for address in 1...3 as ClosedRange<UInt64> {
            #expect(Self.guess(&machine, address: address) == .admitted)
        }
        #expect(Self.guess(&machine, address: 4) == .accountBlocked(milliseconds: 900_000))
        #expect(
            Self.guess(&machine, address: 4, second: 899) == .accountBlocked(milliseconds: 1_000))
        #expect(Self.guess(&machine, address: 4, second: 900) == .admitted)
        #expect(Self.guess(&machine, account: 2, address: 4) == .admitted)
    }

    @Test func `blocks an address after its failures at whatever accounts`() {
        var machine = Self.machine()
        for account in 1...5 as ClosedRange<UInt64> {
            #expect(Self.guess(&machine, account: account) == .admitted)
        }
        #expect(Self.guess(&machine, account: 6) == .addressBlocked(milliseconds: 900_000))
        #expect(Self.guess(&machine, account: 6, address: 8) == .admitted)
    }

    @Test func `forgets an account's failures after the right password, not the address's`() {
        var machine = Self.machine()
        for _ in 0..<2 {
            for _ in 0..<2 { Self.guess(&machine) }
            #expect(machine.begin(account: 1, address: 9, now: Self.at(0)) == .admitted)
            machine.succeeded(account: 1, address: 9)
        }
        #expect(Self.guess(&machine) == .admitted)
        #expect(Self.guess(&machine) == .addressBlocked(milliseconds: 900_000))
    }

    @Test func `counts failures within a window only`() {
        var machine = Self.machine()
        for second in [0, 100] as [Int64] { Self.guess(&machine, second: second) }
        for second in [900, 901] as [Int64] {
            #expect(Self.guess(&machine, second: second) == .admitted)
        }
        #expect(Self.guess(&machine, second: 902) == .admitted)
        #expect(Self.guess(&machine, second: 903) == .accountBlocked(milliseconds: 899_000))
    }

    @Test func `lets no more be tried at once than may fail`() {
        var machine = Self.machine()
        for _ in 0..<3 {
            #expect(machine.begin(account: 1, address: 9, now: Self.at(0)) == .admitted)
        }
        #expect(machine.begin(account: 1, address: 9, now: Self.at(0)) == .busy)
        machine.abandoned(account: 1, address: 9)
        #expect(machine.begin(account: 1, address: 9, now: Self.at(0)) == .admitted)
        for _ in 0..<3 { machine.succeeded(account: 1, address: 9) }
        #expect(machine.count == 0)
    }

    @Test func `remembers a bounded number, and lifts no block for a new one`() {
        var machine = Self.machine(account: 1, address: 100, remembered: 4)
        for account in 1...2 as ClosedRange<UInt64> {
            Self.guess(&machine, account: account, address: account)
        }
        #expect(machine.count == 4)
        // Addresses that are not blocked make room.
        #expect(Self.guess(&machine, account: 3, address: 3) == .admitted)
        #expect(machine.count == 4)
        #expect(
            Self.guess(&machine, account: 1, address: 9) == .accountBlocked(milliseconds: 900_000))
        // Three blocked accounts are left, and there is room for one of two.
        #expect(Self.guess(&machine, account: 4, address: 4) == .busy)
        #expect(Self.guess(&machine, account: 4, address: 4, second: 900) == .admitted)
        #expect(machine.count <= 4)
    }

    @Test func `refuses limits that are none`() {
        for change in [
            { $0.failuresPerAccount = 0 }, { $0.failuresPerAddress = 0 }, { $0.remembered = 0 },
            { $0.windowSeconds = 0 }, { $0.blockSeconds = -1 },
        ] as [@Sendable (inout LoginLimits) -> Void] {
            var limits = LoginLimits()
            change(&limits)
            let changed = limits
            #expect(throws: AuthConfigurationError.self) { try changed.check() }
        }
    }
}
