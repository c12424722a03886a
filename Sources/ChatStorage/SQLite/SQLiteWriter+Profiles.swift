// SPDX-License-Identifier: MIT

import ChatCore

extension SQLiteWriter {
    func updateProfile(
        _ changes: ProfileChanges, of user: UserID
    ) throws(StorageError) -> UserRecord? {
        try transaction { () throws(StorageError) in
            let update = try SQLiteStatement(
                connection,
                """
                UPDATE users SET display_name = coalesce(?2, display_name),
                    avatar = coalesce(?3, avatar), status_text = coalesce(?4, status_text),
                    hides_last_seen = coalesce(?5, hides_last_seen),
                    last_seen = CASE coalesce(?5, hides_last_seen) WHEN 0 THEN last_seen END
                WHERE id = ?1 AND is_erased = 0
                """)
            update.bind(1, user)
            update.bind(2, optional: changes.displayName)
            update.bind(3, optional: changes.avatar)
            update.bind(4, optional: changes.statusText)
            update.bind(5, optional: changes.hidesLastSeen.map { $0 ? 1 : 0 })
            try update.run()
            guard connection.changes == 1 else { return nil }
            let find = try SQLiteStatement(
                connection, "SELECT \(SQLiteStatement.userColumns) FROM users WHERE id = ?1")
            find.bind(1, user)
            return try find.first { $0.userRecord() }
        }
    }
}

extension SQLiteReader {
    func profiles(of users: [UserID]) throws(StorageError) -> [UserID: UserProfile] {
        try transaction { () throws(StorageError) in
            var profiles: [UserID: UserProfile] = [:]
            for user in users {
                if let record = try self.user(user), !record.profile.isEmpty {
                    profiles[user] = record.profile
                }
            }
            return profiles
        }
    }
}
