// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

@Suite struct TypingSmallWorldTests {
    enum Event {
        case start(UserID, SessionID)
        case stop(UserID)
        case end(SessionID)
        case expire
        case wait(Int64)
    }

    /// Answers from the whole history: for each user, the accepted starts since they last were not
    /// typing.
    struct Model {
        var history: [Event]
        let expiry: Int64 = 6
        let throttle: Int64 = 3

        struct Start {
            var index: Int
            var time: Int64
            var session: SessionID
        }

        var now: Int64 {
            history.reduce(0) { if case .wait(let step) = $1 { $0 + step } else { $0 } }
        }

        func starts(of user: UserID) -> [Start] {
            var accepted: [Start] = []
            var time: Int64 = 0
            for (index, event) in history.enumerated() {
                switch event {
                case .wait(let step): time += step
                case .start(user, let session):
                    if accepted.last.map({ time - $0.time >= throttle }) ?? true {
                        accepted.append(Start(index: index, time: time, session: session))
                    }
                case .stop(user): accepted = []
                case .end(let session):
                    if accepted.last?.session == session { accepted = [] }
                case .expire:
                    if let last = accepted.last, time - last.time >= expiry { accepted = [] }
                case .start, .stop: break
                }
            }
            return accepted
        }

        var typists: [UserID] {
            [alice, bob].filter { !starts(of: $0).isEmpty }
                .sorted { starts(of: $0)[0].index < starts(of: $1)[0].index }
        }

        var nextDeadline: Int64? {
            [alice, bob].compactMap { starts(of: $0).last.map { $0.time + expiry } }.min()
        }
    }

    @Test func `the machine agrees with the model after every sequence of five events`() throws {
        let alphabet: [Event] = [
            .start(alice, session1), .start(alice, session2), .start(bob, session3), .stop(alice),
            .end(session1), .end(session3), .expire, .wait(3), .wait(2),
        ]
        let machine = TypingMachine(
            timings: TypingTimings(typingExpiryMilliseconds: 6, typingThrottleMilliseconds: 3))
        try forEverySequence(of: alphabet, depth: 5, from: machine) { machine, history in
            let before = Model(history: Array(history.dropLast())).typists
            let model = Model(history: history)
            let now = at(model.now)
            let change: TypingChange =
                switch history[history.count - 1] {
                case .start(let user, let session):
                    machine.start(user, session: session, now: now)
                case .stop(let user): machine.stop(user, now: now)
                case .end(let session): machine.sessionEnded(session, now: now)
                case .expire: machine.expire(now: now)
                case .wait: .unchanged
                }
            try check(machine.typists, model.typists, "typists", after: history)
            try check(
                machine.nextDeadline, model.nextDeadline.map(at), "deadline", after: history)
            try check(
                change, before == model.typists ? .unchanged : .changed, "change", after: history)
        }
    }
}
