// SPDX-License-Identifier: MIT

import ChatPlatform
import Synchronization

/// What the shards of one engine share. Everything here is either constant or locked for a moment.
final class EngineContext: Sendable {
    let store: any ChatStore
    let authenticator: any Authenticator
    let configuration: ChatConfiguration
    let mailboxes: [Mailbox]
    /// Whether any rate limit is set at all: without one, commands never touch the lock.
    let hasRates: Bool
    let limitCounter = LimitCounter()

    private let rates: Lock<any RateLimiting>
    private let connections = Lock(ConnectionCounts())
    private let defaultRoomID = Lock<RoomID?>(nil)
    private let draining = Atomic(false)
    private let storageHealthy = Atomic(true)
    private let decoyHash = Lock<String?>(nil)
    private let erasedAny = Atomic(false)
    private let erasedUsers = Lock<Set<UserID>>([])
    private let revokedDevices = Lock<Set<DeviceID>>([])

    init(
        store: any ChatStore, authenticator: any Authenticator,
        configuration: ChatConfiguration, loops: [EventLoop]
    ) {
        self.store = store
        self.authenticator = authenticator
        self.configuration = configuration
        mailboxes = loops.map { Mailbox($0.executor) }
        hasRates = !configuration.rates.isOff
        rates = Lock(configuration.machines.rates(configuration.rates, configuration.limits))
    }

    var limits: Limits { configuration.limits }

    /// The home of a room: ids are random, so their low bits spread evenly.
    func home(of room: RoomID) -> Int { Int(room.rawValue % UInt64(mailboxes.count)) }

    /// The home of a user.
    func home(of user: UserID) -> Int { Int(user.rawValue % UInt64(mailboxes.count)) }

    var defaultRoom: RoomID? {
        get { defaultRoomID.withLock { $0 } }
        set { defaultRoomID.withLock { $0 = newValue } }
    }

    var isDraining: Bool {
        get { draining.load(ordering: .relaxed) }
        set { draining.store(newValue, ordering: .relaxed) }
    }

    var isStorageHealthy: Bool {
        get { storageHealthy.load(ordering: .relaxed) }
        set { storageHealthy.store(newValue, ordering: .relaxed) }
    }

    /// Whether anybody was erased since the start.
    var hasErased: Bool { erasedAny.load(ordering: .relaxed) }

    /// Whether a user was erased since the start, or is about to be: what was on its way from them is refused.
    func isErased(_ user: UserID) -> Bool { erasedUsers.withLock { $0.contains(user) } }

    func noteErased(_ user: UserID) {
        erasedUsers.withLock { users in
            // Long after the erasure nothing of that user is on its way any more.
            if users.count >= limits.rememberedNames { users.removeAll() }
            users.insert(user)
        }
        erasedAny.store(true, ordering: .relaxed)
    }

    /// Whether a device was signed out lately: whoever is just signing in with it is refused.
    func isRevoked(_ device: DeviceID) -> Bool { revokedDevices.withLock { $0.contains(device) } }

    func revoke(_ devices: [DeviceID]) {
        revokedDevices.withLock { revoked in
            // Long afterwards nobody is signing in any more who was let in before.
            if revoked.count >= limits.rememberedNames { revoked.removeAll() }
            revoked.formUnion(devices)
        }
    }

    /// Takes from the token buckets, or says which one is empty.
    func admit(_ request: RateRequest, now: ChatInstant) -> RateDecision {
        guard hasRates else { return .admitted }
        return rates.withLock { $0.admit(request, now: now) }
    }

    func sessionEnded(_ session: SessionID) {
        guard hasRates else { return }
        rates.withLock { $0.sessionEnded(session) }
    }

    var nextRateDeadline: ChatInstant? {
        hasRates ? rates.withLock { $0.nextDeadline } : nil
    }

    func expireRates(now: ChatInstant) {
        guard hasRates else { return }
        rates.withLock { $0.expire(now: now) }
    }

    /// Counts a connection in, unless a cap is reached; without address only among all.
    func connect(_ address: String?) -> CloseCode? {
        let key = address.map(NetworkAddress.limitKey)
        let (code, reached) = connections.withLock { counts in
            (counts.connect(key, limits: limits), counts.takeReached())
        }
        for continuation in reached { continuation.resume() }
        return code
    }

    /// Counts a connection out.
    func disconnect(_ address: String?) {
        let key = address.map(NetworkAddress.limitKey)
        let reached = connections.withLock { counts in
            counts.disconnect(key)
            return counts.takeReached()
        }
        for continuation in reached { continuation.resume() }
    }

    /// A hash of a password that nobody has: comparing with it takes as long as with a room's own.
    func decoy(_ passwords: any PasswordHashing) async throws(WireError) -> String {
        if let known = decoyHash.withLock({ $0 }) { return known }
        let made = try await passwords.hash(InvitationRecord.code(from: configuration.identity))
        decoyHash.withLock { $0 = made }
        return made
    }

    /// How many connections there are.
    var connectionCount: Int { connections.withLock { $0.total } }

    /// Suspends until there are so many connections.
    func waitUntil(connections count: Int) async {
        await withCheckedContinuation { continuation in
            let isSo = connections.withLock { counts -> Bool in
                if counts.total != count { counts.waiting.append((count, continuation)) }
                return counts.total == count
            }
            if isSo { continuation.resume() }
        }
    }
}

/// How many connections there are, in all and per address. Bounded by the caps themselves.
private struct ConnectionCounts {
    var total = 0
    private var byAddress: [String: Int] = [:]
    /// Who wants to know when there are so many: tests.
    var waiting: [(count: Int, CheckedContinuation<Void, Never>)] = []

    /// Those whose count it is now.
    mutating func takeReached() -> [CheckedContinuation<Void, Never>] {
        if waiting.isEmpty { return [] }
        let reached = waiting.filter { $0.count == total }
        waiting.removeAll { $0.count == total }
        return reached.map(\.1)
    }

    mutating func connect(_ address: String?, limits: Limits) -> CloseCode? {
        guard total < limits.connections else { return .tooManyConnections }
        guard let address else {
            total += 1
            return nil
        }
        let count = byAddress[address, default: 0]
        guard count < limits.connectionsPerAddress else { return .tooManyFromAddress }
        total += 1
        byAddress[address] = count + 1
        return nil
    }

    mutating func disconnect(_ address: String?) {
        total -= 1
        guard let address else { return }
        let count = byAddress[address, default: 1] - 1
        byAddress[address] = count == 0 ? nil : count
    }
}

/// Where other shards leave messages for one shard. First in, first out per sender.
final class Mailbox: Sendable {
    private let messages = Lock<[ShardMessage]>([])
    private let executor: EventLoopExecutor

    init(_ executor: EventLoopExecutor) { self.executor = executor }

    /// Leaves messages and wakes the shard. Any thread.
    func post(_ batch: [ShardMessage]) {
        messages.withLock { $0.append(contentsOf: batch) }
        executor.wake()
    }

    /// Whether nothing waits.
    var isEmpty: Bool { messages.withLock { $0.isEmpty } }

    /// Takes what is there. The shard's own loop.
    func take() -> [ShardMessage] {
        messages.withLock { messages in
            let taken = messages
            messages = []
            return taken
        }
    }
}
