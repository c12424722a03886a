// SPDX-License-Identifier: MIT

/// How long a user stays online without a connection.
public struct PresenceTimings: Sendable, Equatable {
    /// From the end of the last session to offline, in milliseconds, unless the user logged out.
    public var presenceGraceMilliseconds: Int64 = 15_000

    /// The defaults.
    public init() {}

    /// Makes timings.
    public init(presenceGraceMilliseconds: Int64) {
        self.presenceGraceMilliseconds = presenceGraceMilliseconds
    }
}
