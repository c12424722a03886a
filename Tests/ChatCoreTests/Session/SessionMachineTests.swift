// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@Suite struct SessionMachineTests {
    static let ada = UserReference(id: alice, name: "Ada")

    enum Phase: CaseIterable {
        case greeting, exchanging, signingIn, retrying, idle, writing, full, barrier, closed
    }

    static func limits(_ pipelined: Int) -> Limits {
        var limits = Limits()
        limits.pipelinedCommands = pipelined
        return limits
    }

    static func greeting(answersProbes: Bool = true, pipelined: Int = 2) -> SessionMachine {
        SessionMachine(now: at(0), answersProbes: answersProbes, limits: limits(pipelined))
    }

    /// A machine of somebody who signed in at 1 000 ms.
    static func active(answersProbes: Bool = true, pipelined: Int = 2) -> SessionMachine {
        var machine = greeting(answersProbes: answersProbes, pipelined: pipelined)
        _ = machine.admit(.hello)
        machine.signedIn(ada, now: at(1_000))
        return machine
    }

    static func machine(in phase: Phase) -> SessionMachine {
        let isGreeting = [.greeting, .exchanging, .signingIn, .retrying].contains(phase)
        var machine = isGreeting ? greeting() : active()
        switch phase {
        case .greeting, .idle: break
        case .exchanging: _ = machine.admit(.credentials)
        case .signingIn: _ = machine.admit(.hello)
        case .retrying:
            _ = machine.admit(.hello)
            machine.signedIn(nil, now: at(1_000))
        case .writing: _ = machine.admit(.write)
        case .full: for _ in 0..<2 { _ = machine.admit(.write) }
        case .barrier: _ = machine.admit(.barrier)
        case .closed: machine.close()
        }
        return machine
    }

    /// What can be seen of a machine: whose it is, how much runs, and what it says to each work.
    struct Look: Equatable {
        var user: UserReference?
        var unanswered: Int
        var verdicts: [SessionVerdict]
        var deadline: ChatInstant?

        init(_ machine: SessionMachine) {
            user = machine.user
            unanswered = machine.unansweredCommands
            deadline = machine.nextDeadline
            verdicts = SessionWork.allCases.map { work in
                var copy = machine
                return copy.admit(work)
            }
        }
    }

    /// The verdict and the phase that follows.
    static func expected(_ phase: Phase, _ work: SessionWork) -> (SessionVerdict, Phase) {
        switch (phase, work) {
        case (.greeting, .hello), (.retrying, .hello): (.run, .signingIn)
        case (.greeting, .credentials), (.retrying, .credentials): (.run, .exchanging)
        case (.exchanging, .hello), (.exchanging, .credentials): (.wait, .exchanging)
        case (.greeting, _), (.retrying, _), (.exchanging, _): (.refused(.helloRequired), phase)
        case (.signingIn, _): (.wait, .signingIn)
        case (.idle, .hello), (.writing, .hello), (.full, .hello), (.barrier, .hello):
            (.refused(.alreadySignedIn), phase)
        case (.idle, .immediate): (.run, .idle)
        case (.idle, .write): (.run, .writing)
        case (.idle, .barrier), (.idle, .credentials): (.run, .barrier)
        case (.writing, .immediate): (.run, .writing)
        case (.writing, .write): (.run, .full)
        case (.writing, .barrier), (.writing, .credentials): (.wait, .writing)
        case (.full, .immediate): (.run, .full)
        case (.full, .write), (.full, .barrier), (.full, .credentials): (.wait, .full)
        case (.barrier, _): (.wait, .barrier)
        case (.closed, _): (.refused(.shuttingDown), .closed)
        }
    }

    @Test(arguments: Phase.allCases, SessionWork.allCases)
    func `every phase answers every kind of work`(phase: Phase, work: SessionWork) {
        var machine = Self.machine(in: phase)
        let (verdict, next) = Self.expected(phase, work)
        #expect(machine.admit(work) == verdict)
        #expect(Look(machine) == Look(Self.machine(in: next)))
    }

    @Test(arguments: Phase.allCases)
    func `every phase shows whose it is and what runs`(phase: Phase) {
        let machine = Self.machine(in: phase)
        let isActive = ![.greeting, .exchanging, .signingIn, .retrying, .closed].contains(phase)
        #expect(machine.user == (isActive ? Self.ada : nil))
        let unanswered =
            switch phase {
            case .greeting, .retrying, .idle, .closed: 0
            case .exchanging, .signingIn, .writing, .barrier: 1
            case .full: 2
            }
        #expect(machine.unansweredCommands == unanswered)
        let deadline: ChatInstant? =
            switch phase {
            case .greeting: at(10_000)
            case .exchanging, .signingIn, .retrying: at(70_000)
            case .closed: nil
            default: at(26_000)
            }
        #expect(machine.nextDeadline == deadline)
    }

    @Test(arguments: Phase.allCases)
    func `the end of a sign-in counts only while one is under way`(phase: Phase) {
        for user in [nil, Self.ada] {
            var machine = Self.machine(in: phase)
            machine.signedIn(user, now: at(1_000))
            let next =
                phase == .signingIn ? (user == nil ? Phase.retrying : .idle) : phase
            #expect(Look(machine) == Look(Self.machine(in: next)))
        }
    }

    @Test(arguments: Phase.allCases)
    func `a closed session stays closed`(phase: Phase) {
        var machine = Self.machine(in: phase)
        machine.close()
        let closed = Look(Self.machine(in: .closed))
        #expect(Look(machine) == closed)
        machine.signedIn(Self.ada, now: at(1))
        machine.heard(isHeartbeat: true, now: at(2))
        #expect(machine.expire(now: at(1_000_000)) == .nothing)
        #expect(Look(machine) == closed)
    }

    // MARK: Answers

    @Test func `answers give back what they took`() {
        var machine = Self.machine(in: .full)
        #expect(machine.answered(.write) == true)
        #expect(Look(machine) == Look(Self.machine(in: .writing)))
        #expect(machine.answered(.write) == true)
        #expect(Look(machine) == Look(Self.machine(in: .idle)))
        machine = Self.machine(in: .barrier)
        #expect(machine.answered(.barrier) == true)
        #expect(Look(machine) == Look(Self.machine(in: .idle)))
        machine = Self.machine(in: .exchanging)
        #expect(machine.answered(.credentials) == true)
        #expect(Look(machine) == Look(Self.machine(in: .retrying)))
        for work in [SessionWork.hello, .immediate] {
            machine = Self.machine(in: .full)
            #expect(machine.answered(work) == false)
            #expect(Look(machine) == Look(Self.machine(in: .full)))
        }
    }

    @Test func `an answer too many makes no room`() {
        var machine = Self.active()
        _ = machine.answered(.write)
        _ = machine.answered(.barrier)
        #expect(machine.unansweredCommands == 0)
        #expect(machine.admit(.write) == .run)
        #expect(machine.admit(.write) == .run)
        #expect(machine.admit(.write) == .wait)
    }

    @Test(arguments: [1, 2, 3, Limits().pipelinedCommands])
    func `as many writes run as the limit, and one more waits for an answer`(limit: Int) {
        var machine = Self.active(pipelined: limit)
        for number in 1...limit {
            #expect(machine.admit(.write) == .run)
            #expect(machine.unansweredCommands == number)
        }
        #expect(machine.admit(.write) == .wait)
        #expect(machine.unansweredCommands == limit)
        #expect(machine.answered(.write) == true)
        #expect(machine.admit(.write) == .run)
        #expect(machine.admit(.write) == .wait)
        // Only the first answer below the limit and the last one of all let something run.
        for left in (0..<limit).reversed() {
            #expect(machine.answered(.write) == (left == limit - 1 || left == 0), "\(left)")
        }
        #expect(machine.admit(.barrier) == .run)
    }

    @Test(arguments: [SessionWork.hello, .credentials])
    func `who has begun to sign in has a minute more, however often it is tried`(
        _ work: SessionWork
    ) {
        var machine = Self.greeting()
        #expect(machine.nextDeadline == at(10_000))
        for time in [9_999, 12_000, 69_999] as [Int64] {
            #expect(machine.admit(work) == .run)
            #expect(machine.nextDeadline == at(70_000))
            if work == .hello {
                machine.signedIn(nil, now: at(time))
            } else {
                _ = machine.answered(work)
            }
            #expect(machine.nextDeadline == at(70_000))
        }
        #expect(machine.expire(now: at(70_000)) == .close(.helloTimeout))
    }

    // MARK: Signs of life

    private func justBefore(_ instant: ChatInstant) -> ChatInstant {
        ChatInstant(nanoseconds: instant.nanoseconds - 1)
    }

    @Test(arguments: [false, true])
    func `a connection that says no hello is closed at its time-out`(isSigningIn: Bool) {
        var machine = Self.greeting()
        if isSigningIn { _ = machine.admit(.hello) }
        machine.heard(isHeartbeat: true, now: at(9_999))
        let end = at(isSigningIn ? 70_000 : 10_000)
        #expect(machine.nextDeadline == end)
        #expect(machine.expire(now: justBefore(end)) == .nothing)
        #expect(machine.expire(now: end) == .close(.helloTimeout))
    }

    @Test func `silence is probed, then ended`() {
        var machine = Self.active()
        #expect(machine.nextDeadline == at(26_000))
        #expect(machine.expire(now: justBefore(at(26_000))) == .nothing)
        #expect(machine.nextDeadline == at(26_000))
        #expect(machine.expire(now: at(26_000)) == .probe)
        #expect(machine.nextDeadline == at(61_000))
        #expect(machine.expire(now: at(26_000)) == .nothing)
        #expect(machine.expire(now: justBefore(at(61_000))) == .nothing)
        #expect(machine.expire(now: at(61_000)) == .close(.heartbeatTimeout))
    }

    @Test(arguments: [false, true])
    func `whatever is heard counts as a sign of life`(isHeartbeat: Bool) {
        var machine = Self.active()
        #expect(machine.expire(now: at(26_000)) == .probe)
        machine.heard(isHeartbeat: isHeartbeat, now: at(60_999))
        #expect(machine.nextDeadline == at(85_999))
        #expect(machine.expire(now: at(61_000)) == .nothing)
        #expect(machine.expire(now: at(85_999)) == .probe)
        #expect(machine.nextDeadline == at(120_999))
    }

    @Test func `a late probe leaves as much time for the answer as one in time`() {
        var machine = Self.active()
        #expect(machine.expire(now: at(500_000)) == .probe)
        #expect(machine.nextDeadline == at(535_000))
        #expect(machine.expire(now: justBefore(at(535_000))) == .nothing)
        #expect(machine.expire(now: at(535_000)) == .close(.heartbeatTimeout))
    }

    @Test func `a peer that need not answer probes is probed once and never ended`() {
        var machine = Self.active(answersProbes: false)
        #expect(machine.expire(now: at(26_000)) == .probe)
        #expect(machine.nextDeadline == nil)
        #expect(machine.expire(now: at(1_000_000)) == .nothing)
        machine.heard(isHeartbeat: false, now: at(1_000_000))
        #expect(machine.nextDeadline == at(1_025_000))
        #expect(machine.expire(now: at(1_025_000)) == .probe)
        #expect(machine.nextDeadline == nil)
    }

    @Test func `a peer that has sent one heartbeat is held to the time-out`() {
        var machine = Self.active(answersProbes: false)
        machine.heard(isHeartbeat: true, now: at(2_000))
        #expect(machine.expire(now: at(27_000)) == .probe)
        #expect(machine.nextDeadline == at(62_000))
        machine.heard(isHeartbeat: false, now: at(62_000))
        #expect(machine.expire(now: at(87_000)) == .probe)
        #expect(machine.expire(now: at(122_000)) == .close(.heartbeatTimeout))
    }
}
