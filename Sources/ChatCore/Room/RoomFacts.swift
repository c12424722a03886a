// SPDX-License-Identifier: MIT

/// What ``MessageRules`` asks about a room while it decides on an entry.
///
/// A store answers from inside its transaction, and only what is asked: a plain message costs no
/// look-up.
public protocol RoomFacts {
    /// How a look-up fails; `Never` for stores in memory.
    associatedtype Failure: Error

    /// The message posted at `seq`; `nil` if there is no event or it is not a message.
    func message(at seq: SequenceNumber) throws(Failure) -> MessageFacts?

    /// The reactions under the message at `seq`, seen from `user` who wants to add or remove
    /// `emoji`.
    ///
    /// Emoji are compared byte by byte.
    func reactions(
        at seq: SequenceNumber, emoji: String, user: UserID
    )
        throws(Failure) -> ReactionFacts

    /// How many messages of the room are pinned.
    func pinCount() throws(Failure) -> Int

    /// The role of `user`; `nil` if they are not a member.
    func role(of user: UserID) throws(Failure) -> Role?

    /// The ban of `user`, also one that is over; `nil` if there is none.
    func ban(of user: UserID) throws(Failure) -> Ban?

    /// Until when `user` is muted, also if that is past; `nil` if they are not.
    ///
    /// Asked for every message: a store knows which rooms have any mutes.
    func mute(of user: UserID) throws(Failure) -> Timestamp?

    /// The invitation of that code to this room, if it is a link or the user's; with no code the user's own. Also
    /// one that is over; `nil` if there is none.
    func invitation(_ code: String?, for user: UserID) throws(Failure) -> InvitationRecord?

    /// How many bans end after `time`.
    func banCount(after time: Timestamp) throws(Failure) -> Int

    /// How many mutes end after `time`.
    func muteCount(after time: Timestamp) throws(Failure) -> Int

    /// The room's properties with the present number of members.
    func properties() throws(Failure) -> RoomRecord
}

/// What matters of a message that somebody wants to change.
public struct MessageFacts: Sendable, Equatable {
    /// Who wrote it.
    public var author: UserID
    /// Whether it was deleted.
    public var isDeleted: Bool
    /// Whether it is pinned.
    public var isPinned: Bool

    /// Makes facts.
    public init(author: UserID, isDeleted: Bool, isPinned: Bool) {
        self.author = author
        self.isDeleted = isDeleted
        self.isPinned = isPinned
    }
}

/// What matters of a message's reactions to somebody who adds or removes one.
public struct ReactionFacts: Sendable, Equatable {
    /// How many different emoji there are.
    public var differentEmoji: Int
    /// Whether anybody used this emoji.
    public var isPresent: Bool
    /// Whether this user used this emoji.
    public var isOwn: Bool

    /// Makes facts.
    public init(differentEmoji: Int, isPresent: Bool, isOwn: Bool) {
        self.differentEmoji = differentEmoji
        self.isPresent = isPresent
        self.isOwn = isOwn
    }
}

/// What a store keeps of an entry that had a client id, to answer a retry.
public struct StoredKey: Sendable, Equatable {
    /// Where the entry stands (for one that is not logged: the head at that time).
    public var seq: SequenceNumber
    /// The time that it was given.
    public var at: Timestamp
    /// ``LogChange/fingerprint`` of its change.
    public var fingerprint: UInt64

    /// Makes a key.
    public init(seq: SequenceNumber, at: Timestamp, fingerprint: UInt64) {
        self.seq = seq
        self.at = at
        self.fingerprint = fingerprint
    }
}
