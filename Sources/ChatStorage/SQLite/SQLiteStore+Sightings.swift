// SPDX-License-Identifier: MIT

public import ChatCore

extension SQLiteStore {
    /// See ``SightingStore/note(_:)``.
    public func note(_ sightings: [Sighting]) async throws(StorageError) -> [UserID: Timestamp] {
        try await writer.perform { writer throws(StorageError) in try writer.note(sightings) }
    }
}

extension SQLiteWriter {
    func note(_ sightings: [Sighting]) throws(StorageError) -> [UserID: Timestamp] {
        try transaction { () throws(StorageError) in
            let update = try SQLiteStatement(
                connection,
                """
                UPDATE users SET last_seen = max(coalesce(last_seen, ?2), ?2)
                WHERE id = ?1 AND hides_last_seen = 0 AND is_erased = 0
                """)
            let find = try SQLiteStatement(
                connection, "SELECT last_seen FROM users WHERE id = ?1 AND last_seen IS NOT NULL")
            var times: [UserID: Timestamp] = [:]
            for sighting in sightings {
                update.bind(1, sighting.user)
                update.bind(2, sighting.at)
                try update.run()
                find.bind(1, sighting.user)
                if let time = try find.first({ $0.time(0) }) { times[sighting.user] = time }
            }
            return times
        }
    }
}

extension SQLiteSchema {
    /// When users were last seen; NULL if that is not known or nobody may know.
    static let version11 = """
        ALTER TABLE users ADD COLUMN last_seen INTEGER;
        ALTER TABLE users ADD COLUMN hides_last_seen INTEGER NOT NULL DEFAULT 0;
        """
}
