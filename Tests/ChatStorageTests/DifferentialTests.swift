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
        limits.bansPerRoom = 2
        limits.mutesPerRoom = 2
        limits.invitationsPerRoom = 3
        limits.invitationsPerUser = 2
        limits.auditEntriesPerRoom = 5
        limits.blocksPerUser = 2
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
        for number in 0..<500 {
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
        // What a deleted room has left is listed as orphaned when it is swept: in memory, at once.
        while try await !store.sweep(limit: 50).isDone {}
        let left = try await StoreContents(of: memory, rooms: steps.rooms, users: steps.users)
        let right = try await StoreContents(of: store, rooms: steps.rooms, users: steps.users)
        try #require(left.rooms == right.rooms, "\(moment)")
        try #require(left.history == right.history, "\(moment)")
        try #require(left.events == right.events, "\(moment)")
        try #require(left.pinned == right.pinned, "\(moment)")
        try #require(left.memberships == right.memberships, "\(moment)")
        try #require(left.lists == right.lists, "\(moment)")
        try #require(left.joined == right.joined, "\(moment)")
        try #require(left.users == right.users, "\(moment)")
        try #require(left.orphans == right.orphans, "\(moment)")
        try #require(left.audits == right.audits, "\(moment)")
        try #require(left.links == right.links, "\(moment)")
        try #require(left.passwords == right.passwords, "\(moment)")
        try #require(left.blocks == right.blocks, "\(moment)")
        try #require(left.readTimes == right.readTimes, "\(moment)")
        try #require(left.readers == right.readers, "\(moment)")
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
    case bans(RoomID, at: Timestamp, offset: Int, limit: Int)
    case invite(InvitationRecord)
    case invitations(UserID, at: Timestamp, offset: Int, limit: Int)
    case invitation(code: String)
    case withdraw(code: String)
    case decline(UserID, RoomID, at: Timestamp)
    case profile(ProfileChanges, UserID)
    case profiles([UserID])
    case note([Sighting])
    case trim(RoomID, TrimBound, limit: Int)
    case sweep(limit: Int)
    case erase(UserID)
    case forgetReads(before: Timestamp, limit: Int)
    case safety(RandomSafetyStep)

    enum Answer: Equatable {
        case outcomes([AppendOutcome])
        case room(RoomRecord?)
        case deleted(Bool)
        case page(HistoryPage)
        case events([LoggedEvent])
        case found(SearchPage)
        case bans(BanPage)
        case invited(InvitationOutcome)
        case invitations(InvitationPage)
        case invitation(InvitationRecord?)
        case user(UserRecord?)
        case profiles([UserID: UserProfile])
        case seen([UserID: Timestamp])
        case trimmed(SequenceNumber, TrimSlice?)
        case audited(AuditPage)
        case links(LinkPage)
        case blocked(BlockOutcome)
        case blocks(BlockPage)
        case blockers([UserID])
        case done
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
        case .bans(let room, let time, let offset, let limit):
            .bans(try await store.bans(in: room, at: time, offset: offset, limit: limit))
        case .invite(let invitation): .invited(try await store.invite(invitation))
        case .invitations(let user, let time, let offset, let limit):
            .invitations(
                try await store.invitations(of: user, at: time, offset: offset, limit: limit))
        case .invitation(let code): .invitation(try await store.invitation(code: code))
        case .profile(let changes, let user):
            .user(try await store.updateProfile(changes, of: user))
        case .profiles(let users): .profiles(try await store.profiles(of: users))
        case .note(let sightings): .seen(try await store.note(sightings))
        case .withdraw(let code): .deleted(try await store.removeInvitation(code: code))
        case .decline(let user, let room, let time):
            .deleted(try await store.removeInvitation(of: user, to: room, at: time))
        case .trim(let room, let bound, let limit): try await trim(room, bound, limit, store)
        case .sweep(let limit): try await sweep(limit, store)
        case .erase(let user): try await erase(user, store)
        case .forgetReads(let time, let limit): try await forgetReads(time, limit, store)
        case .safety(let step): try await step.run(on: store)
        }
    }

    private func trim(
        _ room: RoomID, _ bound: TrimBound, _ limit: Int, _ store: some ChatStore
    ) async throws -> Answer {
        let place = try await store.trimPlace(in: room, for: bound)
        return .trimmed(place, try await store.trim(room, through: place, limit: limit))
    }

    /// How much there is to sweep is the store's own business.
    private func sweep(_ limit: Int, _ store: some ChatStore) async throws -> Answer {
        _ = try await store.sweep(limit: limit)
        return .done
    }

    /// Which of them go first is the store's own business: all of them, then.
    private func forgetReads(
        _ time: Timestamp, _ limit: Int, _ store: some ChatStore
    ) async throws -> Answer {
        while try await store.removeReadTimes(before: time, limit: limit) >= limit {}
        return .done
    }

    private func erase(_ user: UserID, _ store: some ChatStore) async throws -> Answer {
        let record = try await store.beginErasure(of: user)
        while try await store.erase(limit: 7) != nil {}
        return .user(record)
    }
}

