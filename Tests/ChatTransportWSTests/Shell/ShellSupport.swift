// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets
import ChatTesting
import Synchronization
import Testing

@testable import ChatTransportWS

/// What a receiver has seen.
enum Received: Sendable, Equatable {
    case message(String)
    case heard
    case ended
}

/// A flag that any thread may raise.
final class Flag: Sendable {
    private let raised = Atomic<Bool>(false)

    var value: Bool { raised.load(ordering: .acquiring) }
    func raise() { raised.store(true, ordering: .releasing) }
}

/// Stands in for a chat session: echoes, once `isReady`.
private final class FakeReceiver: WebSocketReceiver {
    private let connection: StreamConnection
    private let isReady: Flag
    private let received: AsyncStream<Received>.Continuation

    init(
        _ connection: StreamConnection, _ isReady: Flag,
        _ received: AsyncStream<Received>.Continuation
    ) {
        self.connection = connection
        self.isReady = isReady
        self.received = received
    }

    var acceptsBinary: Bool { false }

    func message(_ payload: Span<UInt8>, isText: Bool) -> Bool {
        var bytes: [UInt8] = []
        bytes.append(span: payload)
        received.yield(.message(String(decoding: bytes, as: UTF8.self)))
        guard isReady.value else { return false }
        connection.send(payload)
        return true
    }

    func heard() { received.yield(.heard) }
    func caughtUp(staleRooms: [RoomID]) {}
    func ended() { received.yield(.ended) }
}

/// The shell of a chat endpoint without an engine behind.
struct ShellServer: Sendable {
    let loop = EventLoop()
    let server: StreamServer
    let isReady = Flag()
    let received: AsyncStream<Received>

    var port: Int { Int(server.address.port) }

    init(
        _ kind: ReactorKind, routes: [HTTPRoute] = [], headMilliseconds: Int64 = 600_000,
        bodyMilliseconds: Int64 = 600_000, compresses: Bool = false,
        messageBytes: Int = 1_000, proxies: ProxyTrust? = nil, refusal: CloseCode? = nil
    ) async throws {
        let loop = loop
        let isReady = isReady
        server = try await StreamServer.bind(
            host: "127.0.0.1", port: 0, loops: [loop],
            reactors: ReactorGroup(loops: [loop], kind: kind))
        let (received, continuation) = AsyncStream<Received>.makeStream()
        self.received = received
        var limits = WebSocketLimits()
        limits.messageBytes = messageBytes
        let settings = WebSocketSettings(
            path: "/ws", policy: UpgradePolicy(allowsDeflate: compresses), limits: limits,
            http: HTTPLimits(), headMilliseconds: headMilliseconds,
            bodyMilliseconds: bodyMilliseconds, routes: routes, proxies: proxies)
        let server = server
        let failure = await loop.run { loop in
            let site = WebSocketSite(settings, on: loop) { connection in
                if let refusal { return .failure(ConnectionRefusal(code: refusal)) }
                return .success(FakeReceiver(connection, isReady, continuation))
            }
            return server.tryListen(
                on: loop, configuration: StreamServerConfiguration(framing: WebSocketFraming())
            ) { site.begin($0) }
        }
        #expect(failure == nil)
    }

    /// Waits until a receiver has seen `wanted`.
    func until(_ wanted: Received) async {
        for await event in received where event == wanted { return }
    }

    /// Runs `body` on every open connection.
    func onConnections(_ body: @Sendable (StreamConnection) -> Void) async {
        await loop.run { loop in
            for connection in server.connections(on: loop) where connection.isOpen {
                body(connection)
            }
        }
    }

    /// Whether `condition` holds for an open connection.
    func anyConnection(_ condition: @Sendable (StreamConnection) -> Bool) async -> Bool {
        await loop.run { loop in
            server.connections(on: loop).contains { $0.isOpen && condition($0) }
        }
    }

    func stop() async {
        await server.stop(.shutdown, deadline: SystemClock().now().advanced(byMilliseconds: 5_000))
    }
}

extension RawClient {
    static let upgrade =
        "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

    /// Reads a response's head: its lines without ends.
    func readHead() async throws -> [String] {
        var lines: [String] = []
        while let line = try await readLine(), line != "\r" {
            lines.append(String(line.dropLast()))
        }
        return lines
    }

    /// Reads a response with a body.
    func readResponse() async throws -> (head: [String], body: String) {
        let head = try await readHead()
        let length = head.compactMap { line in
            line.hasPrefix("Content-Length: ") ? Int(line.dropFirst(16)) : nil
        }
        let body = try await read(length.first ?? 0)
        return (head, String(decoding: body, as: UTF8.self))
    }

    /// Upgrades and returns the head of the answer.
    @discardableResult
    func upgrade(fields: String = "") async throws -> [String] {
        try await send(Self.upgrade + fields + "\r\n")
        return try await readHead()
    }

    /// A masked frame, as clients send them.
    static func frame(
        _ opcode: WebSocketOpcode, _ payload: [UInt8], isFinal: Bool = true,
        isCompressed: Bool = false
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        FrameEncoder.append(
            opcode, payload.span, isFinal: isFinal, isCompressed: isCompressed,
            maskKey: 0x0102_0304, to: &bytes)
        return bytes
    }

    static func text(_ text: String) -> [UInt8] { frame(.text, Array(text.utf8)) }

    /// Reads a frame of the server.
    func readFrame() async throws -> (opcode: WebSocketOpcode, isCompressed: Bool, payload: [UInt8])
    {
        var bytes = try await read(2)
        let extra = bytes[1] == 126 ? 2 : bytes[1] == 127 ? 8 : 0
        if extra > 0 { bytes += try await read(extra) }
        let header = try #require(
            try FrameHeader.parse(bytes.span, receiver: .client, allowsCompressed: true))
        return (header.opcode, header.isCompressed, try await read(header.payloadBytes))
    }

    /// Reads the next frame's payload as text.
    func readText() async throws -> String {
        let frame = try await readFrame()
        #expect(frame.opcode == .text)
        return String(decoding: frame.payload, as: UTF8.self)
    }

    /// Reads a Close frame and the end behind it.
    func readClose() async throws -> UInt16? {
        let frame = try await readFrame()
        #expect(frame.opcode == .close)
        #expect(try await readToEnd().isEmpty)
        guard frame.payload.count >= 2 else { return nil }
        return UInt16(frame.payload[0]) << 8 | UInt16(frame.payload[1])
    }
}
