// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatStoragePostgres
import ChatStorageSQLite
import Testing

/// Random steps on a store in memory and one in a database: both must give the same answers
/// throughout.
@Suite struct DifferentialTests {
    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `memory and SQLite answer alike`(seed: UInt64) async throws {
        let directory = try TemporaryDirectory()
        var options = SQLiteOptions(limits: Self.limits)
        options.synchronous = .normal
        try await compareWithMemory(
            SQLiteStore(path: directory.file("chat.sqlite"), options: options), seed)
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `memory and Postgres answer alike`(seed: UInt64) async throws {
        let cluster = try await PostgresCluster.shared()
        try await compareWithMemory(cluster.store { $0.limits = Self.limits }, seed)
    }

    /// Small, so that the steps meet them.
    private static let limits = {
        var limits = Limits()
        limits.pinsPerRoom = 3
        limits.reactionsPerMessage = 2
        limits.membersPerRoom = 4
        return limits
    }()

    private func compareWithMemory(_ store: some ChatStore, _ seed: UInt64) async throws {
        let memory = MemoryStore(limits: Self.limits)
        try await store.open()

        var steps = RandomSteps(seed: seed)
        for user in steps.users {
            let record = UserRecord(
                id: user, name: "user \(user)", token: "\(user)", isNameKept: false)
            #expect(try await memory.addUser(record) == store.addUser(record))
        }
        for number in 0..<400 {
            let step = steps.next()
            let (left, right) = (try await step.run(on: memory), try await step.run(on: store))
            try #require(left == right, "seed \(seed), step \(number): \(step)")
            if number % 40 == 39 { try await compare(memory, store, steps, "\(seed) \(number)") }
        }
        // And once more with everything read anew.
        await store.close()
        try await store.open()
        try await compare(memory, store, steps, "seed \(seed), reopened")
        await store.close()
    }

    private func compare(
        _ memory: MemoryStore, _ store: some ChatStore, _ steps: RandomSteps, _ moment: String
    ) async throws {
        let left = try await StoreContents(of: memory, rooms: steps.rooms, users: steps.users)
        let right = try await StoreContents(of: store, rooms: steps.rooms, users: steps.users)
        try #require(left.rooms == right.rooms, "\(moment)")
        try #require(left.history == right.history, "\(moment)")
        try #require(left.events == right.events, "\(moment)")
        try #require(left.pinned == right.pinned, "\(moment)")
        try #require(left.memberships == right.memberships, "\(moment)")
        try #require(left.lists == right.lists, "\(moment)")
        try #require(left.joined == right.joined, "\(moment)")
    }
}

/// One call that changes or reads, and what came of it.
enum RandomStep {
    case append(AppendBatch)
    case create(RoomRecord, owner: UserID?)
    case delete(RoomID)
    case history(HistoryQuery)
    case events(RoomID, after: SequenceNumber, limit: Int)
    case search(SearchQuery)

    enum Answer: Equatable {
        case outcomes([AppendOutcome])
        case room(RoomRecord?)
        case deleted(Bool)
        case page(HistoryPage)
        case events([LoggedEvent])
        case found(SearchPage)
    }

    func run(on store: some ChatStore) async throws -> Answer {
        switch self {
        case .append(let batch): .outcomes(try await store.append(batch))
        case .create(let room, let owner):
            .room(try await store.createRoom(room, owner: owner))
        case .delete(let room): .deleted(try await store.deleteRoom(room))
        case .history(let query): .page(try await store.history(query))
        case .events(let room, let after, let limit):
            .events(try await store.events(in: room, after: after, limit: limit))
        case .search(let query): .found(try await store.search(query))
        }
    }
}

/// Steps over few rooms, users, texts and keys, so that they meet often.
struct RandomSteps {
    let rooms = [RoomID(rawValue: 5), RoomID(rawValue: 1 << 63 | 4), RoomID(rawValue: 6)]
    let users = [1, 2, 3, 1 << 63 | 4, UInt64.max].map { UserID(rawValue: $0) }
    private var random: SplitMix
    private var clock: Int64 = 1_000

    init(seed: UInt64) { random = SplitMix(state: seed) }

