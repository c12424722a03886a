// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

@Suite struct RateLimitMemoryTests {
    static let policy = RateLimitTests.policy([(.user, .message, 60)])

    static func request(_ user: UInt64, cost: Int = 1) -> RateRequest {
        RateLimitTests.request(.message, user: UserID(rawValue: user), cost: cost)
    }

    @Test func `as many buckets as the limit are kept, and one more evicts one`() {
        var machine = RateLimitMachine(policy: Self.policy, maximumBuckets: 100)
        for user in 1...100 as ClosedRange<UInt64> {
            _ = machine.admit(Self.request(user), now: at(0))
        }
        #expect(machine.bucketCount == 100)
        for user in 101...10_000 as ClosedRange<UInt64> {
            #expect(machine.admit(Self.request(user), now: at(0)) == .admitted)
            #expect(machine.bucketCount == 100)
        }
    }

    @Test func `what goes is what is nearest to full`() {
        var machine = RateLimitMachine(policy: Self.policy, maximumBuckets: 8)
        for user in 1...7 as ClosedRange<UInt64> {
            _ = machine.admit(Self.request(user, cost: 60), now: at(0))
        }
        _ = machine.admit(Self.request(8, cost: 1), now: at(0))
        _ = machine.admit(Self.request(9, cost: 60), now: at(0))
        for user in 1...7 as ClosedRange<UInt64> {
            #expect(machine.admit(Self.request(user), now: at(0)) != .admitted)
        }
        #expect(machine.admit(Self.request(9), now: at(0)) != .admitted)
        #expect(machine.admit(Self.request(8, cost: 60), now: at(0)) == .admitted)
    }

    @Test func `even a table of one bucket stays within its bound`() {
        let policy = RateLimitTests.policy([
            (.connection, .message, 1), (.user, .message, 1), (.room, .message, 1),
        ])
        var machine = RateLimitMachine(policy: policy, maximumBuckets: 0)
        let request = RateLimitTests.request(.message, room: room1)
        #expect(machine.admit(request, now: at(0)) == .admitted)
        #expect(machine.bucketCount == 1)
        #expect(machine.admit(request, now: at(0)).bucketName == "room.message")
    }

    @Test func `full buckets go when the deadline has come, not before, and no others`() throws {
        var machine = RateLimitMachine(policy: Self.policy)
        #expect(machine.nextDeadline == nil)
        _ = machine.admit(Self.request(1, cost: 1), now: at(0))
        _ = machine.admit(Self.request(2, cost: 2), now: at(0))
        let deadline = try #require(machine.nextDeadline)
        #expect(deadline == at(1_000))
        machine.expire(now: ChatInstant(nanoseconds: deadline.nanoseconds - 1))
        #expect(machine.bucketCount == 2)
        #expect(machine.nextDeadline == deadline)
        machine.expire(now: deadline)
        #expect(machine.bucketCount == 1)
        #expect(machine.nextDeadline == at(2_000))
        machine.expire(now: at(2_000))
        #expect(machine.bucketCount == 0)
        #expect(machine.nextDeadline == nil)
    }

    @Test func `each look sees a part of the buckets, and all looks see all of them`() {
        let timings = RateLimitTimings(sweepMilliseconds: 1_000, bucketsPerSweep: 10)
        var machine = RateLimitMachine(policy: Self.policy, timings: timings)
        for user in 1...100 as ClosedRange<UInt64> {
            _ = machine.admit(Self.request(user), now: at(0))
        }
        for look in 1...10 as ClosedRange<Int64> {
            machine.expire(now: at(look * 1_000))
            #expect(machine.bucketCount == 100 - Int(look) * 10)
        }
        #expect(machine.nextDeadline == nil)
    }

    @Test func `the end of a connection takes its buckets and nobody else's`() {
        let policy = RateLimitTests.policy([
            (.connection, .message, 1), (.connection, .typing, 1), (.user, .message, 1),
        ])
        var machine = RateLimitMachine(policy: policy)
        _ = machine.admit(RateLimitTests.request(.message), now: at(0))
        _ = machine.admit(RateLimitTests.request(.typing), now: at(0))
        _ = machine.admit(RateLimitTests.request(.typing, session: session2), now: at(0))
        #expect(machine.bucketCount == 4)
        machine.sessionEnded(session1)
        #expect(machine.bucketCount == 2)
        #expect(
            machine.admit(RateLimitTests.request(.message), now: at(0)).bucketName
                == "user.message")
        machine.sessionEnded(session1)
        #expect(machine.bucketCount == 2)
    }

    enum Event { case admit(RateRequest), expire, end(SessionID), wait(Int) }

    /// Buckets that are never forgotten, filled by hand every millisecond, keyed by their
    /// description.
    static func decision(after history: [Event]) -> String? {
        var spent: [String: Int] = [:]
        var answer: String?
        for event in history {
            switch event {
            case .wait(let steps):
                for _ in 0..<steps { spent = spent.mapValues { max($0 - 1, 0) } }
            case .end(let session): spent["connection.\(session.rawValue)"] = nil
            case .expire: break
            case .admit(let request):
                let names = [
                    ("connection", 3, request.session.rawValue),
                    ("user", 2, request.user?.rawValue),
                    ("room", 3, request.room?.rawValue),
                ].compactMap { name, size, id in id.map { ("\(name).\($0)", name, size) } }
                let refusing = names.first { spent[$0.0, default: 0] + request.cost > $0.2 }
                answer = refusing.map {
                    "\($0.1) \(spent[$0.0, default: 0] + request.cost - $0.2)"
                }
                if answer == nil { for name in names { spent[name.0, default: 0] += request.cost } }
            }
        }
        return answer
    }

    @Test func `forgetting full buckets is never noticed: every sequence of five events`() throws {
        let one = RateLimitTests.request(.message, room: room1)
        let alphabet: [Event] = [
            .admit(one), .admit(RateLimitTests.request(.message, session: session2, cost: 2)),
            .admit(RateLimitTests.request(.message, session: session2, user: bob, room: room1)),
            .admit(RateLimitTests.request(.message, user: nil, room: room1, cost: 2)),
            .expire, .end(session1), .wait(1), .wait(2),
        ]
        var policy = RateLimitPolicy()
        for (scope, size) in [(RateScope.connection, 3), (.user, 2), (.room, 3)] {
            policy[scope, .message] = BucketSize(capacity: size, tokensPerMinute: 60_000)
        }
        let timings = RateLimitTimings(sweepMilliseconds: 1, bucketsPerSweep: 2)
        let machine = RateLimitMachine(policy: policy, timings: timings)
        try forEverySequence(of: alphabet, depth: 5, from: machine) { machine, history in
            let time = history.reduce(0) { if case .wait(let step) = $1 { $0 + step } else { $0 } }
            let now = at(Int64(time))
            switch history[history.count - 1] {
            case .wait: break
            case .expire: machine.expire(now: now)
            case .end(let session): machine.sessionEnded(session)
            case .admit(let request):
                var answer: String?
                if case .refused(let scope, _, let wait) = machine.admit(request, now: now) {
                    answer = "\(scope.name) \(wait)"
                }
                try check(answer, Self.decision(after: history), "answer", after: history)
            }
            try check(
                machine.nextDeadline == nil, machine.bucketCount == 0, "no deadline",
                after: history)
        }
    }
}
