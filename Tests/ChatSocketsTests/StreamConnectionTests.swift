// SPDX-License-Identifier: MIT

import ChatSockets
import ChatTesting
import Testing

@testable import ChatCore

@Suite(.timeLimit(.minutes(15)))
struct StreamConnectionTests {
    @Test(arguments: ReactorKind.usable)
    func `what is sent comes back, over one loop and over several`(_ kind: ReactorKind) async throws
    {
        for loops in [1, 2] {
            let server = try await TestServer(reactor: kind, loops: loops)
            let client = try RawClient(port: server.port)
            try await client.send("hello\n")
            #expect(try await client.readLine() == "hello")
            client.close()
            await server.until(.ended)
            await server.stop()
        }
    }

    @Test(arguments: ReactorKind.usable)
    func `many connections are served at once and let go with a goodbye`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await TestServer(reactor: kind, loops: 2)
        let clients = try (0..<300).map { _ in try RawClient(port: server.port) }
        for (index, client) in clients.enumerated() { try await client.send("line \(index)\n") }
        for (index, client) in clients.enumerated() {
            #expect(try await client.readLine() == "line \(index)")
        }
        async let stopped: Void = server.stop()
        for client in clients {
            #expect(try await client.readLine() == "bye 4000")
            #expect(try await client.readLine() == nil)
            client.close()
        }
        await stopped
    }

    @Test(arguments: ReactorKind.usable)
    func `a peer that has closed its sending side gets its answers`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await TestServer(reactor: kind)
        let client = try RawClient(port: server.port)
        try await client.send("one\ntwo")
        client.finishWriting()
        #expect(String(decoding: try await client.readToEnd(), as: UTF8.self) == "one\ntwo")
        await server.until(.ended)
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `an answer that comes late still reaches a half-closed peer`(
        _ kind: ReactorKind
    ) async throws {
        let isAnswered = Flag()
        let server = try await TestServer(
            reactor: kind, mayEnd: { isAnswered.value }, receive: { bytes, _ in bytes.count })
        let client = try RawClient(port: server.port)
        try await client.send("question")
        client.finishWriting()
        await server.until(.inputEnded(rest: 0))
        await server.onConnections { connection in
            connection.sendFramed { $0.append(contentsOf: "answer".utf8) }
            isAnswered.raise()
        }
        #expect(String(decoding: try await client.readToEnd(), as: UTF8.self) == "answer")
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a paused connection keeps what it has read and hands it in again`(
        _ kind: ReactorKind
    ) async throws {
        let isReady = Flag()
        let server = try await TestServer(
            reactor: kind,
            receive: { bytes, connection in
                guard isReady.value else {
                    connection.pauseReading()
                    return 0
                }
                connection.send(bytes)
                return bytes.count
            })
        let client = try RawClient(port: server.port)
        try await client.send("early")
        await server.until(.bytes(5))
        try await client.send(" and late")
        client.finishWriting()
        isReady.raise()
        await server.onConnections { $0.resumeReading() }
        #expect(String(decoding: try await client.readToEnd(), as: UTF8.self) == "early and late")
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `what is not consumed comes again with what follows`(_ kind: ReactorKind) async throws {
        let server = try await TestServer(
            reactor: kind,
            receive: { bytes, connection in
                guard bytes.count >= 6 else { return 0 }
                connection.send(bytes.extracting(0..<6))
                return 6
            })
        let client = try RawClient(port: server.port)
        try await client.send("abc")
        await server.until(.bytes(3))
        try await client.send("defg")
        #expect(try await client.read(6) == Array("abcdef".utf8))
        client.finishWriting()
        await server.until(.inputEnded(rest: 1))
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `close writes what is queued, then the farewell, then the end`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await TestServer(
            reactor: kind,
            receive: { bytes, connection in
                connection.send(bytes)
                connection.close(.loggedOut)
                connection.send(bytes)
                return bytes.count
            })
        let client = try RawClient(port: server.port)
        try await client.send("last\n")
        let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
        #expect(text == "last\nbye 4500\n")
        client.close()
        await server.until(.ended)
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a reset ends only the connection it happened to`(_ kind: ReactorKind) async throws {
        let server = try await TestServer(reactor: kind)
        let (lost, kept) = (try RawClient(port: server.port), try RawClient(port: server.port))
        for client in [lost, kept] {
            try await client.send("x")
            _ = try await client.read(1)
        }
        lost.reset()
        await server.until(.ended)
        try await kept.send("y")
        #expect(try await kept.read(1) == Array("y".utf8))
        kept.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `the deadline of an open connection is reported to its protocol`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await TestServer(reactor: kind, openDeadline: 1)
        let client = try RawClient(port: server.port)
        #expect(try await client.readLine() == "bye 4005")
        #expect(try await client.readLine() == nil)
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a deadline that was taken back does not stand in the way of the next one`(
        _ kind: ReactorKind
    ) async throws {
        let isSecond = Flag()
        let server = try await TestServer(
            reactor: kind, closeMilliseconds: 10,
            greet: { connection in
                connection.setDeadline(milliseconds: 1)
                if isSecond.value { return }
                connection.setDeadline(milliseconds: nil)
                isSecond.raise()
            })
        let first = try RawClient(port: server.port)
        while !isSecond.value { await Task.yield() }
        // When the second one's has come, the first one's would have come before.
        let second = try RawClient(port: server.port)
        #expect(try await second.readLine() == "bye 4005")
        second.close()
        await server.until(.ended)
        #expect(await server.onConnections { $0.close(.shutdown) } == 1)
        // The first peer never closes.
        #expect(try await first.readLine() == "bye 4000")
        await server.until(.ended)
        await server.stop()
        first.close()
    }

    @Test(arguments: ReactorKind.usable)
    func `a probe goes out in line with the answers`(_ kind: ReactorKind) async throws {
        let server = try await TestServer(reactor: kind, greet: { $0.probe() })
        let client = try RawClient(port: server.port)
        #expect(try await client.readLine() == "probe")
        client.close()
        await server.stop()
    }
}
