// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    /// What becomes of deleted rooms.
    static let sweepChecks: [StoreCheck] = [
        StoreCheck("nothing of a deleted room can be read, before it is swept and after") { probe in
            try await probe.prepareRoom()
            for number in 3...9 { try await probe.post("message \(number)") }
            _ = try await probe.append(.pin(target: 3), isModerator: true)
            try await probe.expect(probe.store.deleteRoom(StoreProbe.room), true)
            try await probe.expectNothingLeft()
            var slices = 0
            while try await !probe.store.sweep(limit: 2).isDone {
                try await probe.expectNothingLeft()
                slices += 1
                try probe.expect(slices < 100, "a sweep does not end")
            }
            try await probe.expectNothingLeft()
            try await probe.expect(
                probe.store.sweep(limit: 2), SweepSlice(removed: 0, isDone: true))
        },
        StoreCheck("a room with the name and the id of a deleted one begins anew") { probe in
            try await probe.prepareRoom()
            try await probe.post("old words")
            _ = try await probe.store.deleteRoom(StoreProbe.room)
            let record = RoomRecord(
                id: StoreProbe.room, name: "Room", createdAt: StoreProbe.time(5_000))
            let made = try await probe.store.createRoom(record, owner: StoreProbe.bob)
            try probe.expect(made?.head, 1)
            while try await !probe.store.sweep(limit: 2).isDone {}
            try await probe.post("new words", by: StoreProbe.bob)
            try await probe.expect(probe.events().map(\.seq), [1, 2])
            try await probe.expect(probe.snapshot().members.map(\.user), [StoreProbe.bob])
            let pattern = SearchPattern("words ")
            guard let pattern else { return try probe.expect(false, "no pattern") }
            let found = try await probe.store.search(
                SearchQuery(SearchRequest(pattern: pattern), by: StoreProbe.bob, in: nil))
            try probe.expect(found.hits.map(\.seq), [2])
        },
    ]

    /// What is left of somebody who was erased.
    static let erasureChecks: [StoreCheck] = [
        StoreCheck("an erased user has no name and no token") { probe in
            try await probe.addUsers()
            try await probe.expect(probe.store.beginErasure(of: UserID(rawValue: 99)), nil)
            let erased = try await probe.store.beginErasure(of: StoreProbe.ada)
            try probe.expect(erased, ErasedUser.record(StoreProbe.ada))
            try await probe.expect(probe.store.user(StoreProbe.ada), erased)
            try await probe.expect(probe.store.user(token: "token-Ada"), nil)
            try await probe.expect(probe.store.user(named: NameKey("ADA")), nil)
            try await probe.expect(probe.store.user(named: NameKey("BOB"))?.id, StoreProbe.bob)
            // Whoever read the record before cannot bring the token back.
            try await probe.store.updateUser(
                UserRecord(
                    id: StoreProbe.ada, name: "Ada", token: "token-Ada", isNameKept: false))
            try await probe.expect(probe.store.user(StoreProbe.ada), erased)
            let heir = UserRecord(
                id: UserID(rawValue: 77), name: "Ada", token: "new", isNameKept: false)
            try await probe.expect(probe.store.addUser(heir), heir)
        },
        StoreCheck("what an erased user wrote is gone, and everything stays in its place") {
            probe in
            try await probe.prepareConversation()
            let before = try await probe.events()
            _ = try await probe.store.beginErasure(of: StoreProbe.ada)
            let rooms = try await probe.eraseAll(limit: 2)
            try probe.expect(Set(rooms), [StoreProbe.room, StoreProbe.other])
            let after = try await probe.events()
            try probe.expect(after.map(\.seq), before.map(\.seq))
            try probe.expect(after.map(\.at), before.map(\.at))
            try probe.expect(after.map(\.sender), before.map(\.sender))
            for event in after where event.sender == StoreProbe.ada {
                try probe.expect(event.clientID, nil)
                try probe.expect(event.senderName, ErasedUser.record(StoreProbe.ada).name)
                switch event.change {
                case .message(let text, _), .edit(_, let text):
                    try probe.expect(text, "")
                    try probe.expect(event.isRedacted, "event \(event.seq) is not redacted")
                case .react(_, let emoji), .unreact(_, let emoji):
                    try probe.expect(emoji, "")
                    try probe.expect(event.isRedacted, "event \(event.seq) is not redacted")
                default: try probe.expect(!event.isRedacted, "event \(event.seq) is redacted")
                }
            }
            let others = before.filter { $0.sender != StoreProbe.ada }
            try probe.expect(
                after.filter { $0.sender != StoreProbe.ada }.map(\.change), others.map(\.change))
        },
        StoreCheck("history shows an erased user's messages as deleted ones") { probe in
            try await probe.prepareConversation()
            _ = try await probe.store.beginErasure(of: StoreProbe.ada)
            _ = try await probe.eraseAll(limit: 1_000)
            let messages = try await probe.history().messages
            try probe.expect(messages.map(\.seq), [3, 4])
            try probe.expect(messages[0].isDeleted, "the message is no tombstone")
            try probe.expect(messages[0].text, "")
            try probe.expect(messages[0].clientID, nil)
            try probe.expect(messages[0].editedAt, nil)
            try probe.expect(messages[0].reactions, [])
            try probe.expect(messages[1].text, "of Bob apple")
            try probe.expect(messages[1].reactions, [Reaction(emoji: "b", users: [StoreProbe.bob])])
            try await probe.expect(probe.store.pinned(in: StoreProbe.room), [])
            try await probe.expect(probe.unread(StoreProbe.bob), 0)
            try await probe.expectFound("apple ", [4], by: StoreProbe.bob)
            try await probe.expectFound("cherry ", [], by: StoreProbe.bob)
        },
        StoreCheck("an erasure goes on after a restart and ends") { probe in
            try await probe.prepareConversation()
            _ = try await probe.store.beginErasure(of: StoreProbe.ada)
            _ = try await probe.store.erase(limit: 2)
            await probe.store.close()
            try await probe.store.open()
            try await probe.expect(
                probe.store.pendingErasures(limit: 9), [StoreProbe.ada])
            _ = try await probe.eraseAll(limit: 2)
            try await probe.expect(probe.store.pendingErasures(limit: 9), [])
            let texts = try await probe.events().filter { $0.sender == StoreProbe.ada }
            try probe.expect(texts.filter(\.isRedacted).count, 6)
            try await probe.expect(probe.store.erase(limit: 2), nil)
            // Once more changes nothing.
            let before = try await probe.events()
            _ = try await probe.store.beginErasure(of: StoreProbe.ada)
            try await probe.expect(probe.eraseAll(limit: 3), [])
            try await probe.expect(probe.events(), before)
        },
        StoreCheck("two users are erased one after the other") { probe in
            try await probe.prepareConversation()
            _ = try await probe.store.beginErasure(of: StoreProbe.ada)
            _ = try await probe.store.beginErasure(of: StoreProbe.bob)
            _ = try await probe.eraseAll(limit: 3)
            let messages = try await probe.history().messages
            try probe.expect(messages.allSatisfy(\.isDeleted), "\(messages)")
        },
        StoreCheck("a report of the store names its parts") { probe in
            try await probe.prepareRoom()
            let report = try await probe.store.storageReport()
            try probe.expect(!report.parts.isEmpty, "no part")
            try probe.expect(report.parts.contains { $0.bytes > 0 }, "\(report)")
        },
    ]
}

