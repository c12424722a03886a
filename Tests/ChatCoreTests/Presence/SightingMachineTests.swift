// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// When it is stored that users were seen.
@Suite struct SightingMachineTests {
    private let ana = UserID(rawValue: 1)
    private let bo = UserID(rawValue: 2)
    private let cy = UserID(rawValue: 1 << 63)
    private let rooms = [RoomID(rawValue: 7)]

    private func machine(queued: Int = 100, batch: Int = 100) -> SightingMachine {
        var limits = Limits()
        limits.queuedSightings = queued
        limits.batchSightings = batch
        return SightingMachine(intervalMilliseconds: 1_000, limits: limits)
    }

    private func at(_ milliseconds: Int64) -> ChatInstant {
        ChatInstant(milliseconds: milliseconds)
    }

    private func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    private func seen(_ user: UserID, _ milliseconds: Int64) -> Sighting {
        Sighting(user: user, at: time(milliseconds))
    }

    private func gone(_ user: UserID) -> SightingMachine.Departure {
        SightingMachine.Departure(user: user, rooms: rooms)
    }

    @Test func `who comes is stored together with those who come within the interval`() {
        var machine = machine()
        #expect(machine.nextDeadline == nil)
        machine.came(cy, at: time(10), now: at(0))
        machine.came(ana, at: time(20), now: at(500))
        #expect(machine.nextDeadline == at(1_000))
        var batch = machine.begin(now: at(999))
        #expect(batch == nil)
        batch = machine.begin(now: at(1_000))
        #expect(batch == [seen(ana, 20), seen(cy, 10)])
        #expect(machine.nextDeadline == nil && machine.waitingUsers == 0)
        let departures = machine.stored(now: at(1_001))
        #expect(departures.isEmpty, "nobody has gone")
        #expect(machine.nextDeadline == nil)
    }

    @Test func `who goes is stored at once, takes along who came, and is told when that is back`() {
        var machine = machine()
        machine.came(ana, at: time(10), now: at(0))
        let isNoted = machine.left(bo, from: rooms, at: time(20), now: at(5))
        #expect(isNoted)
        let batch = machine.begin(now: at(5))
        #expect(batch == [seen(ana, 10), seen(bo, 20)])
        let departures = machine.stored(now: at(6))
        #expect(departures == [gone(bo)])
    }

    @Test func `while a batch is under way the next one gathers`() {
        var machine = machine()
        _ = machine.left(ana, from: rooms, at: time(10), now: at(0))
        _ = machine.begin(now: at(0))
        _ = machine.left(ana, from: rooms, at: time(20), now: at(1))
        _ = machine.left(bo, from: rooms, at: time(20), now: at(1))
        #expect(machine.nextDeadline == at(1_000), "one at a time; the store has a second for it")
        var batch = machine.begin(now: at(1))
        #expect(batch == nil)
        var departures = machine.stored(now: at(2))
        #expect(departures == [gone(ana)])
        #expect(machine.nextDeadline == at(1))
        batch = machine.begin(now: at(2))
        #expect(batch == [seen(ana, 20), seen(bo, 20)])
        departures = machine.stored(now: at(3))
        #expect(departures == [gone(ana), gone(bo)])
    }

    @Test func `a user has one entry, with the latest time`() {
        var machine = machine()
        machine.came(ana, at: time(10), now: at(0))
        _ = machine.left(ana, from: rooms, at: time(30), now: at(1))
        machine.came(ana, at: time(20), now: at(2))
        #expect(machine.waitingUsers == 1)
        let batch = machine.begin(now: at(2))
        #expect(batch == [seen(ana, 30)])
        let departures = machine.stored(now: at(3))
        #expect(departures == [gone(ana)], "whoever tells looks whether she is back")
    }

