// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@Suite struct PresenceTableTests {
    /// States of Alice at 100 000 ms.
    ///
    /// Session 1 is the device that events are about.
    enum Phase: CaseIterable {
        case unknown, active, idle, busy, activeWithIdleOther, idleWithActiveOther, inGrace,
            busyInGrace, graceOver
    }

    enum Event: CaseIterable {
        case connect, drop, logout, becomeIdle, becomeActive, becomeBusy, becomeFree, expire
    }

    static let now: Int64 = 100_000

    static func machine(in phase: Phase) -> any PresenceTracking {
        var machine: any PresenceTracking = PresenceMachine()
        let start = at(0)
        guard phase != .unknown else { return machine }
        _ = machine.connect(alice, session: session1, now: start)
        switch phase {
        case .unknown, .active: break
        case .idle:
            _ = machine.setActivity(alice, session: session1, isIdle: true, now: start)
        case .busy:
            _ = machine.setBusy(alice, true, now: start)
        case .activeWithIdleOther:
            _ = machine.connect(alice, session: session2, now: start)
            _ = machine.setActivity(alice, session: session2, isIdle: true, now: start)
        case .idleWithActiveOther:
            _ = machine.connect(alice, session: session2, now: start)
            _ = machine.setActivity(alice, session: session1, isIdle: true, now: start)
        case .inGrace, .busyInGrace, .graceOver:
            if phase == .busyInGrace { _ = machine.setBusy(alice, true, now: start) }
            let end = at(phase == .graceOver ? now - 15_000 : now - 14_999)
            _ = machine.disconnect(alice, session: session1, isExplicit: false, now: end)
        }
        return machine
    }

    /// The status before, and after each event in the order of `Event.allCases`.
    static func statuses(_ phase: Phase) -> (before: PresenceStatus, after: [PresenceStatus]) {
        switch phase {
        case .unknown:
            let off = PresenceStatus.offline
            return (off, [.online, off, off, off, off, off, off, off])
        case .active:
            return (
                .online, [.online, .online, .offline, .away, .online, .busy, .online, .online]
            )
        case .idle:
            return (.away, [.away, .away, .offline, .away, .online, .busy, .away, .away])
        case .busy:
            return (.busy, [.busy, .busy, .offline, .busy, .busy, .busy, .online, .busy])
        case .activeWithIdleOther:
            return (.online, [.online, .away, .away, .away, .online, .busy, .online, .online])
        case .idleWithActiveOther:
            return (
                .online, [.online, .online, .online, .online, .online, .busy, .online, .online]
            )
        case .inGrace:
            return (.online, Array(repeating: .online, count: 8))
        case .busyInGrace:
            return (.busy, Array(repeating: .busy, count: 8))
        case .graceOver:
            return (.online, Array(repeating: .online, count: 7) + [.offline])
        }
    }

    @Test(arguments: Phase.allCases, Event.allCases)
    func `every state answers every event`(phase: Phase, event: Event) throws {
        var machine = Self.machine(in: phase)
        let now = at(Self.now)
        let (before, after) = Self.statuses(phase)
        #expect(machine.status(of: alice) == before)
        let place = try #require(Event.allCases.firstIndex(of: event))
        let changes =
            switch event {
            case .connect: [machine.connect(alice, session: session1, now: now)]
            case .drop:
                [machine.disconnect(alice, session: session1, isExplicit: false, now: now)]
            case .logout:
                [machine.disconnect(alice, session: session1, isExplicit: true, now: now)]
            case .becomeIdle:
                [machine.setActivity(alice, session: session1, isIdle: true, now: now)]
            case .becomeActive:
                [machine.setActivity(alice, session: session1, isIdle: false, now: now)]
            case .becomeBusy: [machine.setBusy(alice, true, now: now)]
            case .becomeFree: [machine.setBusy(alice, false, now: now)]
            case .expire: machine.expire(now: now)
            }
        #expect(machine.status(of: alice) == after[place])
        let expected =
            before == after[place] ? [] : [PresenceChange(user: alice, status: after[place])]
        #expect(changes.compactMap(\.self) == expected)
    }

    @Test(arguments: Phase.allCases)
    func `only a user without sessions who is not offline has a deadline`(phase: Phase) {
        let machine = Self.machine(in: phase)
        let isInGrace = !machine.isConnected(alice) && machine.status(of: alice) != .offline
        #expect((machine.nextDeadline != nil) == isInGrace)
    }
}

