// SPDX-License-Identifier: MIT

/// One room's slow mode: a member who has posted waits before they post again.
///
/// How long a member waits is settled when they post. A longer time applies from their next message
/// on, a shorter one at once. If more members than are tracked post within that time, the one who
/// posted longest ago is let off: slow mode is a courtesy, and the room's budget still holds.
public struct SlowMode: Sendable {
    private struct Post: Sendable {
        var at: ChatInstant
        var until: ChatInstant
        var ticket: UInt64
    }

    /// The longest wait, in seconds: a year, so that no sum can overflow.
    public static let maximumSeconds = 31_536_000

    private let maximumMembers: Int
    private var posts: [UserID: Post] = [:]
    /// All posts in the order of time, with some that were since replaced or forgotten.
    private var order: [(user: UserID, post: Post)] = []
    private var head = 0
    private var tickets: UInt64 = 0

    /// Makes a room in which nobody has posted.
    ///
    /// - Parameter maximumMembers: how many are tracked at once; at least 1.
    public init(maximumMembers: Int = 10_000) { self.maximumMembers = max(maximumMembers, 1) }

    /// How many posts are remembered, at most `maximumMembers`.
    ///
    /// - Complexity: O(1).
    public var trackedPosts: Int { order.count - head }

    /// When ``expire(now:)`` will next forget something; `nil` if nothing is remembered.
    ///
    /// - Complexity: O(1).
    public var nextDeadline: ChatInstant? { head < order.count ? order[head].post.until : nil }

    /// Asks whether `user` may post now, and remembers it if so.
    ///
    /// - Complexity: O(1) on average.
    ///
    /// - Parameters:
    ///   - user: who.
    ///   - seconds: the room's slow mode; 0 or less for none.
    ///   - now: the present.
    /// - Returns: `nil` if they may, else the milliseconds until they may, at least 1.
    public mutating func admit(_ user: UserID, seconds: Int, now: ChatInstant) -> Int64? {
        guard seconds > 0 else { return nil }
        let wait = Int64(min(seconds, Self.maximumSeconds)) * 1_000
        if let post = posts[user] {
            let until = min(post.until, post.at.advanced(byMilliseconds: wait))
            if until > now { return until.milliseconds(since: now) }
        }
        expire(now: now)
        if trackedPosts >= maximumMembers { dropFirst() }
        tickets += 1
        let post = Post(at: now, until: now.advanced(byMilliseconds: wait), ticket: tickets)
        posts[user] = post
        order.append((user, post))
        return nil
    }

    /// Lets `user` post at once: they left, or their message was not stored after all.
    ///
    /// - Complexity: O(1).
    public mutating func forget(_ user: UserID) { posts.removeValue(forKey: user) }

    /// Forgets posts that no longer hold anybody up.
    ///
    /// - Complexity: O(forgotten).
    public mutating func expire(now: ChatInstant) {
        while head < order.count, order[head].post.until <= now { dropFirst() }
    }

    private mutating func dropFirst() {
        let (user, post) = order[head]
        // The user may have posted again since; that later post stays.
        if posts[user]?.ticket == post.ticket { posts.removeValue(forKey: user) }
        head += 1
        // Moving the rest is paid for by the at least as many that went before.
        if head * 2 >= order.count {
            order.removeFirst(head)
            head = 0
        }
    }
}
