// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

@Suite struct SlowModeTests {
    @Test(
        arguments: [
            // slow mode at the first and at the second message, time of the second, wait
            (10, 10, 0, 10_000), (10, 10, 1, 9_999), (10, 10, 9_999, 1), (10, 10, 10_000, nil),
            (10, 0, 1, nil), (0, 10, 1, nil), (-1, 10, 1, nil),
            (10, 5, 4_999, 1), (10, 5, 5_000, nil), (10, 60, 9_999, 1), (10, 60, 10_000, nil),
        ] as [(Int, Int, Int64, Int64?)])
    func `a second message waits for the slow mode`(
        first: Int, second: Int, time: Int64, wait: Int64?
    ) {
        var slowMode = SlowMode()
        #expect(slowMode.admit(alice, seconds: first, now: at(0)) == nil)
        #expect(slowMode.admit(alice, seconds: second, now: at(time)) == wait)
        #expect(slowMode.admit(bob, seconds: second, now: at(time)) == nil)
    }

    @Test func `a refused message does not prolong the wait`() {
        var slowMode = SlowMode()
        _ = slowMode.admit(alice, seconds: 10, now: at(0))
        #expect(slowMode.admit(alice, seconds: 10, now: at(9_000)) == 1_000)
        #expect(slowMode.admit(alice, seconds: 10, now: at(10_000)) == nil)
    }

    @Test func `whoever is forgotten may post at once`() {
        var slowMode = SlowMode()
        _ = slowMode.admit(alice, seconds: 10, now: at(0))
        slowMode.forget(alice)
        #expect(slowMode.admit(alice, seconds: 10, now: at(0)) == nil)
        #expect(slowMode.admit(alice, seconds: 10, now: at(1)) == 9_999)
    }

    @Test func `at the limit nobody is let off, one above the one who posted longest ago is`() {
        var slowMode = SlowMode(maximumMembers: 3)
        for (index, user) in users.enumerated() {
            _ = slowMode.admit(user, seconds: 10, now: at(Int64(index)))
        }
        #expect(slowMode.trackedPosts == 3)
        #expect(slowMode.admit(alice, seconds: 10, now: at(5)) == 9_995)
        #expect(slowMode.admit(UserID(rawValue: 4), seconds: 10, now: at(5)) == nil)
        #expect(slowMode.trackedPosts == 3)
        #expect(slowMode.admit(bob, seconds: 10, now: at(5)) == 9_996)
        #expect(slowMode.admit(alice, seconds: 10, now: at(5)) == nil)
    }

    @Test func `posting and being forgotten over and over stays within the bound`() {
        var slowMode = SlowMode(maximumMembers: 5)
        for step in 0..<1_000 as Range<Int64> {
            _ = slowMode.admit(alice, seconds: 21_600, now: at(step))
            slowMode.forget(alice)
            #expect(slowMode.trackedPosts <= 5)
        }
    }

    @Test func `making room for others leaves a member's later post alone`() {
        var slowMode = SlowMode(maximumMembers: 2)
        _ = slowMode.admit(alice, seconds: 10, now: at(0))
        slowMode.forget(alice)
        _ = slowMode.admit(alice, seconds: 10, now: at(1))
        _ = slowMode.admit(bob, seconds: 10, now: at(2))
        #expect(slowMode.admit(alice, seconds: 10, now: at(2)) == 9_999)
        #expect(slowMode.admit(bob, seconds: 10, now: at(2)) == 10_000)
    }

    @Test func `the longest slow mode that can be asked for does not overflow`() {
        var slowMode = SlowMode()
        #expect(slowMode.admit(alice, seconds: .max, now: at(0)) == nil)
        #expect(slowMode.admit(alice, seconds: .max, now: at(0)) == 31_536_000_000)
    }

    @Test func `the deadline is the exact moment at which a post stops mattering`() throws {
        var slowMode = SlowMode()
        #expect(slowMode.nextDeadline == nil)
        _ = slowMode.admit(alice, seconds: 10, now: at(0))
        _ = slowMode.admit(bob, seconds: 10, now: at(5))
        let deadline = try #require(slowMode.nextDeadline)
        slowMode.expire(now: ChatInstant(nanoseconds: deadline.nanoseconds - 1))
        #expect(slowMode.trackedPosts == 2)
        slowMode.expire(now: deadline)
        #expect(slowMode.trackedPosts == 1)
        #expect(slowMode.nextDeadline == at(10_005))
    }

    enum Event { case post(UserID, Int), forget(UserID), expire, wait(Int64) }

    @Test func `slow mode agrees with a search through every sequence of five events`() throws {
        let alphabet: [Event] = [
            .post(alice, 2), .post(alice, 1), .post(alice, 3), .post(bob, 2), .forget(alice),
            .expire, .wait(1_000), .wait(500),
        ]
        try forEverySequence(of: alphabet, depth: 5, from: SlowMode()) { slowMode, history in
            let time = Self.time(history)
            switch history[history.count - 1] {
            case .wait: break
            case .expire: slowMode.expire(now: at(time))
            case .forget(let user): slowMode.forget(user)
            case .post(let user, let seconds):
                let expected = Self.wait(user, seconds, at: time, after: history.dropLast())
                let wait = slowMode.admit(user, seconds: seconds, now: at(time))
                try check(wait, expected, "wait", after: history)
            }
        }
    }

    static func time(_ history: some Sequence<Event>) -> Int64 {
        history.reduce(0) { if case .wait(let step) = $1 { $0 + step } else { $0 } }
    }

    /// Looks back for the last message that was let through.
    static func wait(
        _ user: UserID, _ seconds: Int, at now: Int64, after history: ArraySlice<Event>
    ) -> Int64? {
        for index in history.indices.reversed() {
            switch history[index] {
            case .forget(user): return nil
            case .post(user, let then):
                let time = time(history[..<index])
                guard wait(user, then, at: time, after: history[..<index]) == nil else { continue }
                let rest = time + Int64(min(then, seconds)) * 1_000 - now
                return rest > 0 ? rest : nil
            case .forget, .post, .expire, .wait: break
            }
        }
        return nil
    }
}
