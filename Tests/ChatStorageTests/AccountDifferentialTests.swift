// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatStoragePostgres
import ChatStorageSQLite
import Testing

/// Random calls about accounts on a store in memory and one in a database: both must give the same answers throughout.
@Suite struct AccountDifferentialTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `of accounts memory and SQLite answer alike`(seed: UInt64) async throws {
        let directory = try TemporaryDirectory()
        var options = SQLiteOptions()
        options.synchronous = .normal
        try await compareWithMemory(
            SQLiteStore(path: directory.file("chat.sqlite"), options: options), seed)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `of accounts memory and Postgres answer alike`(seed: UInt64) async throws {
        try await compareWithMemory(try await PostgresCluster.shared().store(), seed)
    }

    private func compareWithMemory(
        _ store: some ChatStore & AccountStore, _ seed: UInt64
    ) async throws {
        let memory = MemoryStore()
        try await store.open()
        var steps = RandomAccountSteps(seed: seed)
        for number in 0..<400 {
            let step = steps.next()
            let (left, right) = (try await step.run(on: memory), try await step.run(on: store))
            try #require(left == right, "seed \(seed), step \(number): \(step)")
            if number % 50 == 49 { try await compare(memory, store, steps, "\(seed) \(number)") }
        }
        await store.close()
        try await store.open()
        try await compare(memory, store, steps, "seed \(seed), reopened")
        await store.close()
    }

    private func compare(
        _ memory: MemoryStore, _ store: some ChatStore & AccountStore,
        _ steps: RandomAccountSteps, _ moment: String
    ) async throws {
        for user in steps.users {
            for step in [RandomAccountStep.account(user), .user(user), .devices(user)] {
                let (left, right) = (try await step.run(on: memory), try await step.run(on: store))
                try #require(left == right, "\(moment): \(step)")
            }
        }
    }
}

/// One call, and what came of it.
enum RandomAccountStep {
    case guest(UserRecord)
    case add(AccountRecord, UserProfile)
    case update(AccountChanges, UserID)
    case account(UserID)
    case named(String)
    case addressed(String)
    case user(UserID)
    case addDevice(DeviceRecord, hash: String, maximum: Int)
    case device(DeviceID)
    case devices(UserID)
    case rotate(DeviceRotation)
    case remove(UserID, [DeviceID]?, except: DeviceID?)
    case expire(Timestamp)

    enum Answer: Equatable {
        case user(UserRecord?)
        case outcome(AccountOutcome)
        case account(AccountRecord?)
        case device(DeviceRecord?)
        case devices([DeviceRecord])
        case removed([DeviceID]?)
        case count(Int)
    }

    func run(on store: some ChatStore & AccountStore) async throws -> Answer {
        switch self {
        case .guest(let record): .user(try await store.addUser(record))
        case .add(let account, let profile):
            .outcome(try await store.addAccount(account, profile: profile))
        case .update(let changes, let user):
            .outcome(try await store.updateAccount(changes, of: user))
        case .account(let user): .account(try await store.account(user))
        case .named(let name): .account(try await store.account(named: NameKey(name)))
        case .addressed(let email):
            .account(try await store.account(emailKey: AccountRecord.key(ofEmail: email)))
        case .user(let user): .user(try await store.user(user))
        case .addDevice(let device, let hash, let maximum):
            .removed(
                try await store.addDevice(device, passwordHash: hash, maximum: maximum)?.sorted())
        case .device(let id): .device(try await store.device(id))
        case .devices(let user): .devices(try await store.devices(of: user))
        case .rotate(let rotation): .device(try await store.rotateDevice(rotation))
        case .remove(let user, let ids, let kept):
            .removed(try await store.removeDevices(of: user, ids, except: kept).sorted())
        case .expire(let time):
            .count(try await store.removeExpiredDevices(at: time, limit: 1_000))
        }
    }
}

/// Steps that meet each other: few users, names, addresses, hashes and devices.
struct RandomAccountSteps {
    let users = [1, 2, 3, 1 << 63 | 4, UInt64.max].map { UserID(rawValue: $0) }
    private let ids = [7, 8, 9, 1 << 63 | 5, UInt64.max - 1].map { DeviceID(rawValue: $0) }
    private let names = ["Ana", "ana", "Bo ", "Zoë", "Zoe\u{308}", "caro"]
    private let emails = ["ana@example.org", "ANA@example.org", "bo@example.org", ""]
    private let hashes = ["h1", "h2", "h3"]
    private var random: SplitMix
    private var clock: Int64 = 1_000

    init(seed: UInt64) { random = SplitMix(state: seed) }

    mutating func next() -> RandomAccountStep {
        clock += Int64.random(in: 0...50, using: &random)
        return switch Int.random(in: 0..<20, using: &random) {
        case 0: guest()
        case 1...3: add()
        case 4...6: .update(changes(), pick(users))
        case 7: .account(pick(users))
        case 8: .named(pick(names))
        case 9: .addressed(pick(emails))
        case 10: .user(pick(users))
        case 11...13: addDevice()
        case 14: .device(pick(ids))
        case 15: .devices(pick(users))
        case 16...17: .rotate(rotation())
        case 18:
            .remove(
                pick(users), pick([nil, [pick(ids), pick(ids)]]), except: pick([nil, pick(ids)]))
        default: .expire(Timestamp(milliseconds: clock - 500))
        }
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: values.indices, using: &random)]
    }

    private mutating func guest() -> RandomAccountStep {
        // A token is drawn by lot: no two users have the same.
        let user = pick(users)
        return .guest(
            UserRecord(
                id: user, name: pick(names), token: "token of \(user)",
                isNameKept: pick([false, true]), createdAt: Timestamp(milliseconds: clock)))
    }

    private mutating func add() -> RandomAccountStep {
        let email = pick(emails)
        let account = AccountRecord(
            user: UserReference(id: pick(users), name: pick(names)),
            email: email.isEmpty ? nil : email, passwordHash: pick(hashes),
            createdAt: Timestamp(milliseconds: clock),
            lastLoginAt: pick([nil, Timestamp(milliseconds: clock)]))
        return .add(account, UserProfile(displayName: pick(["", "Somebody"])))
    }

    private mutating func changes() -> AccountChanges {
        var changes = AccountChanges()
        if pick([true, false, false]) { changes.name = pick(names) }
        if pick([true, false, false]) { changes.email = pick(emails) }
        if pick([true, false, false]) {
            changes.passwordHash = pick(hashes)
            changes.expectedPasswordHash = pick([nil, pick(hashes)])
        }
        if pick([true, false, false, false]) { changes.state = pick([.active, .locked]) }
        if pick([true, false, false]) { changes.lastLoginAt = Timestamp(milliseconds: clock) }
        return changes
    }

    private mutating func addDevice() -> RandomAccountStep {
        let time = Timestamp(milliseconds: clock)
        return .addDevice(
            DeviceRecord(
                id: pick(ids), user: pick(users), client: pick(["", "web/1"]), familyHash: "f",
                currentHash: pick(hashes), createdAt: time, rotatedAt: time,
                expires: Timestamp(milliseconds: clock + Int64.random(in: 1...800, using: &random))),
            hash: pick(hashes), maximum: Int.random(in: 1...3, using: &random))
    }

    private mutating func rotation() -> DeviceRotation {
        DeviceRotation(
            id: pick(ids), from: pick(hashes), to: pick(hashes), at: Timestamp(milliseconds: clock),
            expires: Timestamp(milliseconds: clock + 500))
    }
}
