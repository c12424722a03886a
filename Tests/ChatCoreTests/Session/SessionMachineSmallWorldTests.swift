// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

@Suite struct SessionMachineSmallWorldTests {
    enum Event {
        case admit(SessionWork)
        case answered(SessionWork)
        case signIn(Bool)
        case heard(Bool)
        case close
        /// So many milliseconds pass, and time-outs are looked at.
        case wait(Int64)
    }

    static let ada = UserReference(id: alice, name: "Ada")
    static let maximum = 2

    static let timings = {
        var timings = HeartbeatTimings()
        timings.intervalMilliseconds = 3
        timings.timeoutMilliseconds = 5
        timings.helloTimeoutMilliseconds = 4
        timings.signInTimeoutMilliseconds = 3
        return timings
    }()

    /// A list of what runs and a few times; every answer is worked out from them.
    struct Model {
        var now: Int64 = 0
        var running: [SessionWork] = []
        var hasBegun = false
        var isSignedIn = false
        var isClosed = false
        var lastSign: Int64 = 0
        var probe: Int64?
        var isHeld: Bool

        func verdict(_ work: SessionWork) -> SessionVerdict {
            if isClosed { return .refused(.shuttingDown) }
            if running.contains(.hello) { return .wait }
            let isAlone = running.contains(.barrier) || running.contains(.credentials)
            if !isSignedIn {
                if work != .hello && work != .credentials { return .refused(.helloRequired) }
                return isAlone ? .wait : .run
            }
            return switch work {
            case .hello: .refused(.alreadySignedIn)
            case .immediate: isAlone ? .wait : .run
            case .write: isAlone || running.count >= maximum ? .wait : .run
            case .barrier, .credentials: running.isEmpty ? .run : .wait
            }
        }

        var waiting: [SessionWork] { SessionWork.allCases.filter { verdict($0) == .wait } }

        var due: (at: Int64, what: SessionDue)? {
            if isClosed { return nil }
            if !isSignedIn { return (hasBegun ? 7 : 4, .close(.helloTimeout)) }
            guard let probe else { return (lastSign + 3, .probe) }
            return isHeld ? (max(lastSign + 5, probe + 2), .close(.heartbeatTimeout)) : nil
        }
    }

    struct World {
        var machine: SessionMachine
        var model: Model

        init(answersProbes: Bool) {
            var limits = Limits()
            limits.pipelinedCommands = maximum
            machine = SessionMachine(
                now: at(0), timings: timings, answersProbes: answersProbes, limits: limits)
            model = Model(isHeld: answersProbes)
        }

        mutating func apply(_ event: Event, _ history: [Event]) throws {
            let now = at(model.now)
            switch event {
            case .admit(let work):
                let verdict = model.verdict(work)
                if verdict == .run && work != .immediate { model.running.append(work) }
                model.hasBegun = model.hasBegun || verdict == .run
                try check(machine.admit(work), verdict, "verdict", after: history)
            case .answered(let work):
                // Only what runs is answered; after the end nobody asks what may run.
                guard let index = model.running.firstIndex(of: work), work != .hello else { break }
                let before = model.waiting
                model.running.remove(at: index)
                let frees = model.waiting != before
                let answer = machine.answered(work)
                if !model.isClosed { try check(answer, frees, "frees", after: history) }
            case .signIn(let isGood):
                if !model.isClosed, let index = model.running.firstIndex(of: .hello) {
                    model.running.remove(at: index)
                    model.isSignedIn = isGood
                    if isGood { model.lastSign = model.now }
                }
                machine.signedIn(isGood ? ada : nil, now: now)
            case .heard(let isHeartbeat):
                model.lastSign = model.now
                model.probe = nil
                if isHeartbeat { model.isHeld = true }
                machine.heard(isHeartbeat: isHeartbeat, now: now)
            case .close:
                model.isClosed = true
                machine.close()
            case .wait(let step): try wait(step, history)
            }
            try compare(history)
        }

        private mutating func wait(_ step: Int64, _ history: [Event]) throws {
            model.now += step
            var expected = SessionDue.nothing
            if let due = model.due, due.at <= model.now {
                expected = due.what
                if expected == .probe { model.probe = model.now }
            }
            try check(machine.expire(now: at(model.now)), expected, "due", after: history)
        }

        private func compare(_ history: [Event]) throws {
            let isActive = model.isSignedIn && !model.isClosed
            try check(machine.user, isActive ? ada : nil, "user", after: history)
            let running = model.isClosed ? 0 : model.running.count
            try check(machine.unansweredCommands, running, "unanswered", after: history)
            try check(machine.nextDeadline, model.due.map { at($0.at) }, "deadline", after: history)
            if let due = model.due {
                var early = machine
                let justBefore = ChatInstant(nanoseconds: at(due.at).nanoseconds - 1)
                try check(early.expire(now: justBefore), .nothing, "early", after: history)
            }
        }
    }

    @Test(arguments: [false, true])
    func `a new session agrees with the model after every sequence of four events`(
        answersProbes: Bool
    ) throws {
        let alphabet: [Event] =
            SessionWork.allCases.map(Event.admit) + SessionWork.allCases.map(Event.answered)
            + [
                .signIn(true), .signIn(false), .heard(true), .heard(false), .close, .wait(3),
                .wait(1),
            ]
        try forEverySequence(
            of: alphabet, depth: 4, from: World(answersProbes: answersProbes)
        ) { world, history in
            try world.apply(history[history.count - 1], history)
        }
    }

    @Test(arguments: [false, true])
    func `a session that signed in agrees with the model after every sequence of five events`(
        answersProbes: Bool
    ) throws {
        var world = World(answersProbes: answersProbes)
        let start: [Event] = [.admit(.hello), .signIn(true)]
        for event in start { try world.apply(event, start) }
        let alphabet: [Event] = [
            .admit(.immediate), .admit(.write), .admit(.barrier), .answered(.write),
            .answered(.barrier), .heard(true), .heard(false), .wait(3), .wait(2),
        ]
        try forEverySequence(of: alphabet, depth: 5, from: world) { world, history in
            try world.apply(history[history.count - 1], history)
        }
    }
}