@Suite struct PresenceTests {
    @Test func `connecting the same session again changes nothing, not even its idleness`() {
        var machine = PresenceMachine()
        _ = machine.connect(alice, session: session1, now: at(0))
        _ = machine.setActivity(alice, session: session1, isIdle: true, now: at(1))
        #expect(machine.connect(alice, session: session1, now: at(2)) == nil)
        #expect(machine.status(of: alice) == .away)
        #expect(machine.sessions(of: alice) == [session1])
    }

    @Test func `sessions stand in the order of their connects`() {
        var machine = PresenceMachine()
        for session in [session3, session1, session2] {
            _ = machine.connect(alice, session: session, now: at(0))
        }
        _ = machine.disconnect(alice, session: session1, isExplicit: true, now: at(1))
        #expect(machine.sessions(of: alice) == [session3, session2])
        #expect(machine.sessions(of: bob) == [])
    }

    @Test func `coming back within the grace is not announced, with another status it is`() {
        var machine = PresenceMachine()
        _ = machine.connect(alice, session: session1, now: at(0))
        _ = machine.disconnect(alice, session: session1, isExplicit: false, now: at(1))
        #expect(machine.connect(alice, session: session2, now: at(2)) == nil)
        #expect(machine.nextDeadline == nil)
        _ = machine.setActivity(alice, session: session2, isIdle: true, now: at(3))
        _ = machine.disconnect(alice, session: session2, isExplicit: false, now: at(4))
        let back = machine.connect(alice, session: session3, now: at(5))
        #expect(back == PresenceChange(user: alice, status: .online))
    }

    @Test func `being busy survives the grace and ends with it`() {
        var machine = PresenceMachine()
        _ = machine.connect(alice, session: session1, now: at(0))
        _ = machine.setBusy(alice, true, now: at(0))
        _ = machine.disconnect(alice, session: session1, isExplicit: false, now: at(0))
        #expect(machine.connect(alice, session: session2, now: at(1)) == nil)
        #expect(machine.status(of: alice) == .busy)
        _ = machine.disconnect(alice, session: session2, isExplicit: false, now: at(1))
        _ = machine.expire(now: at(15_001))
        _ = machine.connect(alice, session: session3, now: at(20_000))
        #expect(machine.status(of: alice) == .online)
    }

    @Test func `the deadline is the exact moment at which the grace is over`() throws {
        var machine = PresenceMachine()
        _ = machine.connect(alice, session: session1, now: at(0))
        _ = machine.disconnect(alice, session: session1, isExplicit: false, now: at(10))
        let deadline = try #require(machine.nextDeadline)
        #expect(deadline == at(15_010))
        #expect(machine.expire(now: ChatInstant(nanoseconds: deadline.nanoseconds - 1)) == [])
        #expect(machine.status(of: alice) == .online)
        #expect(machine.expire(now: deadline) == [PresenceChange(user: alice, status: .offline)])
        #expect(machine.nextDeadline == nil)
        #expect(machine.trackedUsers == 0)
    }

    @Test func `many graces end in order of time and then of user, and leave nothing behind`() {
        var machine = PresenceMachine()
        for number in (1...2_000 as ClosedRange<UInt64>).reversed() {
            let user = UserID(rawValue: number)
            let session = SessionID(rawValue: number)
            _ = machine.connect(user, session: session, now: at(0))
            let end = at(number.isMultiple(of: 2) ? 1 : 2)
            _ = machine.disconnect(user, session: session, isExplicit: false, now: end)
        }
        let offline = machine.expire(now: at(15_002)).map(\.user.rawValue)
        let numbers = Array(1...2_000 as ClosedRange<UInt64>)
        #expect(offline == numbers.filter { $0 % 2 == 0 } + numbers.filter { $0 % 2 == 1 })
        #expect(machine.trackedUsers == 0)
    }

    @Test func `without a grace the last disconnect is offline at once`() {
        var machine = PresenceMachine(timings: PresenceTimings(presenceGraceMilliseconds: 0))
        _ = machine.connect(alice, session: session1, now: at(0))
        let change = machine.disconnect(alice, session: session1, isExplicit: false, now: at(1))
        #expect(change == PresenceChange(user: alice, status: .offline))
        #expect(machine.nextDeadline == nil)
    }
}
