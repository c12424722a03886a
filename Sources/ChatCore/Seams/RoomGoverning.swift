// SPDX-License-Identifier: MIT

/// The rules of one room: who is a member, who may do what, what the room looks like. Pure.
///
/// The shell asks ``decide(_:by:now:at:)`` before anything is stored and tells ``committed(_:by:named:seq:)`` after
/// it was. Rules about single messages (whose they are, whether they were deleted) are the store's, because
/// they must hold inside its transaction: see `MessageRules`.
public protocol RoomGoverning: Sendable {
    /// The room's properties, head and number of members now.
    var record: RoomRecord { get }
    /// The number of members who are not offline.
    var onlineCount: Int { get }
    /// Whether joins, presence, receipts and typing are told one by one.
    var isSmall: Bool { get }
    /// When the machine next wants ``expire(now:)``.
    var nextDeadline: ChatInstant? { get }
    /// The member with that id.
    func member(_ user: UserID) -> RoomMember?
    /// A page of members: highest role first, then by name.
    mutating func members(offset: Int, limit: Int) -> [RoomMember]
    /// Whether `user` may do `action` now, and what is to be stored if so.
    ///
    /// - Parameters:
    ///   - now: the time by which waits are measured.
    ///   - time: the same in civil time, in which bans and mutes end.
    mutating func decide(
        _ action: consuming RoomAction, by user: UserID, now: ChatInstant, at time: Timestamp
    ) -> RoomDecision
    /// Applies what a store has committed.
    mutating func committed(
        _ change: LogChange, by sender: UserID, named name: String, seq: SequenceNumber,
        at: Timestamp)
    /// Takes back what ``decide(_:by:now:at:)`` has counted for a change that the store refused or failed to store.
    mutating func notStored(_ change: LogChange, by sender: UserID)
    /// Notes how reachable a member is. Returns whether that changed anything.
    mutating func setStatus(_ status: PresenceStatus, of user: UserID) -> Bool
    /// A member has another name now.
    mutating func renamed(_ user: UserID, to name: String)
    /// Forgets what is over.
    mutating func expire(now: ChatInstant)
}

/// A member as the room's rules know them.
public struct RoomMember: Sendable, Equatable {
    /// Who.
    public var user: UserReference
    /// What they may do.
    public var role: Role
    /// How reachable they are.
    public var status: PresenceStatus
    /// Until when they may not write, if they were muted.
    public var mutedUntil: Timestamp?

    /// Makes a member.
    public init(
        user: UserReference, role: Role, status: PresenceStatus = .offline,
        mutedUntil: Timestamp? = nil
    ) {
        self.user = user
        self.role = role
        self.status = status
        self.mutedUntil = mutedUntil
    }
}

/// What the rules say of an action.
public enum RoomDecision: Sendable, Equatable {
    /// Store this; the outcome is the answer.
    case append(LogChange, isModerator: Bool)
    /// It may be done (reading, typing, receipts, deleting the room).
    case permitted
    /// A join by somebody who is a member: nothing to store.
    case alreadyMember
    /// Only the room's description may be shown: the asker is no member of this public room.
    case descriptionOnly
    /// It may not be.
    indirect case refused(WireError)
}
