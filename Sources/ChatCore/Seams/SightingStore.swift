// SPDX-License-Identifier: MIT

/// When users were last seen: part of what is shown of them (``UserProfile/lastSeen``).
public protocol SightingStore: Sendable {
    /// Notes when users were last seen, all in one transaction. A time only moves forward, so a call may be repeated.
    ///
    /// Nothing is kept of users who hide it (``UserProfile/hidesLastSeen``), who are erased or whom the store does not
    /// know.
    ///
    /// - Parameter sightings: each user once, ordered by their id.
    /// - Returns: the time that stands now, of those of whom one does: what others may be told.
    func note(_ sightings: [Sighting]) async throws(StorageError) -> [UserID: Timestamp]
}

/// Somebody was seen: a device of theirs was connected at that moment.
public struct Sighting: Sendable, Equatable {
    /// Who.
    public var user: UserID
    /// When.
    public var at: Timestamp

    /// Makes a sighting.
    public init(user: UserID, at: Timestamp) {
        self.user = user
        self.at = at
    }
}

extension UserProfile {
    /// The profile after its user was seen, by the rule that every store has.
    ///
    /// - Parameter isErased: whether the user is: nothing is kept of them.
    public func seen(at time: Timestamp, isErased: Bool) -> UserProfile {
        if hidesLastSeen || isErased { return self }
        var profile = self
        profile.lastSeen = max(time, lastSeen ?? time)
        return profile
    }
}
