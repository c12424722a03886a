// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    /// Making, finding, listing, changing, deleting rooms.
    static let roomChecks: [StoreCheck] = [
        StoreCheck("a room starts with its owner's join") { probe in
            try await probe.addUsers()
            var room = RoomRecord(
                id: StoreProbe.room, name: "Tea Room", description: "about tea", isPrivate: true,
                maximumMembers: 9, slowModeSeconds: 3,
                retention: RoomRetention(days: 30, messages: 8), createdAt: StoreProbe.time(1_000))
            let created = try await probe.store.createRoom(room, owner: StoreProbe.ada)
            room.head = 1
            room.memberCount = 1
            try probe.expect(created, room)
            let member = MemberRecord(
                user: StoreProbe.ada, name: "Ada", role: .owner,
                joinedAt: StoreProbe.time(1_000), joinedAfter: 1)
            try probe.expect(
                await probe.snapshot(), RoomSnapshot(room: room, members: [member]))
            let join = LogChange.join(user: StoreProbe.ada, role: .owner, logged: true)
            try probe.expect(await probe.events().map(\.change), [join])
        },
        StoreCheck("a room without an owner is empty") { probe in
            let room = RoomRecord(
                id: StoreProbe.room, name: "Lobby", createdAt: StoreProbe.time(1))
            try probe.expect(await probe.store.createRoom(room, owner: nil), room)
            try probe.expect(
                await probe.snapshot(), RoomSnapshot(room: room, members: []))
        },
        StoreCheck("room names are unique ignoring case and spelling of blanks") { probe in
            try await probe.prepareRoom(name: "Tea Room")
            let twin = RoomRecord(
                id: StoreProbe.other, name: " tea  ROOM ", createdAt: StoreProbe.time(1))
            try probe.expect(await probe.store.createRoom(twin, owner: nil), nil)
            try probe.expect(await probe.store.loadRoom(StoreProbe.other), nil)
            let found = try await probe.store.findRoom(named: NameKey("TEA room"))
            try probe.expect(found, StoreProbe.room)
            try probe.expect(await probe.store.findRoom(named: NameKey("tea")), nil)
        },
        StoreCheck("a rename frees the old name and keeps the new one unique") { probe in
            try await probe.prepareRoom(name: "Old")
            let other = RoomRecord(
                id: StoreProbe.other, name: "Taken", createdAt: StoreProbe.time(1))
            _ = try await probe.store.createRoom(other, owner: nil)
            try await probe.expectRefused(
                .room(RoomChanges(name: "TAKEN")), .roomNameTaken)
            try await probe.expectStored(probe.entry(.room(RoomChanges(name: "OLD"))), 3)
            try await probe.expectStored(probe.entry(.room(RoomChanges(name: "New"))), 4)
            try probe.expect(await probe.store.findRoom(named: NameKey("old")), nil)
            try probe.expect(
                await probe.store.findRoom(named: NameKey("new")), StoreProbe.room)
        },
        StoreCheck("changes alter what they name, and nothing else") { probe in
            try await probe.prepareRoom()
            var expected = try await probe.snapshot().room
            let change = RoomChanges(description: "d", isPrivate: true, slowModeSeconds: 5)
            try await probe.expectStored(probe.entry(.room(change)), 3)
            expected.description = "d"
            expected.isPrivate = true
            expected.slowModeSeconds = 5
            expected.head = 3
            try probe.expect(await probe.snapshot().room, expected)
            try probe.expect(await probe.append(.room(change)), .unchanged)
            try probe.expect(await probe.append(.room(RoomChanges())), .unchanged)
        },
        StoreCheck("a room's own retention is set, read everywhere and cleared") { probe in
            try await probe.prepareRoom()
            let both = RoomChanges(retentionDays: 36_500, retentionMessages: 1_000_000_000)
            for (seq, change, expected) in [
                (3, both, RoomRetention(days: 36_500, messages: 1_000_000_000)),
                (4, RoomChanges(retentionDays: 0), RoomRetention(messages: 1_000_000_000)),
                (5, RoomChanges(name: "x"), RoomRetention(messages: 1_000_000_000)),
                (6, RoomChanges(retentionMessages: 0), RoomRetention()),
            ] as [(SequenceNumber, RoomChanges, RoomRetention)] {
                try await probe.expectStored(probe.entry(.room(change)), seq)
                try probe.expect(await probe.snapshot().room.retention, expected)
                let page = try await probe.store.rooms(after: nil, limit: 9)
                try probe.expect(page.map(\.retention), [expected])
                let own = try await probe.store.memberships(of: StoreProbe.ada)
                try probe.expect(own.map(\.room.retention), [expected])
                try probe.expect(await probe.append(.room(change)), .unchanged)
            }
            try probe.expect(
                await probe.events(after: 2).map(\.change).first, .room(both))
        },
        StoreCheck("the maximum of members cannot be below their number") { probe in
            try await probe.prepareRoom()
            try await probe.expectRefused(
                .room(RoomChanges(maximumMembers: 1)), .capacityBelowMembers)
            try await probe.expectStored(
                probe.entry(.room(RoomChanges(maximumMembers: 2))), 3)
            try await probe.expectStored(
                probe.entry(.room(RoomChanges(maximumMembers: 0))), 4)
        },
        StoreCheck("lists hold public and own rooms, newest first, in pages") { probe in
            try await probe.addUsers()
            let ids: [UInt64] = [1, .max, 3, 4, 5]
            for (index, id) in ids.enumerated() {
                let room = RoomRecord(
                    id: RoomID(rawValue: id), name: "room \(index)", isPrivate: index == 2,
                    createdAt: StoreProbe.time(index < 2 ? 0 : Int64(index)))
                _ = try await probe.store.createRoom(room, owner: StoreProbe.ada)
            }
            let all = try await probe.store.listRooms(
                visibleTo: StoreProbe.ada, offset: 0, limit: 10)
            try probe.expect(all.entries.map(\.room.id.rawValue), [5, 4, 3, .max, 1])
            try probe.expect(all.total, 5)
            try probe.expect(Set(all.entries.map(\.role)), [.owner])
            let page = try await probe.store.listRooms(
                visibleTo: StoreProbe.bob, offset: 1, limit: 2)
            try probe.expect(page.entries.map(\.room.id.rawValue), [4, .max])
            try probe.expect(page.total, 4)
            try probe.expect(page.entries.map(\.role), [nil, nil])
        },
        StoreCheck("a deleted room is gone with all that it held") { probe in
            try await probe.prepareRoom(name: "Gone")
            let entry = probe.entry(.message(text: "x", replyTo: nil), key: "k")
            _ = try await probe.append(entry)
            _ = try await probe.append(.react(target: 3, emoji: "e"))
            _ = try await probe.append(.pin(target: 3))
            try probe.expect(await probe.store.deleteRoom(StoreProbe.room), true)
            try probe.expect(await probe.store.deleteRoom(StoreProbe.room), false)
            try probe.expect(await probe.store.loadRoom(StoreProbe.room), nil)
            try probe.expect(await probe.store.memberships(of: StoreProbe.ada), [])
            try probe.expect(await probe.history(), HistoryPage(messages: [], isEnd: true))
            try probe.expect(await probe.events(), [])
            try probe.expect(await probe.store.pinned(in: StoreProbe.room), [])
            try probe.expect(await probe.append(entry), .refused(.roomNotFound))
            // The name and even the identity can be used again, and nothing of the old room is
            // left.
            let again = RoomRecord(
                id: StoreProbe.room, name: "gone", createdAt: StoreProbe.time(1))
            try probe.expect(await probe.store.createRoom(again, owner: nil), again)
            try await probe.expectStored(entry, 1)
        },
    ]
}
