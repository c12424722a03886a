// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    private static func invitation(
        _ code: String, for user: UserID? = StoreProbe.cyd, by sender: UserID = StoreProbe.ada,
        to room: RoomID = StoreProbe.room, at milliseconds: Int64 = 2_000,
        until end: Timestamp = .forever, uses: Int = 1
    ) -> InvitationRecord {
        InvitationRecord(
            code: code, room: room, user: user, sender: sender,
            createdAt: StoreProbe.time(milliseconds), expires: end, usesLeft: uses)
    }

    private static func acceptance(
        _ user: UserID = StoreProbe.cyd, code: String? = nil
    ) -> LogChange {
        .accept(Acceptance(user: user, code: code, isLogged: true))
    }

    private static func page(
        of user: UserID = StoreProbe.cyd, at milliseconds: Int64 = 2_000, offset: Int = 0,
        limit: Int = 10, _ probe: StoreProbe
    ) async throws -> InvitationPage {
        try await probe.store.invitations(
            of: user, at: StoreProbe.time(milliseconds), offset: offset, limit: limit)
    }

    /// Making, listing and withdrawing invitations.
    static let invitationChecks: [StoreCheck] = [
        StoreCheck("an invitation lets one user in once, and stands in the log as a join") {
            probe in
            try await probe.prepareRoom()
            let cyd = StoreProbe.cyd
            try await probe.expectRefused(acceptance(), by: cyd, .invitationNotFound)
            try probe.expect(await probe.store.invite(invitation("a")), .stored)
            let stranger = UserID(rawValue: 77)
            try await probe.expectRefused(acceptance(stranger), .invitationNotFound)
            try await probe.expectRefused(acceptance(stranger, code: "a"), .invitationNotFound)
            try await probe.expectStored(probe.entry(acceptance(), by: cyd), 3)
            let join = LogChange.join(user: cyd, role: .member, logged: true)
            try probe.expect(await probe.events(after: 2).map(\.change), [join])
            try probe.expect(await probe.append(acceptance(), by: cyd), .unchanged)
            try probe.expect(await probe.snapshot().room.memberCount, 3)
            let leave = LogChange.leave(user: cyd, reason: .left, logged: true)
            try await probe.expectStored(probe.entry(leave, by: cyd), 4)
            try await probe.expectRefused(acceptance(), by: cyd, .invitationNotFound)
        },
        StoreCheck("an invitation that is over lets nobody in; the entry's time decides") {
            probe in
            try await probe.prepareRoom()
            let end = StoreProbe.time(5_000)
            try probe.expect(await probe.store.invite(invitation("a", until: end)), .stored)
            let cyd = StoreProbe.cyd
            let late = probe.entry(acceptance(), by: cyd, at: 5_000)
            try probe.expect(await probe.append(late), .refused(.invitationNotFound))
            try await probe.expectStored(probe.entry(acceptance(), by: cyd, at: 4_999), 3)
        },
        StoreCheck("a ban beats an invitation and takes it away") { probe in
            try await probe.prepareRoom()
            let cyd = StoreProbe.cyd
            try probe.expect(await probe.store.invite(invitation("a")), .stored)
            let link = invitation("link", for: nil, uses: 5)
            try probe.expect(await probe.store.invite(link), .stored)
            try await probe.expectStored(probe.entry(.ban(user: cyd, Ban())), 3)
            try await probe.expectRefused(acceptance(), by: cyd, .banned)
            try await probe.expectRefused(acceptance(code: "link"), by: cyd, .banned)
            try probe.expect(
                await probe.store.invite(invitation("b")), .refused(.banned))
            try await probe.expectStored(probe.entry(.unban(user: cyd)), 4)
            try await probe.expectRefused(acceptance(), by: cyd, .invitationNotFound)
            try await probe.expectStored(probe.entry(acceptance(code: "link"), by: cyd), 5)
            try probe.expect(await probe.store.invitation(code: "link")?.usesLeft, 4)
        },
        StoreCheck("of a hundred who join at once by a link of seven uses, seven get in") { probe in
            try await probe.prepareRoom()
            let link = invitation("link", for: nil, uses: 7)
            try probe.expect(await probe.store.invite(link), .stored)
            let outcomes = try await withThrowingTaskGroup(of: AppendOutcome.self) { group in
                for number in 0..<100 {
                    let user = UserID(rawValue: 1_000 + UInt64(number))
                    let entry = probe.entry(acceptance(user, code: "link"), by: user)
                    group.addTask { try await probe.append(entry) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let refused = outcomes.count { $0 == .refused(.invitationNotFound) }
            try probe.expect(refused, 93)
            let snapshot = try await probe.snapshot()
            try probe.expect([snapshot.members.count, snapshot.room.memberCount], [9, 9])
            try probe.expect(snapshot.room.head, 9)
            try probe.expect(await probe.store.invitation(code: "link"), nil)
        },
        StoreCheck("a full room does not use an invitation up") { probe in
            try await probe.prepareRoom()
            try probe.expect(await probe.store.invite(invitation("a")), .stored)
            _ = try await probe.append(.room(RoomChanges(maximumMembers: 2)))
            try await probe.expectRefused(acceptance(), by: StoreProbe.cyd, .roomFull)
            _ = try await probe.append(.room(RoomChanges(maximumMembers: 3)))
            try await probe.expectStored(probe.entry(acceptance(), by: StoreProbe.cyd), 5)
        },
        StoreCheck("who may invite whom") { probe in
            try await probe.prepareRoom()
            let store = probe.store
            let (bob, cyd) = (StoreProbe.bob, StoreProbe.cyd)
            func expect(
                _ invitation: InvitationRecord, _ outcome: InvitationOutcome, line: UInt = #line
            ) async throws {
                try await probe.expect(store.invite(invitation), outcome, line: line)
            }
            try await expect(invitation("a", by: cyd), .refused(.notMember))
            try await expect(invitation("a", to: StoreProbe.other), .refused(.roomNotFound))
            try await expect(invitation("a", for: UserID(rawValue: 7)), .refused(.userNotFound))
            try await expect(invitation("a", for: bob), .alreadyMember)
            try await expect(invitation("a", for: nil, by: bob), .refused(.notModerator))
            _ = try await probe.append(.room(RoomChanges(isPrivate: true)))
            try await expect(invitation("a", by: bob), .refused(.notModerator))
            _ = try await probe.append(.role(user: bob, role: .moderator))
            try await expect(invitation("a", by: bob), .stored)
            try await expect(invitation("b"), .present(invitation("a", by: bob)))
            try await expect(invitation("a", for: nil), .refused(.codeTaken))
            try await expect(invitation("link", for: nil, by: bob, uses: 2), .stored)
        },
        StoreCheck("an invitation that is over makes room for another one") { probe in
            try await probe.prepareRoom()
            let first = invitation("a", until: StoreProbe.time(3_000))
            try probe.expect(await probe.store.invite(first), .stored)
            try probe.expect(await probe.store.invite(invitation("b", at: 2_999)), .present(first))
            let second = invitation("b", at: 3_000)
            try probe.expect(await probe.store.invite(second), .stored)
            try probe.expect(await probe.store.invitation(code: "a"), nil)
            try probe.expect(await probe.store.invitation(code: "b"), second)
        },
        StoreCheck("a user's invitations are listed newest first, in pages, until they are over") {
            probe in
            try await probe.prepareRoom()
            var expected: [InvitationPage.Entry] = []
            for number in 1...3 {
                let id = RoomID(rawValue: .max - 90 + UInt64(number % 2))
                let room = RoomRecord(
                    id: number == 3 ? StoreProbe.other : id, name: "room \(number)",
                    createdAt: StoreProbe.time(1))
                let made = try await probe.store.createRoom(room, owner: StoreProbe.ada)
                let end: Timestamp = number == 1 ? StoreProbe.time(5_000) : .forever
                let record = invitation("code \(number)", to: room.id, until: end)
                try probe.expect(await probe.store.invite(record), .stored)
                guard let made else { continue }
                let ada = UserReference(id: StoreProbe.ada, name: "Ada")
                expected.append(
                    InvitationPage.Entry(invitation: record, room: made, sender: ada))
            }
            // Made at the same time: the room decides.
            let sorted = expected.sorted { $0.room.id > $1.room.id }
            try probe.expect(await page(probe), InvitationPage(entries: sorted, total: 3))
            let middle = try await page(offset: 1, limit: 1, probe)
            try probe.expect(middle, InvitationPage(entries: [sorted[1]], total: 3))
            let later = try await page(at: 5_000, probe)
            try probe.expect(later.entries.map(\.invitation.code), ["code 3", "code 2"])
            try probe.expect(await page(of: StoreProbe.bob, probe).total, 0)
        },
        StoreCheck("an invitation is declined, withdrawn, and gone after a join or with the room") {
            probe in
            try await probe.prepareRoom()
            let (store, cyd) = (probe.store, StoreProbe.cyd)
            func decline(at time: Timestamp = StoreProbe.time(2_000)) async throws -> Bool {
                try await store.removeInvitation(of: cyd, to: StoreProbe.room, at: time)
            }
            try probe.expect(await decline(), false)
            try probe.expect(await store.invite(invitation("a")), .stored)
            try probe.expect(await decline(), true)
            try probe.expect(await decline(), false)
            try probe.expect(
                await store.invite(invitation("b", until: StoreProbe.time(2_001))), .stored)
            try probe.expect(await decline(at: StoreProbe.time(2_001)), false)
            try probe.expect(await store.invitation(code: "b"), nil)
            try probe.expect(await store.invite(invitation("nul\0")), .stored)
            try probe.expect(await store.removeInvitation(code: "nul"), false)
            try probe.expect(await store.removeInvitation(code: "nul\0"), true)
            try probe.expect(await store.removeInvitation(code: "nul\0"), false)
            try probe.expect(await store.invite(invitation("c")), .stored)
            let join = LogChange.join(user: cyd, role: .member, logged: true)
            try await probe.expectStored(probe.entry(join, by: cyd), 3)
            try probe.expect(await store.invitation(code: "c"), nil)
            let link = invitation("d", for: nil)
            try probe.expect(await store.invite(link), .stored)
            try probe.expect(await store.invitation(code: "d"), link)
            _ = try await store.deleteRoom(StoreProbe.room)
            try probe.expect(await store.invitation(code: "d"), nil)
        },
    ]
}