    mutating func next() -> RandomStep {
        switch pick(0..<20) {
        case 0: create()
        case 1: pick(0..<8) == 0 ? .delete(pick(rooms)) : create()
        case 2...3: .history(query())
        case 4: .events(pick(rooms), after: seq(), limit: pick(1..<9))
        case 5...6: search()
        default: append()
        }
    }

    private mutating func create() -> RandomStep {
        clock += 7
        let room = RoomRecord(
            id: pick(rooms), name: pick(["Tea", "tea ", "Coffee", "Milk"]),
            isPrivate: pick([true, false]), maximumMembers: pick([0, 3]),
            createdAt: Timestamp(milliseconds: clock))
        return .create(room, owner: pick(0..<4) == 0 ? nil : pick(users))
    }

    private mutating func query() -> HistoryQuery {
        let anchor: HistoryQuery.Anchor =
            switch pick(0..<7) {
            case 0: .latest
            case 1: .before(seq())
            case 2: .after(seq())
            case 3: .around(seq())
            case 4: .beforeTime(time())
            case 5: .afterTime(time())
            default: .aroundTime(time())
            }
        return HistoryQuery(room: pick(rooms), anchor: anchor, limit: pick(1..<9))
    }

    private mutating func search() -> RandomStep {
        let texts = ["hello", "hel", "e ", "nul nul", "\"nul nul\"", "hello edit", "edit ", "x"]
        guard let pattern = SearchPattern(pick(texts)) else { return .history(query()) }
        let request = SearchRequest(
            pattern: pattern, sender: pick(0..<4) == 0 ? pick(users) : nil,
            after: pick(0..<4) == 0 ? Timestamp(milliseconds: clock - 300) : nil,
            before: pick(0..<4) == 0 ? Timestamp(milliseconds: clock - 30) : nil,
            order: pick(SearchRequest.Order.allCases), offset: pick([0, 0, 2]),
            // A page may cut between rooms where two messages have the same time.
            limit: .max)
        return .search(
            SearchQuery(request, by: pick(users), in: pick([nil, [pick(rooms)]])))
    }

    private mutating func append() -> RandomStep {
        var batch = AppendBatch()
        for _ in 0..<pick(1..<7) {
            clock += Int64(pick(0..<9)) - 2
            batch.entries.append(
                LogEntry(
                    room: pick(rooms), sender: pick(users), at: Timestamp(milliseconds: clock),
                    clientID: pick(0..<3) == 0 ? "key \(pick(0..<40))" : nil,
                    isModerator: pick(0..<4) == 0, change: change()))
        }
        for _ in 0..<pick(0..<3) {
            batch.receipts.append(
                ReceiptUpdate(room: pick(rooms), user: pick(users), delivered: seq(), read: seq()))
        }
        return .append(batch)
    }

    private mutating func change() -> LogChange {
        switch pick(0..<16) {
        case 0...4: .message(text: text(), replyTo: pick(0..<3) == 0 ? seq() : nil)
        case 5...6: .edit(target: seq(), text: text())
        case 7: .delete(target: seq())
        case 8...9: .react(target: seq(), emoji: pick(["a", "b", "c"]))
        case 10: .unreact(target: seq(), emoji: pick(["a", "b", "c"]))
        case 11: pick([.pin(target: seq()), .unpin(target: seq())])
        case 12...13:
            .join(user: pick(users), role: pick(Role.allCases), logged: pick([true, false]))
        case 14:
            pick([
                .leave(user: pick(users), reason: .left, logged: pick([true, false])),
                .role(user: pick(users), role: pick(Role.allCases)),
            ])
        default:
            .room(
                RoomChanges(
                    name: pick([nil, "Tea", "Water"]), description: pick([nil, "", "about"]),
                    isPrivate: pick([nil, true]), maximumMembers: pick([nil, 0, 2, 4]),
                    slowModeSeconds: pick([nil, 5])))
        }
    }

    private mutating func text() -> String {
        pick(["", "hello", "nul\0nul", "e\u{301}", "\u{e9}", "hello edit"])
    }

    private mutating func time() -> Timestamp {
        Timestamp(milliseconds: clock - Int64(pick(-20..<400)))
    }

    private mutating func seq() -> SequenceNumber {
        SequenceNumber(rawValue: UInt64(pick(0..<60)))
    }

    private mutating func pick(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[pick(0..<elements.count)]
    }
}

/// SplitMix64: small, seeded, the same everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
