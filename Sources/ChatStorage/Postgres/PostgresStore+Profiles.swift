// SPDX-License-Identifier: MIT

public import ChatCore

extension PostgresStore {
    /// See ``ChatStore/updateProfile(_:of:)``.
    public func updateProfile(
        _ changes: ProfileChanges, of user: UserID
    ) async throws(StorageError) -> UserRecord? {
        try await write { session, _ throws(PostgresFailure) in
            try session.updateProfile(changes, of: user)
        }
    }

    /// See ``ChatStore/profiles(of:)``.
    public func profiles(
        of users: [UserID]
    ) async throws(StorageError) -> [UserID: UserProfile] {
        try await read { session throws(PostgresFailure) in
            try session.profiles(of: users)
        }
    }
}
