// SPDX-License-Identifier: MIT

/// The rules of one connection, as the engine ships them. See ``SessionGoverning``.
public struct SessionMachine: SessionGoverning {
    private enum Phase: Equatable {
        /// Exits: ``signingIn`` by hello, ``closed`` by time-out.
        case greeting(until: ChatInstant)
        /// Exits: ``active`` or back to ``greeting``, by the authenticator's answer.
        case signingIn(until: ChatInstant)
        /// Exits: ``closed``.
        case active(UserReference)
        /// No exit.
        case closed
    }

    private var phase: Phase
    // In an order that leaves no gaps, and no wider than need be: every connection has these.
    private var answersProbes: Bool
    private var hasBarrier = false
    private var hasBegunSignIn = false
    private var writes: UInt32 = 0
    private var heardAt: ChatInstant
    private var probedAt: ChatInstant?
    private let maximumWrites: UInt32
    private let timings: Timings

    /// ``HeartbeatTimings`` in half the room: up to seven weeks.
    private struct Timings {
        let interval: UInt32
        let timeout: UInt32
        let signIn: UInt32

        init(_ timings: HeartbeatTimings) {
            interval = UInt32(clamping: timings.intervalMilliseconds)
            timeout = UInt32(clamping: timings.timeoutMilliseconds)
            signIn = UInt32(clamping: timings.signInTimeoutMilliseconds)
        }

        var intervalMilliseconds: Int64 { Int64(interval) }
        var timeoutMilliseconds: Int64 { Int64(timeout) }
    }

    /// Makes the machine of a new connection.
    ///
    /// - Parameters:
    ///   - answersProbes: whether the transport makes every peer answer a probe (WebSocket). If not, a peer is
    ///     held to the time-out only after it has sent a heartbeat once.
    public init(
        now: ChatInstant, timings: HeartbeatTimings = HeartbeatTimings(), answersProbes: Bool,
        limits: Limits = Limits()
    ) {
        phase = .greeting(
            until: now.advanced(byMilliseconds: timings.helloTimeoutMilliseconds))
        heardAt = now
        self.timings = Timings(timings)
        self.answersProbes = answersProbes
        maximumWrites = UInt32(clamping: limits.pipelinedCommands)
    }

    /// The user who signed in.
    public var user: UserReference? {
        guard case .active(let user) = phase else { return nil }
        return user
    }

    /// Commands that run and whose answer is still to come.
    public var unansweredCommands: Int {
        switch phase {
        case .greeting: hasBarrier ? 1 : 0
        case .closed: 0
        case .signingIn: 1
        case .active: Int(writes) + (hasBarrier ? 1 : 0)
        }
    }

    /// When a time-out comes due next.
    public var nextDeadline: ChatInstant? {
        switch phase {
        case .greeting(let until), .signingIn(let until): return until
        case .closed: return nil
        case .active:
            guard let probedAt else {
                return heardAt.advanced(byMilliseconds: timings.intervalMilliseconds)
            }
            guard answersProbes else { return nil }
            // A probe that went out late (the process was halted) leaves as much time as any other.
            let rest = timings.timeoutMilliseconds - timings.intervalMilliseconds
            return max(
                heardAt.advanced(byMilliseconds: timings.timeoutMilliseconds),
                probedAt.advanced(byMilliseconds: rest))
        }
    }

    /// Whether a command may run now.
    public mutating func admit(_ work: SessionWork) -> SessionVerdict {
        switch (phase, work) {
        case (.closed, _): return .refused(.shuttingDown)
        case (.greeting(let until), .credentials):
            if hasBarrier { return .wait }
            hasBarrier = true
            phase = .greeting(until: beginSignIn(until))
            return .run
        case (.greeting(let until), .hello):
            if hasBarrier { return .wait }
            phase = .signingIn(until: beginSignIn(until))
            return .run
        case (.greeting, .immediate), (.greeting, .write), (.greeting, .barrier):
            return .refused(.helloRequired)
        case (.signingIn, _): return .wait
        case (.active, .hello): return .refused(.alreadySignedIn)
        case (.active, .immediate): return hasBarrier ? .wait : .run
        case (.active, .write):
            guard !hasBarrier, writes < maximumWrites else { return .wait }
            writes += 1
            return .run
        case (.active, .barrier), (.active, .credentials):
            guard !hasBarrier, writes == 0 else { return .wait }
            hasBarrier = true
            return .run
        }
    }

    /// Gives more time to who has begun to sign in, once.
    private mutating func beginSignIn(_ until: ChatInstant) -> ChatInstant {
        if hasBegunSignIn { return until }
        hasBegunSignIn = true
        return until.advanced(byMilliseconds: Int64(timings.signIn))
    }

    /// The command that ran as `work` has been answered. Returns whether a waiting command may now run.
    public mutating func answered(_ work: SessionWork) -> Bool {
        switch work {
        case .hello, .immediate: return false
        case .write:
            if writes > 0 { writes -= 1 }
            return writes == 0 || writes + 1 == maximumWrites
        case .barrier, .credentials:
            hasBarrier = false
            return true
        }
    }

    /// The hello succeeded (`user`) or failed (`nil`: the peer may try again until the time-out).
    public mutating func signedIn(_ user: UserReference?, now: ChatInstant) {
        guard case .signingIn(let until) = phase else { return }
        if let user {
            phase = .active(user)
            heardAt = now
        } else {
            phase = .greeting(until: until)
        }
    }

    /// Who is signed in has another name now.
    public mutating func renamed(to name: String) {
        guard case .active(let user) = phase else { return }
        phase = .active(UserReference(id: user.id, name: name))
    }

    /// Something was heard; `isHeartbeat` if it was a ping or pong.
    public mutating func heard(isHeartbeat: Bool, now: ChatInstant) {
        heardAt = now
        probedAt = nil
        if isHeartbeat { answersProbes = true }
    }

    /// Nothing more is taken.
    public mutating func close() { phase = .closed }

    /// What is due now.
    public mutating func expire(now: ChatInstant) -> SessionDue {
        guard let deadline = nextDeadline, deadline <= now else { return .nothing }
        switch phase {
        case .greeting, .signingIn: return .close(.helloTimeout)
        case .closed: return .nothing
        case .active:
            if probedAt == nil {
                probedAt = now
                return .probe
            }
            return .close(.heartbeatTimeout)
        }
    }
}
