// SPDX-License-Identifier: MIT

/// Somebody who has read a message.
public struct MessageReader: Sendable, Equatable {
    /// Who.
    public var user: UserReference
    /// When; `nil` if that is not known (any more).
    public var at: Timestamp?

    /// Makes a reader.
    public init(user: UserReference, at: Timestamp?) {
        self.user = user
        self.at = at
    }
}
