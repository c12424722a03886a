// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatStoragePostgres
import ChatStorageSQLite
import ChatTesting
import Testing

/// One conversation gives the same history and the same search results on every store.
///
/// `make compare-stores` does the same with a real one.
@Suite struct StoreComparisonTests {
    @Test func `memory and SQLite give the same pages and search results`() async throws {
        let directory = try TemporaryDirectory()
        let store = SQLiteStore(path: directory.file("chat.sqlite"))
        try await compare(StoreComparison(MemoryStore(), store))
    }

    @Test func `memory and Postgres give the same pages and search results`() async throws {
        let cluster = try await PostgresCluster.shared()
        try await compare(StoreComparison(MemoryStore(), cluster.store()))
    }

    @Test func `stores whose texts only look alike are told apart`() async throws {
        let (left, right) = (MemoryStore(), MemoryStore())
        let comparison = StoreComparison(left, right)
        try await comparison.open()
        let conversation = SyntheticConversation()
        try await conversation.fill(comparison)
        let room = conversation.rooms[0].id
        let user = conversation.users[0].id
        try await comparison.compareHistory(of: room)
        for (store, text) in [(left, "caf\u{e9}"), (right, "cafe\u{301}")] {
            let entry = LogEntry(
                room: room, sender: user, at: Timestamp(milliseconds: 9_000_000_000_000),
                change: .message(text: text, replyTo: nil))
            _ = try await store.append(AppendBatch(entries: [entry]))
        }
        await #expect(throws: StoreComparison.Difference.self) {
            try await comparison.compareHistory(of: room)
        }
        let query = SearchQuery(
            SearchRequest(pattern: try #require(SearchPattern("cafe ")), limit: 1), by: user)
        await #expect(throws: StoreComparison.Difference.self) {
            try await comparison.compareSearch(query)
        }
    }

    private func compare(_ comparison: StoreComparison) async throws {
        let conversation = SyntheticConversation()
        try await comparison.open()
        try await conversation.fill(comparison)
        var samples: [SearchSamples.Sample] = []
        for room in conversation.rooms {
            for message in try await comparison.compareHistory(of: room.id, page: 20) {
                samples.append(
                    SearchSamples.Sample(
                        room: room.id, sender: message.sender, at: message.at, text: message.text))
            }
        }
        var found = 0
        for user in conversation.users.prefix(2) {
            let queries = SearchSamples(samples).queries(by: user.id)
            #expect(queries.count == 50)
            for query in queries { found += try await comparison.compareSearch(query) }
            try await comparison.compareRooms(of: user.id)
        }
        #expect(found > 1_000)
        await comparison.close()
    }
}

/// A seeded conversation of several rooms at the same times, with edits, deletions and reactions.
private struct SyntheticConversation {
    let users = (0..<8).map { number in
        UserRecord(
            id: UserID(rawValue: UInt64(number + 1) << 61 | 5), name: "user \(number)",
            token: "t\(number)", isNameKept: true)
    }
    let rooms = (0..<4).map { number in
        RoomRecord(
            id: RoomID(rawValue: UInt64(number) << 62 | 3), name: "room \(number)",
            createdAt: Timestamp(milliseconds: 0))
    }
    private static let words = [
        "apt", "kernel", "the", "of", "wireless", "wire", "café", "CAFE", "Straße", "STRASSE",
        "Привет", "привычка", "日本語", "日本", "Ελλάδα", "e\u{301}tude", "x86", "1024", "naïve", "ok",
    ]

    /// The first user is in all rooms, the others in some.
    func fill(_ comparison: StoreComparison) async throws {
        var random = SplitMix(state: 17)
        for user in users { try await comparison.addUser(user) }
        for room in rooms { try await comparison.createRoom(room, owner: users[0].id) }
        for (number, user) in users.enumerated().dropFirst() {
            let room = rooms[number % rooms.count].id
            let join = LogChange.join(user: user.id, role: .member, logged: true)
            try await comparison.append(
                AppendBatch(entries: [
                    LogEntry(
                        room: room, sender: user.id, at: Timestamp(milliseconds: 1), change: join)
                ]))
        }
        for batch in 0..<15 {
            var entries: [LogEntry] = []
            for number in 0..<80 {
                entries.append(
                    LogEntry(
                        room: rooms[Int.random(in: 0..<4, using: &random)].id,
                        sender: users[Int.random(in: 0..<8, using: &random)].id,
                        // A few times for many messages.
                        at: Timestamp(milliseconds: Int64(batch * 80 + number) / 12 * 60_000),
                        isModerator: true, change: change(&random)))
            }
            try await comparison.append(AppendBatch(entries: entries))
        }
    }

    private func change(_ random: inout SplitMix) -> LogChange {
        let target = SequenceNumber(rawValue: UInt64.random(in: 2..<250, using: &random))
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return .edit(target: target, text: text(&random))
        case 1: return .delete(target: target)
        case 2: return .react(target: target, emoji: "👍")
        default: return .message(text: text(&random), replyTo: nil)
        }
    }

    private func text(_ random: inout SplitMix) -> String {
        (0..<Int.random(in: 3..<12, using: &random)).map { _ in
            Self.words[Int.random(in: 0..<Self.words.count, using: &random)]
        }.joined(separator: [" ", ", ", " - "][Int.random(in: 0..<3, using: &random)])
    }
}
