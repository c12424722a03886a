// SPDX-License-Identifier: MIT

/// Decides when a user's profile is told to those who share a room with them: at once, and then at most once per
/// interval, however often it changes. Pure.
///
/// Whoever tells reads the profile from the store first, so that after the last change the last state is told,
/// whatever overtook what on the way.
package struct ProfileAnnouncer: Sendable {
    private enum State: Sendable, Equatable {
        /// Being read and told; whether it has changed again since that began.
        case telling(isOutdated: Bool)
        /// Told not long ago; whether it is to be told again at the deadline.
        case resting(isOutdated: Bool)
    }

    private let intervalMilliseconds: Int64
    private var states: [UserID: (state: State, name: String)] = [:]
    private var deadlines = DeadlineTable<UserID>()

    /// Makes an announcer for all users of one shard.
    package init(intervalMilliseconds: Int64) { self.intervalMilliseconds = intervalMilliseconds }

    /// When ``due(now:)`` has something to do.
    package var nextDeadline: ChatInstant? { deadlines.next }

    /// How many users are remembered: those with a change within the last interval.
    package var trackedUsers: Int { states.count }

    /// A user's profile has changed in the store.
    ///
    /// - Returns: whether it is to be read and told now.
    /// - Complexity: O(1).
    package mutating func changed(_ user: UserReference) -> Bool {
        switch states[user.id]?.state {
        case nil:
            states[user.id] = (.telling(isOutdated: false), user.name)
            return true
        case .telling?: states[user.id] = (.telling(isOutdated: true), user.name)
        case .resting?: states[user.id] = (.resting(isOutdated: true), user.name)
        }
        return false
    }

    /// It was told.
    ///
    /// - Complexity: O(log users).
    package mutating func told(_ user: UserID, now: ChatInstant) {
        guard case (.telling(let isOutdated), let name)? = states[user] else { return }
        rest(user, name, isOutdated: isOutdated, now)
    }

    /// It could not be read: it is tried again after the interval.
    ///
    /// - Complexity: O(log users).
    package mutating func failed(_ user: UserID, now: ChatInstant) {
        guard case (.telling, let name)? = states[user] else { return }
        rest(user, name, isOutdated: true, now)
    }

    /// Ends the intervals that are over.
    ///
    /// - Returns: whose profile is to be read and told now.
    /// - Complexity: O(due · log users).
    package mutating func due(now: ChatInstant) -> [UserReference] {
        var users: [UserReference] = []
        while let user = deadlines.popDue(now: now) {
            guard case (.resting(true), let name)? = states[user] else {
                states[user] = nil
                continue
            }
            states[user] = (.telling(isOutdated: false), name)
            users.append(UserReference(id: user, name: name))
        }
        return users
    }

    private mutating func rest(
        _ user: UserID, _ name: String, isOutdated: Bool, _ now: ChatInstant
    ) {
        states[user] = (.resting(isOutdated: isOutdated), name)
        deadlines.set(user, to: now.advanced(byMilliseconds: intervalMilliseconds))
    }
}
