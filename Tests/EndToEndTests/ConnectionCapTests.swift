// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatSockets
import ChatStorageMemory
import ChatTesting
import ChatTransportTCP
import ChatTransportWS
import Testing

/// What strangers can take up before they have signed in, and who counts as the client.
@Suite(.timeLimit(.minutes(15)))
struct ConnectionCapTests {
    /// What the engine has told about connections.
    private final class Watcher: ChatObserver {
        private struct State {
            var connected: [String] = []
            var refused: [TransportRefusal] = []
            var dropped: [CloseCode] = []
        }

        private let state = Lock(State())

        func connected(_ user: UserReference, peer: PeerInfo) {
            state.withLock { $0.connected.append(peer.address) }
        }
        func refused(_ refusal: TransportRefusal, peer: PeerInfo) {
            state.withLock { $0.refused.append(refusal) }
        }
        func dropped(_ code: CloseCode, peer: PeerInfo) {
            state.withLock { $0.dropped.append(code) }
        }

        var addresses: [String] { state.withLock { $0.connected } }
        var refusals: [TransportRefusal] { state.withLock { $0.refused } }
        var drops: [CloseCode] { state.withLock { $0.dropped } }
    }

    private struct Server {
        let engine: ChatEngine
        let watcher = Watcher()

        var tcp: Int { engine.ports[0] }
        var webSocket: Int { engine.ports[1] }

        init(_ kind: ReactorKind, _ limits: Limits, proxies: ProxyTrust? = nil) async throws {
            var configuration = ChatConfiguration()
            configuration.reactor = kind
            configuration.limits = limits
            configuration.observer = watcher
            engine = try await ChatEngine(store: MemoryStore(), configuration: configuration)
            var lines = TCPTransport.Configuration()
            lines.limits = limits
            lines.proxies = proxies
            var frames = WebSocketTransport.Configuration()
            frames.limits = limits
            frames.proxies = proxies
            try await engine.serve(
                TCPTransport(port: 0, configuration: lines),
                WebSocketTransport(port: 0, configuration: frames))
        }

        func stop() async { await engine.shutdown(deadlineMilliseconds: 1_000) }

        func until(connections: Int) async { await engine.waitUntil(connections: connections) }

        /// Signs in over TCP; the answer, or what came instead.
        func hello(_ name: String, header: String = "") async throws -> String? {
            let client = try RawClient(port: tcp)
            try? await client.send(header + #"{"type":"hello","id":1,"name":"\#(name)"}"# + "\n")
            return try? await client.readLine()
        }
    }

    private static func trust(_ header: ProxyTrust.Header) -> ProxyTrust {
        ProxyTrust(ranges: ["127.0.0.0/8"].compactMap { AddressRange($0) }, header: header)
    }

