// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets
import ChatStorageMemory
import ChatTesting
import ChatTransportTCP
import Testing

/// Invariant 12 over real sockets.
@Suite(.timeLimit(.minutes(15)))
struct ShutdownTests {
    @Test(arguments: [1, 2], ReactorKind.usable)
    func `everybody is let go, batch by batch, with a goodbye`(
        _ shards: Int, _ kind: ReactorKind
    ) async throws {
        var configuration = ChatConfiguration()
        configuration.shards = shards
        configuration.reactor = kind
        configuration.drainBatchConnections = 2
        configuration.drainBatchMilliseconds = 1
        let engine = try await ChatEngine(store: MemoryStore(), configuration: configuration)
        try await engine.serve(TCPTransport(port: 0))
        let port = try #require(engine.ports.first)
        var clients: [RawClient] = []
        for number in 0..<9 {
            let client = try RawClient(port: port)
            try await client.send(#"{"type":"hello","id":1,"name":"u\#(number)"}"# + "\n")
            let welcome = try await client.readLine()
            #expect(welcome?.contains(#""type":"ok""#) == true)
            try await client.send(
                #"{"type":"send","id":2,"room":"general","client_id":"k","text":"last"}"# + "\n")
            clients.append(client)
        }
        // What was handed in before the end is stored and answered.
        for client in clients {
            var line = try await client.readLine()
            while let text = line, !text.contains(#""id":2"#) { line = try await client.readLine() }
            #expect(line?.contains(#""type":"ok""#) == true)
        }
        await engine.shutdown(deadlineMilliseconds: 10_000)
        for client in clients {
            let rest = String(decoding: try await client.readToEnd(), as: UTF8.self)
            #expect(rest.split(separator: "\n").last?.contains(#""code":4000"#) == true)
            client.close()
        }
    }
}
