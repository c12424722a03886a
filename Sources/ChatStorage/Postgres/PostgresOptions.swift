// SPDX-License-Identifier: MIT

public import ChatCore

/// How a ``PostgresStore`` works.
public struct PostgresOptions: Sendable, Equatable {
    /// The schema that holds the tables.
    ///
    /// Made if there is none; must belong to this library alone.
    public var schema = "chat"
    /// Connections at most, each with a thread of its own; at least 1.
    ///
    /// They are made when they are needed.
    public var connections = 4
    /// How long making a connection may take, in milliseconds.
    public var connectMilliseconds: Int64 = 5_000
    /// How long bringing the tables up to date may take, in milliseconds.
    public var migrateMilliseconds: Int64 = 3_600_000
    /// How long a call may take in all, in milliseconds: with waiting for a connection and with
    /// repetitions.
    public var callMilliseconds: Int64 = 10_000
    /// The server's `statement_timeout`, in milliseconds.
    public var statementMilliseconds: Int64 = 8_000
    /// How long a search may take, in milliseconds, without what the index lacks before it.
    public var searchMilliseconds: Int64 = 3_000
    /// How long a call goes on after a commit whose answer was lost, to find out whether it was
    /// done, in milliseconds; at least ``callMilliseconds``.
    public var resolveMilliseconds: Int64 = 60_000
    /// The longest pause between two attempts to connect, in milliseconds.
    public var backoffMilliseconds: Int64 = 2_000
    /// Calls that may wait for a connection; those beyond are refused as unavailable.
    public var waitingCalls = 1_000
    /// Rooms whose newest place in the log is kept in memory, about a hundred bytes each: a batch of messages in
    /// them takes one round trip instead of two.
    public var keptRooms = 10_000
    /// How long a retry with the same client id is recognised, in seconds.
    ///
    /// 24 hours.
    public var idempotencySeconds = 86_400
    /// The rules' bounds on reactions, pins and members.
    public var limits: Limits

    /// Makes options with defaults.
    public init(limits: Limits = Limits()) { self.limits = limits }
}
