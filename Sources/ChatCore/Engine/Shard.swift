// SPDX-License-Identifier: MIT

/// One shard of an engine: the sessions of one event loop, and the rooms and users whose home it is.
///
/// A plain class inside the loop's island: sessions, rooms and tails of one shard call each other directly,
/// and other shards through mailboxes. Its parts are in `Shard+….swift`.
final class Shard: LoopResident, ConnectionHost {
    let index: Int
    let context: EngineContext
    unowned let loop: EventLoop

    // Sessions of this loop.
    var sessions = SessionTable<ChatSession>()
    var sessionsOfUser = UserSessions()
    /// By the slot in `sessions`.
    var sessionTimers = SlotDeadlines()
    var tails: [RoomID: RoomTail] = [:]
    var dirtyTails: [RoomTail] = []
    var openedTails: UInt64 = 0
    let turnBuffers = TurnBufferPool()
    var names: [String: RoomID] = [:]

    // Rooms at home here.
    var rooms: [RoomID: RoomSlot] = [:]
    var roomTimers = DeadlineTable<RoomID>()
    /// Those without subscribers.
    var idleRooms = RecencyList()
    var armingRooms: ContiguousArray<HostedRoom> = []
    var commit = CommitQueue()
    /// Commands that are answered as if their room did not exist, until the store has been asked.
    var hidden: [RoomID: [RoomRequest]] = [:]
    /// Until when this turn's events wait for the transaction under way.
    var fanOutHeldUntil: ChatInstant?

    // Users at home here.
    var presence: any PresenceTracking
    var users: [UserID: UserEntry] = [:]
    /// Exclusive sign-ins that wait for the user's connection to end, by deadline.
    var waitingSignIns: [WaitingSignIn] = []
    var profiles: ProfileAnnouncer
    var sightings: SightingMachine

    /// Of shard 0, for all of them.
    var upkeep: UpkeepMachine
    var orphans: OrphanMachine
    var deviceExpiry: ExpiryMachine
    var readTimeExpiry: ExpiryMachine

    // Calls under way.
    private var continuations: [UInt64: (any Sendable) -> Void] = [:]
    private var nextTicket: UInt64 = 1
    private var outboxes: [[ShardMessage]]

    var events = EventEncoder()
    var answers = AnswerEncoder()
    let decoder: CommandDecoder
    /// Whether the embedder has rules or wants to be told: if not, nothing is put together for them.
    let hasPolicy: Bool
    let hasObserver: Bool
    /// Whether it is stored when members of small rooms read what.
    let keepsReadTimes: Bool
    let activityLog: (any ActivityLog)?

    init(index: Int, context: EngineContext, loop: EventLoop) {
        self.index = index
        self.context = context
        self.loop = loop
        decoder = CommandDecoder(limits: context.limits)
        hasPolicy = !(context.configuration.policy is OpenPolicy)
        hasObserver = !(context.configuration.observer is SilentObserver)
        activityLog = context.configuration.activityLog
        presence = context.configuration.machines.presence(context.configuration.presence)
        profiles = ProfileAnnouncer(
            intervalMilliseconds: context.configuration.profileIntervalMilliseconds)
        sightings = SightingMachine(
            intervalMilliseconds: context.configuration.presence.arrivalMilliseconds,
            limits: context.limits)
        upkeep = UpkeepMachine(
            policy: context.configuration.retention, now: context.configuration.clock.now())
        orphans = OrphanMachine(
            hasFiles: context.configuration.attachments != nil,
            now: context.configuration.clock.now())
        keepsReadTimes = context.configuration.retention.readTimeDays > 0
        readTimeExpiry = ExpiryMachine(
            isNeeded: index == 0,
            pauseMilliseconds: context.configuration.retention.pauseMilliseconds,
            now: context.configuration.clock.now())
        deviceExpiry = ExpiryMachine(
            isNeeded: index == 0 && context.authenticator.accounts != nil,
            pauseMilliseconds: context.configuration.retention.pauseMilliseconds,
            now: context.configuration.clock.now())
        outboxes = Array(repeating: [], count: context.mailboxes.count)
    }

    var configuration: ChatConfiguration { context.configuration }
    var limits: Limits { context.configuration.limits }
    var now: ChatInstant { context.configuration.clock.now() }

    // MARK: The loop's turn

    var nextDeadline: ChatInstant? {
        let own = sessionTimers.next.earlier(of: roomTimers.next).earlier(of: presence.nextDeadline)
            .earlier(of: waitingSignIns.first?.deadline).earlier(of: fanOutHeldUntil)
            .earlier(of: sightings.nextDeadline)
            .earlier(of: context.isDraining ? nil : profiles.nextDeadline)
        if index > 0 { return own }
        return own.earlier(of: context.nextRateDeadline)
            .earlier(
                of: context.isDraining
                    ? nil
                    : upkeep.nextDeadline.earlier(of: orphans.nextDeadline)
                        .earlier(of: deviceExpiry.nextDeadline)
                        .earlier(of: readTimeExpiry.nextDeadline))
    }

