// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@Suite struct RateLimitTests {
    static func request(
        _ kind: CommandKind, session: SessionID = session1, user: UserID? = alice,
        address: UInt64 = 1, room: RoomID? = nil, cost: Int = 1
    ) -> RateRequest {
        RateRequest(
            session: session, user: user, address: address, room: room, kind: kind, cost: cost)
    }

    static func policy(_ limits: [(RateScope, CommandKind, Int)]) -> RateLimitPolicy {
        var policy = RateLimitPolicy()
        for (scope, kind, perMinute) in limits {
            policy[scope, kind] = BucketSize(capacity: perMinute, tokensPerMinute: perMinute)
        }
        return policy
    }

    @Test(
        arguments: [
            (.user, .message, 100), (.user, .other, 100), (.user, .room, 30), (.user, .typing, 120),
            (.user, .sync, 600), (.user, .signIn, nil), (.user, .free, nil),
            (.user, .join, 30), (.user, .password, 10), (.user, .upload, 20),
            (.connection, .join, 60), (.connection, .password, 20), (.connection, .upload, 40),
            (.address, .password, 30), (.room, .password, nil),
            (.connection, .registration, 10), (.address, .registration, 20),
            (.user, .registration, nil),
            (.connection, .message, 200), (.connection, .other, 200), (.connection, .room, 60),
            (.connection, .typing, 240), (.connection, .sync, 1_200), (.connection, .signIn, 30),
            (.connection, .free, nil), (.address, .signIn, 60), (.address, .message, nil),
            (.address, .free, nil), (.room, .message, 3_000), (.room, .typing, nil),
        ] as [(RateScope, CommandKind, Int?)])
    func `the standard policy has these budgets`(
        scope: RateScope, kind: CommandKind, perMinute: Int?
    ) {
        let size = perMinute.map { BucketSize(capacity: $0, tokensPerMinute: $0) }
        #expect(RateLimitPolicy.standard[scope, kind] == size)
    }

    @Test(arguments: RateScope.allCases, CommandKind.allCases)
    func `every scope and kind admits its limit, refuses one more and names itself`(
        scope: RateScope, kind: CommandKind
    ) {
        let limited = Self.policy([(scope, kind, 6)])
        var machine: any RateLimiting = RateLimitMachine(policy: limited)
        let request = Self.request(kind, room: room1)
        for _ in 0..<6 { #expect(machine.admit(request, now: at(0)) == .admitted) }
        let decision = machine.admit(request, now: at(0))
        if kind == .free {
            #expect(decision == .admitted)
            #expect(decision.bucketName == nil)
        } else {
            #expect(
                decision
                    == .refused(scope: scope, kind: kind, retryAfterMilliseconds: 10_000))
            #expect(decision.bucketName == "\(scope.name).\(kind.name)")
            #expect(machine.admit(request, now: at(9_999)) != .admitted)
            #expect(machine.admit(request, now: at(10_000)) == .admitted)
        }
    }

    @Test func `names are those of the wire`() {
        #expect(RateScope.allCases.map(\.name) == ["connection", "user", "address", "room"])
        #expect(
            CommandKind.allCases.map(\.name)
                == [
                    "message", "typing", "sync", "room", "sign_in", "other", "file", "free", "join",
                    "password", "upload", "register",
                ])
    }

    @Test func `the first scope with too little is the one that is named`() {
        var limits: [(RateScope, CommandKind, Int)] = [
            (.connection, .message, 1), (.user, .message, 1), (.address, .message, 1),
            (.room, .message, 1),
        ]
        for scope in RateScope.allCases {
            var machine = RateLimitMachine(policy: Self.policy(limits))
            let request = Self.request(.message, room: room1)
            _ = machine.admit(request, now: at(0))
            #expect(machine.admit(request, now: at(0)).bucketName == "\(scope.name).message")
            limits.removeFirst()
        }
    }

    @Test func `a refusal takes nothing from the other scopes`() {
        let limits = Self.policy([(.connection, .message, 2), (.room, .message, 1)])
        var machine = RateLimitMachine(policy: limits)
        _ = machine.admit(Self.request(.message, room: room1), now: at(0))
        for _ in 0..<5 {
            let refused = machine.admit(Self.request(.message, room: room1), now: at(0))
            #expect(refused.bucketName == "room.message")
        }
        #expect(machine.admit(Self.request(.message, room: room2), now: at(0)) == .admitted)
    }

    @Test func `users, sessions, addresses and rooms have budgets of their own`() {
        let limits = Self.policy([
            (.connection, .other, 1), (.user, .other, 1), (.address, .other, 1),
            (.room, .other, 1),
        ])
        var machine = RateLimitMachine(policy: limits)
        let first = Self.request(.other, room: room1)
        let second = Self.request(
            .other, session: session2, user: bob, address: 2, room: room2)
        #expect(machine.admit(first, now: at(0)) == .admitted)
        #expect(machine.admit(second, now: at(0)) == .admitted)
        #expect(machine.admit(first, now: at(0)) != .admitted)
    }

    @Test func `kinds have budgets of their own: catching up goes on when posting is refused`() {
        let limits = Self.policy([(.user, .message, 1), (.user, .sync, 1)])
        var machine = RateLimitMachine(policy: limits)
        _ = machine.admit(Self.request(.message), now: at(0))
        #expect(machine.admit(Self.request(.message), now: at(0)) != .admitted)
        #expect(machine.admit(Self.request(.sync), now: at(0)) == .admitted)
    }

    @Test func `scopes that a command does not have are passed over`() {
        let limits = Self.policy([(.user, .message, 1), (.room, .message, 1)])
        var machine = RateLimitMachine(policy: limits)
        let request = Self.request(.message, user: nil, room: nil)
        for _ in 0..<5 { #expect(machine.admit(request, now: at(0)) == .admitted) }
        #expect(machine.bucketCount == 0)
    }

    @Test func `a cost of zero or less is free, one above the capacity takes it all`() {
        var machine = RateLimitMachine(policy: Self.policy([(.user, .message, 3)]))
        #expect(machine.admit(Self.request(.message, cost: 0), now: at(0)) == .admitted)
        #expect(machine.admit(Self.request(.message, cost: -1), now: at(0)) == .admitted)
        #expect(machine.bucketCount == 0)
        #expect(machine.admit(Self.request(.message, cost: 4), now: at(0)) == .admitted)
        #expect(machine.admit(Self.request(.message), now: at(0)) != .admitted)
    }

    @Test func `off never refuses and remembers nothing`() {
        var machine = RateLimitMachine(policy: .off)
        for kind in CommandKind.allCases {
            for _ in 0..<1_000 {
                #expect(machine.admit(Self.request(kind, room: room1), now: at(0)) == .admitted)
            }
        }
        #expect(machine.bucketCount == 0)
        #expect(machine.nextDeadline == nil)
        #expect(RateLimitPolicy.off.isOff)
        #expect(!RateLimitPolicy.standard.isOff)
    }

    @Test func `a policy whose limits are taken back is off`() {
        var policy = Self.policy([(.user, .message, 3)])
        policy[.user, .message] = BucketSize(capacity: 4, tokensPerMinute: 4)
        #expect(!policy.isOff)
        policy[.user, .message] = nil
        policy[.user, .message] = nil
        #expect(policy.isOff)
    }

    @Test func `a dry run counts refusals and admits`() {
        var policy = Self.policy([(.user, .message, 1)])
        policy.isDryRun = true
        var machine = RateLimitMachine(policy: policy)
        #expect(machine.admit(Self.request(.message), now: at(0)) == .admitted)
        for _ in 0..<3 {
            let decision = machine.admit(Self.request(.message), now: at(0))
            #expect(decision == .tolerated(scope: .user, kind: .message))
            #expect(decision.bucketName == "user.message")
        }
        #expect(machine.refusalsInDryRun == 3)
        var enforced = RateLimitMachine(policy: Self.policy([(.user, .message, 1)]))
        for _ in 0..<4 { _ = enforced.admit(Self.request(.message), now: at(0)) }
        #expect(enforced.refusalsInDryRun == 0)
    }
}
