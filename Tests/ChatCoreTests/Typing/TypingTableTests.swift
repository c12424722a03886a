// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@Suite struct TypingTableTests {
    /// States of Alice, who is seen at 10 000 ms.
    enum Phase: CaseIterable {
        case absent, justStarted, pastThrottle, atExpiry
    }

    enum Event: CaseIterable {
        case start, startElsewhere, stop, sessionEnded, otherSessionEnded, expire
    }

    /// The change and when Alice expires afterwards; `nil` if she is not typing.
    struct Outcome: Equatable {
        var change: TypingChange
        var expiresAt: Int64?
    }

    static let now: Int64 = 10_000

    static func startedAt(_ phase: Phase) -> Int64? {
        switch phase {
        case .absent: nil
        case .justStarted: now - 2_999
        case .pastThrottle: now - 3_000
        case .atExpiry: now - 6_000
        }
    }

    static func expected(_ phase: Phase, _ event: Event) -> Outcome {
        let fresh = now + 6_000
        let before = startedAt(phase).map { $0 + 6_000 }
        return switch (phase, event) {
        case (.absent, .start), (.absent, .startElsewhere):
            Outcome(change: .changed, expiresAt: fresh)
        case (.absent, .stop), (.absent, .sessionEnded), (.absent, .otherSessionEnded),
            (.absent, .expire):
            Outcome(change: .unchanged, expiresAt: nil)
        case (.justStarted, .start), (.justStarted, .startElsewhere),
            (.justStarted, .otherSessionEnded), (.justStarted, .expire):
            Outcome(change: .unchanged, expiresAt: before)
        case (.pastThrottle, .start), (.pastThrottle, .startElsewhere), (.atExpiry, .start),
            (.atExpiry, .startElsewhere):
            Outcome(change: .unchanged, expiresAt: fresh)
        case (.pastThrottle, .otherSessionEnded), (.pastThrottle, .expire),
            (.atExpiry, .otherSessionEnded):
            Outcome(change: .unchanged, expiresAt: before)
        case (.justStarted, .stop), (.justStarted, .sessionEnded), (.pastThrottle, .stop),
            (.pastThrottle, .sessionEnded), (.atExpiry, .stop), (.atExpiry, .sessionEnded),
            (.atExpiry, .expire):
            Outcome(change: .changed, expiresAt: nil)
        }
    }

    @Test(arguments: Phase.allCases, Event.allCases)
    func `every state answers every event`(phase: Phase, event: Event) {
        var machine: any TypingTracking = TypingMachine()
        if let start = Self.startedAt(phase) {
            _ = machine.start(alice, session: session1, now: at(start))
        }
        let now = at(Self.now)
        let change =
            switch event {
            case .start: machine.start(alice, session: session1, now: now)
            case .startElsewhere: machine.start(alice, session: session2, now: now)
            case .stop: machine.stop(alice, now: now)
            case .sessionEnded: machine.sessionEnded(session1, now: now)
            case .otherSessionEnded: machine.sessionEnded(session2, now: now)
            case .expire: machine.expire(now: now)
            }
        let expected = Self.expected(phase, event)
        #expect(change == expected.change)
        #expect(machine.nextDeadline == expected.expiresAt.map(at))
        #expect(machine.typists == (expected.expiresAt == nil ? [] : [alice]))
    }

    @Test func `a start past the throttle moves the typing to the new session`() {
        var machine = TypingMachine()
        _ = machine.start(alice, session: session1, now: at(0))
        _ = machine.start(alice, session: session2, now: at(3_000))
        #expect(machine.sessionEnded(session1, now: at(3_001)) == .unchanged)
        #expect(machine.sessionEnded(session2, now: at(3_002)) == .changed)
    }

    @Test func `a throttled start leaves the typing with the session it had`() {
        var machine = TypingMachine()
        _ = machine.start(alice, session: session1, now: at(0))
        _ = machine.start(alice, session: session2, now: at(2_999))
        #expect(machine.sessionEnded(session2, now: at(3_000)) == .unchanged)
        #expect(machine.sessionEnded(session1, now: at(3_000)) == .changed)
    }

    @Test func `a stop forgets the throttle`() {
        var machine = TypingMachine()
        _ = machine.start(alice, session: session1, now: at(0))
        _ = machine.stop(alice, now: at(1))
        #expect(machine.start(alice, session: session1, now: at(2)) == .changed)
    }

    @Test func `typists stand in the order of their first start`() {
        var machine = TypingMachine()
        _ = machine.start(carol, session: session3, now: at(0))
        _ = machine.start(alice, session: session1, now: at(1))
        _ = machine.start(carol, session: session3, now: at(4_000))
        #expect(machine.typists == [carol, alice])
        #expect(machine.nextDeadline == at(6_001))
    }

    @Test func `as many as the limit are shown, and one more is ignored until somebody stops`() {
        let limit = Limits().typistsPerRoom
        var machine = TypingMachine()
        for number in 1...limit {
            let user = UserID(rawValue: UInt64(number))
            #expect(machine.start(user, session: session1, now: at(0)) == .changed)
        }
        let late = UserID(rawValue: 1_000)
        #expect(machine.start(late, session: session2, now: at(1)) == .unchanged)
        #expect(machine.typists.count == limit)
        #expect(machine.stop(alice, now: at(2)) == .changed)
        #expect(machine.start(late, session: session2, now: at(3)) == .changed)
        #expect(machine.typists.last == late)
    }

    @Test func `the deadline is the exact moment of expiry`() throws {
        var machine = TypingMachine()
        _ = machine.start(alice, session: session1, now: at(100))
        _ = machine.start(bob, session: session2, now: at(200))
        let deadline = try #require(machine.nextDeadline)
        let justBefore = ChatInstant(nanoseconds: deadline.nanoseconds - 1)
        #expect(machine.expire(now: justBefore) == .unchanged)
        #expect(machine.nextDeadline == deadline)
        #expect(machine.expire(now: deadline) == .changed)
        #expect(machine.typists == [bob])
        #expect(machine.nextDeadline == at(6_200))
    }
}
