// SPDX-License-Identifier: MIT

public import ChatCore

extension PostgresStore {
    /// See ``SightingStore/note(_:)``.
    public func note(_ sightings: [Sighting]) async throws(StorageError) -> [UserID: Timestamp] {
        try await write { session, _ throws(PostgresFailure) in try session.note(sightings) }
    }
}

extension PostgresSession {
    func note(_ sightings: [Sighting]) throws(PostgresFailure) -> [UserID: Timestamp] {
        let users = PostgresValue.ints(sightings.map { Int64(bitPattern: $0.user.rawValue) })
        let times = PostgresValue.ints(sightings.map(\.at.milliseconds))
        let rows = try connection.fetch(.noteSightings, [users, times])
            .all { ($0.user(0), $0.time(1)) }
        return Dictionary(rows, uniquingKeysWith: { first, _ in first })
    }
}

extension PostgresStatement {
    /// The locks are taken in the order of the rows: two servers cannot wait for each other.
    static let sightingSQL = """
        WITH seen AS MATERIALIZED (
            SELECT u.id, s.at FROM unnest($1::bigint[], $2::bigint[]) AS s(id, at)
            JOIN users u ON u.id = s.id WHERE NOT u.hides_last_seen AND NOT u.is_erased
            ORDER BY u.id FOR NO KEY UPDATE OF u)
        UPDATE users u SET last_seen = greatest(u.last_seen, seen.at) FROM seen
        WHERE u.id = seen.id RETURNING u.id, u.last_seen
        """
}

extension PostgresSchema {
    /// When users were last seen; NULL if that is not known or nobody may know. Rows that change with every visit
    /// leave space in their pages, so that no index changes.
    static let version11 = """
        ALTER TABLE users ADD COLUMN last_seen bigint,
            ADD COLUMN hides_last_seen boolean NOT NULL DEFAULT false;
        ALTER TABLE users SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
        """
}
