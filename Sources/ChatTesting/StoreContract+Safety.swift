// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    private static func link(
        _ code: String, at milliseconds: Int64 = 2_000, until end: Timestamp = .forever,
        uses: Int = 5
    ) -> InvitationRecord {
        InvitationRecord(
            code: code, room: StoreProbe.room, user: nil, sender: StoreProbe.ada,
            createdAt: StoreProbe.time(milliseconds), expires: end, usesLeft: uses)
    }

    private static func links(
        at milliseconds: Int64 = 3_000, offset: Int = 0, limit: Int = 10, _ probe: StoreProbe
    ) async throws -> LinkPage {
        try await probe.store.links(
            in: StoreProbe.room, at: StoreProbe.time(milliseconds), offset: offset, limit: limit)
    }

    /// Join links: listed, withdrawn; and passwords.
    static let linkChecks: [StoreCheck] = [
        StoreCheck("a room's links are listed newest first, in pages, until they are over") {
            probe in
            try await probe.prepareRoom()
            let made = [
                link("b", at: 2_000), link("a", at: 2_000),
                link("c", at: 2_500, until: StoreProbe.time(3_000)), link("d", at: 2_900),
            ]
            for link in made { try probe.expect(await probe.store.invite(link), .stored) }
            let own = InvitationRecord(
                code: "own", room: StoreProbe.room, user: StoreProbe.cyd, sender: StoreProbe.ada,
                createdAt: StoreProbe.time(2_000))
            try probe.expect(await probe.store.invite(own), .stored)
            let page = try await links(probe)
            try probe.expect(page.entries.map(\.invitation), [made[3], made[1], made[0]])
            try probe.expect(page.entries.map(\.sender.name), ["Ada", "Ada", "Ada"])
            try probe.expect(page.total, 3)
            try probe.expect(await links(at: 2_999, probe).total, 4)
            let middle = try await links(offset: 1, limit: 1, probe)
            try probe.expect(middle.entries.map(\.invitation.code), ["a"])
            try probe.expect(middle.total, 3)
        },
        StoreCheck("a link is withdrawn from its own room only, and lets nobody in afterwards") {
            probe in
            try await probe.prepareRoom()
            try probe.expect(await probe.store.invite(link("a")), .stored)
            func revoke(_ code: String, in room: RoomID = StoreProbe.room) async throws -> Bool {
                try await probe.store.revokeLink(
                    code, in: room, by: StoreProbe.bob, at: StoreProbe.time(3_000))
            }
            try probe.expect(await revoke("b"), false)
            try probe.expect(await revoke("a", in: StoreProbe.other), false)
            let own = InvitationRecord(
                code: "own", room: StoreProbe.room, user: StoreProbe.cyd, sender: StoreProbe.ada,
                createdAt: StoreProbe.time(2_000))
            try probe.expect(await probe.store.invite(own), .stored)
            try probe.expect(await revoke("own"), false)
            try probe.expect(await revoke("a"), true)
            try probe.expect(await revoke("a"), false)
            let join = LogChange.accept(
                Acceptance(user: StoreProbe.cyd, code: "a", isLogged: true))
            try await probe.expectRefused(join, by: StoreProbe.cyd, .invitationNotFound)
            try probe.expect(await links(probe).total, 0)
        },
        StoreCheck("a room has a password until it is removed, and takes it along when it goes") {
            probe in
            try await probe.prepareRoom()
            let (store, room) = (probe.store, StoreProbe.room)
            func set(_ hash: String?, of room: RoomID = StoreProbe.room) async throws -> Bool {
                try await store.setPassword(
                    hash, of: room, by: StoreProbe.ada, at: StoreProbe.time(2_000))
            }
            try probe.expect(await store.password(of: room), nil)
            try probe.expect(await set("one"), true)
            try probe.expect(await set("two"), true)
            try probe.expect(await store.password(of: room), "two")
            try probe.expect(await set("x", of: StoreProbe.other), false)
            try probe.expect(await store.password(of: StoreProbe.other), nil)
            try probe.expect(await set(nil), true)
            try probe.expect(await store.password(of: room), nil)
            try probe.expect(await set("three"), true)
            _ = try await store.deleteRoom(room)
            try probe.expect(await store.password(of: room), nil)
        },
        StoreCheck("of a hundred who join at once into a room for ten, eight get in beside the two")
        {
            probe in
            try await probe.prepareRoom()
            _ = try await probe.append(.room(RoomChanges(maximumMembers: 10)))
            let outcomes = try await withThrowingTaskGroup(of: AppendOutcome.self) { group in
                for number in 0..<100 {
                    let user = UserID(rawValue: 1_000 + UInt64(number))
                    let join = LogChange.join(user: user, role: .member, logged: number % 2 == 0)
                    group.addTask { try await probe.append(probe.entry(join, by: user)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try probe.expect(outcomes.count { $0 == .refused(.roomFull) }, 92)
            let snapshot = try await probe.snapshot()
            try probe.expect([snapshot.members.count, snapshot.room.memberCount], [10, 10])
        },
    ]

    private static func audit(
        before number: UInt64? = nil, limit: Int = 100, _ probe: StoreProbe
    ) async throws -> AuditPage {
        try await probe.store.audit(in: StoreProbe.room, before: number, limit: limit)
    }

    /// What moderators did.
    static let auditChecks: [StoreCheck] = [
        StoreCheck("every act over others is in the audit log, and nothing else") { probe in
            try await probe.prepareRoom()
            let (ada, bob, cyd) = (StoreProbe.ada, StoreProbe.bob, StoreProbe.cyd)
            let first = try await probe.post("a", by: bob)
            let own = try await probe.post("b")
            let end = StoreProbe.time(9_000)
            let changes: [LogChange] = [
                .join(user: cyd, role: .member, logged: true), .react(target: first, emoji: "e"),
                .pin(target: own), .role(user: bob, role: .admin), .mute(user: cyd, until: end),
                .unmute(user: cyd), .leave(user: cyd, reason: .kicked, logged: false),
                .ban(user: cyd, Ban(until: .forever, reason: "why")), .unban(user: cyd),
                .delete(target: own), .delete(target: first),
                .room(RoomChanges(name: "New", slowModeSeconds: 4)),
                .role(user: bob, role: .owner),
            ]
            for change in changes {
                let outcome = try await probe.append(change, isModerator: true)
                if case .stored = outcome { continue }
                try probe.expect(false, "\(change) was not stored: \(outcome)")
            }
            let acts = try await audit(probe).entries.map(\.change)
            func act(
                _ action: AuditAction, _ subject: UserID? = nil, _ value: Int64? = nil,
                _ text: String = ""
            ) -> AuditChange {
                AuditChange(
                    actor: ada, at: StoreProbe.time(2_000), action: action, subject: subject,
                    value: value, text: text)
            }
            let expected = [
                act(.role, bob, 3), act(.mute, cyd, 9_000), act(.unmute, cyd), act(.kick, cyd),
                act(.ban, cyd, .max, "why"), act(.unban, cyd), act(.delete, bob, 3),
                act(.settings, nil, nil, "name,slow_mode_seconds"), act(.transfer, bob),
            ]
            try probe.expect(acts, expected.reversed())
            let newest = try await audit(limit: 1, probe).entries.first
            try probe.expect([newest?.actorName, newest?.subjectName], ["Ada", "Bob"])
        },
        StoreCheck("the audit log is read in pages, and names who made and withdrew links") {
            probe in
            try await probe.prepareRoom()
            try probe.expect(await audit(probe), AuditPage(entries: [], isEnd: true))
            try probe.expect(await probe.store.invite(link("a", uses: 7)), .stored)
            let time = StoreProbe.time(3_000)
            _ = try await probe.store.revokeLink(
                "a", in: StoreProbe.room, by: StoreProbe.bob, at: time)
            for hash in ["x", nil] {
                _ = try await probe.store.setPassword(
                    hash, of: StoreProbe.room, by: StoreProbe.bob, at: time)
            }
            let page = try await audit(limit: 3, probe)
            try probe.expect(page.entries.map(\.number), [4, 3, 2])
            try probe.expect(
                page.entries.map(\.change.action), [.password, .password, .linkRevoked])
            try probe.expect(page.entries.map(\.change.value), [0, 1, 7])
            try probe.expect(page.entries.map(\.subjectName), [nil, nil, "Ada"])
            try probe.expect(page.isEnd, false)
            let last = try await audit(before: 2, limit: 1, probe)
            try probe.expect(last.entries.map(\.change.action), [.linkCreated])
            try probe.expect(last.isEnd, true)
            try probe.expect(await audit(before: 1, probe), AuditPage(entries: [], isEnd: true))
            try probe.expect(await audit(before: .max, limit: .max, probe).entries.count, 4)
            _ = try await probe.store.deleteRoom(StoreProbe.room)
            try probe.expect(await audit(probe), AuditPage(entries: [], isEnd: true))
        },
        StoreCheck("erasure takes reasons out of the audit log, and blocks away") { probe in
            try await probe.prepareRoom()
            let (bob, cyd) = (StoreProbe.bob, StoreProbe.cyd)
            _ = try await probe.append(.ban(user: cyd, Ban(reason: "why")))
            _ = try await probe.append(.ban(user: bob, Ban(reason: "because")))
            let time = StoreProbe.time(2_000)
            _ = try await probe.store.block(bob, by: cyd, at: time)
            _ = try await probe.store.block(cyd, by: bob, at: time)
            _ = try await probe.store.beginErasure(of: cyd)
            while try await probe.store.erase(limit: 10) != nil {}
            try probe.expect(await audit(probe).entries.map(\.change.text), ["because", ""])
            for user in [bob, cyd] {
                let page = try await probe.store.blocks(of: user, offset: 0, limit: 10)
                try probe.expect(page, BlockPage(blocks: [], total: 0))
            }
            try probe.expect(await probe.store.block(cyd, by: bob, at: time), .userNotFound)
        },
    ]
}
