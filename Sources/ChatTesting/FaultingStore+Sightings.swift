// SPDX-License-Identifier: MIT

public import ChatCore

extension FaultingStore {
    /// See ``SightingStore/note(_:)``.
    public func note(_ sightings: [Sighting]) async throws(StorageError) -> [UserID: Timestamp] {
        try await pass(.noteSightings) { () throws(StorageError) in
            try await inner.note(sightings)
        }
    }
}
