// SPDX-License-Identifier: MIT

import ChatTesting
import Testing

@testable import ChatCore
@testable import ChatSockets

/// One call that gives a slice to many connections.
@Suite(.timeLimit(.minutes(15)))
struct FanOutTests {
    private static func slice(_ text: String, of buffer: SharedBuffer) -> SharedSlice {
        let start = buffer.bytes.count
        buffer.bytes.append(contentsOf: text.utf8)
        return SharedSlice(buffer: buffer, start: start, end: buffer.bytes.count)
    }

    /// Runs `body` on the server's loop with the reactor and the places of its connections.
    private static func onReactor(
        _ server: TestServer, _ body: @Sendable (Reactor, [StreamConnection]) throws -> Void
    ) async throws {
        try await server.loops[0].run { loop in
            let reactor = try #require(loop.attachedDriver as? Reactor)
            try body(reactor, server.server.connections(on: loop))
        }
    }

    private static func connect(_ count: Int, to server: TestServer) async throws -> [RawClient] {
        var clients: [RawClient] = []
        for number in 0..<count {
            let client = try RawClient(port: server.port)
            try await client.send("\(number)\n")
            #expect(try await client.readLine() == "\(number)")
            clients.append(client)
        }
        return clients
    }

    @Test(arguments: ReactorKind.usable)
    func `everybody gets the slice once, answers of the turn come before it`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await TestServer(reactor: kind)
        let clients = try await Self.connect(5, to: server)
        try await Self.onReactor(server) { reactor, connections in
            #expect(connections.count == 5)
            let buffer = SharedBuffer()
            let places = try connections.map { try #require($0.fanOutPlace).index }
            // One has an answer already, one gets one later in the turn.
            connections[1].send(Array("answer\n".utf8).span)
            reactor.deliver(Self.slice("first\n", of: buffer), lane: .log, to: places.span)
            connections[2].send(Array("answer\n".utf8).span)
            reactor.deliver(Self.slice("second\n", of: buffer), lane: .log, to: places.span)
            for connection in connections {
                #expect(connection.pendingBytes >= "first\nsecond\n".utf8.count)
            }
        }
        var answered = 0
        for client in clients {
            var line = try await client.readLine()
            if line == "answer" {
                answered += 1
                line = try await client.readLine()
            }
            #expect(line == "first")
            #expect(try await client.readLine() == "second")
        }
        #expect(answered == 2)
        // Nothing of the turn is left for the next one.
        for (number, client) in clients.enumerated() {
            try await client.send("again \(number)\n")
            #expect(try await client.readLine() == "again \(number)")
            client.close()
        }
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `places of connections that are closing or gone take nothing`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await TestServer(reactor: kind)
        let clients = try await Self.connect(3, to: server)
        try await Self.onReactor(server) { reactor, connections in
            let places = try connections.map { try #require($0.fanOutPlace).index } + [9_999]
            let buffer = SharedBuffer()
            connections[0].close(.shutdown)
            reactor.deliver(Self.slice("late\n", of: buffer), lane: .log, to: places.span)
            connections[1].fail()
        }
        var lines: [String?] = []
        for client in clients {
            lines.append(try? await client.readLine())
            client.close()
        }
        #expect(lines.filter { $0 == "late" }.count == 1)
        #expect(lines.filter { $0 == "bye \(CloseCode.shutdown.rawValue)" }.count == 1)
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a turn with many buffers, some of which are too long for the kernel, reaches everybody`(
        _ kind: ReactorKind
    ) async throws {
        var limits = Limits()
        limits.queuedBytes = 32 << 20
        let server = try await TestServer(
            reactor: kind, limits: limits, closeMilliseconds: 60_000)
        let clients = try await Self.connect(140, to: server)
        try await Self.onReactor(server) { reactor, connections in
            // One buffer for each pair of connections, all in one turn.
            for first in stride(from: 0, to: connections.count, by: 2) {
                let places = try connections[first..<first + 2].map {
                    try #require($0.fanOutPlace).index
                }
                let length = first % 50 == 0 ? 6 << 20 : first
                let text = String(repeating: "x", count: length) + "\n"
                let slice = Self.slice(text, of: SharedBuffer())
                reactor.deliver(slice, lane: .log, to: places.span)
            }
        }
        await server.onConnections { $0.close(.shutdown) }
        var lengths: [Int] = []
        let goodbye = Array("\nbye 4000\n".utf8)
        for client in clients {
            let received = try await client.readToEnd()
            let length = received.count - goodbye.count
            #expect(received == [UInt8](repeating: 0x78, count: max(0, length)) + goodbye)
            lengths.append(length)
            client.close()
        }
        let wanted = stride(from: 0, to: 140, by: 2).map { $0 % 50 == 0 ? 6 << 20 : $0 }
        #expect(lengths.sorted() == wanted.flatMap { [$0, $0] }.sorted())
        await server.stop()
    }
}
