// SPDX-License-Identifier: MIT

/// Somebody whom a user wants to have nothing to do with.
public struct BlockRecord: Sendable, Equatable {
    /// Who is blocked, with their name now.
    public var user: UserReference
    /// Since when.
    public var at: Timestamp

    /// Makes a record.
    public init(user: UserReference, at: Timestamp) {
        self.user = user
        self.at = at
    }
}

/// A page of a user's blocks.
public struct BlockPage: Sendable, Equatable {
    /// The newest first.
    public var blocks: [BlockRecord]
    /// How many there are in all.
    public var total: Int

    /// Makes a page.
    public init(blocks: [BlockRecord], total: Int) {
        self.blocks = blocks
        self.total = total
    }
}

/// What a store says of a block.
public enum BlockOutcome: Sendable, Equatable {
    /// The user is blocked, from now on or since before.
    case blocked(UserReference)
    /// There is no such user.
    case userNotFound
    /// The user has the maximum of blocks.
    case tooManyBlocks
}

/// A page of a room's join links.
public struct LinkPage: Sendable, Equatable {
    /// One link of a list.
    public struct Entry: Sendable, Equatable {
        /// The link.
        public var invitation: InvitationRecord
        /// Who made it, with their name now.
        public var sender: UserReference

        /// Makes an entry.
        public init(invitation: InvitationRecord, sender: UserReference) {
            self.invitation = invitation
            self.sender = sender
        }
    }

    /// The newest first.
    public var entries: [Entry]
    /// How many there are in all.
    public var total: Int

    /// Makes a page.
    public init(entries: [Entry], total: Int) {
        self.entries = entries
        self.total = total
    }
}
