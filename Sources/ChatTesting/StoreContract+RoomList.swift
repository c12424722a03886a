// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    /// The list of a user's rooms, and what is unread in them.
    static let roomListChecks: [StoreCheck] = [
        StoreCheck("one's rooms are listed with role, position, last message and members") {
            probe in
            try await probe.prepareRoom()
            try await probe.post("first")  // 3
            _ = try await probe.append(probe.entry(.message(text: "last", replyTo: 3), key: "k"))
            _ = try await probe.append(.react(target: 4, emoji: "e"))
            _ = try await probe.append(.edit(target: 4, text: "changed"))
            var page = try await probe.joined(by: StoreProbe.bob)
            let own = try await probe.store.memberships(of: StoreProbe.bob)
            try probe.expect(page.rooms.map(\.membership), own)
            try probe.expect(page.total, 1)
            var last = try await probe.message(4)
            last.reactions = []
            try probe.expect(last.text, "changed")
            try probe.expect(page.rooms.map(\.lastMessage), [last])
            let ada = ListedMember(
                user: UserReference(id: StoreProbe.ada, name: "Ada"), role: .owner)
            let bob = ListedMember(
                user: UserReference(id: StoreProbe.bob, name: "Bob"), role: .member)
            try probe.expect(page.rooms.map(\.members), [[ada, bob]])

            _ = try await probe.append(.delete(target: 4))
            page = try await probe.joined(by: StoreProbe.bob)
            try probe.expect(page.rooms.map { $0.lastMessage?.isDeleted }, [true])
            try probe.expect(page.rooms.map { $0.lastMessage?.text }, [""])
            try probe.expect(
                await probe.joined(by: StoreProbe.cyd), JoinedRoomPage(rooms: [], total: 0))
        },
        StoreCheck("of many members a list has the first by identity") { probe in
            try await probe.prepareRoom()
            let users = [5, 1 << 63, 9, UInt64.max, 1 << 63 | 7].map { UserID(rawValue: $0) }
            for user in users {
                _ = try await probe.append(.join(user: user, role: .member, logged: false))
            }
            for limit in [0, 1, 3, 5, 99] {
                let page = try await probe.joined(by: StoreProbe.ada, members: limit)
                let listed = page.rooms[0].members.map(\.user.id)
                let all = (users + [StoreProbe.ada, StoreProbe.bob]).sorted()
                try probe.expect(listed, Array(all.prefix(limit)))
            }
        },
        StoreCheck("one's rooms are listed by their last message, in pages") { probe in
            try await probe.prepareRoom()
            var rooms: [(id: RoomID, at: Int64)] = [(StoreProbe.room, 1_000)]
            let others: [(UInt64, Int64)] = [
                (5, 3_000), (.max, 2_000), (6, 2_000), (7, 9_000), (8, 500),
            ]
            for (id, at) in others {
                let room = RoomRecord(
                    id: RoomID(rawValue: id), name: "Room \(id)", createdAt: StoreProbe.time(at))
                _ = try await probe.store.createRoom(room, owner: StoreProbe.ada)
                rooms.append((room.id, at))
            }
            // The message counts, not what was done later.
            _ = try await probe.append(
                probe.entry(.message(text: "m", replyTo: nil), in: rooms[5].id, at: 4_000))
            _ = try await probe.append(
                probe.entry(.react(target: 2, emoji: "e"), in: rooms[5].id, at: 9_999))
            rooms[5].at = 4_000
            let expected = rooms.sorted { ($0.at, $0.id) > ($1.at, $1.id) }.map(\.id)
            for (offset, limit) in [(0, 99), (0, 2), (2, 3), (5, 2), (6, 2), (0, 0)] {
                let page = try await probe.joined(
                    by: StoreProbe.ada, offset: offset, limit: limit)
                let part = expected.dropFirst(offset).prefix(max(1, limit))
                try probe.expect(page.rooms.map(\.membership.room.id), Array(part))
                try probe.expect(page.total, 6)
            }
        },
        StoreCheck("unread counts are exact over long logs with gaps of all kinds") { probe in
            try await probe.prepareRoom()
            try await probe.expectStored(
                probe.entry(.join(user: StoreProbe.cyd, role: .member, logged: true)), 3)
            // Places from 4 on. Bob posts seldom, Cyd never, Ada mostly.
            var batch = AppendBatch()
            for place in 4..<1_000 {
                let sender = place % 97 == 0 ? StoreProbe.bob : StoreProbe.ada
                let change: LogChange =
                    place % 10 == 9
                    ? .react(target: SequenceNumber(rawValue: UInt64(place - 1)), emoji: "e")
                    : .message(text: "m", replyTo: nil)
                batch.entries.append(probe.entry(change, by: sender))
            }
            _ = try await probe.store.append(batch)
            for target in [5, 255, 256, 257, 511, 512, 600, 776, 970] as [SequenceNumber] {
                _ = try await probe.append(.delete(target: target), isModerator: true)
            }
            try await probe.expectUnread()
            for read in [4, 5, 254, 255, 256, 257, 258, 511, 512, 775, 776, 970, 999, 1_008] {
                let seq = SequenceNumber(rawValue: UInt64(read))
                for user in [StoreProbe.ada, StoreProbe.bob, StoreProbe.cyd] {
                    try await probe.receipt(of: user, delivered: seq, read: seq)
                }
                try await probe.expectUnread()
            }
        },
        StoreCheck("unread counts are exact after batches of messages alone") { probe in
            // No other change among them: a store may have a shorter way for such batches.
            try await probe.prepareRoom()
            for start in stride(from: 0, to: 800, by: 40) {
                var batch = AppendBatch()
                for number in start..<(start + 40) {
                    let sender = number % 89 == 0 ? StoreProbe.bob : StoreProbe.ada
                    batch.entries.append(
                        probe.entry(.message(text: "m", replyTo: nil), by: sender))
                }
                _ = try await probe.store.append(batch)
            }
            for read in [0, 4, 254, 256, 300, 511, 513, 700, 802] as [SequenceNumber] {
                for user in [StoreProbe.ada, StoreProbe.bob] {
                    try await probe.receipt(of: user, delivered: read, read: read)
                }
                try await probe.expectUnread()
            }
        },
    ]
}

extension StoreProbe {
    /// A page of the list of somebody's rooms.
    func joined(
        by user: UserID, offset: Int = 0, limit: Int = 99, members: Int = 8
    ) async throws -> JoinedRoomPage {
        try await store.joinedRooms(
            JoinedRoomQuery(user: user, offset: offset, limit: limit, members: members))
    }

    /// Everybody's unread count is what one counts in the history.
    func expectUnread(line: UInt = #line) async throws {
        let messages = try await history(limit: .max).messages
        for member in try await snapshot().members {
            let start = max(member.read, member.joinedAfter)
            let count = messages.count {
                $0.seq > start && !$0.isDeleted && $0.sender != member.user
            }
            try await expect(unread(member.user), count, line: line)
        }
    }
}
