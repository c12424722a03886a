// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatTesting
import Foundation
import Testing

@testable import ChatSockets

/// How many steps of handshakes were made in each turn that had any.
private final class Steps: Sendable {
    private let state = Lock((current: 0, turns: [Int]()))

    func note() { state.withLock { $0.current += 1 } }

    func endTurn() {
        state.withLock { state in
            if state.current > 0 { state.turns.append(state.current) }
            state.current = 0
        }
    }

    var turns: [Int] { state.withLock { $0.turns } }
}

/// Hears of the end of every turn.
private final class TurnWatcher: LoopResident {
    private let steps: Steps

    init(_ steps: Steps) { self.steps = steps }

    var nextDeadline: ChatInstant? { nil }
    func runDue(now: ChatInstant) {}
    func endTurn(now: ChatInstant) { steps.endTurn() }
}

/// A handshake of two questions with an answer each; afterwards bytes are sent as they are.
private struct CountedSecurity: TransportSecurity {
    let steps: Steps

    func makeChannel(applicationProtocols: [String]) -> (any SecureChannel)? {
        CountedChannel(steps)
    }
}

private final class CountedChannel: SecureChannel {
    private let steps: Steps
    private var questions = 0

    init(_ steps: Steps) { self.steps = steps }

    func open(
        _ sealed: Span<UInt8>, into plain: inout MutableSpan<UInt8>, replies: inout [UInt8]
    ) -> SecureProgress {
        guard questions < 2 else {
            for index in sealed.indices { plain[index] = sealed[index] }
            return SecureProgress(plainBytes: sealed.count, state: .open)
        }
        steps.note()
        questions += sealed.count
        replies += [UInt8](repeating: UInt8(ascii: "!"), count: sealed.count)
        return SecureProgress(plainBytes: 0, state: questions < 2 ? .handshaking : .open)
    }

    func seal(_ bytes: Span<UInt8>, into sealed: inout [UInt8]) -> Bool {
        sealed.append(bytes)
        return true
    }

    func finish(into sealed: inout [UInt8]) {}
}

@Suite(.timeLimit(.minutes(5)))
struct HandshakeFairnessTests {
    private let loop = EventLoop()
    private let steps = Steps()

    private func start(_ kind: ReactorKind) async throws -> StreamServer {
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let server = try await StreamServer(
            address, loops: [loop], reactors: ReactorGroup(loops: [loop], kind: kind))
        var configuration = StreamServerConfiguration(framing: RawFraming())
        configuration.opening.security = CountedSecurity(steps: steps)
        configuration.opening.handshakeMilliseconds = 600_000
        let (_, continuation) = AsyncStream<Seen>.makeStream()
        let (steps, listening) = (steps, configuration)
        try await loop.run { loop throws(SocketError) in
            loop.add(TurnWatcher(steps))
            try server.listen(on: loop, configuration: listening) { connection in
                connection.start(
                    ScriptedProtocol(continuation, mayEnd: { true }, receive: TestServer.echo))
            }
        }
        return server
    }

    /// Runs `body` while the loop does nothing: what it sends has come when the loop goes on.
    private func whileBlocked(_ body: () async throws -> Void) async throws {
        let (reached, release) = (Latch(), DispatchSemaphore(value: 0))
        let loop = loop
        let blocked = Task {
            await loop.run { _ in
                reached.open()
                release.wait()
            }
        }
        await reached.wait()
        defer { release.signal() }
        try await body()
        _ = blocked
    }

    @Test(arguments: ReactorKind.usable)
    func `a turn makes so many steps of handshakes and not one more; all come to their end`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await start(kind)
        let limit = Reactor.handshakeStepsPerTurn
        let count = 5 * limit + 3
        var clients: [RawClient] = []
        try await whileBlocked {
            for _ in 0..<count {
                let client = try RawClient(port: Int(server.address.port))
                try await client.send("?")
                clients.append(client)
            }
        }
        for client in clients { #expect(try await client.read(1) == Array("!".utf8)) }
        #expect(steps.turns.max() == limit)
        #expect(steps.turns.reduce(0, +) == count)
        // The second question, with a message behind it that must not be lost or overtake.
        try await whileBlocked { for client in clients { try await client.send("?") } }
        for client in clients { #expect(try await client.read(1) == Array("!".utf8)) }
        #expect(steps.turns.max() == limit)
        #expect(steps.turns.reduce(0, +) == 2 * count)
        for client in clients { try await client.send("hello") }
        for client in clients { #expect(try await client.read(5) == Array("hello".utf8)) }
        for client in clients { client.close() }
        await server.stop(.shutdown, deadline: SystemClock().now().advanced(byMilliseconds: 5_000))
    }

    @Test(arguments: ReactorKind.usable)
    func `who leaves while they wait is forgotten, and the others go on`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await start(kind)
        let count = 6 * Reactor.handshakeStepsPerTurn
        var clients: [RawClient] = []
        try await whileBlocked {
            for number in 0..<count {
                let client = try RawClient(port: Int(server.address.port))
                try await client.send("?")
                number % 2 == 0 ? clients.append(client) : client.reset()
            }
        }
        for client in clients {
            #expect(try await client.read(1) == Array("!".utf8))
            try await client.send("?")
            #expect(try await client.read(1) == Array("!".utf8))
            client.close()
        }
        #expect((steps.turns.max() ?? 0) <= Reactor.handshakeStepsPerTurn)
        await server.stop(.shutdown, deadline: SystemClock().now().advanced(byMilliseconds: 5_000))
    }
}
