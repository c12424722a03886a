// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

@Suite struct PresenceSmallWorldTests {
    enum Event {
        case connect(UserID, SessionID)
        case drop(UserID, SessionID)
        case logout(UserID, SessionID)
        case idle(UserID, SessionID)
        case busy(UserID, Bool)
        case expire
        case wait(Int64)
    }

    /// Defines every fact by looking back through the history, rather than by keeping state.
    struct Model {
        var history: ArraySlice<Event>
        static let grace: Int64 = 15

        var earlier: Model { Model(history: history.dropLast()) }

        var now: Int64 {
            history.reduce(0) { if case .wait(let step) = $1 { $0 + step } else { $0 } }
        }

        func sessions(of user: UserID) -> [SessionID] {
            switch history.last {
            case nil: []
            case .connect(user, let session):
                earlier.sessions(of: user).contains(session)
                    ? earlier.sessions(of: user) : earlier.sessions(of: user) + [session]
            case .drop(user, let session), .logout(user, let session):
                earlier.sessions(of: user).filter { $0 != session }
            default: earlier.sessions(of: user)
            }
        }

        func isIdle(_ user: UserID, _ session: SessionID) -> Bool {
            guard sessions(of: user).contains(session) else { return false }
            if case .idle(user, session) = history.last { return true }
            return earlier.isIdle(user, session)
        }

        func isBusy(_ user: UserID) -> Bool {
            // Only saves time: without such an event the answer below is no as well.
            let mentions = history.contains { if case .busy(user, _) = $0 { true } else { false } }
            guard mentions, let last = history.last else { return false }
            if case .busy(user, let isBusy) = last, !sessions(of: user).isEmpty { return isBusy }
            return earlier.isBusy(user) && status(of: user, busy: true) != .offline
        }

        /// When the last session went, if there is none now.
        func graceEnd(_ user: UserID) -> Int64? {
            guard !history.isEmpty, sessions(of: user).isEmpty else { return nil }
            return earlier.sessions(of: user).isEmpty ? earlier.graceEnd(user) : now + Self.grace
        }

        func status(of user: UserID, busy: Bool? = nil) -> PresenceStatus {
            let sessions = sessions(of: user)
            if !sessions.isEmpty {
                if busy ?? isBusy(user) { return .busy }
                return sessions.contains { !isIdle(user, $0) } ? .online : .away
            }
            guard let last = history.last, let end = graceEnd(user) else { return .offline }
            let before = earlier.status(of: user)
            if case .logout(user, _) = last, !earlier.sessions(of: user).isEmpty {
                return .offline
            }
            if case .expire = last, now >= end { return .offline }
            return before
        }

        var nextDeadline: Int64? {
            [alice, bob].filter { status(of: $0) != .offline }.compactMap(graceEnd).min()
        }
    }

    @Test func `the machine agrees with the model after every sequence of five events`() throws {
        let alphabet: [Event] = [
            .connect(alice, session1), .connect(alice, session2), .connect(bob, session3),
            .drop(alice, session1), .drop(bob, session3), .logout(alice, session2),
            .idle(alice, session1), .busy(alice, true), .expire, .wait(15),
        ]
        let machine = PresenceMachine(timings: PresenceTimings(presenceGraceMilliseconds: 15))
        try forEverySequence(of: alphabet, depth: 5, from: machine) { machine, history in
            let model = Model(history: history[...])
            let users = [alice, bob]
            let before = users.map { model.earlier.status(of: $0) }
            let after = users.map { model.status(of: $0) }
            let expected = users.indices.filter { before[$0] != after[$0] }
                .map { PresenceChange(user: users[$0], status: after[$0]) }
            let changes = Self.apply(history[history.count - 1], at: model.now, to: &machine)
            try check(changes, expected, "changes", after: history)
            try check(users.map(machine.status), after, "statuses", after: history)
            try check(
                users.map(machine.sessions), users.map(model.sessions), "sessions", after: history)
            try check(
                machine.nextDeadline, model.nextDeadline.map(at), "deadline", after: history)
            try check(
                machine.trackedUsers, after.count { $0 != .offline }, "users", after: history)
        }
    }

    /// Changes in user order; within this world several only ever come from one expiry at one time.
    static func apply(
        _ event: Event, at milliseconds: Int64, to machine: inout PresenceMachine
    ) -> [PresenceChange] {
        let now = at(milliseconds)
        let change: PresenceChange? =
            switch event {
            case .connect(let user, let session): machine.connect(user, session: session, now: now)
            case .drop(let user, let session):
                machine.disconnect(user, session: session, isExplicit: false, now: now)
            case .logout(let user, let session):
                machine.disconnect(user, session: session, isExplicit: true, now: now)
            case .idle(let user, let session):
                machine.setActivity(user, session: session, isIdle: true, now: now)
            case .busy(let user, let isBusy): machine.setBusy(user, isBusy, now: now)
            case .expire, .wait: nil
            }
        if case .expire = event {
            return machine.expire(now: now).sorted { $0.user < $1.user }
        }
        return change.map { [$0] } ?? []
    }
}
