// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets
import ChatStorageMemory
import ChatTesting
import ChatTransportTCP
import Testing

@Suite(.timeLimit(.minutes(15)))
struct TCPTransportTests {
    private static let hello = #"{"type":"hello","id":1,"name":"ana"}"#

    private func serve(
        _ kind: ReactorKind, _ configuration: TCPTransport.Configuration = .init(),
        _ body: (ChatEngine, Int) async throws -> Void
    ) async throws {
        var settings = ChatConfiguration()
        settings.shards = 2
        settings.reactor = kind
        let engine = try await ChatEngine(store: MemoryStore(), configuration: settings)
        try await engine.serve(TCPTransport(port: 0, configuration: configuration))
        try await body(engine, try #require(engine.ports.first))
        await engine.shutdown(deadlineMilliseconds: 2_000)
    }

    /// Everything the server says to `input` until it closes.
    private func answers(_ port: Int, _ input: String) async throws -> [Substring] {
        let client = try RawClient(port: port)
        try await client.send(input)
        client.finishWriting()
        let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
        return text.split(separator: "\n")
    }

    @Test(arguments: ReactorKind.usable)
    func `commands in one packet with the hello are answered in order`(
        _ kind: ReactorKind
    ) async throws {
        try await serve(kind) { _, port in
            let pings = (2..<50).map { #"{"type":"ping","id":\#($0)}"# }
            let room = #"{"type":"room.create","id":50,"name":"r"}"#
            let send = #"{"type":"send","id":51,"room":"r","client_id":"k","text":"hi"}"#
            // The last line has no end, as with printf and nc.
            let lines = [Self.hello] + pings + [room, send, #"{"type":"ping","id":52}"#]
            let all = try await answers(port, lines.joined(separator: "\n"))
            let ok = all.filter { $0.contains(#""type":"ok""#) }
            #expect(ok.count == 52)
            for id in 1...52 {
                #expect(
                    ok.contains {
                        $0.contains(#""id":\#(id),"#)
                            || $0.contains(#""id":\#(id)}"#)
                    }, "\(id)")
            }
        }
    }

    @Test(arguments: ReactorKind.usable)
    func `a line over the limit is refused, then the connection closed`(
        _ kind: ReactorKind
    ) async throws {
        var configuration = TCPTransport.Configuration()
        configuration.limits.frameBytes = 100
        try await serve(kind, configuration) { _, port in
            let all = try await answers(
                port, Self.hello + "\n" + String(repeating: "x", count: 101) + "\n" + Self.hello)
            #expect(all.contains { $0.contains(#""code":"too_large""#) })
            let goodbye = try #require(all.last)
            #expect(
                goodbye
                    == #"{"type":"goodbye","code":4501,"reason":"protocol_error","reconnect":false}"#
            )
        }
    }

    @Test(arguments: ReactorKind.usable)
    func `an engine that stops says goodbye to everybody`(_ kind: ReactorKind) async throws {
        let client = try await withClient(kind) { client in
            try await client.send(Self.hello + "\n")
            while let line = try await client.readLine() {
                if line.contains(#""type":"ok""#) { break }
            }
        }
        var last = ""
        while let line = try await client.readLine() { last = line }
        #expect(last.contains(#""code":4000,"reason":"shutdown","reconnect":true"#))
    }

    /// Connects, and stops the engine after `body`.
    private func withClient(
        _ kind: ReactorKind, _ body: (RawClient) async throws -> Void
    ) async throws -> RawClient {
        var settings = ChatConfiguration()
        settings.reactor = kind
        let engine = try await ChatEngine(store: MemoryStore(), configuration: settings)
        try await engine.serve(TCPTransport(port: 0))
        let client = try RawClient(port: try #require(engine.ports.first))
        try await body(client)
        await engine.shutdown(deadlineMilliseconds: 2_000)
        return client
    }

    @Test func `a name instead of an address is an error that says what to write`()
        async throws
    {
        let engine = try await ChatEngine(store: MemoryStore())
        await #expect(throws: TransportError.self) {
            try await engine.serve(TCPTransport(host: "example.org"))
        }
        await engine.shutdown()
    }

    @Test(arguments: ReactorKind.usable)
    func `a port that is taken is an error`(_ kind: ReactorKind) async throws {
        try await serve(kind) { engine, port in
            await #expect(throws: TransportError.self) {
                try await engine.serve(TCPTransport(port: port))
            }
        }
    }
}
