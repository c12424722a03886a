// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    /// What stands beside the logs ends with them: files, bans, mutes, invitations, profiles.
    static let endOfDataChecks: [StoreCheck] = [
        StoreCheck("files of trimmed messages are listed when no message has them any more") {
            probe in
            try await probe.prepareRoom()
            try await probe.expectStored(probe.entry(post("a", "b", "a")), 3)
            try await probe.expectStored(probe.entry(post("b")), 4)
            try await probe.expectStored(probe.entry(post("c"), key: "k"), 5)
            _ = try await probe.trim(through: 3)
            try probe.expect(await orphans(probe), ["a"])
            _ = try await probe.append(.delete(target: 4))
            try probe.expect(await orphans(probe), ["a", "b"])
            _ = try await probe.trim(through: 5, limit: 1)
            try probe.expect(await orphans(probe), ["a", "b"])
            _ = try await probe.trim(through: 5, limit: 1)
            try probe.expect(await orphans(probe), ["a", "b", "c"])
            try probe.expect(
                await probe.append(probe.entry(post("c"), key: "k")),
                .duplicate(seq: 5, at: StoreProbe.time(2_000)))
        },
        StoreCheck("bans, mutes and invitations of a deleted room are gone at once") { probe in
            try await probe.prepareRoom()
            let (ada, bob, cyd) = (StoreProbe.ada, StoreProbe.bob, StoreProbe.cyd)
            _ = try await probe.append(.mute(user: bob, until: .forever), isModerator: true)
            _ = try await probe.append(.ban(user: cyd, Ban(reason: "spam")), isModerator: true)
            try await probe.invite("link", to: nil)
            _ = try await probe.store.deleteRoom(StoreProbe.room)
            try probe.expect(await bans(probe), [])
            try probe.expect(await probe.store.invitation(code: "link"), nil)
            let record = RoomRecord(
                id: StoreProbe.room, name: "Room", createdAt: StoreProbe.time(5_000))
            _ = try await probe.store.createRoom(record, owner: ada)
            try probe.expect(await bans(probe), [])
            try await probe.invite("link", to: cyd)
            for user in [bob, cyd] {
                _ = try await probe.append(.join(user: user, role: .member, logged: true), by: user)
                try await probe.post("here I am", by: user)
            }
            try probe.expect(await probe.snapshot().members.map(\.user), [ada, bob, cyd])
        },
        StoreCheck("a sweep in small slices leaves bans, mutes and files nowhere") { probe in
            try await probe.prepareRoom()
            for ids in ["a", "b", "c"] { _ = try await probe.append(post(ids, "d")) }
            _ = try await probe.append(
                .mute(user: StoreProbe.bob, until: .forever), isModerator: true)
            _ = try await probe.append(.ban(user: StoreProbe.cyd, Ban()), isModerator: true)
            _ = try await probe.store.deleteRoom(StoreProbe.room)
            try await probe.sweepAll()
            try probe.expect(await orphans(probe), ["a", "b", "c", "d"])
            try probe.expect(
                await probe.store.sweep(limit: 9), SweepSlice(removed: 0, isDone: true))
        },
        StoreCheck("an erased user's profile and the files of their messages are gone") { probe in
            try await probe.prepareRoom()
            let bob = StoreProbe.bob
            _ = try await probe.store.updateProfile(
                ProfileChanges(displayName: "B", avatar: "pic", statusText: "away"), of: bob)
            try await probe.expectStored(probe.entry(post("a", "b"), by: bob), 3)
            try await probe.expectStored(probe.entry(post("b")), 4)
            _ = try await probe.store.beginErasure(of: bob)
            try await probe.expect(probe.store.user(bob), ErasedUser.record(bob))
            try await probe.expect(probe.store.profiles(of: [bob]), [:])
            // Whoever was about to change it finds nobody.
            let late = try await probe.store.updateProfile(ProfileChanges(avatar: "x"), of: bob)
            try probe.expect(late, nil)
            try await probe.expect(probe.store.user(bob), ErasedUser.record(bob))
            try await probe.expect(Set(probe.eraseAll(limit: 2)), [StoreProbe.room])
            let messages = try await probe.history().messages
            try probe.expect(messages.map(\.isDeleted), [true, false])
            try probe.expect(messages.map { $0.attachments.map(\.id) }, [[], ["b"]])
            let events = try await probe.events(after: 2)
            try probe.expect(events.first?.change, .message(text: "", replyTo: nil))
            try probe.expect(events.map(\.isRedacted), [true, false])
            try probe.expect(await orphans(probe), ["a"])
        },
        StoreCheck("reasons of bans, mutes and invitations go with an erased user, bans stay") {
            probe in
            try await probe.prepareRoom()
            let (ada, bob, cyd) = (StoreProbe.ada, StoreProbe.bob, StoreProbe.cyd)
            _ = try await probe.append(.role(user: bob, role: .admin), isModerator: true)
            let other = RoomRecord(
                id: StoreProbe.other, name: "Other", createdAt: StoreProbe.time(1_000))
            _ = try await probe.store.createRoom(other, owner: ada)
            try await probe.invite("by Bob", to: nil, by: bob)
            try await probe.invite("to Bob", to: bob, in: StoreProbe.other)
            try await probe.invite("to Cyd", to: cyd, in: StoreProbe.other)
            try await probe.expectStored(
                probe.entry(.ban(user: cyd, Ban(reason: "by Bob")), by: bob, isModerator: true), 4)
            _ = try await probe.append(.mute(user: bob, until: .forever), isModerator: true)
            let ofBob = probe.entry(
                .ban(user: bob, Ban(reason: "of Bob")), key: "k", isModerator: true)
            try await probe.expectStored(ofBob, 6)
            let stranger = UserID(rawValue: 77)
            try await probe.expectStored(
                probe.entry(.ban(user: stranger, Ban(reason: "kept")), isModerator: true), 7)
            _ = try await probe.store.beginErasure(of: bob)
            try await probe.expect(Set(probe.eraseAll(limit: 3)), [StoreProbe.room])
            try probe.expect(await bans(probe).map(\.user.id), [stranger, bob, cyd])
            try probe.expect(await bans(probe).map(\.ban.reason), ["kept", "", ""])
            let events = try await probe.events(after: 3)
            try probe.expect(events.map(\.isRedacted), [true, false, true, false])
            try probe.expect(events[0].change, .ban(user: cyd, Ban()))
            try probe.expect(events[2].change, .ban(user: bob, Ban()))
            try probe.expect(events[2].clientID, "k")
            let again = try await probe.append(ofBob)
            try probe.expect(again, .duplicate(seq: 6, at: StoreProbe.time(2_000)))
            try probe.expect(await probe.snapshot().absentMutes, [:])
            try probe.expect(await probe.store.invitation(code: "by Bob"), nil)
            try probe.expect(await probe.store.invitation(code: "to Bob"), nil)
            try probe.expect(await probe.store.invitation(code: "to Cyd")?.user, cyd)
            let late = try await probe.store.invite(
                probe.invitation("late", to: bob, in: StoreProbe.other))
            try probe.expect(late, .refused(.userNotFound))
        },
    ]

    private static func bans(_ probe: StoreProbe) async throws -> [BanRecord] {
        try await probe.store.bans(
            in: StoreProbe.room, at: StoreProbe.time(2_000), offset: 0, limit: 9
        ).bans
    }
}

extension StoreProbe {
    /// Sweeps until nothing is left.
    func sweepAll(limit: Int = 2) async throws {
        var slices = 0
        while try await !store.sweep(limit: limit).isDone {
            slices += 1
            try expect(slices < 1_000, "a sweep does not end")
        }
    }

    fileprivate func invitation(
        _ code: String, to user: UserID?, in room: RoomID, by sender: UserID = ada
    ) -> InvitationRecord {
        InvitationRecord(
            code: code, room: room, user: user, sender: sender, createdAt: Self.time(2_000),
            expires: .forever, usesLeft: 1)
    }

    fileprivate func invite(
        _ code: String, to user: UserID?, in room: RoomID = room, by sender: UserID = ada
    ) async throws {
        let outcome = try await store.invite(invitation(code, to: user, in: room, by: sender))
        try expect(outcome, .stored)
    }
}
