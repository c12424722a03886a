// SPDX-License-Identifier: MIT

public import ChatCore

/// Compares what two stores answer about the same conversation, byte by byte.
///
///     let comparison = StoreComparison(MemoryStore(), MyStore())
///     try await comparison.open()
///     try await comparison.append(batch)
///     try await comparison.compareHistory(of: room)
///     try await comparison.compareSearch(query)
public struct StoreComparison: Sendable {
    /// The two answered differently.
    public struct Difference: Error, CustomStringConvertible {
        /// What was asked.
        public let description: String
    }

    private let left: any ChatStore
    private let right: any ChatStore

    /// Compares two stores that are empty and not open yet.
    public init(_ left: some ChatStore, _ right: some ChatStore) {
        (self.left, self.right) = (left, right)
    }

    /// Opens both.
    public func open() async throws {
        try await left.open()
        try await right.open()
    }

    /// Closes both.
    public func close() async {
        await left.close()
        await right.close()
    }

    // MARK: Filling

    /// Adds a user to both.
    public func addUser(_ user: UserRecord) async throws {
        try expect(await left.addUser(user) == right.addUser(user), "the user \(user.name)")
    }

    /// Makes a room in both.
    public func createRoom(_ room: RoomRecord, owner: UserID) async throws {
        let (one, other) = (
            try await left.createRoom(room, owner: owner),
            try await right.createRoom(room, owner: owner)
        )
        try expect(one != nil && one == other, "the room \(room.name)")
    }

    /// Appends to both.
    ///
    /// - Returns: the outcomes, which are the same.
    @discardableResult
    public func append(_ batch: AppendBatch) async throws -> [AppendOutcome] {
        let (one, other) = (try await left.append(batch), try await right.append(batch))
        try expect(one == other, "a batch that begins at \(batch.entries.first?.at, default: "-")")
        return one
    }

    // MARK: Comparing

    /// Compares all pages of a room's history: from the newest to the oldest, from the oldest to
    /// the newest, and around the places and times at the ends of pages.
    ///
    /// - Returns: the messages.
    /// - Throws: ``Difference``.
    @discardableResult
    public func compareHistory(of room: RoomID, page limit: Int = 50) async throws -> [Message] {
        var pages: [[Message]] = []
        var anchor = HistoryQuery.Anchor.latest
        while true {
            let page = try await compared(HistoryQuery(room: room, anchor: anchor, limit: limit))
            pages.append(page.messages)
            guard !page.isEnd, let first = page.messages.first else { break }
            for anchor in Self.anchors(at: first) {
                _ = try await compared(HistoryQuery(room: room, anchor: anchor, limit: limit))
            }
            anchor = .before(first.seq)
        }
        let messages = Array(pages.reversed().joined())
        var seen = 0
        anchor = .after(.none)
        while true {
            let page = try await compared(HistoryQuery(room: room, anchor: anchor, limit: limit))
            seen += page.messages.count
            guard !page.isEnd, let last = page.messages.last else { break }
            anchor = .after(last.seq)
        }
        try expect(seen == messages.count, "the number of messages of \(room)")
        return messages
    }

    /// Compares a page of search, and all that the search finds.
    ///
    /// - Returns: how many messages it finds.
    /// - Throws: ``Difference``.
    @discardableResult
    public func compareSearch(_ query: SearchQuery) async throws -> Int {
        var all = query
        all.request.offset = 0
        all.request.limit = .max
        var count = 0
        for query in [query, all] {
            let (one, other) = (try await left.search(query), try await right.search(query))
            let isSame =
                one.isEnd == other.isEnd
                && one.hits.elementsEqual(other.hits) {
                    $0 == $1 && $0.excerpt.text.utf8.elementsEqual($1.excerpt.text.utf8)
                        && $0.sender.name.utf8.elementsEqual($1.sender.name.utf8)
                }
            try expect(isSame, "\(query)")
            count = one.hits.count
        }
        return count
    }

    /// Compares a user's list of rooms.
    public func compareRooms(of user: UserID) async throws {
        let query = JoinedRoomQuery(user: user, limit: .max, members: 8)
        try expect(await left.joinedRooms(query) == right.joinedRooms(query), "rooms of \(user)")
        try expect(
            await left.memberships(of: user) == right.memberships(of: user), "rooms of \(user)")
    }

    private static func anchors(at message: Message) -> [HistoryQuery.Anchor] {
        [
            .around(message.seq), .beforeTime(message.at), .afterTime(message.at),
            .aroundTime(message.at),
        ]
    }

    private func compared(_ query: HistoryQuery) async throws -> HistoryPage {
        let (one, other) = (try await left.history(query), try await right.history(query))
        let isSame =
            one.isEnd == other.isEnd
            && one.messages.elementsEqual(other.messages, by: Self.isSame)
        try expect(isSame, "\(query)")
        return one
    }

    /// Strings are equal for Swift when they look alike; here their bytes must be.
    private static func isSame(_ left: Message, _ right: Message) -> Bool {
        left == right && left.text.utf8.elementsEqual(right.text.utf8)
            && left.senderName.utf8.elementsEqual(right.senderName.utf8)
            && (left.clientID ?? "").utf8.elementsEqual((right.clientID ?? "").utf8)
    }

    private func expect(_ isSame: Bool, _ what: String) throws {
        if !isSame { throw Difference(description: "the stores differ: \(what)") }
    }
}
