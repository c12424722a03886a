// SPDX-License-Identifier: MIT

import ChatPlatform

/// A chat engine: rooms, presence, typing, receipts and history for whoever connects, over any transport.
///
/// ```swift
/// let engine = try await ChatEngine(store: SQLiteStore(path: "chat.sqlite"), authenticator: .guests)
/// try await engine.serve(WebSocketTransport(port: 8080), TCPTransport(port: 7070))
/// ```
public final class ChatEngine: Sendable {
    /// What the engine was made with.
    public var configuration: ChatConfiguration { context.configuration }
    /// The engine's event loops, one per shard.
    package let loops: [EventLoop]

    let context: EngineContext
    private let hosts = Lock<[ObjectIdentifier: any Sendable]>([:])
    private let transports = Lock<[any RunningTransport]>([])
    private let stopping = Lock(false)
    private let stopped = AsyncGate()

    /// Opens the store, makes the default room and starts the shards.
    ///
    /// - Throws: ``StorageError`` if the store cannot be opened.
    public init(
        store: any ChatStore, authenticator: any Authenticator = .guests,
        configuration: ChatConfiguration = ChatConfiguration()
    ) async throws(StorageError) {
        precondition(configuration.shards >= 1, "an engine has at least one shard")
        let clock = configuration.clock
        loops = (0..<configuration.shards).map { EventLoop(index: $0, clock: clock) }
        context = EngineContext(
            store: store, authenticator: authenticator, configuration: configuration, loops: loops)
        try await store.open()
        if let name = configuration.defaultRoom {
            context.defaultRoom = try await Self.defaultRoom(named: name, store, configuration)
        }
        let context = context
        for loop in loops {
            await loop.run { loop in
                loop.add(Shard(index: loop.index, context: context, loop: loop))
            }
        }
        authenticator.engineStarted(self)
        let erasure = Erasure(context: context, loops: loops)
        Task { await erasure.resume() }
    }

    /// Another engine on the same store may make it at the same time: whoever loses uses the winner's.
    private static func defaultRoom(
        named name: String, _ store: any ChatStore, _ configuration: ChatConfiguration
    ) async throws(StorageError) -> RoomID {
        let key = NameKey(name)
        if let room = try await store.findRoom(named: key) { return room }
        let record = RoomRecord(
            id: RoomID(rawValue: configuration.identity()), name: name,
            createdAt: configuration.clock.wallTime())
        if let made = try await store.createRoom(record, owner: nil) { return made.id }
        if let room = try await store.findRoom(named: key) { return room }
        throw StorageError(.unavailable, "the default room can neither be made nor found")
    }

    // MARK: Serving

    /// Starts transports. Returns once they accept connections.
    ///
    /// - Throws: ``TransportError`` if an address cannot be bound; transports that were started before stay.
    public func serve(_ list: any Transport...) async throws(TransportError) {
        for transport in list {
            let running = try await transport.start(self)
            transports.withLock { $0.append(running) }
        }
    }

    /// Where clients can connect, for people.
    public var endpoints: [String] { transports.withLock { $0.map(\.endpoint) } }

    /// The ports of the running transports, in the order of ``serve(_:)``.
    public var ports: [Int] { transports.withLock { $0.map(\.port) } }

    /// How many connections there are.
    public var connectionCount: Int { context.connectionCount }

    /// Whether the last call of the store succeeded: what a health check wants to know.
    public var isStorageHealthy: Bool { context.isStorageHealthy }

    /// How often limits have refused since the start, per bucket that has.
    public var limitCounts: [LimitCount] { context.limitCounter.report }

    /// Suspends until ``shutdown(deadlineMilliseconds:)`` has finished.
    public func waitUntilStopped() async { await stopped.wait() }

