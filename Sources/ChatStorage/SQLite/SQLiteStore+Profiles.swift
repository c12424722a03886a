// SPDX-License-Identifier: MIT

public import ChatCore

extension SQLiteStore {
    /// See ``ChatStore/updateProfile(_:of:)``.
    public func updateProfile(
        _ changes: ProfileChanges, of user: UserID
    ) async throws(StorageError) -> UserRecord? {
        try await writer.perform { writer throws(StorageError) in
            try writer.updateProfile(changes, of: user)
        }
    }

    /// See ``ChatStore/profiles(of:)``.
    public func profiles(
        of users: [UserID]
    ) async throws(StorageError) -> [UserID: UserProfile] {
        try await read { reader throws(StorageError) in
            try reader.profiles(of: users)
        }
    }
}
