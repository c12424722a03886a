// SPDX-License-Identifier: MIT

/// How reachable each user is, merged over all of their devices.
///
/// The engine holds one value per shard, for the users of that shard, and calls it from that shard
/// only: ``connect(_:session:now:)`` once a session is signed in,
/// ``disconnect(_:session:isExplicit:now:)`` when it ends for whatever reason, ``expire(now:)``
/// when ``nextDeadline`` has come. Every returned change is to be told to those who share a room
/// with the user. A session belongs to one user. Nothing suspends.
public protocol PresenceTracking: Sendable {
    /// When ``expire(now:)`` will next take somebody offline; `nil` if no grace is running.
    var nextDeadline: ChatInstant? { get }

    /// A device of `user` signed in. Repeating it for a connected session changes nothing.
    mutating func connect(_ user: UserID, session: SessionID, now: ChatInstant) -> PresenceChange?

    /// A device of `user` is gone.
    ///
    /// - Parameters:
    ///   - user: whose.
    ///   - session: which device. One that is not connected changes nothing.
    ///   - isExplicit: whether the user logged out, so that there is no grace if it was the last
    ///     device.
    ///   - now: the present.
    mutating func disconnect(
        _ user: UserID, session: SessionID, isExplicit: Bool, now: ChatInstant
    ) -> PresenceChange?

    /// A device of `user` became idle or active. Ignored for a session that is not connected.
    mutating func setActivity(
        _ user: UserID, session: SessionID, isIdle: Bool, now: ChatInstant
    ) -> PresenceChange?

    /// `user` asked not to be disturbed, or took that back. Ignored if they are not connected.
    mutating func setBusy(_ user: UserID, _ isBusy: Bool, now: ChatInstant) -> PresenceChange?

    /// Takes everybody offline whose grace is over.
    ///
    /// - Returns: the changes, the earliest deadline first, then in user order.
    mutating func expire(now: ChatInstant) -> [PresenceChange]

    /// The status of `user` as last announced; during the grace it is the one before the
    /// disconnect.
    func status(of user: UserID) -> PresenceStatus

    /// Whether any device of `user` is connected at this moment.
    func isConnected(_ user: UserID) -> Bool

    /// The connected sessions of `user`, in the order in which they connected.
    func sessions(of user: UserID) -> [SessionID]
}

/// A user's new status.
public struct PresenceChange: Sendable, Equatable {
    /// Whose.
    public var user: UserID
    /// Which.
    public var status: PresenceStatus

    /// Makes a change.
    public init(user: UserID, status: PresenceStatus) {
        self.user = user
        self.status = status
    }
}
