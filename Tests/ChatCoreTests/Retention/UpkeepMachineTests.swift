// SPDX-License-Identifier: MIT

import ChatCore
import Testing

/// When which room is trimmed.
@Suite struct UpkeepMachineTests {
    private static let start = ChatInstant(nanoseconds: 1_000_000_000)
    private let time = Timestamp(milliseconds: 1_000_000_000)

    private func room(
        _ id: UInt64, head: UInt64 = 10, trimmed: UInt64 = 0,
        _ retention: RoomRetention = RoomRetention()
    ) -> RoomRecord {
        RoomRecord(
            id: RoomID(rawValue: id), name: "\(id)", retention: retention, createdAt: time,
            head: SequenceNumber(rawValue: head), trimmed: SequenceNumber(rawValue: trimmed))
    }

    /// A machine with the time of its test.
    private struct Run {
        var machine: UpkeepMachine
        var now = UpkeepMachineTests.start
        let time: Timestamp

        init(_ policy: RetentionPolicy, _ time: Timestamp) {
            machine = UpkeepMachine(policy: policy, now: now)
            self.time = time
        }

        /// Lets time pass up to the deadline, and asks.
        mutating func next() -> UpkeepAction? {
            guard let deadline = machine.nextDeadline else { return nil }
            now = max(now, deadline)
            return machine.next(now: now, time: time)
        }

        /// The sweep at the start.
        mutating func passSweep() {
            #expect(next() == .sweep(limit: 200))
            machine.swept(SweepSlice(removed: 0, isDone: true), now: now)
        }
    }

