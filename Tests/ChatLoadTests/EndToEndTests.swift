// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTransportTCP
import ChatTransportWS
import Foundation
import Testing

@testable import ChatLoad

/// The program itself against our server: every delivery checked, nothing lost.
@Suite(.timeLimit(.minutes(15)))
struct EndToEndTests {
    private struct Outcome {
        let status: Int32
        let text: String
    }

    private func chatLoad(_ words: String) async throws -> Outcome {
        let program = Process()
        program.executableURL = URL(filePath: CommandLine.arguments[0])
            .resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "chat-load")
        program.arguments = words.split(separator: " ").map(String.init)
        let output = Pipe()
        program.standardOutput = output
        return try await withCheckedThrowingContinuation { continuation in
            LyingServer.inBackground {
                do {
                    try program.run()
                    let bytes = output.fileHandleForReading.readDataToEndOfFile()
                    program.waitUntilExit()
                    let text = String(decoding: bytes, as: UTF8.self)
                    continuation.resume(
                        returning: Outcome(status: program.terminationStatus, text: text))
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    private func withServer(
        _ body: (_ socketPort: Int, _ linePort: Int) async throws -> Void
    )
        async throws
    {
        var configuration = ChatConfiguration()
        configuration.rates = .off
        configuration.limits = .unlimitedConnections
        let engine = try await ChatEngine(store: MemoryStore(), configuration: configuration)
        let sockets = WebSocketTransport(port: 0)
        try await engine.serve(sockets, TCPTransport(port: 0))
        try #require(engine.ports.count == 2)
        try await body(engine.ports[0], engine.ports[1])
        await engine.shutdown(deadlineMilliseconds: 1_000)
    }

    @Test(arguments: [
        "fanout --conns 20 --senders 4 --window 5 --client-ids",
        "fanout --conns 20 --senders 4 --rate 200 --threads 2",
        "rooms --rooms 4 --members 3 --senders 2",
    ])
    func `every delivery arrives once and in order, over both transports`(
        _ words: String
    ) async throws {
        try await withServer { sockets, lines in
            for transport in ["--port \(sockets)", "--port \(lines) --tcp --users line"] {
                let outcome = try await chatLoad(
                    "\(words) \(transport) --warmup 0.1 --duration 0.2 --json")
                #expect(outcome.status == 0, "\(outcome.text)")
                let report = try #require(
                    try JSONSerialization.jsonObject(with: Data(outcome.text.utf8))
                        as? [String: Any])
                #expect(report["ok"] as? Bool == true)
                let delivered = try #require(report["delivered"] as? Int)
                #expect(delivered > 0)
                #expect(report["expected"] as? Int == delivered)
            }
        }
    }

    @Test func `connections are opened, signed in and closed again`() async throws {
        try await withServer { sockets, lines in
            for words in [
                "idle --port \(sockets) --conns 5 --hold 0.1",
                "idle --port \(lines) --tcp --conns 5 --hold 0.1 --bare",
                "connects --port \(sockets) --conns 20 --users a",
                "connects --port \(lines) --tcp --conns 20 --users b",
            ] {
                let outcome = try await chatLoad(words)
                #expect(outcome.status == 0, "\(words): \(outcome.text)")
                #expect(outcome.text.contains("all well"))
            }
        }
    }

    @Test func `a server that is not there and a wrong command line have their exit codes`()
        async throws
    {
        #expect(try await chatLoad("fanout --port 1 --conns 1").status == 1)
        #expect(try await chatLoad("fanout").status == 2)
        #expect(try await chatLoad("--help").status == 0)
    }
}
