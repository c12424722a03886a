// SPDX-License-Identifier: MIT

/// How long a user stays online without a connection, and how soon it is stored that they were here.
public struct PresenceTimings: Sendable, Equatable {
    /// From the end of the last session to offline, in milliseconds, unless the user logged out.
    public var presenceGraceMilliseconds: Int64 = 15_000
    /// How long the note that somebody has come waits for others, which are stored with it, in milliseconds: what a
    /// server that is killed may forget. Others are told that somebody has gone after so long at the latest, whatever the
    /// store does.
    public var arrivalMilliseconds: Int64 = 1_000

    /// The defaults.
    public init() {}

    /// Makes timings.
    public init(presenceGraceMilliseconds: Int64) {
        self.presenceGraceMilliseconds = presenceGraceMilliseconds
    }
}
