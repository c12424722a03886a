// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    /// Lists, counts and times of logs of which something was removed.
    static let roomListLifeChecks: [StoreCheck] = [
        StoreCheck("the list of one's rooms has the files of last messages, until a deletion") {
            probe in
            try await probe.prepareRoom()
            try await probe.post("first")
            try await probe.expectStored(probe.entry(post("b", "a", text: "")), 4)
            try await probe.expectUnread()
            let posted = try await probe.message(4)
            try probe.expect(posted.attachments.map(\.id), ["b", "a"])
            var page = try await probe.joined(by: StoreProbe.bob)
            try probe.expect(page.rooms.map(\.lastMessage), [posted])
            try probe.expect(page.rooms.map(\.membership.unread), [2])
            _ = try await probe.append(.delete(target: 4))
            page = try await probe.joined(by: StoreProbe.bob)
            try probe.expect(page.rooms.map { $0.lastMessage?.isDeleted }, [true])
            try probe.expect(page.rooms.map { $0.lastMessage?.attachments }, [[]])
            try probe.expect(page.rooms.map(\.membership.unread), [1])
        },
        StoreCheck("unread counts are exact after trims and erasures, whoever posted") { probe in
            try await probe.prepareRoom()
            try await probe.expectStored(
                probe.entry(.join(user: StoreProbe.cyd, role: .member, logged: true)), 3)
            let users = [StoreProbe.ada, StoreProbe.bob, StoreProbe.cyd]
            func fill(_ count: Int) async throws {
                let entries = (0..<count).map { number in
                    probe.entry(
                        number % 5 == 0 ? post("f") : .message(text: "m", replyTo: nil),
                        by: users[number % 7 == 0 ? 1 : number % 4 == 0 ? 2 : 0])
                }
                _ = try await probe.store.append(AppendBatch(entries: entries))
            }
            try await fill(700)
            for place in [100, 254, 255, 256, 510, 511, 600] as [SequenceNumber] {
                _ = try await probe.trim(through: place)
                try await probe.expectUnread()
            }
            try await fill(300)
            try await probe.expectUnread()
            _ = try await probe.store.beginErasure(of: StoreProbe.bob)
            while try await probe.store.erase(limit: 90) != nil { try await probe.expectUnread() }
            try await fill(40)
            try await probe.expectUnread()
            _ = try await probe.trim(through: 9_999)
            try await probe.expectUnread()
            let page = try await probe.joined(by: StoreProbe.cyd)
            try probe.expect(page.rooms.map(\.lastMessage), [nil])
            try await probe.expectFound("m", [])
        },
        StoreCheck("a deleted room is in nobody's list, before it is swept and after") { probe in
            try await probe.prepareRoom()
            try await probe.post("words")
            let other = RoomRecord(
                id: StoreProbe.other, name: "Other", createdAt: StoreProbe.time(1))
            _ = try await probe.store.createRoom(other, owner: StoreProbe.ada)
            _ = try await probe.store.deleteRoom(StoreProbe.room)
            for _ in 0..<2 {
                let page = try await probe.joined(by: StoreProbe.ada)
                try probe.expect(page.rooms.map(\.membership.room.id), [StoreProbe.other])
                try probe.expect(page.total, 1)
                try await probe.expect(
                    probe.joined(by: StoreProbe.bob), JoinedRoomPage(rooms: [], total: 0))
                try await probe.expect(
                    probe.history(.afterTime(StoreProbe.time(0))).messages, [])
                while try await !probe.store.sweep(limit: 2).isDone {}
            }
        },
        StoreCheck("a time is looked for between the edge of a trim and the end") { probe in
            try await probe.prepareRoom()
            for number: Int64 in 3...12 {
                let text = LogChange.message(text: "\(number)", replyTo: nil)
                _ = try await probe.append(probe.entry(text, at: number * 1_000))
            }
            _ = try await probe.trim(through: 7)
            func seqs(_ anchor: HistoryQuery.Anchor) async throws -> [SequenceNumber] {
                try await probe.history(anchor, limit: 3).messages.map(\.seq)
            }
            try await probe.expect(seqs(.afterTime(StoreProbe.time(0))), [8, 9, 10])
            try await probe.expect(seqs(.afterTime(StoreProbe.time(10_001))), [11, 12])
            try await probe.expect(seqs(.beforeTime(StoreProbe.time(8_000))), [])
            try await probe.expect(seqs(.beforeTime(StoreProbe.time(10_000))), [8, 9])
            try await probe.expect(seqs(.aroundTime(StoreProbe.time(4_000))), [8, 9, 10])
            _ = try await probe.trim(through: 12)
            try await probe.expect(seqs(.afterTime(StoreProbe.time(0))), [])
            try await probe.expect(seqs(.beforeTime(StoreProbe.time(99_000))), [])
        },
    ]
}
