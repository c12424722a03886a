// SPDX-License-Identifier: MIT

public import ChatCore

/// How a ``SQLiteStore`` works.
public struct SQLiteOptions: Sendable, Equatable {
    /// When a commit counts as done.
    public enum Synchronous: Sendable, Equatable {
        /// When it is on the disk: nothing that was acknowledged is lost, not even when the power
        /// fails.
        case full
        /// When the operating system has it: a killed process loses nothing, a power failure may
        /// lose the last commits. The file stays consistent.
        case normal
    }

    /// When a commit counts as done.
    public var synchronous = Synchronous.full
    /// Connections that read, each with a thread of its own; at least 1.
    public var readers = 2
    /// How long a retry with the same client id is recognised, in seconds.
    ///
    /// 24 hours.
    public var idempotencySeconds = 86_400
    /// How long a call waits for another process that writes the same file, in milliseconds.
    public var busyMilliseconds = 5_000
    /// Rooms that the writer keeps in memory between transactions, a few hundred bytes each; more
    /// only within one batch.
    public var keptRooms = 10_000
    /// Size of the write-ahead log, in pages of 4 KiB, above which it is moved into the file beside
    /// the writing.
    ///
    /// At four times this size the writer itself does it.
    public var checkpointPages = 4_000
    /// Messages that a search in more than 8 rooms looks at, wherever they stand, before it asks the index for the rooms as
    /// well.
    ///
    /// The index is slow with hundreds of rooms; a word that is frequent elsewhere makes a search without them long: each
    /// look takes some microseconds.
    public var searchCandidates = 10_000
    /// The rules' bounds on reactions, pins and members.
    public var limits: Limits

    /// Makes options with defaults.
    public init(limits: Limits = Limits()) { self.limits = limits }
}
