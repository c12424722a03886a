// SPDX-License-Identifier: MIT

/// The rules of one connection: hello first, one thing at a time where order matters, signs of life. Pure.
public protocol SessionGoverning: Sendable {
    /// The user who signed in.
    var user: UserReference? { get }
    /// Commands that run and whose answer is still to come.
    var unansweredCommands: Int { get }
    /// When the machine next wants ``expire(now:)``.
    var nextDeadline: ChatInstant? { get }
    /// Whether a command may run now.
    mutating func admit(_ work: SessionWork) -> SessionVerdict
    /// The command that ran as `work` has been answered. Returns whether a waiting command may now run.
    mutating func answered(_ work: SessionWork) -> Bool
    /// The hello succeeded or failed.
    mutating func signedIn(_ user: UserReference?, now: ChatInstant)
    /// Who is signed in has another name now.
    mutating func renamed(to name: String)
    /// Something was heard; `isHeartbeat` if it was a ping or pong.
    mutating func heard(isHeartbeat: Bool, now: ChatInstant)
    /// Nothing more is taken.
    mutating func close()
    /// What is due now.
    mutating func expire(now: ChatInstant) -> SessionDue
}

/// How a command must be ordered among the others of its session.
public enum SessionWork: Sendable, Equatable, CaseIterable {
    /// The sign-in: alone, and first.
    case hello
    /// Exchanges tokens: before the sign-in, or like a barrier after it.
    case credentials
    /// Answered at once.
    case immediate
    /// Appends to a log: many may be under way, their order is kept by the room.
    case write
    /// Reads what earlier commands wrote, or changes where one is: waits for everything before it, and what
    /// comes after it waits for it.
    case barrier
}

/// Whether a command may run.
public enum SessionVerdict: Sendable, Equatable {
    /// It may.
    case run
    /// Keep it; ask again after the next answer.
    case wait
    /// It may not.
    case refused(WireError.Code)
}

/// What a session's time-outs demand.
public enum SessionDue: Sendable, Equatable {
    /// Nothing.
    case nothing
    /// Ask the peer for a sign of life.
    case probe
    /// Let the peer go.
    case close(CloseCode)
}

/// How a dead peer is found.
public struct HeartbeatTimings: Sendable, Equatable {
    /// Silence after which the peer is asked for a sign of life, in milliseconds.
    public var intervalMilliseconds: Int64 = 25_000
    /// Silence after which the peer is dead, in milliseconds.
    public var timeoutMilliseconds: Int64 = 60_000
    /// How long a connection may take to say hello, in milliseconds.
    public var helloTimeoutMilliseconds: Int64 = 10_000
    /// How much longer it may take, in milliseconds, once it has begun to sign in: its password may wait for those of
    /// others, and one that was mistyped may be tried again. It counts once, however often somebody tries.
    public var signInTimeoutMilliseconds: Int64 = 60_000

    /// The defaults.
    public init() {}
}
