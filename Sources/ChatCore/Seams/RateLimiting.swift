// SPDX-License-Identifier: MIT

/// Whether a command may run now.
///
/// The engine asks before it does anything for a command, and answers a refusal to the client;
/// nothing is dropped without an answer. It may hold several values (stripes), each used by one
/// caller at a time. Nothing suspends.
public protocol RateLimiting: Sendable {
    /// When ``expire(now:)`` will next have something to clean up; `nil` if nothing is remembered.
    var nextDeadline: ChatInstant? { get }

    /// How many requests would have been refused, had limits been enforced. Zero unless it is a dry
    /// run.
    var refusalsInDryRun: UInt64 { get }

    /// Counts a command against its limits, or refuses it and counts it against none.
    mutating func admit(_ request: RateRequest, now: ChatInstant) -> RateDecision

    /// A connection has ended; its identity will not come back.
    mutating func sessionEnded(_ session: SessionID)

    /// Forgets some of what no longer matters. Bounded work per call.
    mutating func expire(now: ChatInstant)
}

/// One command that asks to be run.
public struct RateRequest: Sendable, Equatable {
    /// On which connection.
    public var session: SessionID
    /// By whom, once signed in.
    public var user: UserID?
    /// From where: a keyed hash of the IP address.
    public var address: UInt64
    /// In which room, if in any.
    public var room: RoomID?
    /// What kind of command.
    public var kind: CommandKind
    /// How many tokens it takes.
    ///
    /// More than a bucket holds is taken for all that it holds.
    public var cost: Int

    /// Makes a request.
    public init(
        session: SessionID, user: UserID?, address: UInt64, room: RoomID? = nil, kind: CommandKind,
        cost: Int = 1
    ) {
        self.session = session
        self.user = user
        self.address = address
        self.room = room
        self.kind = kind
        self.cost = cost
    }
}

/// Commands that share a budget.
public enum CommandKind: UInt8, Sendable, CaseIterable {
    /// Posting, editing, deleting, reacting.
    case message
    /// Typing starts and stops.
    case typing
    /// What a client needs to catch up: history, resume, receipts.
    case sync
    /// Making and changing rooms, moderating.
    case room
    /// Signing in, and trying to.
    case signIn
    /// Everything else.
    case other
    /// Sending and getting files.
    case file
    /// What is never refused, because refusing it helps nobody: leave, logout, pong.
    case free
    /// Joining rooms and opening direct ones.
    case join
    /// Trying the password of a room, right or wrong.
    case password
    /// Sending files.
    case upload
    /// Making an account.
    case registration

    /// The name on the wire, the second half of a bucket's name.
    public var name: String {
        switch self {
        case .message: "message"
        case .typing: "typing"
        case .sync: "sync"
        case .room: "room"
        case .signIn: "sign_in"
        case .other: "other"
        case .file: "file"
        case .free: "free"
        case .join: "join"
        case .password: "password"
        case .upload: "upload"
        case .registration: "register"
        }
    }
}

/// Whom a budget belongs to, in the order in which budgets are asked.
public enum RateScope: UInt8, Sendable, CaseIterable {
    /// One connection.
    case connection
    /// One user, over all of their connections.
    case user
    /// One IP address.
    case address
    /// One room, over all of its members.
    case room

    /// The name on the wire, the first half of a bucket's name.
    public var name: String {
        switch self {
        case .connection: "connection"
        case .user: "user"
        case .address: "address"
        case .room: "room"
        }
    }
}

/// The answer to a request.
public enum RateDecision: Sendable, Equatable {
    /// It may run.
    case admitted
    /// It may, because limits are only tried out: enforced, this bucket would have refused it.
    case tolerated(scope: RateScope, kind: CommandKind)
    /// It may not. It is worth trying again after that many milliseconds, at least 1.
    case refused(scope: RateScope, kind: CommandKind, retryAfterMilliseconds: Int64)

    /// The name of the bucket that refused or would have, for example `user.message`; `nil` if none did.
    ///
    /// Allocates.
    public var bucketName: String? {
        switch self {
        case .admitted: nil
        case .refused(let scope, let kind, _), .tolerated(let scope, let kind):
            "\(scope.name).\(kind.name)"
        }
    }
}
