// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    private static let join = LogChange.join(user: StoreProbe.bob, role: .member, logged: true)

    private static func message(_ text: String) -> LogChange { .message(text: text, replyTo: nil) }

    /// Who may not be in a room.
    static let banChecks: [StoreCheck] = [
        StoreCheck("a ban takes a member out in the same event, and keeps them out until its end") {
            probe in
            try await probe.prepareRoom()
            let ban = Ban(until: StoreProbe.time(5_000), reason: "nul\0 and \u{e9}")
            let change = LogChange.ban(user: StoreProbe.bob, ban)
            try await probe.expectStored(probe.entry(change), 3)
            let snapshot = try await probe.snapshot()
            try probe.expect(snapshot.members.map(\.user), [StoreProbe.ada])
            try probe.expect(snapshot.room.memberCount, 1)
            let event = try await probe.events(after: 2)
            try probe.expect(event.map(\.change), [change])
            try probe.expect(event.map(\.subjectName), ["Bob"])
            let early = probe.entry(join, by: StoreProbe.bob, at: 4_999)
            try probe.expect(await probe.append(early), .refused(.banned))
            try await probe.expectStored(probe.entry(join, by: StoreProbe.bob, at: 5_000), 4)
            try probe.expect(await probe.snapshot().room.memberCount, 2)
        },
        StoreCheck("a ban of somebody who is no member counts, and an unban lifts it") { probe in
            try await probe.prepareRoom()
            let cyd = LogChange.join(user: StoreProbe.cyd, role: .member, logged: true)
            try await probe.expectStored(probe.entry(.ban(user: StoreProbe.cyd, Ban())), 3)
            try probe.expect(await probe.snapshot().room.memberCount, 2)
            try await probe.expectRefused(cyd, by: StoreProbe.cyd, .banned)
            try await probe.expectStored(probe.entry(.unban(user: StoreProbe.cyd)), 4)
            try probe.expect(await probe.append(.unban(user: StoreProbe.cyd)), .unchanged)
            try await probe.expectStored(probe.entry(cyd, by: StoreProbe.cyd), 5)
        },
        StoreCheck("a ban is repeated only with another end or reason") { probe in
            try await probe.prepareRoom()
            let ban = LogChange.ban(user: StoreProbe.bob, Ban(reason: "a"))
            try await probe.expectStored(probe.entry(ban), 3)
            try probe.expect(await probe.append(ban), .unchanged)
            let other = LogChange.ban(user: StoreProbe.bob, Ban(reason: "b"))
            try await probe.expectStored(probe.entry(other), 4)
            let past = LogChange.ban(user: StoreProbe.cyd, Ban(until: StoreProbe.time(2_000)))
            try probe.expect(await probe.append(past), .unchanged)
            try probe.expect(await bans(probe).bans.map(\.ban.reason), ["b"])
        },
        StoreCheck("who has no higher role bans nobody, whatever the room machine thought") {
            probe in
            try await probe.prepareRoom()
            let (ada, bob, cyd) = (StoreProbe.ada, StoreProbe.bob, StoreProbe.cyd)
            for target in [ada, bob, cyd] {
                try await probe.expectRefused(.ban(user: target, Ban()), by: bob, .notAbove)
            }
            try await probe.expectRefused(.unban(user: cyd), by: bob, .notAbove)
            try await probe.expectRefused(.ban(user: ada, Ban()), by: ada, .notAbove)
            try await probe.expectStored(probe.entry(.role(user: bob, role: .admin)), 3)
            try await probe.expectRefused(.ban(user: ada, Ban()), by: bob, .notAbove)
            try await probe.expectStored(probe.entry(.ban(user: cyd, Ban()), by: bob), 4)
        },
        StoreCheck("a ban and a join of one batch meet") { probe in
            try await probe.prepareRoom()
            let outcomes = try await probe.store.append(
                AppendBatch(entries: [
                    probe.entry(.ban(user: StoreProbe.bob, Ban())),
                    probe.entry(join, by: StoreProbe.bob),
                    probe.entry(.unban(user: StoreProbe.bob)),
                    probe.entry(join, by: StoreProbe.bob),
                ]))
            let time = StoreProbe.time(2_000)
            try probe.expect(
                outcomes,
                [
                    .stored(seq: 3, at: time), .refused(.banned), .stored(seq: 4, at: time),
                    .stored(seq: 5, at: time),
                ])
        },
        StoreCheck("bans are listed newest first, in pages, without those that are over") { probe in
            try await probe.prepareRoom()
            let ends: [Timestamp] = [.forever, StoreProbe.time(3_000), StoreProbe.time(9_000)]
            for (index, end) in ends.enumerated() {
                let user = UserID(rawValue: .max - 100 + UInt64(index))
                _ = try await probe.append(.ban(user: user, Ban(until: end, reason: "\(index)")))
            }
            let page = try await bans(probe, at: 3_000)
            try probe.expect(page.bans.map(\.ban.reason), ["2", "0"])
            try probe.expect(page.total, 2)
            let sender = UserReference(id: StoreProbe.ada, name: "Ada")
            try probe.expect(page.bans.map(\.sender), [sender, sender])
            try probe.expect(page.bans.map(\.at), [StoreProbe.time(2_000), StoreProbe.time(2_000)])
            let rest = try await bans(probe, at: 2_999, offset: 1, limit: 1)
            try probe.expect(rest.bans.map(\.ban.reason), ["1"])
            try probe.expect(rest.total, 3)
            let none = try await probe.store.bans(
                in: StoreProbe.other, at: StoreProbe.time(0), offset: 0, limit: 5)
            try probe.expect(none, BanPage(bans: [], total: 0))
        },
        StoreCheck("a deleted room takes its bans and mutes along") { probe in
            try await probe.prepareRoom()
            _ = try await probe.append(.mute(user: StoreProbe.bob, until: .forever))
            _ = try await probe.append(.ban(user: StoreProbe.cyd, Ban()))
            _ = try await probe.store.deleteRoom(StoreProbe.room)
            let record = RoomRecord(
                id: StoreProbe.room, name: "Again", createdAt: StoreProbe.time(1_000))
            _ = try await probe.store.createRoom(record, owner: StoreProbe.ada)
            try await probe.expectStored(probe.entry(join, by: StoreProbe.bob), 2)
            let cyd = LogChange.join(user: StoreProbe.cyd, role: .member, logged: true)
            try await probe.expectStored(probe.entry(cyd, by: StoreProbe.cyd), 3)
            try await probe.expectStored(probe.entry(message("free"), by: StoreProbe.bob), 4)
        },
    ]

    private static func bans(
        _ probe: StoreProbe, at milliseconds: Int64 = 2_000, offset: Int = 0, limit: Int = 10
    ) async throws -> BanPage {
        try await probe.store.bans(
            in: StoreProbe.room, at: StoreProbe.time(milliseconds), offset: offset, limit: limit)
    }

    /// Who may not write.
    static let muteChecks: [StoreCheck] = [
        StoreCheck("a muted member posts, edits and reacts not before the end") { probe in
            try await probe.prepareRoom()
            let bob = StoreProbe.bob
            let own = try await probe.post("mine", by: bob)
            let until = StoreProbe.time(5_000)
            try await probe.expectStored(probe.entry(.mute(user: bob, until: until)), 4)
            try probe.expect(await probe.member(bob).mutedUntil, until)
            try await probe.expectRefused(message("x"), by: bob, .muted)
            try await probe.expectRefused(.message(text: "x", replyTo: own), by: bob, .muted)
            try await probe.expectRefused(.edit(target: own, text: "x"), by: bob, .muted)
            try await probe.expectRefused(.react(target: own, emoji: "e"), by: bob, .muted)
            try await probe.expectStored(probe.entry(message("other"), at: 4_999), 5)
            try await probe.expectStored(probe.entry(message("late"), by: bob, at: 5_000), 6)
            try await probe.expectStored(probe.entry(.delete(target: own), by: bob, at: 4_000), 7)
            let events = try await probe.events(after: 3)
            try probe.expect(events.first?.change, .mute(user: bob, until: until))
            try probe.expect(events.first?.subjectName, "Bob")
        },
        StoreCheck("a mute stays with somebody who leaves and comes back, until it is lifted") {
            probe in
            try await probe.prepareRoom()
            let bob = StoreProbe.bob
            try await probe.expectStored(probe.entry(.mute(user: bob, until: .forever)), 3)
            let leave = LogChange.leave(user: bob, reason: .left, logged: true)
            try await probe.expectStored(probe.entry(leave, by: bob), 4)
            try probe.expect(await probe.snapshot().absentMutes, [bob: .forever])
            try await probe.expectStored(probe.entry(join, by: bob), 5)
            try probe.expect(await probe.snapshot().absentMutes, [:])
            try probe.expect(await probe.member(bob).mutedUntil, .forever)
            try await probe.expectRefused(message("x"), by: bob, .muted)
            try await probe.expectStored(probe.entry(.unmute(user: bob)), 6)
            try probe.expect(await probe.append(.unmute(user: bob)), .unchanged)
            try probe.expect(await probe.member(bob).mutedUntil, nil)
            try await probe.expectStored(probe.entry(message("x"), by: bob), 7)
        },
        StoreCheck("a retry of what was stored before a mute gets the first answer") { probe in
            try await probe.prepareRoom()
            let entry = probe.entry(message("x"), by: StoreProbe.bob, key: "k")
            try await probe.expectStored(entry, 3)
            _ = try await probe.append(.mute(user: StoreProbe.bob, until: .forever))
            try probe.expect(
                await probe.append(entry), .duplicate(seq: 3, at: StoreProbe.time(2_000)))
            let new = probe.entry(message("y"), by: StoreProbe.bob, key: "l")
            try probe.expect(await probe.append(new), .refused(.muted))
        },
        StoreCheck("a mute, a message and an unmute of one batch meet") { probe in
            try await probe.prepareRoom()
            let bob = StoreProbe.bob
            let outcomes = try await probe.store.append(
                AppendBatch(entries: [
                    probe.entry(message("a"), by: bob),
                    probe.entry(.mute(user: bob, until: .forever)),
                    probe.entry(message("b"), by: bob),
                    probe.entry(.unmute(user: bob)),
                    probe.entry(message("c"), by: bob),
                ]))
            let time = StoreProbe.time(2_000)
            try probe.expect(
                outcomes,
                [
                    .stored(seq: 3, at: time), .stored(seq: 4, at: time), .refused(.muted),
                    .stored(seq: 5, at: time), .stored(seq: 6, at: time),
                ])
        },
        StoreCheck("members are muted by those above them, and nobody else is") { probe in
            try await probe.prepareRoom()
            let (ada, bob, cyd) = (StoreProbe.ada, StoreProbe.bob, StoreProbe.cyd)
            try await probe.expectRefused(.mute(user: cyd, until: .forever), .notMember)
            try await probe.expectRefused(.mute(user: ada, until: .forever), by: bob, .notAbove)
            try await probe.expectRefused(.unmute(user: bob), by: bob, .notAbove)
            let past = LogChange.mute(user: bob, until: StoreProbe.time(2_000))
            try probe.expect(await probe.append(past), .unchanged)
            let mute = LogChange.mute(user: bob, until: StoreProbe.time(9_000))
            try await probe.expectStored(probe.entry(mute), 3)
            try probe.expect(await probe.append(mute), .unchanged)
            try await probe.expectStored(probe.entry(.mute(user: bob, until: .forever)), 4)
        },
    ]
}
