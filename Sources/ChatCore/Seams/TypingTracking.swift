// SPDX-License-Identifier: MIT

/// Who is typing in one room.
///
/// The engine holds one value per room that has typists and calls it from that room's shard only.
/// It calls ``stop(_:now:)`` when a user posts, leaves or says so, ``sessionEnded(_:now:)`` when a
/// connection ends, and ``expire(now:)`` when ``nextDeadline`` has come. After `.changed` it sends
/// ``typists`` to the room. Nothing suspends. What is due but was not yet expired still counts.
public protocol TypingTracking: Sendable {
    /// The users who are typing, in the order in which they started.
    var typists: [UserID] { get }

    /// When ``expire(now:)`` will next remove somebody; `nil` if nobody is typing.
    var nextDeadline: ChatInstant? { get }

    /// A user typed something.
    ///
    /// - Parameters:
    ///   - user: who.
    ///   - session: on which device; if that one ends, so does the typing.
    ///   - now: the present.
    /// - Returns: `.changed` if the user was not typing before and there was room for one more.
    mutating func start(_ user: UserID, session: SessionID, now: ChatInstant) -> TypingChange

    /// A user no longer types: they posted, left the room, or said so.
    ///
    /// - Returns: `.changed` if they were typing.
    mutating func stop(_ user: UserID, now: ChatInstant) -> TypingChange

    /// A connection ended.
    ///
    /// - Returns: `.changed` if the user who was typing on it is typing no more.
    mutating func sessionEnded(_ session: SessionID, now: ChatInstant) -> TypingChange

    /// Removes everybody who has not typed for too long.
    ///
    /// - Returns: `.changed` if that was anybody.
    mutating func expire(now: ChatInstant) -> TypingChange
}

/// Whether the list of typists is another one now.
public enum TypingChange: Sendable, Equatable {
    /// The same users, in the same order.
    case unchanged
    /// Somebody was added or removed.
    case changed
}
