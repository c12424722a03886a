// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    private static func direct(_ id: UInt64, at milliseconds: Int64 = 1_000) throws -> RoomRecord {
        guard let pair = DirectPair(StoreProbe.cyd, StoreProbe.ada) else {
            throw StoreContractViolation(check: "a pair", finding: "of one user", line: #line)
        }
        return RoomRecord(
            id: RoomID(rawValue: id), name: pair.roomName, isPrivate: true, maximumMembers: 2,
            createdAt: StoreProbe.time(milliseconds))
    }

    /// Rooms of two.
    static let directRoomChecks: [StoreCheck] = [
        StoreCheck("a direct room has both its users as members from the start") { probe in
            try await probe.addUsers()
            let room = try direct(21)
            let made = try await probe.store.createRoom(room, owner: StoreProbe.cyd)
            try probe.expect([made?.head.rawValue, made.map { UInt64($0.memberCount) }], [2, 2])
            let snapshot = try await probe.snapshot()
            try probe.expect(snapshot.room, made)
            try probe.expect(snapshot.members.map(\.user), [StoreProbe.ada, StoreProbe.cyd])
            try probe.expect(snapshot.members.map(\.role), [.member, .member])
            let events = try await probe.events()
            try probe.expect(
                events.map(\.change),
                [StoreProbe.cyd, StoreProbe.ada].map {
                    .join(user: $0, role: .member, logged: true)
                })
            try probe.expect(events.map(\.sender), [StoreProbe.cyd, StoreProbe.cyd])
            let join = LogChange.join(user: StoreProbe.bob, role: .member, logged: true)
            try await probe.expectRefused(join, by: StoreProbe.bob, .roomFull)
            for user in [StoreProbe.ada, StoreProbe.cyd] {
                try probe.expect(await probe.store.memberships(of: user).count, 1)
            }
            let list = try await probe.store.listRooms(
                visibleTo: StoreProbe.bob, offset: 0, limit: 9)
            try probe.expect(list.total, 0)
        },
        StoreCheck("of fifty who open a direct room at once, one makes it") { probe in
            try await probe.addUsers()
            let made = try await withThrowingTaskGroup(of: RoomRecord?.self) { group in
                for number in 0..<50 {
                    let room = try direct(100 + UInt64(number))
                    let opener = number % 2 == 0 ? StoreProbe.ada : StoreProbe.cyd
                    group.addTask { try await probe.store.createRoom(room, owner: opener) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let winners = made.compactMap(\.self)
            try probe.expect(winners.count, 1)
            let name = NameKey(try direct(1).name)
            try probe.expect(await probe.store.findRoom(named: name), winners.first?.id)
            for user in [StoreProbe.ada, StoreProbe.cyd] {
                let rooms = try await probe.store.memberships(of: user)
                try probe.expect(rooms.map(\.room.id), winners.map(\.id))
            }
        },
        StoreCheck("no room takes the name of a pair") { probe in
            try await probe.prepareRoom()
            let name = try direct(1).name
            for spelling in [name, name.uppercased(), " \(name) "] {
                try await probe.expectRefused(
                    .room(RoomChanges(name: spelling)), .roomNameTaken)
            }
        },
    ]

    /// Who blocks whom.
    static let blockChecks: [StoreCheck] = [
        StoreCheck("blocks are listed newest first, in pages, and are lifted again") { probe in
            try await probe.addUsers()
            let (ada, bob, cyd) = (StoreProbe.ada, StoreProbe.bob, StoreProbe.cyd)
            let store = probe.store
            func block(_ user: UserID, at milliseconds: Int64 = 5) async throws -> BlockOutcome {
                try await store.block(user, by: ada, at: StoreProbe.time(milliseconds))
            }
            let bobs = UserReference(id: bob, name: "Bob")
            let cyds = UserReference(id: cyd, name: "Cyd")
            try probe.expect(await block(bob), .blocked(bobs))
            try probe.expect(await block(cyd), .blocked(cyds))
            try probe.expect(await block(bob, at: 9), .blocked(bobs))
            try probe.expect(await block(UserID(rawValue: 77)), .userNotFound)
            let page = try await store.blocks(of: ada, offset: 0, limit: 10)
            let at = StoreProbe.time(5)
            let both = [BlockRecord(user: cyds, at: at), BlockRecord(user: bobs, at: at)]
            try probe.expect(page, BlockPage(blocks: both, total: 2))
            let second = try await store.blocks(of: ada, offset: 1, limit: 1)
            try probe.expect(second, BlockPage(blocks: [both[1]], total: 2))
            try probe.expect(await store.blocks(of: bob, offset: 0, limit: 10).total, 0)
            try probe.expect(await store.unblock(bob, by: ada), true)
            try probe.expect(await store.unblock(bob, by: ada), false)
            try probe.expect(await store.blocks(of: ada, offset: 0, limit: 10).blocks, [both[0]])
        },
        StoreCheck("of a pair, those are named who block the other") { probe in
            try await probe.addUsers()
            let (ada, cyd) = (StoreProbe.ada, StoreProbe.cyd)
            guard let pair = DirectPair(cyd, ada) else { return }
            try probe.expect([pair.low, pair.high], [ada, cyd])
            let time = StoreProbe.time(1)
            try probe.expect(await probe.store.blockers(in: pair), [])
            _ = try await probe.store.block(ada, by: cyd, at: time)
            try probe.expect(await probe.store.blockers(in: pair), [cyd])
            _ = try await probe.store.block(cyd, by: ada, at: time)
            try probe.expect(await probe.store.blockers(in: pair), [ada, cyd])
            _ = try await probe.store.unblock(ada, by: cyd)
            try probe.expect(await probe.store.blockers(in: pair), [ada])
        },
        StoreCheck("a user blocks as many as the limit says, and not one more") { probe in
            try await probe.addUsers()
            let bound = Limits().blocksPerUser
            for number in 0...bound {
                let id = UserID(rawValue: 1_000 + UInt64(number))
                let record = UserRecord(id: id, name: "n\(number)", token: "", isNameKept: false)
                _ = try await probe.store.addUser(record)
                let outcome = try await probe.store.block(
                    id, by: StoreProbe.ada, at: StoreProbe.time(1))
                let expected: BlockOutcome =
                    number < bound
                    ? .blocked(UserReference(id: id, name: record.name)) : .tooManyBlocks
                try probe.expect(outcome, expected)
            }
        },
    ]
}
