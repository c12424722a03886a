// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    /// When users were last seen.
    static let sightingChecks: [StoreCheck] = [
        StoreCheck(
            "when users were last seen is noted for many at once, and shown with their profiles"
        ) {
            probe in
            try await probe.addUsers()
            let (ada, bob, cyd) = (StoreProbe.ada, StoreProbe.bob, StoreProbe.cyd)
            _ = try await probe.store.updateProfile(ProfileChanges(statusText: "x"), of: ada)
            let times = try await probe.note([ada: 1_000, cyd: 2_000])
            try probe.expect(times, [ada: StoreProbe.time(1_000), cyd: StoreProbe.time(2_000)])
            let profiles = try await probe.store.profiles(of: [ada, bob, cyd])
            let adas = UserProfile(statusText: "x", lastSeen: StoreProbe.time(1_000))
            let cyds = UserProfile(lastSeen: StoreProbe.time(2_000))
            try probe.expect(profiles, [ada: adas, cyd: cyds])
            try probe.expect(await probe.store.user(ada)?.profile, adas)
            try probe.expect(await probe.store.user(token: "token-Cyd")?.profile, cyds)
            try probe.expect(await probe.note([:]), [:])
        },
        StoreCheck(
            "the time when somebody was last seen never goes back, and a repetition changes nothing"
        ) {
            probe in
            try await probe.addUsers()
            let ada = StoreProbe.ada
            for (time, expected) in [
                (5_000, 5_000), (4_000, 5_000), (5_000, 5_000), (6_000, 6_000),
            ]
                as [(Int64, Int64)]
            {
                let times = try await probe.note([ada: time])
                try probe.expect(times, [ada: StoreProbe.time(expected)])
                try await probe.expectSeen(ada, StoreProbe.time(expected))
            }
        },
        StoreCheck(
            "nothing is kept of who hides when they were last seen, and what was is forgotten"
        ) {
            probe in
            try await probe.addUsers()
            let (ada, bob) = (StoreProbe.ada, StoreProbe.bob)
            _ = try await probe.note([ada: 1_000, bob: 1_000])
            let hidden = try await probe.store.updateProfile(
                ProfileChanges(hidesLastSeen: true), of: ada)
            try probe.expect(hidden?.profile, UserProfile(hidesLastSeen: true))
            let times = try await probe.note([ada: 2_000, bob: 2_000])
            try probe.expect(times, [bob: StoreProbe.time(2_000)])
            _ = try await probe.store.updateProfile(ProfileChanges(avatar: "x"), of: ada)
            let profiles = try await probe.store.profiles(of: [ada])
            try probe.expect(profiles, [ada: UserProfile(avatar: "x", hidesLastSeen: true)])
            _ = try await probe.store.updateProfile(ProfileChanges(hidesLastSeen: false), of: ada)
            try await probe.expectSeen(ada, nil)
            try probe.expect(await probe.note([ada: 500]), [ada: StoreProbe.time(500)])
        },
        StoreCheck("nothing is noted of users who are not there or erased") { probe in
            try await probe.addUsers()
            let (ada, bob) = (StoreProbe.ada, StoreProbe.bob)
            let nobody = UserID(rawValue: 99)
            _ = try await probe.note([ada: 1_000, bob: 1_000])
            _ = try await probe.store.beginErasure(of: bob)
            try await probe.expectSeen(bob, nil)
            let times = try await probe.note([ada: 2_000, bob: 2_000, nobody: 2_000])
            try probe.expect(times, [ada: StoreProbe.time(2_000)])
            try probe.expect(await probe.store.user(bob), ErasedUser.record(bob))
            try probe.expect(await probe.store.user(nobody), nil)
            try probe.expect(await probe.store.profiles(of: [bob, nobody]), [:])
        },
        StoreCheck("who was hidden when they were erased hides nothing any more") { probe in
            try await probe.addUsers()
            let bob = StoreProbe.bob
            _ = try await probe.store.updateProfile(ProfileChanges(hidesLastSeen: true), of: bob)
            _ = try await probe.store.beginErasure(of: bob)
            try probe.expect(await probe.store.user(bob), ErasedUser.record(bob))
        },
        StoreCheck("an update of a user's token keeps when they were last seen") { probe in
            try await probe.addUsers()
            let ada = StoreProbe.ada
            _ = try await probe.note([ada: 1_000])
            try await probe.store.updateUser(
                UserRecord(id: ada, name: "Ada", token: "new", isNameKept: true))
            try await probe.expectSeen(ada, StoreProbe.time(1_000))
        },
    ]
}

extension StoreProbe {
    /// Notes sightings, times in milliseconds.
    fileprivate func note(_ times: [UserID: Int64]) async throws -> [UserID: Timestamp] {
        let sightings = times.sorted { $0.key < $1.key }.map { user, time in
            Sighting(user: user, at: Self.time(time))
        }
        return try await store.note(sightings)
    }

    fileprivate func expectSeen(_ user: UserID, _ time: Timestamp?, line: UInt = #line) async throws
    {
        try expect(await store.user(user)?.profile.lastSeen, time, line: line)
    }
}
