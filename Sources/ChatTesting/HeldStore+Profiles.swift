// SPDX-License-Identifier: MIT

public import ChatCore

extension HeldStore {
    /// See ``ChatStore/updateProfile(_:of:)``.
    public func updateProfile(
        _ changes: ProfileChanges, of user: UserID
    ) async throws(StorageError) -> UserRecord? {
        try await inner.updateProfile(changes, of: user)
    }

    /// See ``ChatStore/profiles(of:)``.
    public func profiles(
        of users: [UserID]
    ) async throws(StorageError) -> [UserID: UserProfile] {
        try await inner.profiles(of: users)
    }
}
