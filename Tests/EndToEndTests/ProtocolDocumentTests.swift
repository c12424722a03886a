// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import ChatTransportTCP
import ChatTransportWS
import Testing

/// What the document shows is what happens: every example runs over every transport.
@Suite struct ProtocolDocumentTests {
    @Test func `the document has examples, and all of their lines are understood`() {
        let scripts = ProtocolScript.all()
        #expect(scripts.count >= 8)
        #expect(scripts.allSatisfy { $0.steps.count >= 2 })
    }

    @Test(arguments: ProtocolScript.all())
    func `an example of the document happens over loopback`(_ script: ProtocolScript) async throws {
        let world = try await LoopbackWorld()
        var clients: [String: LoopbackClient] = [:]
        var pending: [String: [JSONValue]] = [:]
        var bindings = ProtocolBindings()
        for (line, step) in script.steps {
            switch step {
            case .send(let name, let text):
                let client = clients[name] ?? world.connect()
                clients[name] = client
                client.send(bindings.filled(text))
                world.advance(milliseconds: 200)
            case .expect(let name, let pattern):
                pending[name, default: []] += clients[name]?.takeNew() ?? []
                let index = pending[name]?.firstIndex { bindings.match(pattern, $0) }
                guard let index else {
                    Issue.record("line \(line): \(name) has no \(pattern) in \(pending[name] ?? [])")
                    return
                }
                pending[name]?.removeSubrange(...index)
            }
        }
        #expect(!clients.isEmpty)
    }

    @Test(arguments: ProtocolScript.all())
    func `an example of the document happens over TCP`(_ script: ProtocolScript) async throws {
        try await run(script, over: TCPTransport(port: 0)) { port in
            LineWire(try RawClient(port: port))
        }
    }

    @Test(arguments: ProtocolScript.all())
    func `an example of the document happens over WebSocket`(_ script: ProtocolScript) async throws {
        try await run(script, over: WebSocketTransport(port: 0)) { port in
            try await WebSocketWire(RawClient(port: port))
        }
    }

    /// Runs a script over real connections, one per client.
    private func run(
        _ script: ProtocolScript, over transport: any Transport,
        connect: (Int) async throws -> any ProtocolWire
    ) async throws {
        var configuration = ChatConfiguration()
        configuration.shards = 2
        configuration.receipts.smallRoomReceiptIntervalMilliseconds = 1
        let engine = try await ChatEngine(store: MemoryStore(), configuration: configuration)
        try await engine.serve(transport)
        var clients: [String: any ProtocolWire] = [:]
        var bindings = ProtocolBindings()
        do {
            for (line, step) in script.steps {
                switch step {
                case .send(let name, let text):
                    let client: any ProtocolWire
                    if let known = clients[name] {
                        client = known
                    } else {
                        client = try await connect(engine.ports[0])
                        clients[name] = client
                    }
                    try await client.send(bindings.filled(text))
                case .expect(let name, let pattern):
                    let client = try #require(clients[name], "line \(line)")
                    while true {
                        let text = try #require(
                            await client.receive(), "line \(line): \(name) waits for \(pattern)")
                        if bindings.match(pattern, JSONValue(parsing: text) ?? .null) { break }
                    }
                }
            }
        } catch {
            Issue.record("line \(script.line): \(error)")
        }
        for client in clients.values { client.close() }
        await engine.shutdown(deadlineMilliseconds: 1_000)
        #expect(!clients.isEmpty)
    }
}

/// A connection that carries whole messages.
protocol ProtocolWire {
    func send(_ text: String) async throws
    /// The next message; `nil` at the end.
    func receive() async throws -> String?
    func close()
}

/// One message per line.
struct LineWire: ProtocolWire {
    private let client: RawClient

    init(_ client: RawClient) { self.client = client }

    func send(_ text: String) async throws { try await client.send(text + "\n") }

    func receive() async throws -> String? { try await client.readLine() }

    func close() { client.close() }
}

/// One message per text frame: as little of RFC 6455 as a client needs.
struct WebSocketWire: ProtocolWire {
    private let client: RawClient

    /// Shakes hands over `client`.
    init(_ client: RawClient) async throws {
        self.client = client
        try await client.send(
            "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        let status = try await client.readLine() ?? ""
        #expect(status.hasPrefix("HTTP/1.1 101"))
        while let line = try await client.readLine(), !["", "\r"].contains(line) {}
    }

    func send(_ text: String) async throws {
        let payload = Array(text.utf8)
        var frame: [UInt8] = [0x81]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        }
        let mask: [UInt8] = [1, 2, 3, 4]
        frame += mask
        for (index, byte) in payload.enumerated() { frame.append(byte ^ mask[index % 4]) }
        try await client.send(frame)
    }

    func receive() async throws -> String? {
        while true {
            let head = try await client.read(2)
            var count = Int(head[1])
            if count == 126 {
                let extended = try await client.read(2)
                count = Int(extended[0]) << 8 | Int(extended[1])
            }
            let payload = try await client.read(count)
            switch head[0] & 15 {
            case 1: return String(decoding: payload, as: UTF8.self)
            case 8: return nil
            default: continue
            }
        }
    }

    func close() { client.close() }
}