    func runDue(now: ChatInstant) {
        for message in context.mailboxes[index].take() { handle(message) }
        while let slot = sessionTimers.popDue(now: now) { sessionDue(slot, now: now) }
        while let id = roomTimers.popDue(now: now) { roomDue(id, now: now) }
        if let deadline = presence.nextDeadline, deadline <= now { presenceDue(now: now) }
        refuseWaitingSignIns(now: now)
        if let deadline = profiles.nextDeadline, deadline <= now { profilesDue(now: now) }
        if index == 0, let deadline = context.nextRateDeadline, deadline <= now {
            context.expireRates(now: now)
        }
        if index == 0, let deadline = upkeep.nextDeadline, deadline <= now { upkeepDue(now: now) }
        if index == 0, let deadline = orphans.nextDeadline, deadline <= now {
            orphansDue(now: now)
        }
        if index == 0, let deadline = deviceExpiry.nextDeadline, deadline <= now {
            deviceExpiryDue(now: now)
        }
        if index == 0, let deadline = readTimeExpiry.nextDeadline, deadline <= now {
            readTimeExpiryDue(now: now)
        }
    }

    func endTurn(now: ChatInstant) {
        startCommit()
        noteSightings()
        setRoomTimers()
        fanOut(now: now)
        for shard in outboxes.indices where !outboxes[shard].isEmpty {
            context.mailboxes[shard].post(outboxes[shard])
            outboxes[shard].removeAll(keepingCapacity: true)
        }
    }

    // MARK: Messages

    /// Sends a message; to this shard itself it is a call.
    func send(_ message: ShardMessage, to shard: Int) {
        if shard == index {
            handle(message)
        } else {
            outboxes[shard].append(message)
        }
    }

    func broadcast(_ message: ShardMessage) {
        for shard in outboxes.indices { send(message, to: shard) }
    }

    // MARK: Calls that suspend

    /// Calls the store off this turn and continues with the result in a later turn of this loop.
    func ask<Value: Sendable>(
        _ call: @escaping @Sendable (any ChatStore) async throws(StorageError) -> Value,
        then body: @escaping (Result<Value, StorageError>) -> Void
    ) {
        let store = context.store
        perform(
            { () async -> Result<Value, StorageError> in
                do throws(StorageError) {
                    return .success(try await call(store))
                } catch {
                    return .failure(error)
                }
            },
            then: { [self] result in body(noted(result)) })
    }

    /// Notes whether the store works.
    func noted<Value>(_ result: Result<Value, StorageError>) -> Result<Value, StorageError> {
        switch result {
        case .success: context.isStorageHealthy = true
        case .failure(let error):
            context.isStorageHealthy = false
            configuration.observer.storageFailed(error)
        }
        return result
    }

    /// Runs `work` as a task of this loop and continues with its result.
    func perform<Value: Sendable>(
        _ work: @escaping @Sendable () async -> Value, then body: @escaping (Value) -> Void
    ) {
        let ticket = ticket { value in
            if let value = value as? Value { body(value) }
        }
        let index = index
        loop.assumeIsolated { loop in
            loop.start(work) { loop, value in loop.shard(index)?.resume(ticket, value) }
        }
    }

    /// Whether messages from or to other shards wait.
    var hasMail: Bool {
        !context.mailboxes[index].isEmpty || outboxes.contains { !$0.isEmpty }
    }

    /// Whether a call of the store or the authenticator has not come back yet.
    var hasCallsUnderWay: Bool { !continuations.isEmpty }

    /// Keeps a continuation and names it.
    func ticket(_ body: @escaping (any Sendable) -> Void) -> UInt64 {
        let ticket = nextTicket
        nextTicket += 1
        continuations[ticket] = body
        return ticket
    }

    func resume(_ ticket: UInt64, _ value: any Sendable) {
        continuations.removeValue(forKey: ticket)?(value)
    }
}

/// A room at its home: being read from the store, or there.
enum RoomSlot {
    case loading([ShardMessage])
    case ready(HostedRoom)
}

/// A sign-in that waits for the end of another connection.
struct WaitingSignIn {
    var deadline: ChatInstant
    var session: SessionID
    var signIn: SignIn
}

/// A user at their home.
struct UserEntry {
    var user: UserReference
    /// The user's rooms, ascending.
    var rooms: [RoomID] = []
    /// When they came, or when their last device went; `nil` until they have had the answer to a hello.
    var seenAt: Timestamp?
}

/// How far a task came before whoever started it went on. Touched on one loop only.
private final class Beginning<Value: Sendable> {
    var isOver = false
    var value: Value?
}

extension EventLoop {
    /// Runs `work` as a task of this loop and hands its value to `body` on the loop, in a later turn.
    ///
    /// The work begins at once, up to where it first waits: a transaction is on its way while this turn's writes go out.
    func start<Value: Sendable>(
        _ work: @escaping @Sendable () async -> Value,
        then body: @escaping @Sendable (isolated EventLoop, Value) -> Void
    ) {
        let beginning = Beginning<Value>()
        Task.immediate {
            let value = await work()
            guard beginning.isOver else { return beginning.value = value }
            body(self, value)
        }
        beginning.isOver = true
        // What did not have to wait must not go on inside of whoever asked.
        if let value = beginning.value { Task { body(self, value) } }
    }

    /// The shard of an engine that lives on this loop.
    func shard(_ index: Int) -> Shard? { resident(Shard.self) }
}

extension ConnectionHost {
    /// Whether a call of the store or the authenticator has not come back yet: for tests that run loops by hand.
    package var waitsForCalls: Bool { (self as? Shard)?.hasCallsUnderWay ?? false }
}
