// SPDX-License-Identifier: MIT

/// The typists of one room: at most so many, each for a few seconds after their last start.
///
/// A user is either absent or typing. They enter by a start and exit by a stop, by the end of the
/// session that started last, or by expiry. A stop also forgets the throttle: whoever posts a
/// message and goes on typing is shown at once. (What stops a client from flapping is its rate
/// limit.)
public struct TypingMachine: TypingTracking {
    private struct Typist: Sendable {
        var user: UserID
        var session: SessionID
        var lastStart: ChatInstant
    }

    private let timings: TypingTimings
    private let maximumTypists: Int
    /// In the order of their first start.
    ///
    /// A list, not a dictionary: it is short, and its order matters.
    private var list: [Typist] = []

    /// Makes a room in which nobody types.
    ///
    /// - Parameters:
    ///   - timings: how long typing lasts.
    ///   - maximumTypists: how many are tracked at once; starts of others are ignored meanwhile.
    public init(
        timings: TypingTimings = TypingTimings(), maximumTypists: Int = Limits().typistsPerRoom
    ) {
        self.timings = timings
        self.maximumTypists = maximumTypists
    }

    /// The users who are typing, in the order in which they started.
    ///
    /// - Complexity: O(typists).
    public var typists: [UserID] { list.map(\.user) }

    /// When the first of them expires.
    ///
    /// - Complexity: O(typists).
    public var nextDeadline: ChatInstant? { list.lazy.map(expiry).min() }

    /// A user typed something.
    ///
    /// - Complexity: O(typists); allocates only to grow.
    public mutating func start(
        _ user: UserID, session: SessionID, now: ChatInstant
    ) -> TypingChange {
        if let place = list.firstIndex(where: { $0.user == user }) {
            let throttle = timings.typingThrottleMilliseconds
            guard now >= list[place].lastStart.advanced(byMilliseconds: throttle) else {
                return .unchanged
            }
            list[place].lastStart = now
            list[place].session = session
            return .unchanged
        }
        guard list.count < maximumTypists else { return .unchanged }
        list.append(Typist(user: user, session: session, lastStart: now))
        return .changed
    }

    /// A user no longer types.
    ///
    /// - Complexity: O(typists).
    public mutating func stop(_ user: UserID, now: ChatInstant) -> TypingChange {
        remove { $0.user == user }
    }

    /// A connection ended.
    ///
    /// - Complexity: O(typists).
    public mutating func sessionEnded(_ session: SessionID, now: ChatInstant) -> TypingChange {
        remove { $0.session == session }
    }

    /// Removes everybody whose time is up.
    ///
    /// - Complexity: O(typists).
    public mutating func expire(now: ChatInstant) -> TypingChange {
        let expiry = timings.typingExpiryMilliseconds
        return remove { $0.lastStart.advanced(byMilliseconds: expiry) <= now }
    }

    private func expiry(of typist: Typist) -> ChatInstant {
        typist.lastStart.advanced(byMilliseconds: timings.typingExpiryMilliseconds)
    }

    private mutating func remove(where isOver: (Typist) -> Bool) -> TypingChange {
        let before = list.count
        list.removeAll(where: isOver)
        return list.count == before ? .unchanged : .changed
    }
}
