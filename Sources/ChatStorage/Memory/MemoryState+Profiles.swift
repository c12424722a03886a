// SPDX-License-Identifier: MIT

import ChatCore

extension MemoryState {
    mutating func updateProfile(_ changes: ProfileChanges, of user: UserID) -> UserRecord? {
        guard var record = users[user], !erasedUsers.contains(user) else { return nil }
        record.profile = changes.applied(to: record.profile)
        users[user] = record
        return record
    }

    func profiles(of ids: [UserID]) -> [UserID: UserProfile] {
        var profiles: [UserID: UserProfile] = [:]
        for id in ids {
            if let profile = users[id]?.profile, !profile.isEmpty { profiles[id] = profile }
        }
        return profiles
    }
}
