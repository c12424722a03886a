// SPDX-License-Identifier: MIT

/// What one shard tells another. Within a shard the same messages are plain calls.
enum ShardMessage: Sendable {
    /// A command for a room, to the room's home.
    case request(RoomRequest)
    /// The answer, to whoever asked.
    case answer(RequestOrigin, RoomID, RoomAnswer)
    /// What happened in a room, to a shard with subscribers.
    case tail(RoomID, TailEvent)
    /// A shard has its first subscriber of a room, to the room's home.
    ///
    /// `tail` is the shard's number for it: the answer to an earlier one must not be taken for this one's.
    case openTail(RoomID, shard: Int, tail: UInt64)
    /// From here on the shard gets everything after `head`; `nil`: the room does not exist.
    case tailOpened(RoomID, tail: UInt64, head: SequenceNumber?)
    /// The room could not be read: whoever waits for its tail must come back.
    case tailFailed(RoomID, tail: UInt64)
    /// A shard has no subscriber of the room any more, to the room's home.
    case closeTail(RoomID, shard: Int)
    /// Somebody wants to sign in, to the user's home.
    case signIn(SessionID, SignIn)
    /// Whether they may, to the session's shard.
    case signedIn(SessionID, SignIn, isAccepted: Bool)
    /// The rooms of a user who has just signed in, to the user's home.
    case userRooms(UserReference, [RoomID])
    /// A device is gone, to the user's home.
    case signedOut(SessionID, UserReference, isExplicit: Bool)
    /// A device is idle or active, or the user busy, to the user's home.
    case activity(SessionID, UserID, PresenceStatus)
    /// A session asks how reachable its user is, to the user's home.
    case statusAsked(SessionID, id: String?, UserID)
    /// How reachable they are, to the session's shard.
    case statusTold(SessionID, id: String?, PresenceStatus)
    /// A user has become a member, to the user's home: their other devices subscribe too.
    case userJoined(UserReference, RoomInfo, after: SequenceNumber, by: SessionID?)
    /// A user is no longer a member, to the user's home.
    case userLeft(UserID, RoomID, at: SequenceNumber)
    /// How reachable a user is, to the home of these rooms; with when they were last seen, if others may know.
    case presence(UserID, PresenceStatus, lastSeen: Timestamp?, [RoomID])
    /// The user joined a room on another device, to the session's shard.
    case entered(SessionID, RoomInfo, after: SequenceNumber)
    /// The user is no longer a member since `at`, to the session's shard: for sessions whose sign-in read
    /// the list of rooms before.
    case left(SessionID, RoomID, at: SequenceNumber)
    /// A device that was typing is gone, to the room's home.
    case typingEnded(SessionID, RoomID)
    /// A connection shed live events of a room and has caught up, to the room's home.
    case refresh(SessionID, RoomID, UserID)
    /// The live state of a room for one session, to the session's shard.
    case refreshed(SessionID, [[UInt8]])
    /// A user has changed their profile, to the user's home.
    case profileChanged(UserReference)
    /// What they show of themselves by now, to the home of these rooms of theirs.
    case profile(UserReference, UserProfile, [RoomID])
    /// An event for all devices of a user, to the user's home.
    case notify(UserID, [UInt8])
    /// The same for one device, to the session's shard.
    case notified(SessionID, [UInt8])
    /// A user blocks the other one of their direct room, or does no longer, to the room's home.
    case blockChanged(RoomID, by: UserID, isBlocked: Bool)
    /// A room's name leads elsewhere now, to everybody.
    case forgetName(String)
    /// Retention has removed the oldest events of a room, to the room's home.
    case trimmed(RoomID, through: SequenceNumber)
    /// A room was deleted: the store is to sweep what it left, to shard 0.
    case roomDeleted
    /// How long a room keeps its events has changed, to shard 0.
    case retentionChanged(RoomID, RoomRetention)
    /// A message was deleted, perhaps one with files, to shard 0.
    case filesReleased
    /// A user is to leave a room because they are erased, to the room's home.
    case expel(Expulsion)
    /// What a user wrote was erased in these rooms, to every home; with `isDone` nowhere anything is left.
    case erased(UserReference, [RoomID], isDone: Bool)
    /// The list of public rooms changed, to everybody: the event for those who watch it.
    case listing([UInt8])
}

/// A command for a room.
struct RoomRequest: Sendable {
    var origin: RequestOrigin
    var user: UserReference
    var room: RoomID
    var action: RoomAction
}

/// Who waits for an answer.
enum RequestOrigin: Sendable {
    /// A client's command.
    case session(SessionID, id: String?, SessionWork)
    /// The sign-in of a session, for its default room.
    case signIn(SessionID)
    /// A call of the engine's own interface.
    case call(shard: Int, ticket: UInt64)

    /// The shard to send the answer to.
    var shard: Int {
        switch self {
        case .session(let session, _, _), .signIn(let session): session.shard
        case .call(let shard, _): shard
        }
    }

    /// The session, if it is one.
    var session: SessionID? {
        switch self {
        case .session(let session, _, _), .signIn(let session): session
        case .call: nil
        }
    }
}

/// What happens in a room, as a shard with subscribers is told.
enum TailEvent: Sendable {
    /// An event of the log, encoded once for everybody.
    case logged(SequenceNumber, [UInt8])
    /// A live event, encoded once for everybody.
    case live([UInt8])
    /// Who types now. Nobody is told of themselves.
    case typing([UserReference])
    /// A user is no longer a member: their sessions here are subscribed no longer. The event tells them so
    /// where the log does not.
    case evict(UserID, [UInt8]?)
    /// The room was deleted; the event says so.
    case gone([UInt8])
    /// The log begins after this place now.
    case trimmed(SequenceNumber)
    /// What was in the log may have changed: nobody gets it from memory. The event tells what was erased, if it was
    /// here.
    case erased([UInt8]?)
}
