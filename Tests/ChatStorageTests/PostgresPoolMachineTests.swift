// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import Testing

/// The pool's decisions, without a connection or a clock.
@Suite struct PostgresPoolMachineTests {
    private typealias Action = PostgresPoolMachine.Action

    private var machine = PostgresPoolMachine(
        slots: 2, maximumWaiting: 2, maximumBackoffMilliseconds: 400)

    private static func at(_ milliseconds: Int64) -> ChatInstant {
        ChatInstant(milliseconds: milliseconds)
    }

    private mutating func lease(_ ticket: UInt64, until deadline: Int64 = 1_000) -> [Action] {
        machine.lease(ticket, until: Self.at(deadline), now: Self.at(0))
    }

    // MARK: Connecting

    @Test mutating func `a call makes a connection and gets it`() {
        #expect(lease(1) == [.connect(slot: 0)])
        #expect(machine.slots == [.connecting, .unused])
        #expect(machine.connected(slot: 0, now: Self.at(1)) == [.grant(1, slot: 0)])
        #expect(machine.slots == [.busy, .unused])
        #expect(machine.release(slot: 0, isLost: false, now: Self.at(2)) == [])
        #expect(machine.slots == [.idle, .unused])
        #expect(lease(2) == [.grant(2, slot: 0)])
    }

    @Test mutating func `as many connections are made as calls wait, up to the bound`() {
        machine = PostgresPoolMachine(slots: 2, maximumWaiting: 9, maximumBackoffMilliseconds: 1)
        #expect(lease(1) == [.connect(slot: 0)])
        #expect(lease(2) == [.connect(slot: 1)])
        #expect(lease(3) == [])
        #expect(machine.connected(slot: 1, now: Self.at(1)) == [.grant(1, slot: 1)])
        #expect(machine.connected(slot: 0, now: Self.at(1)) == [.grant(2, slot: 0)])
        #expect(machine.release(slot: 1, isLost: false, now: Self.at(2)) == [.grant(3, slot: 1)])
    }

    @Test mutating func `calls are served in their order`() {
        #expect(lease(1) == [.connect(slot: 0)])
        #expect(lease(2) == [.connect(slot: 1)])
        #expect(machine.connected(slot: 0, now: Self.at(1)) == [.grant(1, slot: 0)])
        #expect(machine.release(slot: 0, isLost: false, now: Self.at(2)) == [.grant(2, slot: 0)])
        #expect(machine.connected(slot: 1, now: Self.at(3)) == [])
        #expect(machine.slots == [.busy, .idle])
    }

    // MARK: Bounds

    @Test mutating func `one call more than may wait is refused`() {
        _ = lease(1)
        _ = lease(2)
        #expect(lease(3) == [.refuse(3, .tooManyWaiting)])
    }

    @Test mutating func `a call waits until its deadline and not longer`() {
        _ = lease(1, until: 500)
        _ = lease(2, until: 300)
        #expect(machine.nextDeadline == Self.at(300))
        #expect(machine.expire(now: Self.at(299)) == [])
        #expect(machine.expire(now: Self.at(300)) == [.refuse(2, .timedOut)])
        #expect(machine.nextDeadline == Self.at(500))
        #expect(machine.expire(now: Self.at(500)) == [.refuse(1, .timedOut)])
        #expect(machine.nextDeadline == nil)
    }

    @Test mutating func `a call whose time is up already gets no connection`() {
        let refused = machine.lease(1, until: Self.at(5), now: Self.at(5))
        #expect(refused == [.refuse(1, .timedOut)])
        #expect(machine.slots == [.unused, .unused])
    }

    // MARK: A server that is away

