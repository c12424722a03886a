// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatStorageSQLite
import ChatTesting
import Testing

/// A search in many rooms asks the index first without them, and finds the same.
@Suite struct SQLiteSearchTests {
    private static let ada = UserID(rawValue: 1)
    private static let bob = UserID(rawValue: 2)
    private static let rooms = (1...14).map { RoomID(rawValue: $0) }
    /// The searcher is in the first ten.
    private static let own = rooms.prefix(10)

    @Test(arguments: [0, 1, 7, 60, 10_000])
    func `a search in many rooms finds what stands in them, however many candidates it looks at`(
        candidates: Int
    ) async throws {
        let directory = try TemporaryDirectory()
        var options = SQLiteOptions()
        options.searchCandidates = candidates
        let store = SQLiteStore(path: directory.file("chat.sqlite"), options: options)
        let comparison = StoreComparison(MemoryStore(), store)
        try await comparison.open()
        try await fill(comparison)
        var found = 0
        for query in try queries() { found += try await comparison.compareSearch(query) }
        #expect(found > 1_000)
        await comparison.close()
    }

    private func fill(_ comparison: StoreComparison) async throws {
        for (user, name) in [(Self.ada, "Ada"), (Self.bob, "Bob")] {
            try await comparison.addUser(
                UserRecord(id: user, name: name, token: name, isNameKept: true))
        }
        let start = Timestamp(milliseconds: 1_000)
        for room in Self.rooms {
            try await comparison.createRoom(
                RoomRecord(id: room, name: "room \(room.rawValue)", createdAt: start),
                owner: Self.bob)
        }
        let joins = Self.own.map { room in
            LogEntry(
                room: room, sender: Self.ada, at: start,
                change: .join(user: Self.ada, role: .member, logged: true))
        }
        try await comparison.append(AppendBatch(entries: joins))
        // First most of what is found stands elsewhere, then most of it in the searcher's rooms; several at one time.
        let messages = (0..<600).map { number in
            let place = number < 300 ? 13 - number % 6 : number * 7 % 12
            let text =
                number % 3 == 0 ? "green tea" : number % 3 == 1 ? "tea, tea" : "milk \(number)"
            return LogEntry(
                room: Self.rooms[place], sender: number % 5 == 0 ? Self.ada : Self.bob,
                at: Timestamp(milliseconds: Int64(2_000 + number / 4 * 1_000)),
                change: .message(text: text, replyTo: nil))
        }
        let entries = messages.filter { $0.sender == Self.bob || Self.own.contains($0.room) }
        try await comparison.append(AppendBatch(entries: entries))
    }

    private func queries() throws -> [SearchQuery] {
        var queries: [SearchQuery] = []
        for text in ["tea ", "green tea ", "mi", "\"tea tea\""] {
            for order in SearchRequest.Order.allCases {
                var request = SearchRequest(pattern: try #require(SearchPattern(text)), limit: 5)
                request.order = order
                queries.append(SearchQuery(request, by: Self.ada))
                queries.append(
                    SearchQuery(request, by: Self.ada, in: Array(Self.rooms.dropFirst())))
                request.offset = 30
                queries.append(SearchQuery(request, by: Self.ada))
                request.sender = Self.bob
                queries.append(SearchQuery(request, by: Self.ada))
                request.after = Timestamp(milliseconds: 20_000)
                request.before = Timestamp(milliseconds: 60_000)
                queries.append(SearchQuery(request, by: Self.ada))
                // Whoever is in few rooms asks the index for them.
                queries.append(SearchQuery(request, by: Self.ada, in: [Self.rooms[2]]))
            }
        }
        return queries
    }
}
