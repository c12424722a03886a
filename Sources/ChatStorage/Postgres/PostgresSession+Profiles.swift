// SPDX-License-Identifier: MIT

import ChatCore

extension PostgresSession {
    func updateProfile(
        _ changes: ProfileChanges, of user: UserID
    ) throws(PostgresFailure) -> UserRecord? {
        try connection.fetch(
            .updateProfile,
            [
                .user(user), .optional(changes.displayName), .optional(changes.avatar),
                .optional(changes.statusText), changes.hidesLastSeen.map { .bool($0) } ?? .null,
            ]
        ).first { $0.userRecord() }
    }

    func profiles(of users: [UserID]) throws(PostgresFailure) -> [UserID: UserProfile] {
        let ids = PostgresValue.ints(users.map { Int64(bitPattern: $0.rawValue) })
        let rows = try fetch(.profiles, [ids]).all { ($0.user(0), $0.profile(1)) }
        return Dictionary(rows, uniquingKeysWith: { first, _ in first })
    }
}