    @Test mutating func `after a failure one attempt is made, after a pause that grows`() {
        _ = lease(1)
        _ = lease(2)
        #expect(machine.connectFailed(slot: 0, random: 0, now: Self.at(0)) == [])
        #expect(machine.connectFailed(slot: 1, random: 0, now: Self.at(0)) == [])
        var (now, pauses) = (Int64(0), [Int64]())
        while pauses.count < 6 {
            guard let next = machine.nextDeadline, next < Self.at(1_000) else { break }
            pauses.append(next.milliseconds(since: Self.at(now)))
            now = next.nanoseconds / 1_000_000
            #expect(machine.expire(now: Self.at(now - 1)) == [])
            #expect(machine.expire(now: Self.at(now)) == [.connect(slot: 0)])
            #expect(machine.slots == [.connecting, .unused])
            _ = machine.connectFailed(slot: 0, random: 0, now: Self.at(now))
        }
        #expect(pauses == [50, 100, 200, 200, 200, 200])
    }

    @Test(arguments: [0, 1, 200, 201, UInt64.max])
    mutating func `chance adds no more than the bound`(random: UInt64) {
        _ = lease(1, until: 100_000)
        for _ in 0..<10 {
            _ = machine.connectFailed(slot: 0, random: random, now: Self.at(0))
            #expect((machine.nextDeadline ?? Self.at(0)) <= Self.at(400))
            #expect(machine.expire(now: Self.at(400)) == [.connect(slot: 0)])
        }
    }

    @Test mutating func `when the server is back, everybody connects`() {
        _ = lease(1)
        _ = lease(2)
        _ = machine.connectFailed(slot: 0, random: 0, now: Self.at(0))
        _ = machine.connectFailed(slot: 1, random: 0, now: Self.at(0))
        #expect(machine.expire(now: Self.at(100)) == [.connect(slot: 0)])
        #expect(
            machine.connected(slot: 0, now: Self.at(101))
                == [.grant(1, slot: 0), .connect(slot: 1)])
    }

    @Test mutating func `a lost connection is replaced when a call waits for it`() {
        _ = lease(1)
        _ = machine.connected(slot: 0, now: Self.at(1))
        #expect(
            machine.release(slot: 0, isLost: true, now: Self.at(2)) == [.disconnect(slot: 0)])
        #expect(machine.slots == [.unused, .unused])
        #expect(lease(2) == [.connect(slot: 0)])
    }

    // MARK: Closing

    @Test mutating func `who waits when the pool closes is told, what runs may finish`() {
        _ = lease(1)
        _ = machine.connected(slot: 0, now: Self.at(1))
        _ = lease(2)
        #expect(machine.close() == [.refuse(2, .closed)])
        #expect(lease(3) == [.refuse(3, .closed)])
        #expect(machine.isDrained == false)
        #expect(
            machine.release(slot: 0, isLost: false, now: Self.at(2)) == [.disconnect(slot: 0)])
        #expect(machine.isDrained == false)
        #expect(machine.connected(slot: 1, now: Self.at(3)) == [.disconnect(slot: 1)])
        #expect(machine.isDrained)
    }

    @Test mutating func `idle connections are closed at once`() {
        _ = lease(1)
        _ = machine.connected(slot: 0, now: Self.at(1))
        _ = machine.release(slot: 0, isLost: false, now: Self.at(2))
        #expect(machine.close() == [.disconnect(slot: 0)])
        #expect(machine.isDrained)
    }

    @Test mutating func `an attempt that fails while the pool closes drains it`() {
        _ = lease(1)
        _ = machine.close()
        #expect(machine.isDrained == false)
        #expect(machine.connectFailed(slot: 0, random: 0, now: Self.at(1)) == [])
        #expect(machine.isDrained)
    }

    @Test mutating func `events that do not fit the state change nothing`() {
        #expect(machine.release(slot: 0, isLost: true, now: Self.at(1)) == [])
        #expect(machine.connected(slot: 0, now: Self.at(1)) == [])
        #expect(machine.connectFailed(slot: 0, random: 0, now: Self.at(1)) == [])
        #expect(machine.slots == [.unused, .unused])
    }
}
