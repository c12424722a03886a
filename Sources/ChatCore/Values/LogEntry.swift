// SPDX-License-Identifier: MIT

/// One event to be appended to a room's log (or a change of the room's state that is too frequent to be
/// logged). The store decides whether it may be, and where it stands.
public struct LogEntry: Sendable, Equatable {
    /// The room whose log it belongs to.
    public var room: RoomID
    /// Who did it.
    public var sender: UserID
    /// When the server accepted it. A store never lets time run backwards inside a room.
    public var at: Timestamp
    /// The client's own key for this event, unique per room and sender: a retry gets the first answer.
    public var clientID: String?
    /// Whether the sender may change what others wrote (role moderator or above).
    public var isModerator: Bool
    /// What happened.
    public var change: LogChange

    /// Makes an entry.
    public init(
        room: RoomID, sender: UserID, at: Timestamp, clientID: String? = nil,
        isModerator: Bool = false, change: LogChange
    ) {
        self.room = room
        self.sender = sender
        self.at = at
        self.clientID = clientID
        self.isModerator = isModerator
        self.change = change
    }
}

/// What an event of the log says.
///
/// Small, because it is copied on the way of every message: the rare, large cases stand elsewhere.
public enum LogChange: Sendable, Equatable {
    /// A message was posted, perhaps as a reply to an earlier message of the same room.
    case message(text: String, replyTo: SequenceNumber?)
    /// The text of the message at `target` was replaced.
    case edit(target: SequenceNumber, text: String)
    /// The message at `target` was deleted.
    case delete(target: SequenceNumber)
    /// The sender put `emoji` under the message at `target`.
    case react(target: SequenceNumber, emoji: String)
    /// The sender took `emoji` away again.
    case unreact(target: SequenceNumber, emoji: String)
    /// The message at `target` was pinned.
    case pin(target: SequenceNumber)
    /// The message at `target` is no longer pinned.
    case unpin(target: SequenceNumber)
    /// `user` became a member. With `logged` false only the member list changes (large rooms).
    case join(user: UserID, role: Role, logged: Bool)
    /// `user` is no longer a member. With `logged` false only the member list changes (large rooms).
    case leave(user: UserID, reason: LeaveReason, logged: Bool)
    /// `user` has `role` now. Making somebody owner makes the present owner an admin in the same step.
    case role(user: UserID, role: Role)
    /// The room's name, description or settings changed; `nil` fields stay as they are.
    indirect case room(RoomChanges)
    /// `user` may not be in the room for a while; if they were a member, they are none any more.
    indirect case ban(user: UserID, Ban)
    /// `user` may join again.
    case unban(user: UserID)
    /// The member `user` may not write until then (``Timestamp/forever``: until somebody says so).
    case mute(user: UserID, until: Timestamp)
    /// `user` may write again.
    case unmute(user: UserID)
    /// Somebody became a member because they were invited, and has used the invitation up. In the log it is a
    /// ``join(user:role:logged:)``.
    indirect case accept(Acceptance)
    /// A message with files was posted: rarer, and larger, than one without.
    indirect case post(Post)
}

/// Why somebody stopped being a member.
public enum LeaveReason: UInt8, Sendable {
    /// They left.
    case left = 0
    /// Somebody with the right to do so removed them.
    case kicked = 1
    /// All that they wrote is erased, and so are they.
    case erased = 2

    /// The name on the wire.
    public var name: String {
        switch self {
        case .left: "left"
        case .kicked: "kicked"
        case .erased: "erased"
        }
    }
}

/// A change of a room's properties; `nil` leaves a property as it is.
public struct RoomChanges: Sendable, Equatable {
    /// A new name, already checked; unique among all rooms ignoring case.
    public var name: String?
    /// A new description; empty clears it.
    public var description: String?
    /// Whether only members can see the room.
    public var isPrivate: Bool?
    /// The most members; 0 for the engine's own limit.
    public var maximumMembers: Int?
    /// Seconds between two messages of one member; 0 switches slow mode off.
    public var slowModeSeconds: Int?
    /// How old an event becomes before it is removed, in days; 0: the room has no such bound of its own.
    public var retentionDays: Int?
    /// How many of its newest messages the room keeps; 0: it has no such bound of its own.
    public var retentionMessages: Int?

    /// Makes a change; what is not given stays.
    public init(
        name: String? = nil, description: String? = nil, isPrivate: Bool? = nil,
        maximumMembers: Int? = nil, slowModeSeconds: Int? = nil, retentionDays: Int? = nil,
        retentionMessages: Int? = nil
    ) {
        self.name = name
        self.description = description
        self.isPrivate = isPrivate
        self.maximumMembers = maximumMembers
        self.slowModeSeconds = slowModeSeconds
        self.retentionDays = retentionDays
        self.retentionMessages = retentionMessages
    }
}

/// What a store says of one entry, after the transaction has committed.
public enum AppendOutcome: Sendable, Equatable {
    /// It stands in the log at `seq`. For a change that is not logged, `seq` is the room's head.
    case stored(seq: SequenceNumber, at: Timestamp)
    /// The same entry was stored before, under the same client id: this is the first answer.
    case duplicate(seq: SequenceNumber, at: Timestamp)
    /// There was nothing to do (the reaction is already there, the user is a member already): no event.
    case unchanged
    /// It may not be; nothing was stored.
    case refused(AppendRefusal)
}

/// Why a store refuses an entry. Checked inside the storing transaction, so that it holds on every node.
public enum AppendRefusal: Sendable, Equatable, CaseIterable {
    /// The room does not exist (any more).
    case roomNotFound
    /// This client id was used for something else before.
    case clientIDReused
    /// The target is not a message of this room.
    case messageNotFound
    /// The target was deleted.
    case messageDeleted
    /// The target was written by somebody else, and the sender is no moderator (edits: never).
    case notYourMessage
    /// The reply's target is not a message of this room, or was deleted.
    case replyTargetNotFound
    /// One user's or the message's number of different reactions is at its limit.
    case tooManyReactions
    /// The room's number of pinned messages is at its limit.
    case tooManyPins
    /// The room has its maximum of members.
    case roomFull
    /// The user is not a member.
    case notMember
    /// Another room has this name.
    case roomNameTaken
    /// The new maximum of members is below the present number.
    case capacityBelowMembers
    /// The user who wants to join is banned.
    case banned
    /// The sender is muted.
    case muted
    /// The sender's role is not above that of the user concerned, or below moderator.
    case notAbove
    /// The room's number of bans is at its limit.
    case tooManyBans
    /// The room's number of mutes is at its limit.
    case tooManyMutes
    /// There is no such invitation (any more).
    case invitationNotFound
}