extension StoreProbe {
    /// Two rooms in which Ada has written, edited, reacted and pinned, and Bob has answered.
    fileprivate func prepareConversation() async throws {
        try await prepareRoom()
        try await expectStored(
            entry(.message(text: "of Ada apple", replyTo: nil), key: "k"), 3)
        try await post("of Bob apple", by: Self.bob, replyTo: 3)  // 4
        _ = try await append(.edit(target: 3, text: "of Ada cherry"))  // 5
        _ = try await append(.react(target: 4, emoji: "a"))
        _ = try await append(.react(target: 4, emoji: "b"), by: Self.bob)
        _ = try await append(.react(target: 3, emoji: "b"), by: Self.bob)
        _ = try await append(.pin(target: 3), isModerator: true)
        _ = try await append(.unreact(target: 4, emoji: "a"))  // 10
        _ = try await append(.react(target: 4, emoji: "c"))  // 11
        _ = try await append(.unreact(target: 4, emoji: "c"))  // 12
        let other = RoomRecord(id: Self.other, name: "Other", createdAt: Self.time(1_000))
        _ = try await store.createRoom(other, owner: Self.ada)
        try await post("elsewhere", in: Self.other)
        let third = RoomRecord(
            id: RoomID(rawValue: 1), name: "Third", createdAt: Self.time(1_000))
        _ = try await store.createRoom(third, owner: Self.cyd)
    }

    /// Runs erasures to their end; the rooms in which something was erased.
    func eraseAll(limit: Int) async throws -> [RoomID] {
        var rooms: [RoomID] = []
        var slices = 0
        while let slice = try await store.erase(limit: limit) {
            rooms += slice.rooms
            slices += 1
            try expect(slices < 1_000, "an erasure does not end")
        }
        return rooms
    }

    /// What somebody finds in all of their rooms.
    fileprivate func expectFound(
        _ text: String, _ seqs: [SequenceNumber], by searcher: UserID
    ) async throws {
        guard let pattern = SearchPattern(text) else { return try expect(false, "no pattern") }
        let query = SearchQuery(SearchRequest(pattern: pattern), by: searcher, in: nil)
        try await expect(store.search(query).hits.map(\.seq), seqs)
    }

    fileprivate func expectNothingLeft() async throws {
        try await expect(store.loadRoom(Self.room), nil)
        try await expect(store.findRoom(named: NameKey("Room")), nil)
        try await expect(events(), [])
        try await expect(history(), HistoryPage(messages: [], isEnd: true))
        try await expect(store.pinned(in: Self.room), [])
        try await expect(store.memberships(of: Self.ada), [])
        try await expect(store.rooms(after: nil, limit: 9), [])
        try await expect(store.listRooms(visibleTo: Self.ada, offset: 0, limit: 9).total, 0)
        try await expectFound("message", [])
        let text = LogChange.message(text: "late", replyTo: nil)
        try await expect(append(text), .refused(.roomNotFound))
    }
}
