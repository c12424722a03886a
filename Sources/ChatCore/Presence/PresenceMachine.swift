// SPDX-License-Identifier: MIT

/// The presence of all users of one shard.
///
/// A user is unknown (offline), connected (at least one session), or in grace (none, with a
/// deadline): unknown → connected by a connect; connected → grace by the last disconnect, or →
/// unknown if that was a logout; grace → connected by a connect, or → unknown by expiry. Only users
/// who are not offline take up memory. Whether a user is busy is kept through the grace and
/// forgotten with it.
public struct PresenceMachine: PresenceTracking {
    private struct Device: Sendable {
        var session: SessionID
        var isIdle: Bool
    }

    private struct User: Sendable {
        /// In the order of their connects; none during the grace. Most users have one, which needs no array.
        var first: Device?
        var others: [Device] = []
        var isBusy = false
        var announced = PresenceStatus.offline

        /// The status that the devices make; `nil` during the grace, when the announced one stands.
        var merged: PresenceStatus? {
            guard let first else { return nil }
            if isBusy { return .busy }
            return first.isIdle && others.allSatisfy(\.isIdle) ? .away : .online
        }

        func has(_ session: SessionID) -> Bool {
            first?.session == session || others.contains { $0.session == session }
        }

        mutating func insert(_ device: Device) {
            if first == nil { first = device } else { others.append(device) }
        }

        mutating func remove(_ session: SessionID) {
            if first?.session == session {
                first = others.isEmpty ? nil : others.removeFirst()
            } else {
                others.removeAll { $0.session == session }
            }
            if others.isEmpty { others = [] }
        }

        mutating func setIdle(_ isIdle: Bool, _ session: SessionID) {
            if first?.session == session { first?.isIdle = isIdle }
            for place in others.indices where others[place].session == session {
                others[place].isIdle = isIdle
            }
        }
    }

    private let timings: PresenceTimings
    private var users: [UserID: User] = [:]
    private var graces = DeadlineTable<UserID>()

    /// Makes a shard on which everybody is offline.
    public init(timings: PresenceTimings = PresenceTimings()) { self.timings = timings }

    /// How many users are not offline.
    ///
    /// - Complexity: O(1).
    public var trackedUsers: Int { users.count }

    /// When the first grace is over.
    ///
    /// - Complexity: O(1).
    public var nextDeadline: ChatInstant? { graces.next }

    /// A device signed in.
    ///
    /// - Complexity: O(devices of the user + log graces).
    public mutating func connect(
        _ user: UserID, session: SessionID, now: ChatInstant
    ) -> PresenceChange? {
        guard !has(session, user) else { return nil }
        users[user, default: User()].insert(Device(session: session, isIdle: false))
        graces.remove(user)
        return announce(user)
    }

    /// A device is gone.
    ///
    /// - Complexity: O(devices of the user + log graces).
    public mutating func disconnect(
        _ user: UserID, session: SessionID, isExplicit: Bool, now: ChatInstant
    ) -> PresenceChange? {
        guard has(session, user) else { return nil }
        users[user]?.remove(session)
        guard !isConnected(user) else { return announce(user) }
        guard !isExplicit, timings.presenceGraceMilliseconds > 0 else { return goOffline(user) }
        graces.set(user, to: now.advanced(byMilliseconds: timings.presenceGraceMilliseconds))
        return nil
    }

    /// A device became idle or active.
    ///
    /// - Complexity: O(devices of the user).
    public mutating func setActivity(
        _ user: UserID, session: SessionID, isIdle: Bool, now: ChatInstant
    ) -> PresenceChange? {
        guard has(session, user) else { return nil }
        users[user]?.setIdle(isIdle, session)
        return announce(user)
    }

    /// A connected user became busy or is so no more.
    ///
    /// - Complexity: O(devices of the user).
    public mutating func setBusy(
        _ user: UserID, _ isBusy: Bool, now: ChatInstant
    ) -> PresenceChange? {
        guard isConnected(user) else { return nil }
        users[user]?.isBusy = isBusy
        return announce(user)
    }

    /// Takes everybody offline whose grace is over.
    ///
    /// - Complexity: O(expired · log graces).
    public mutating func expire(now: ChatInstant) -> [PresenceChange] {
        var changes: [PresenceChange] = []
        while let user = graces.popDue(now: now) {
            changes.append(goOffline(user))
        }
        return changes
    }

    /// The status as last announced.
    ///
    /// - Complexity: O(1).
    public func status(of user: UserID) -> PresenceStatus { users[user]?.announced ?? .offline }

    /// Whether any device is connected.
    ///
    /// - Complexity: O(1).
    public func isConnected(_ user: UserID) -> Bool { users[user]?.first != nil }

    /// The connected sessions, in the order of their connects.
    ///
    /// - Complexity: O(devices of the user); allocates.
    public func sessions(of user: UserID) -> [SessionID] {
        guard let entry = users[user], let first = entry.first else { return [] }
        return [first.session] + entry.others.map(\.session)
    }

    private func has(_ session: SessionID, _ user: UserID) -> Bool {
        users[user]?.has(session) ?? false
    }

    private mutating func announce(_ user: UserID) -> PresenceChange? {
        guard let entry = users[user], let status = entry.merged, status != entry.announced else {
            return nil
        }
        users[user]?.announced = status
        return PresenceChange(user: user, status: status)
    }

    private mutating func goOffline(_ user: UserID) -> PresenceChange {
        users.removeValue(forKey: user)
        return PresenceChange(user: user, status: .offline)
    }
}