    @Test func `a failure tells everybody who has gone, and its times go with the next change`() {
        var machine = machine()
        _ = machine.left(ana, from: rooms, at: time(10), now: at(0))
        _ = machine.begin(now: at(0))
        _ = machine.left(cy, from: rooms, at: time(20), now: at(1))
        var departures = machine.failed()
        #expect(departures == [gone(ana), gone(cy)])
        // Cyd's departure came behind the call that failed: that is a change.
        #expect(machine.nextDeadline == at(1))
        var batch = machine.begin(now: at(1))
        #expect(batch == [seen(ana, 10), seen(cy, 20)])
        departures = machine.failed()
        #expect(departures.isEmpty, "nobody is told twice")
        #expect(machine.nextDeadline == nil, "a store that fails is left alone")
        #expect(machine.waitingUsers == 2)
        machine.came(bo, at: time(30), now: at(2))
        #expect(machine.nextDeadline == at(1_002))
        batch = machine.begin(now: at(1_002))
        #expect(batch == [seen(ana, 10), seen(bo, 30), seen(cy, 20)])
    }

    @Test func `a failure does not put back a time that is later by now`() {
        var machine = machine()
        _ = machine.left(ana, from: rooms, at: time(10), now: at(0))
        _ = machine.begin(now: at(0))
        machine.came(ana, at: time(20), now: at(5))
        _ = machine.failed()
        let batch = machine.begin(now: at(1_005))
        #expect(batch == [seen(ana, 20)])
    }

    @Test func `a batch has its maximum of users, and the rest follows at once`() {
        var machine = machine(batch: 2)
        for user in [cy, ana, bo] { _ = machine.left(user, from: rooms, at: time(10), now: at(0)) }
        var batch = machine.begin(now: at(0))
        #expect(batch == [seen(ana, 10), seen(cy, 10)], "who was first goes first")
        #expect(machine.waitingUsers == 1)
        _ = machine.stored(now: at(7))
        #expect(machine.nextDeadline == at(7))
        batch = machine.begin(now: at(7))
        #expect(batch == [seen(bo, 10)])
    }

    @Test func `as many users wait as the limit, and one more is told at once`() {
        var machine = machine(queued: 2)
        machine.came(ana, at: time(10), now: at(0))
        var isNoted = machine.left(bo, from: rooms, at: time(10), now: at(0))
        #expect(isNoted)
        isNoted = machine.left(cy, from: rooms, at: time(10), now: at(0))
        #expect(!isNoted)
        machine.came(cy, at: time(10), now: at(0))
        #expect(machine.waitingUsers == 2)
        isNoted = machine.left(ana, from: rooms, at: time(11), now: at(0))
        #expect(isNoted, "who waits already takes no more room")
        let batch = machine.begin(now: at(0))
        #expect(batch == [seen(ana, 11), seen(bo, 10)])
        isNoted = machine.left(cy, from: rooms, at: time(12), now: at(0))
        #expect(isNoted)
    }

    @Test
    func `who has gone is told of without a time if the store takes longer than the interval`() {
        var machine = machine()
        _ = machine.left(bo, from: rooms, at: time(20), now: at(0))
        var batch = machine.begin(now: at(0))
        #expect(batch == [seen(bo, 20)])
        #expect(machine.nextDeadline == at(1_000))
        var told = machine.overdue(now: at(999))
        #expect(told == [])
        _ = machine.left(ana, from: rooms, at: time(30), now: at(500))
        told = machine.overdue(now: at(1_000))
        #expect(told == [gone(ana), gone(bo)])
        #expect(machine.nextDeadline == nil, "all that is left is to wait for the store")
        // From now on nobody is waited for.
        _ = machine.left(cy, from: rooms, at: time(40), now: at(1_100))
        #expect(machine.nextDeadline == at(1_000))
        told = machine.overdue(now: at(1_100))
        #expect(told == [gone(cy)])
        told = machine.stored(now: at(1_200))
        #expect(told == [], "nobody is told of twice")
        batch = machine.begin(now: at(1_200))
        #expect(batch == [seen(ana, 30), seen(cy, 40)])
        told = machine.stored(now: at(1_300))
        #expect(told == [])
        #expect(machine.nextDeadline == nil)
    }
}
