// SPDX-License-Identifier: MIT

public import ChatCore

extension MemoryStore {
    /// See ``ChatStore/updateProfile(_:of:)``.
    public func updateProfile(
        _ changes: ProfileChanges, of user: UserID
    ) async throws(StorageError) -> UserRecord? {
        try withState { $0.updateProfile(changes, of: user) }
    }

    /// See ``ChatStore/profiles(of:)``.
    public func profiles(
        of users: [UserID]
    ) async throws(StorageError) -> [UserID: UserProfile] {
        try withState { $0.profiles(of: users) }
    }
}
