// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    /// What retention removes.
    static let trimChecks: [StoreCheck] = [
        StoreCheck("a trim removes the oldest events in slices and nothing else") { probe in
            try await probe.prepareRoom()
            for number in 3...12 { try await probe.post("message \(number)") }
            try await probe.expect(
                probe.trim(through: 7, limit: 3), TrimSlice(trimmed: 3, removed: 3, isDone: false))
            try await probe.expect(
                probe.trim(through: 7, limit: 3), TrimSlice(trimmed: 6, removed: 3, isDone: false))
            try await probe.expect(
                probe.trim(through: 7, limit: 3), TrimSlice(trimmed: 7, removed: 1, isDone: true))
            try await probe.expect(
                probe.trim(through: 7, limit: 3), TrimSlice(trimmed: 7, removed: 0, isDone: true))
            try await probe.expect(probe.events().map(\.seq), [8, 9, 10, 11, 12])
            try await probe.expect(probe.events(after: 9).map(\.seq), [10, 11, 12])
            let snapshot = try await probe.snapshot()
            try probe.expect(snapshot.room.head, 12)
            try probe.expect(snapshot.room.trimmed, 7)
            try probe.expect(snapshot.members.map(\.user), [StoreProbe.ada, StoreProbe.bob])
        },
        StoreCheck("history ends at the edge of a trim") { probe in
            try await probe.prepareRoom()
            for number in 3...12 { try await probe.post("message \(number)") }
            _ = try await probe.trim(through: 7)
            try await probe.expect(probe.history(limit: 5).isEnd, true)
            try await probe.expect(probe.history(limit: 4).isEnd, false)
            try await probe.expect(
                probe.history(.before(10), limit: 9).messages.map(\.seq), [8, 9])
            try await probe.expect(probe.history(.before(10), limit: 9).isEnd, true)
            try await probe.expect(probe.history(.before(8), limit: 9).messages, [])
            try await probe.expect(probe.history(.before(5), limit: 9).messages, [])
            try await probe.expect(probe.history(.after(2), limit: 2).messages.map(\.seq), [8, 9])
            try await probe.expect(
                probe.history(.around(4), limit: 3).messages.map(\.seq), [8, 9, 10])
        },
        StoreCheck("a trimmed message is no target, and what belongs to it is gone") { probe in
            try await probe.prepareRoom()
            try await probe.post("apple")  // 3
            _ = try await probe.append(.react(target: 3, emoji: "a"), by: StoreProbe.bob)
            _ = try await probe.append(.pin(target: 3), isModerator: true)
            try await probe.post("banana")  // 6
            _ = try await probe.append(.edit(target: 3, text: "cherry"))  // 7
            _ = try await probe.trim(through: 6)
            let text = LogChange.message(text: "x", replyTo: 3)
            try await probe.expectRefused(text, .replyTargetNotFound)
            for change: LogChange in [
                .edit(target: 3, text: "x"), .delete(target: 3), .react(target: 3, emoji: "b"),
                .unreact(target: 3, emoji: "a"), .pin(target: 3), .unpin(target: 3),
            ] { try await probe.expectRefused(change, isModerator: true, .messageNotFound) }
            try await probe.expect(probe.store.pinned(in: StoreProbe.room), [])
            try await probe.expectFound("apple", [])
            try await probe.expectFound("banana", [])
            try await probe.expectFound("cherry", [])
            // The edit stands after the edge: the log has no hole.
            try await probe.expect(probe.events().map(\.seq), [7])
            try await probe.expect(probe.history().messages, [])
        },
        StoreCheck("unread messages are counted among those that are still there") { probe in
            try await probe.prepareRoom()
            for number in 3...12 { try await probe.post("message \(number)") }
            try await probe.receipt(of: StoreProbe.bob, delivered: 4, read: 4)
            try await probe.expect(probe.unread(StoreProbe.bob), 8)
            _ = try await probe.trim(through: 10)
            try await probe.expect(probe.unread(StoreProbe.bob), 2)
            try await probe.expect(probe.member(StoreProbe.bob).read, 4)
            _ = try await probe.trim(through: 12)
            try await probe.expect(probe.unread(StoreProbe.bob), 0)
        },
        StoreCheck("a trimmed message that is sent again is still a duplicate") { probe in
            try await probe.prepareRoom()
            let entry = probe.entry(.message(text: "once", replyTo: nil), key: "k")
            try await probe.expectStored(entry, 3)
            _ = try await probe.trim(through: 3)
            let again = try await probe.append(entry)
            try probe.expect(again, .duplicate(seq: 3, at: StoreProbe.time(2_000)))
            let other = probe.entry(.message(text: "other", replyTo: nil), key: "k")
            try await probe.expect(probe.append(other), .refused(.clientIDReused))
        },
    ]

    /// The edges of retention.
    static let trimEdgeChecks: [StoreCheck] = [
        StoreCheck("a log that was trimmed wholly goes on where it was") { probe in
            try await probe.prepareRoom()
            try await probe.expectStored(
                probe.entry(.message(text: "late", replyTo: nil), at: 9_000), 3)
            try await probe.expect(
                probe.trim(through: 99), TrimSlice(trimmed: 3, removed: 3, isDone: true))
            try await probe.expect(probe.events(), [])
            try await probe.expect(probe.snapshot().room.head, 3)
            await probe.store.close()
            try await probe.store.open()
            let next = try await probe.append(probe.entry(.message(text: "next", replyTo: nil)))
            // Neither places nor time run backwards.
            try probe.expect(next, .stored(seq: 4, at: StoreProbe.time(9_000)))
            try await probe.expect(probe.events(after: 1).map(\.seq), [4])
        },
        StoreCheck("the place of a trim follows from age and from the number of messages") {
            probe in
            try await probe.prepareRoom()  // 1 at 1 000, 2 at 2 000
            for number: Int64 in 3...9 {
                let text = LogChange.message(text: "\(number)", replyTo: nil)
                _ = try await probe.append(probe.entry(text, at: number * 1_000))
            }
            _ = try await probe.append(probe.entry(.react(target: 9, emoji: "a"), at: 10_000))
            func place(before: Int64?, keeping: Int?) async throws -> SequenceNumber {
                let bound = TrimBound(
                    before: before.map(StoreProbe.time), keepingMessages: keeping)
                return try await probe.store.trimPlace(in: StoreProbe.room, for: bound)
            }
            try await probe.expect(place(before: nil, keeping: nil), .none)
            try await probe.expect(place(before: 1_000, keeping: nil), .none)
            try await probe.expect(place(before: 1_001, keeping: nil), 1)
            try await probe.expect(place(before: 5_000, keeping: nil), 4)
            try await probe.expect(place(before: 99_000, keeping: nil), 10)
            try await probe.expect(place(before: nil, keeping: 2), 7)
            try await probe.expect(place(before: nil, keeping: 1), 8)
            try await probe.expect(place(before: nil, keeping: 7), 2)
            try await probe.expect(place(before: nil, keeping: 8), .none)
            try await probe.expect(place(before: 9_000, keeping: 2), 8)
            try await probe.expect(place(before: 2_500, keeping: 2), 7)
            _ = try await probe.trim(through: 8)
            try await probe.expect(place(before: 9_000, keeping: 1), .none)
            try await probe.expect(place(before: 9_001, keeping: 1), 9)
            let bound = TrimBound(before: StoreProbe.time(9_000))
            try await probe.expect(
                probe.store.trimPlace(in: StoreProbe.other, for: bound), .none)
            try await probe.expect(
                probe.store.trim(StoreProbe.other, through: 9, limit: 9), nil)
        },
        StoreCheck("every room is in exactly one page of all rooms") { probe in
            try await probe.addUsers()
            let ids: [UInt64] = [1, 2, 1 << 63, 1 << 63 | 1, .max, UInt64(Int64.max)]
            for id in ids {
                let room = RoomRecord(
                    id: RoomID(rawValue: id), name: "\(id)", createdAt: StoreProbe.time(1))
                _ = try await probe.store.createRoom(room, owner: StoreProbe.ada)
            }
            var met: [RoomRecord] = []
            while true {
                let page = try await probe.store.rooms(after: met.last?.id, limit: 4)
                if page.isEmpty { break }
                met += page
                try probe.expect(met.count <= ids.count, "a room came twice")
            }
            try probe.expect(met.map(\.id.rawValue).sorted(), ids.sorted())
            try probe.expect(met.allSatisfy { $0.head == 1 && $0.memberCount == 1 }, "\(met)")
        },
    ]
}

extension StoreProbe {
    /// Trims the room.
    func trim(through place: SequenceNumber, limit: Int = 1_000) async throws -> TrimSlice? {
        try await store.trim(Self.room, through: place, limit: limit)
    }
}