    /// Stops in order: no new connections and commands, what was accepted is stored and answered, clients are
    /// told to reconnect, it is stored when they were last seen, the store is closed.
    ///
    /// - Parameter deadlineMilliseconds: how long clients may take to read what is queued for them.
    public func shutdown(deadlineMilliseconds: Int64 = 5_000) async {
        let isFirst = stopping.withLock { stopping -> Bool in
            defer { stopping = true }
            return !stopping
        }
        guard isFirst else { return await stopped.wait() }
        let deadline = configuration.clock.now().advanced(byMilliseconds: deadlineMilliseconds)
        let running = transports.withLock { $0 }
        for transport in running { await transport.stopAccepting() }
        context.isDraining = true
        await drain(until: deadline)
        await letGo(until: deadline)
        for loop in loops { await loop.run { $0.resident(Shard.self)?.noteLastSightings() } }
        await drain(until: deadline)
        for transport in running { await transport.stop(deadline: deadline) }
        await context.store.close()
        stopped.open()
    }

    /// Waits until nothing is on its way to the store, or back from it to another shard.
    private func drain(until deadline: ChatInstant) async {
        // Twice: what the last shard asked has sent may have come to one that was asked before.
        var restingRounds = 0
        while configuration.clock.now() < deadline, restingRounds < 2 {
            var isBusy = false
            for loop in loops {
                let waits = await loop.run { loop in loop.resident(Shard.self)?.isBusy ?? false }
                isBusy = isBusy || waits
            }
            restingRounds = isBusy ? 0 : restingRounds + 1
            if isBusy { await context.pause(milliseconds: 1) }
        }
    }

    /// Lets clients go in paced batches, in at most half of the time that is left.
    private func letGo(until deadline: ChatInstant) async {
        let clock = configuration.clock
        let half = clock.now().advanced(
            byMilliseconds: deadline.milliseconds(since: clock.now()) / 2)
        let share = max(1, configuration.drainBatchConnections / loops.count)
        while true {
            let isPaced = clock.isRealTime && clock.now() < half
            var rest = 0
            for loop in loops {
                rest += await loop.run { loop in
                    loop.resident(Shard.self)?.letGo(atMost: isPaced ? share : .max) ?? 0
                }
            }
            if rest == 0 { return }
            await context.pause(milliseconds: configuration.drainBatchMilliseconds)
        }
    }

    // MARK: For transports

    /// Runs `body` on loop `index` with what takes connections there.
    package func onLoop<Result: Sendable>(
        _ index: Int, _ body: @Sendable (isolated EventLoop, any ConnectionHost) -> Result
    ) async -> Result {
        await loops[index].run { loop in
            guard let shard = loop.resident(Shard.self) else {
                preconditionFailure("every loop of an engine has its shard")
            }
            return body(loop, shard)
        }
    }

    /// Suspends until there are so many connections.
    package func waitUntil(connections count: Int) async {
        await context.waitUntil(connections: count)
    }

    /// How many rooms the shards hold in memory now.
    package func roomsInMemory() async -> Int {
        var count = 0
        for loop in loops { count += await loop.run { $0.resident(Shard.self)?.rooms.count ?? 0 } }
        return count
    }

    /// The one value of a type that transports share (their reactors), made on first use.
    package func shared<Value: Sendable>(_ type: Value.Type, make: @Sendable () -> Value) -> Value {
        hosts.withLock { hosts in
            if let value = hosts[ObjectIdentifier(type)] as? Value { return value }
            let value = make()
            hosts[ObjectIdentifier(type)] = value
            return value
        }
    }
}

extension Shard {
    /// Whether something is on its way to the store, or to or from another shard.
    fileprivate var isBusy: Bool {
        commit.isInFlight || !commit.isEmpty || hasCallsUnderWay || fanOutHeldUntil != nil
            || hasMail
    }

    /// Tells some clients to come back later; returns how many are left.
    fileprivate func letGo(atMost count: Int) -> Int {
        for session in Array(sessions.values.prefix(count)) {
            session.link.close(.shutdown)
            ended(session, isExplicit: false)
        }
        return sessions.count
    }
}

/// Lets everybody pass once it is open.
final class AsyncGate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Lock(State())

    func open() {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state -> Bool in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
