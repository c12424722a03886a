// SPDX-License-Identifier: MIT

public import ChatCore

extension MemoryStore {
    /// See ``SightingStore/note(_:)``.
    public func note(_ sightings: [Sighting]) async throws(StorageError) -> [UserID: Timestamp] {
        try withState { $0.note(sightings) }
    }
}

extension MemoryState {
    mutating func note(_ sightings: [Sighting]) -> [UserID: Timestamp] {
        var times: [UserID: Timestamp] = [:]
        for sighting in sightings {
            guard let profile = users[sighting.user]?.profile else { continue }
            let isErased = erasedUsers.contains(sighting.user)
            let seen = profile.seen(at: sighting.at, isErased: isErased)
            users[sighting.user]?.profile = seen
            times[sighting.user] = seen.lastSeen
        }
        return times
    }
}
