// SPDX-License-Identifier: MIT

public import ChatCore

extension HeldStore {
    /// See ``SightingStore/note(_:)``.
    public func note(_ sightings: [Sighting]) async throws(StorageError) -> [UserID: Timestamp] {
        await passSightings()
        return try await inner.note(sightings)
    }
}
