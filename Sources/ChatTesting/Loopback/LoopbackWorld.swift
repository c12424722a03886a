// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform
public import ChatStorageMemory

/// An engine without sockets, threads and real time: a test runs its loops by hand, turn by turn.
///
/// With a store whose calls complete without suspending (``MemoryStore``, `FaultingStore` before one) nothing
/// depends on the machine's speed: ``settle()`` runs everything that there is to run, ``advance(milliseconds:)``
/// lets time pass and runs what comes due on the way. Use a world from one task only.
public final class LoopbackWorld {
    /// The clock of engine and test.
    public let clock: VirtualClock
    /// The store; it outlives ``restart()``.
    public let store: any ChatStore
    /// The engine.
    public private(set) var engine: ChatEngine

    private let authenticator: any Authenticator
    private var ports: [LoopbackPort]
    private var nextPort = 0
    private var framings = 0

    /// Makes an engine and takes its loops over.
    ///
    /// - Parameters:
    ///   - store: where rooms live.
    ///   - authenticator: who users are.
    ///   - shards: the number of event loops.
    ///   - clock: the clock, if others share it.
    ///   - configure: changes the configuration; by default there are no rate limits.
    public init(
        store: any ChatStore = MemoryStore(), authenticator: any Authenticator = .guests,
        shards: Int = 1, clock: VirtualClock = VirtualClock(),
        configure: (inout ChatConfiguration) -> Void = { _ in }
    ) async throws(StorageError) {
        self.clock = clock
        self.store = store
        self.authenticator = authenticator
        var configuration = ChatConfiguration()
        configuration.shards = shards
        configuration.rates = .off
        configuration.clock = clock
        configure(&configuration)
        (engine, ports) = try await Self.start(store, authenticator, configuration)
    }

    /// Ends the engine as a killed process does and starts another one on the same store.
    public func restart() async throws(StorageError) {
        let configuration = engine.configuration
        (engine, ports) = try await Self.start(store, authenticator, configuration)
    }

    /// Shuts the engine down in order, as a service does.
    public func shutdown() async {
        await call { await $0.shutdown() }
        settle()
    }

    /// Calls the engine as its service does, and runs its loops meanwhile.
    public func call<Value: Sendable>(
        _ body: @escaping @Sendable (ChatEngine) async -> Value
    ) async -> Value {
        let engine = engine
        let isDone = Flag()
        let task = Task {
            let value = await body(engine)
            isDone.set()
            return value
        }
        while !isDone.isSet {
            settle()
            await Task.yield()
        }
        return await task.value
    }

    private static func start(
        _ store: any ChatStore, _ authenticator: any Authenticator,
        _ configuration: ChatConfiguration
    ) async throws(StorageError) -> (ChatEngine, [LoopbackPort]) {
        let engine = try await ChatEngine(
            store: store, authenticator: authenticator, configuration: configuration)
        var ports: [LoopbackPort] = []
        for index in engine.loops.indices {
            let handle = await engine.onLoop(index) { loop, host in
                let port = LoopbackPort(loop: loop, host: host)
                loop.attach(port)
                return LoopbackHandle(port: port)
            }
            await withCheckedContinuation { continuation in
                engine.loops[index].executor.handOver(wake: {}, start: { continuation.resume() })
            }
            ports.append(handle.port)
        }
        return (engine, ports)
    }

    // MARK: Clients

    /// Makes a client that is not connected yet.
    public func disconnectedClient() -> LoopbackClient { LoopbackClient(world: self) }

    /// Makes a client and connects it.
    public func connect(
        _ options: LoopbackClient.Options = LoopbackClient.Options()
    ) -> LoopbackClient {
        let client = LoopbackClient(world: self)
        client.connect(options)
        return client
    }

    /// Makes a client that has signed in as a guest.
    ///
    /// - Parameters:
    ///   - name: the guest's name.
    ///   - shard: on which shard; `nil` for the next one in turn.
    ///   - resume: positions by room.
    public func guest(
        _ name: String, shard: Int? = nil, resume: JSONValue = .null
    ) -> LoopbackClient {
        let client = connect(LoopbackClient.Options(shard: shard))
        client.ask("hello", ["name": .string(name), "resume": resume])
        return client
    }

    func port(_ shard: Int?) -> LoopbackPort {
        if let shard { return ports[shard] }
        nextPort = (nextPort + 1) % ports.count
        return ports[nextPort]
    }

    /// Two kinds of framing in turn, so that rooms have two lanes.
    func nextFraming() -> Int {
        framings += 1
        return framings % 2
    }

    // MARK: Turns and time

    /// The shards that have something to do now.
    public var busyShards: [Int] { ports.indices.filter { ports[$0].hasWork } }

    /// Runs one turn of a shard.
    public func runTurn(shard: Int) { ports[shard].runTurn() }

    /// Runs turns of all shards until none has anything to do. Traps if that does not end.
    public func settle() {
        var turns = 0
        while true {
            let busy = busyShards
            if busy.isEmpty { return }
            for shard in busy { ports[shard].runTurn() }
            turns += 1
            precondition(turns < 10_000, "the engine does not come to rest")
        }
    }

    /// Like ``settle()``, for stores that really wait: until every call of theirs has come back.
    public func settleCalls() async {
        settle()
        while ports.contains(where: \.waitsForCalls) {
            await Task.yield()
            settle()
        }
    }

    /// Like ``advance(milliseconds:)``, for stores that really wait: in steps, with every call brought home.
    public func advanceCalls(milliseconds: Int64) async {
        var rest = milliseconds
        while rest > 0 {
            let step = min(rest, 1_000)
            advance(milliseconds: step)
            await settleCalls()
            rest -= step
        }
    }

    /// Lets time pass: runs everything that comes due, in its order, at its time.
    public func advance(milliseconds: Int64) {
        let end = clock.now().advanced(byMilliseconds: milliseconds)
        settle()
        var turns = 0
        while let deadline = ports.compactMap(\.loopDeadline).min(), deadline <= end {
            clock.advance(to: deadline)
            for port in ports { port.runTurn() }
            settle()
            turns += 1
            precondition(turns < 100_000, "a deadline does not go away")
        }
        clock.advance(to: end)
    }
}

/// Tells one task that another has come to its end.
private final class Flag: Sendable {
    private let state = Lock(false)

    var isSet: Bool { state.withLock { $0 } }

    func set() { state.withLock { $0 = true } }
}