    @Test func `without bounds there is one sweep and one walk, and then nothing is ever due`() {
        var run = Run(RetentionPolicy(), time)
        run.passSweep()
        #expect(run.next() == .readRooms(after: nil, limit: UpkeepMachine.pageRooms))
        run.machine.roomsRead([room(1), room(2)], now: run.now)
        #expect(
            run.next() == .readRooms(after: RoomID(rawValue: 2), limit: UpkeepMachine.pageRooms))
        run.machine.roomsRead([], now: run.now)
        #expect(run.machine.nextDeadline == nil)
    }

    @Test func `rooms with bounds of their own are looked at, and keep the walks going`() {
        var policy = RetentionPolicy()
        policy.intervalSeconds = 50
        var run = Run(policy, time)
        run.passSweep()
        _ = run.next()
        let page = [room(1), room(2, RoomRetention(days: 2, messages: 7)), room(3)]
        run.machine.roomsRead(page, now: run.now)
        let bound = TrimBound(
            before: Timestamp(milliseconds: time.milliseconds - 2 * 86_400_000), keepingMessages: 7)
        #expect(run.next() == .findPlace(RoomID(rawValue: 2), bound))
        run.machine.placeFound(.none, now: run.now)
        _ = run.next()
        run.machine.roomsRead([], now: run.now)
        #expect(run.machine.nextDeadline == run.now.advanced(byMilliseconds: 50_000))
        // The next walk meets none: it was the last.
        for page in [[room(1), room(2)], []] {
            _ = run.next()
            run.machine.roomsRead(page, now: run.now)
        }
        #expect(run.machine.nextDeadline == nil)
    }

    @Test(arguments: [
        (RoomRetention(), 60 * 86_400, 100),
        (RoomRetention(days: 61, messages: 101), 60 * 86_400, 100),
        (RoomRetention(days: 59, messages: 99), 59 * 86_400, 99),
        (RoomRetention(days: 59), 59 * 86_400, 100), (RoomRetention(messages: 1), 60 * 86_400, 1),
        (RoomRetention(days: .max, messages: .max), 60 * 86_400, 100),
    ])
    func `of the room's policy and the engine's the stricter counts`(
        _ own: RoomRetention, _ seconds: Int, _ messages: Int
    ) {
        let policy = RetentionPolicy(seconds: 60 * 86_400, messages: 100)
        let expected = TrimBound(
            before: Timestamp(milliseconds: time.milliseconds - Int64(seconds) * 1_000),
            keepingMessages: messages)
        #expect(policy.bound(for: own, at: time) == expected)
        let none = RetentionPolicy().bound(for: own, at: time)
        #expect((none.before == nil) == (own.days == 0))
        #expect(none.keepingMessages == (own.messages == 0 ? nil : own.messages))
    }

    @Test func `a room whose policy was changed is looked at soon, before the others`() {
        var run = Run(RetentionPolicy(), time)
        run.passSweep()
        _ = run.next()
        run.machine.roomsRead([], now: run.now)
        let id = RoomID(rawValue: 9)
        run.machine.retentionChanged(RoomRetention(messages: 3), of: id, now: run.now)
        #expect(run.machine.nextDeadline == run.now.advanced(byMilliseconds: 20))
        #expect(run.next() == .findPlace(id, TrimBound(keepingMessages: 3)))
        run.machine.placeFound(.none, now: run.now)
        // From now on there are walks.
        #expect(run.next() == .readRooms(after: nil, limit: UpkeepMachine.pageRooms))
    }

    @Test func `what was found under an earlier policy is not removed under a looser one`() {
        let id = RoomID(rawValue: 1)
        let strict = RoomRetention(messages: 1)
        // While the place is looked for, before a slice, during a slice, while the page is read.
        for moment in 0..<4 {
            var run = Run(RetentionPolicy(), time)
            run.passSweep()
            _ = run.next()
            if moment == 3 { run.machine.retentionChanged(RoomRetention(), of: id, now: run.now) }
            run.machine.roomsRead([room(1, strict)], now: run.now)
            if moment < 3 {
                #expect(run.next() == .findPlace(id, TrimBound(keepingMessages: 1)))
                if moment > 0 { run.machine.placeFound(9, now: run.now) }
                if moment == 2 { _ = run.next() }
                run.machine.retentionChanged(RoomRetention(), of: id, now: run.now)
                if moment == 0 { run.machine.placeFound(9, now: run.now) }
                if moment == 2 {
                    let slice = TrimSlice(trimmed: 3, removed: 3, isDone: false)
                    run.machine.trimmed(slice, now: run.now)
                }
            }
            #expect(
                run.next() == .readRooms(after: id, limit: UpkeepMachine.pageRooms), "\(moment)")
        }
    }

    @Test func `a failure of a call that counts for nothing is not repeated`() {
        var run = Run(RetentionPolicy(messages: 5), time)
        run.passSweep()
        _ = run.next()
        run.machine.roomsRead([room(1, RoomRetention(messages: 1))], now: run.now)
        _ = run.next()
        let id = RoomID(rawValue: 1)
        run.machine.retentionChanged(RoomRetention(messages: 2), of: id, now: run.now)
        run.machine.failed(now: run.now)
        #expect(run.next() == .findPlace(id, TrimBound(keepingMessages: 2)))
    }

    @Test func `more changed rooms than the bound are left to the next walk`() {
        var run = Run(RetentionPolicy(), time)
        run.passSweep()
        _ = run.next()
        let count = UInt64(UpkeepMachine.changedRooms)
        for id in 1...count + 1 {
            run.machine.retentionChanged(
                RoomRetention(messages: 1), of: RoomID(rawValue: id), now: run.now)
        }
        run.machine.roomsRead([], now: run.now)
        for id in 1...count {
            #expect(
                run.next() == .findPlace(RoomID(rawValue: id), TrimBound(keepingMessages: 1)))
            run.machine.placeFound(.none, now: run.now)
        }
        #expect(run.next() == .readRooms(after: nil, limit: UpkeepMachine.pageRooms))
    }

    @Test func `a walk looks at every room, page by page, and rests for the interval`() {
        var policy = RetentionPolicy(seconds: 60)
        policy.intervalSeconds = 100
        var run = Run(policy, time)
        run.passSweep()
        #expect(run.next() == .readRooms(after: nil, limit: UpkeepMachine.pageRooms))
        // Room 2 has nothing to remove.
        let page = [room(1), room(2, head: 5, trimmed: 5), room(3)]
        run.machine.roomsRead(page, now: run.now)
        let bound = TrimBound(before: Timestamp(milliseconds: time.milliseconds - 60_000))
        for id: UInt64 in [1, 3] {
            #expect(run.next() == .findPlace(RoomID(rawValue: id), bound))
            run.machine.placeFound(.none, now: run.now)
        }
        #expect(
            run.next() == .readRooms(after: RoomID(rawValue: 3), limit: UpkeepMachine.pageRooms))
        run.machine.roomsRead([], now: run.now)
        #expect(run.machine.nextDeadline == run.now.advanced(byMilliseconds: 100_000))
        #expect(run.next() == .readRooms(after: nil, limit: UpkeepMachine.pageRooms))
    }

    @Test func `a room is trimmed in slices with a pause after each`() {
        var policy = RetentionPolicy(messages: 5)
        policy.sliceEvents = 3
        policy.pauseMilliseconds = 7
        var run = Run(policy, time)
        #expect(run.next() == .sweep(limit: 3))
        run.machine.swept(SweepSlice(removed: 0, isDone: true), now: run.now)
        _ = run.next()
        run.machine.roomsRead([room(1)], now: run.now)
        #expect(run.next() == .findPlace(RoomID(rawValue: 1), TrimBound(keepingMessages: 5)))
        run.machine.placeFound(5, now: run.now)
        let trim = UpkeepAction.trim(RoomID(rawValue: 1), through: 5, limit: 3)
        #expect(run.next() == trim)
        run.machine.trimmed(TrimSlice(trimmed: 3, removed: 3, isDone: false), now: run.now)
        #expect(run.machine.next(now: run.now, time: time) == nil)
        #expect(run.machine.nextDeadline == run.now.advanced(byMilliseconds: 7))
        #expect(run.next() == trim)
        run.machine.trimmed(TrimSlice(trimmed: 5, removed: 2, isDone: true), now: run.now)
        #expect(
            run.next() == .readRooms(after: RoomID(rawValue: 1), limit: UpkeepMachine.pageRooms))
    }

    @Test func `nothing is asked while something is under way`() {
        var run = Run(RetentionPolicy(seconds: 1), time)
        #expect(run.next() != nil)
        run.machine.roomDeleted(now: run.now)
        #expect(run.machine.nextDeadline == nil)
        #expect(run.machine.next(now: run.now, time: time) == nil)
    }

    @Test func `a deleted room is swept at once, before the walk goes on`() {
        var run = Run(RetentionPolicy(seconds: 1), time)
        run.passSweep()
        _ = run.next()
        run.machine.roomDeleted(now: run.now)
        run.machine.roomsRead([room(1)], now: run.now)
        #expect(run.next() == .sweep(limit: 200))
        run.machine.swept(SweepSlice(removed: 200, isDone: false), now: run.now)
        let due = run.now.advanced(byMilliseconds: 20)
        #expect(run.machine.nextDeadline == due)
    }

    @Test func `a failure is repeated later`() {
        var run = Run(RetentionPolicy(seconds: 1), time)
        run.passSweep()
        _ = run.next()
        run.machine.roomsRead([room(1)], now: run.now)
        let action = run.next()
        run.machine.failed(now: run.now)
        let due = run.now.advanced(byMilliseconds: UpkeepMachine.retryMilliseconds)
        #expect(run.machine.nextDeadline == due)
        #expect(run.next() == action)
    }

    @Test func `a room that has gone meanwhile is passed over`() {
        var run = Run(RetentionPolicy(seconds: 1), time)
        run.passSweep()
        _ = run.next()
        run.machine.roomsRead([room(1), room(2)], now: run.now)
        _ = run.next()
        run.machine.placeFound(5, now: run.now)
        _ = run.next()
        run.machine.trimmed(nil, now: run.now)
        guard case .findPlace(RoomID(rawValue: 2), _)? = run.next() else {
            return #expect(Bool(false), "the walk stopped")
        }
    }

    @Test func `a policy keeps its bounds`() {
        var policy = RetentionPolicy(seconds: .max, messages: -1)
        #expect(policy.seconds == RetentionPolicy.maximumSeconds)
        #expect(policy.messages == 0)
        policy.intervalSeconds = 0
        policy.sliceEvents = 1_000_000
        policy.pauseMilliseconds = 0
        #expect(policy.intervalSeconds == 1)
        #expect(policy.sliceEvents == 10_000)
        #expect(policy.pauseMilliseconds == 1)
    }
}
