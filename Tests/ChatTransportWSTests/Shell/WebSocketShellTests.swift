// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets
import ChatTesting
import Testing

@testable import ChatTransportWS

@Suite(.timeLimit(.minutes(15)))
struct WebSocketShellTests {
    @Test(arguments: ReactorKind.usable)
    func `an upgrade and a message may come in one packet`(_ kind: ReactorKind) async throws {
        let server = try await ShellServer(kind)
        server.isReady.raise()
        let client = try RawClient(port: server.port)
        try await client.send(
            Array((RawClient.upgrade + "\r\n").utf8) + RawClient.text("one") + RawClient.text("two")
        )
        let head = try await client.readHead()
        #expect(head.first == "HTTP/1.1 101 Switching Protocols")
        #expect(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        #expect(try await client.readText() == "one")
        #expect(try await client.readText() == "two")
        client.close()
        await server.until(.ended)
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `fragments and frames cut at every byte make whole messages`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await ShellServer(kind)
        server.isReady.raise()
        let client = try RawClient(port: server.port)
        try await client.upgrade()
        let text = "grüße 👩‍👩‍👧"
        let bytes = Array(text.utf8)
        let frames =
            RawClient.frame(.text, Array(bytes[..<3]), isFinal: false)
            + RawClient.frame(.ping, Array("p".utf8))
            + RawClient.frame(.continuation, Array(bytes[3...]))
        for byte in frames { try await client.send([byte]) }
        let pong = try await client.readFrame()
        #expect(pong.opcode == .pong)
        #expect(pong.payload == Array("p".utf8))
        #expect(try await client.readText() == text)
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `the close handshake is answered and the receiver told once`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await ShellServer(kind)
        let client = try RawClient(port: server.port)
        try await client.upgrade()
        try await client.send(RawClient.frame(.close, [0x03, 0xE8]))
        #expect(try await client.readClose() == 1_000)
        client.close()
        await server.until(.ended)
        await server.stop()
    }

    @Test(
        arguments: [
            (RawClient.frame(.binary, [1]), 1_003), (RawClient.frame(.text, [0xFF]), 1_007),
            (RawClient.frame(.text, [UInt8](repeating: 0x78, count: 1_001)), 1_009),
            ([0x81, 0x01, 0x78], 1_002), (RawClient.frame(.continuation, []), 1_002),
        ] as [([UInt8], UInt16)], ReactorKind.usable)
    func `breaches close with their code`(
        breach: (bytes: [UInt8], code: UInt16), _ kind: ReactorKind
    ) async throws {
        let (bytes, code) = breach
        let server = try await ShellServer(kind)
        server.isReady.raise()
        let client = try RawClient(port: server.port)
        try await client.upgrade()
        try await client.send(RawClient.frame(.text, [UInt8](repeating: 0x78, count: 1_000)))
        #expect(try await client.readText().count == 1_000)
        try await client.send(bytes)
        #expect(try await client.readClose() == code)
        client.close()
        await server.until(.ended)
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a message that was not taken comes again, before the next`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await ShellServer(kind)
        let client = try RawClient(port: server.port)
        try await client.upgrade()
        try await client.send(RawClient.text("one") + RawClient.text("two"))
        await server.until(.message("one"))
        server.isReady.raise()
        await server.onConnections { $0.resumeReading() }
        #expect(try await client.readText() == "one")
        #expect(try await client.readText() == "two")
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a probe is a ping, its pong is heard`(_ kind: ReactorKind) async throws {
        let server = try await ShellServer(kind)
        let client = try RawClient(port: server.port)
        try await client.upgrade()
        await server.onConnections { $0.probe() }
        #expect(try await client.readFrame().opcode == .ping)
        try await client.send(RawClient.frame(.pong, []))
        await server.until(.heard)
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a refused connection is upgraded and closed with the code`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await ShellServer(kind, refusal: .tooManyConnections)
        let client = try RawClient(port: server.port)
        try await client.upgrade()
        #expect(try await client.readClose() == 4_003)
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a stopping server closes with 4000`(_ kind: ReactorKind) async throws {
        let server = try await ShellServer(kind)
        let client = try RawClient(port: server.port)
        try await client.upgrade()
        async let stopped: Void = server.stop()
        #expect(try await client.readClose() == 4_000)
        client.close()
        await stopped
    }

    @Test(arguments: ReactorKind.usable)
    func `pages of other hosts may not connect`(_ kind: ReactorKind) async throws {
        let server = try await ShellServer(kind)
        let client = try RawClient(port: server.port)
        let head = try await client.upgrade(fields: "Origin: http://b\r\n")
        #expect(head.first == "HTTP/1.1 403 Forbidden")
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `messages are compressed for those who asked`(_ kind: ReactorKind) async throws {
        let server = try await ShellServer(kind, compresses: true)
        server.isReady.raise()
        let client = try RawClient(port: server.port)
        let head = try await client.upgrade(
            fields: "Sec-WebSocket-Extensions: permessage-deflate\r\n")
        #expect(head.contains { $0.hasPrefix("Sec-WebSocket-Extensions: permessage-deflate") })
        let text = String(repeating: "again ", count: 150)
        try await client.send(RawClient.text(text))
        let frame = try await client.readFrame()
        #expect(frame.isCompressed)
        #expect(frame.payload.count < 100)
        // What was compressed is understood as well.
        try await client.send(RawClient.frame(.text, frame.payload, isCompressed: true))
        #expect(try await client.readFrame().payload == frame.payload)
        client.close()
        await server.stop()
    }

    @Test func `equal agreements share their bytes, others do not`() throws {
        let deflaters = SharedDeflaters()
        func framing(_ offer: String) throws -> DeflatedFraming {
            let bytes = Array(offer.utf8)
            let offers = try #require(ExtensionOffer.parse(bytes[...]))
            let agreement = try #require(DeflateAgreement.negotiate(offers))
            return DeflatedFraming(agreement, minimumBytes: 0, deflaters: deflaters)
        }
        #expect(WebSocketFraming().identifier == 2)
        #expect(try framing("permessage-deflate").identifier == 3)
        #expect(
            try framing("permessage-deflate; server_max_window_bits=10").identifier == 110)
    }
}

@Suite(.timeLimit(.minutes(15)))
struct WebSocketServerTests {
    @Test(arguments: ReactorKind.usable)
    func `text and bytes come back, large ones too`(_ kind: ReactorKind) async throws {
        var configuration = WebSocketServer.Configuration()
        configuration.reactor = kind
        let server = try await WebSocketServer.start(port: 0, configuration: configuration) {
            $0.send($1)
        }
        let client = try RawClient(port: server.port)
        try await client.upgrade()
        try await client.send(RawClient.text("hi"))
        #expect(try await client.readText() == "hi")
        let large = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 ^ ($0 >> 8)) }
        // Four messages are more than may wait unread: reading pauses until they are written.
        async let sent: Void = client.send((0..<4).flatMap { _ in RawClient.frame(.binary, large) })
        for _ in 0..<4 {
            let frame = try await client.readFrame()
            #expect(frame.opcode == .binary)
            #expect(frame.payload == large)
        }
        try await sent
        client.close()
        await server.stop()
    }
}