/// Steps over few rooms, users, texts and keys, so that they meet often.
struct RandomSteps {
    let rooms = [RoomID(rawValue: 5), RoomID(rawValue: 1 << 63 | 4), RoomID(rawValue: 6)]
    let users = [1, 2, 3, 1 << 63 | 4, UInt64.max].map { UserID(rawValue: $0) }
    private var random: SplitMix
    var clock: Int64 = 1_000

    init(seed: UInt64) { random = SplitMix(state: seed) }

    mutating func next() -> RandomStep {
        switch pick(0..<28) {
        case 25...27: .safety(safety())
        case 0: create()
        case 1: pick(0..<8) == 0 ? .delete(pick(rooms)) : create()
        case 2...3: .history(query())
        case 4: .events(pick(rooms), after: seq(), limit: pick(1..<9))
        case 5...6: search()
        case 7:
            .bans(
                pick(rooms), at: Timestamp(milliseconds: clock), offset: pick(0..<3),
                limit: pick(1..<4))
        case 8...10: invitation()
        case 11:
            pick([
                .profiles(users),
                .note(sightings()),
                .profile(
                    ProfileChanges(
                        displayName: pick([nil, text()]), avatar: pick([nil, text()]),
                        statusText: pick([nil, text()]), hidesLastSeen: pick([nil, true, false])),
                    pick(users + [UserID(rawValue: 77)])),
            ])
        case 12: trim()
        case 13 where pick(0..<30) == 0: .erase(pick(users))
        case 14 where pick(0..<4) == 0: .sweep(limit: pick(1..<9))
        case 14 where pick(0..<4) == 0: .forgetReads(before: time(), limit: pick(1..<9))
        default: append()
        }
    }

    private mutating func sightings() -> [Sighting] {
        (users + [UserID(rawValue: 77)]).sorted().filter { _ in pick(0..<2) == 0 }
            .map { Sighting(user: $0, at: time()) }
    }

    private mutating func invitation() -> RandomStep {
        clock += Int64(pick(0..<20))
        let time = Timestamp(milliseconds: clock)
        switch pick(0..<9) {
        case 0: return .invitations(pick(users), at: time, offset: pick(0..<2), limit: pick(1..<4))
        case 1: return .invitation(code: code())
        case 2: return .withdraw(code: code())
        case 3: return .decline(pick(users), pick(rooms), at: time)
        default:
            let user = pick(0..<3) == 0 ? nil : pick(users + [UserID(rawValue: 77)])
            return .invite(
                InvitationRecord(
                    code: code(), room: pick(rooms), user: user, sender: pick(users),
                    createdAt: time, expires: end(), usesLeft: user == nil ? pick(1..<3) : 1))
        }
    }

    mutating func code() -> String { "code \(pick(0..<8))" }

    private mutating func create() -> RandomStep {
        clock += 7
        let pairs = [pair().roomName, pair().roomName]
        let name = pick(["Tea", "tea ", "Coffee", "Milk"] + pairs)
        let room = RoomRecord(
            id: pick(rooms), name: name,
            isPrivate: DirectPair(roomName: name) != nil || pick([true, false]),
            maximumMembers: pick([0, 3]),
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

    private mutating func trim() -> RandomStep {
        let bound = TrimBound(
            before: pick(0..<2) == 0
                ? Timestamp(milliseconds: clock - Int64(pick(0..<300))) : nil,
            keepingMessages: pick(0..<2) == 0 ? pick(0..<20) : nil)
        return .trim(pick(rooms), bound, limit: pick(1..<9))
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
                ReceiptUpdate(
                    room: pick(rooms), user: pick(users), delivered: seq(), read: seq(),
                    readAt: pick([nil, Timestamp(milliseconds: clock), time()])))
        }
        batch.receipts = batch.receipts.merged()
        return .append(batch)
    }

    private mutating func change() -> LogChange {
        switch pick(0..<22) {
        case 18...19:
            .post(
                Post(
                    text: text(), replyTo: pick(0..<3) == 0 ? seq() : nil,
                    attachments: (0..<pick(0..<4)).map { _ in attachment() }))
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
        case 15:
            pick([
                .ban(user: pick(users), Ban(until: end(), reason: text())),
                .unban(user: pick(users)),
            ])
        case 17:
            .accept(
                Acceptance(
                    user: pick(users), code: pick([nil, code()]), isLogged: pick([true, false])))
        case 16: pick([.mute(user: pick(users), until: end()), .unmute(user: pick(users))])
        default:
            .room(
                RoomChanges(
                    name: pick([nil, "Tea", "Water"]), description: pick([nil, "", "about"]),
                    isPrivate: pick([nil, true]), maximumMembers: pick([nil, 0, 2, 4]),
                    slowModeSeconds: pick([nil, 5]), retentionDays: pick([nil, 0, 3]),
                    retentionMessages: pick([nil, 0, 4])))
        }
    }

    private mutating func attachment() -> MessageAttachment {
        MessageAttachment(
            id: "file \(pick(0..<12))", name: text(), byteCount: Int64(pick(0..<9)),
            mediaType: "a/b", sha256: "", width: pick([nil, 3]), height: pick([nil, 0]),
            durationMilliseconds: pick([nil, 9]), preview: text())
    }

    /// Of a ban or mute: soon, now, or never.
    private mutating func end() -> Timestamp {
        pick([.forever, Timestamp(milliseconds: clock + Int64(pick(0..<200)))])
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

    mutating func pick(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
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