    @Test(arguments: ReactorKind.usable)
    func `connections that have not even finished their request count for the caps`(
        _ kind: ReactorKind
    ) async throws {
        var limits = Limits()
        limits.connectionsPerAddress = 2
        let server = try await Server(kind, limits)
        let silent = [try RawClient(port: server.webSocket), try RawClient(port: server.tcp)]
        try await silent[0].send("GET / HT")
        await server.until(connections: 2)
        let page = try RawClient(port: server.webSocket)
        let answer = String(decoding: try await page.readToEnd(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 429 "))
        #expect(answer.contains("too_many_from_address"))
        #expect(try await server.hello("ana")?.contains("too_many_from_address") == true)
        #expect(server.watcher.drops == [.tooManyFromAddress, .tooManyFromAddress])
        silent[0].close()
        await server.until(connections: 1)
        #expect(try await server.hello("ana")?.contains(#""type":"ok""#) == true)
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `the cap of all connections holds from the first byte on`(_ kind: ReactorKind) async throws
    {
        var limits = Limits()
        limits.connections = 1
        let server = try await Server(kind, limits)
        let silent = try RawClient(port: server.webSocket)
        await server.until(connections: 1)
        #expect(try await server.hello("ana")?.contains("too_many_connections") == true)
        let page = try RawClient(port: server.webSocket)
        #expect(
            String(decoding: try await page.readToEnd(), as: UTF8.self).hasPrefix("HTTP/1.1 503 "))
        silent.close()
        await server.until(connections: 0)
        #expect(try await server.hello("ana")?.contains(#""type":"ok""#) == true)
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `strangers who hold too much push out each other, and nobody who has signed in`(
        _ kind: ReactorKind
    ) async throws {
        var limits = Limits()
        // Ten silent connections, or fewer that have sent something.
        limits.newcomerBytes = 10 * 4_096
        let server = try await Server(kind, limits)
        let ana = LineWire(try RawClient(port: server.tcp))
        try await ana.send(#"{"type":"hello","id":1,"name":"ana"}"#)
        #expect(try await ana.receive()?.contains(#""type":"ok""#) == true)
        var silent: [RawClient] = []
        for _ in 0..<40 {
            let client = try RawClient(port: server.webSocket)
            try await client.send("GET /")
            silent.append(client)
        }
        // Those that came first are gone, told nothing: they had asked nothing.
        #expect(try await silent[0].readToEnd().isEmpty)
        #expect(server.watcher.refusals.contains(.crowded))
        #expect(try await server.hello("bo")?.contains(#""type":"ok""#) == true)
        try await ana.send(#"{"type":"ping","id":2}"#)
        var answer = try await ana.receive()
        while let line = answer, !line.contains(#""id":2"#) { answer = try await ana.receive() }
        #expect(answer != nil)
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `bytes of an unfinished command count, too`(_ kind: ReactorKind) async throws {
        var limits = Limits()
        limits.newcomerBytes = 60_000
        let server = try await Server(kind, limits)
        let hoarders = try (0..<3).map { _ in try RawClient(port: server.tcp) }
        for hoarder in hoarders {
            try await hoarder.send([UInt8](repeating: 0x20, count: 30_000))
        }
        let first = String(decoding: try await hoarders[0].readToEnd(), as: UTF8.self)
        #expect(first.contains("too_many_connections"))
        #expect(server.watcher.refusals.first == .crowded)
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a trusted proxy names the client by the PROXY protocol, on both ports`(
        _ kind: ReactorKind
    ) async throws {
        var limits = Limits()
        limits.connectionsPerAddress = 1
        let server = try await Server(kind, limits, proxies: Self.trust(.proxyProtocol))
        let line = LineWire(try RawClient(port: server.tcp))
        try await line.send(
            "PROXY TCP4 203.0.113.7 10.0.0.1 1 2\r\n" + #"{"type":"hello","id":1,"name":"ana"}"#)
        #expect(try await line.receive()?.contains(#""type":"ok""#) == true)
        let client = try RawClient(port: server.webSocket)
        try await client.send("PROXY TCP6 2001:db8::7 ::1 1 2\r\n")
        let frames = try await WebSocketWire(client)
        try await frames.send(#"{"type":"hello","id":1,"name":"bo"}"#)
        #expect(try await frames.receive()?.contains(#""type":"ok""#) == true)
        #expect(server.watcher.addresses == ["203.0.113.7", "2001:db8::7"])
        // The cap counts clients, not the proxy; an IPv6 network is one client.
        for address in ["TCP4 203.0.113.7 10.0.0.1", "TCP6 2001:db8::8 ::1"] {
            _ = try await server.hello("cy", header: "PROXY \(address) 1 2\r\n")
        }
        #expect(server.watcher.drops == [.tooManyFromAddress, .tooManyFromAddress])
        #expect(
            try await server.hello("di", header: "PROXY TCP4 203.0.113.8 10.0.0.1 1 2\r\n")?
                .contains(#""type":"ok""#) == true)
        line.close()
        frames.close()
        await server.until(connections: 0)
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a proxy without its header is refused, and others may not send one`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await Server(kind, Limits(), proxies: Self.trust(.proxyProtocol))
        #expect(try await server.hello("ana") == nil)
        guard case .badProxyHeader? = server.watcher.refusals.first else {
            Issue.record("\(server.watcher.refusals)")
            return
        }
        await server.stop()
        let open = try await Server(kind, Limits())
        let answer = try await open.hello("ana", header: "PROXY TCP4 203.0.113.7 10.0.0.1 1 2\r\n")
        #expect(answer?.contains("bad_json") == true)
        await open.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a field of the request names the client only if a trusted proxy sent it`(
        _ kind: ReactorKind
    ) async throws {
        var limits = Limits()
        limits.connectionsPerAddress = 1
        let cases: [(ProxyTrust?, String, String)] = [
            (Self.trust(.xForwardedFor), "X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"),
            (Self.trust(.forwarded), "Forwarded: for=\"[2001:db8::7]\"\r\n", "2001:db8::7"),
            (Self.trust(.forwarded), "X-Forwarded-For: 203.0.113.7\r\n", "127.0.0.1"),
            (nil, "X-Forwarded-For: 203.0.113.7\r\n", "127.0.0.1"),
        ]
        for (proxies, fields, address) in cases {
            let server = try await Server(kind, limits, proxies: proxies)
            let frames = try await WebSocketWire(RawClient(port: server.webSocket), fields: fields)
            try await frames.send(#"{"type":"hello","id":1,"name":"ana"}"#)
            #expect(try await frames.receive()?.contains(#""type":"ok""#) == true)
            #expect(server.watcher.addresses == [address])
            // The same client once more is over the cap.
            let second = try RawClient(port: server.webSocket)
            await #expect(throws: (any Error).self) {
                try await WebSocketWire(second, fields: fields)
            }
            #expect(server.watcher.drops == [.tooManyFromAddress])
            frames.close()
            await server.until(connections: 0)
            await server.stop()
        }
    }
}
