// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    /// What users show of themselves.
    static let profileChecks: [StoreCheck] = [
        StoreCheck("a user is stored with their profile and the time when they were added") {
            probe in
            let user = UserRecord(
                id: StoreProbe.cyd, name: "Cyd", token: "t", isNameKept: true,
                profile: UserProfile(
                    displayName: "nul\0 \u{e9}", avatar: "pic/1", statusText: "here"),
                createdAt: StoreProbe.time(1_234))
            try probe.expect(await probe.store.addUser(user), user)
            try probe.expect(await probe.store.user(user.id), user)
            try probe.expect(await probe.store.user(token: "t"), user)
        },
        StoreCheck("a change of a profile changes what it names, and nothing else") { probe in
            try await probe.addUsers()
            let ada = StoreProbe.ada
            guard var expected = try await probe.store.user(ada) else {
                return try probe.expect(false, "the user is missing")
            }
            func change(_ changes: ProfileChanges) async throws {
                let changed = try await probe.store.updateProfile(changes, of: ada)
                try probe.expect(changed, expected)
                try probe.expect(await probe.store.user(ada), expected)
            }
            expected.profile.displayName = "Ada L."
            expected.profile.statusText = "away"
            try await change(ProfileChanges(displayName: "Ada L.", statusText: "away"))
            expected.profile.avatar = "pic"
            try await change(ProfileChanges(avatar: "pic"))
            expected.profile.displayName = ""
            try await change(ProfileChanges(displayName: ""))
            try await change(ProfileChanges())
            let nobody = try await probe.store.updateProfile(
                ProfileChanges(avatar: "x"), of: UserID(rawValue: 99))
            try probe.expect(nobody, nil)
        },
        StoreCheck("an update of a user's token keeps the profile") { probe in
            try await probe.addUsers()
            let changes = ProfileChanges(displayName: "A", avatar: "b", statusText: "c")
            var expected = try await probe.store.updateProfile(changes, of: StoreProbe.ada)
            expected?.token = "new"
            let update = UserRecord(
                id: StoreProbe.ada, name: "Ada", token: "new", isNameKept: false)
            try await probe.store.updateUser(update)
            try probe.expect(await probe.store.user(StoreProbe.ada), expected)
        },
        StoreCheck("profiles are read for many users at once; who has set nothing has none") {
            probe in
            try await probe.addUsers()
            let (ada, bob, cyd) = (StoreProbe.ada, StoreProbe.bob, StoreProbe.cyd)
            _ = try await probe.store.updateProfile(ProfileChanges(statusText: "x"), of: ada)
            _ = try await probe.store.updateProfile(ProfileChanges(avatar: "y"), of: cyd)
            let profiles = try await probe.store.profiles(
                of: [ada, bob, cyd, cyd, UserID(rawValue: 99)])
            try probe.expect(
                profiles, [ada: UserProfile(statusText: "x"), cyd: UserProfile(avatar: "y")])
            try probe.expect(await probe.store.profiles(of: []), [:])
        },
    ]
}
