// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatStorageMemory
import ChatTransportWS
import Glibc

extension Benchmark {
    static let engine = [
        Benchmark(
            "engine-send",
            "a send through a whole engine with its answer; 20 in a turn, one member", turn: 20
        ) {
            let world = World(members: 1)
            return { iterations in
                for _ in 0..<iterations / 20 { world.exchange(messages: 20) }
            }
        },
        Benchmark(
            "engine-delivery", "one delivery of a turn with one message to 1 000 members",
            turn: 1_000
        ) {
            let world = World(members: 1_000)
            return { iterations in
                for _ in 0..<iterations / 1_000 { world.exchange(messages: 1) }
            }
        },
    ]
}

/// An engine with a memory store whose loop is run by hand, and connections that only count.
private final class World {
    private let engine: ChatEngine
    private let executor: EventLoopExecutor
    private var links: [CountingLink] = []
    private var command = Samples.plainSend
    private var count = 0

    init(members: Int) {
        let started = Started.wait()
        engine = started.engine
        executor = engine.loops[0].executor
        for number in 0..<members { connect(number, started.host) }
        settle()
    }

    private func connect(_ number: Int, _ host: any ConnectionHost) {
        let link = CountingLink()
        executor.asOwner {
            let peer = PeerInfo(address: "192.0.2.1", transport: "bench", answersProbes: true)
            guard case .success(let session) = host.accept(link, peer: peer) else {
                Main.fail("a connection was refused")
            }
            link.session = session
            let hello = Array(#"{"type":"hello","name":"guest \#(number)"}"#.utf8)
            guard session.receive(hello.span) else { Main.fail("a hello was not taken") }
        }
        settle()
        links.append(link)
    }

    /// The first member posts; returns when everybody has everything.
    func exchange(messages: Int) {
        let before = links[links.count - 1].bytes
        executor.asOwner {
            for _ in 0..<messages {
                count += 1
                Samples.number(&command, count)
                guard links[0].session?.receive(command.span) ?? false else {
                    Main.fail("a message was not taken")
                }
            }
        }
        settle()
        guard links[links.count - 1].bytes > before else { Main.fail("nothing was delivered") }
    }

    private func settle() {
        repeat { executor.runTurn() } while executor.hasPending
    }
}

/// A connection that takes everything at once.
private final class CountingLink: ConnectionLink {
    let framing: any WireFraming = WebSocketFraming()
    var session: ChatSession?
    private(set) var bytes = 0
    private var answers: [UInt8] = []

    func send(_ payload: Span<UInt8>) {
        answers.removeAll(keepingCapacity: true)
        framing.append(payload, to: &answers)
    }

    func deliver(_ slice: SharedSlice, lane: DeliveryLane) { bytes += slice.count }

    var pendingBytes: Int { 0 }
    func tellWhenWritten() {}
    func close(_ code: CloseCode) { Main.fail("the engine has closed a connection: \(code)") }
    func resumeReading() {}
    func probe() {}
}

/// Time stands still, so that no time-out comes between.
private struct StillClock: ChatClock {
    func now() -> ChatInstant { .zero }
    func wallTime() -> Timestamp { Samples.start }
    var isRealTime: Bool { false }
}

/// A new engine whose loop belongs to whoever drives it, and where its connections go.
///
/// Unchecked: it is used by one thread, which is the one that drives the loop.
private final class Started: @unchecked Sendable {
    let engine: ChatEngine
    let host: any ConnectionHost

    private init() async throws(StorageError) {
        var configuration = ChatConfiguration()
        configuration.clock = StillClock()
        configuration.limits = .unlimitedConnections
        configuration.rates = .off
        configuration.identity = { Samples.room.rawValue }
        engine = try await ChatEngine(store: MemoryStore(), configuration: configuration)
        let host = await engine.onLoop(0) { _, host in HostHandle(host: host) }
        self.host = host.host
        let executor = engine.loops[0].executor
        await withCheckedContinuation { continuation in
            executor.handOver(wake: {}, start: { continuation.resume() })
        }
    }

    /// Makes one without leaving the calling thread: an asynchronous `main` would end it, which callgrind does
    /// not survive.
    static func wait() -> Started {
        let result = Lock<Started?>(nil)
        Task.detached {
            do throws(StorageError) {
                let started = try await Started()
                result.withLock { $0 = started }
            } catch {
                Main.fail("\(error)")
            }
        }
        while true {
            if let started = result.withLock({ $0 }) { return started }
            usleep(1_000)
        }
    }
}

/// Carries a host out of its loop's island.
private struct HostHandle: @unchecked Sendable {
    let host: any ConnectionHost
}
