// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets
import ChatStorageMemory
import ChatTesting
import ChatTransportTCP
import Testing

/// A peer that never reads, over real sockets: it is let go, nobody else notices, and resume repairs it.
@Suite(.timeLimit(.minutes(15)))
struct SlowConsumerTests {
    private static let count = 3_000
    private static let portion = 50

    @Test(arguments: ReactorKind.usable)
    func `a peer that never reads is let go without anybody else noticing`(
        _ kind: ReactorKind
    ) async throws {
        var configuration = ChatConfiguration()
        configuration.shards = 2
        configuration.reactor = kind
        configuration.rates = .off
        configuration.limits.queuedBytes = 400_000
        var transport = TCPTransport.Configuration()
        transport.limits = configuration.limits
        let engine = try await ChatEngine(store: MemoryStore(), configuration: configuration)
        try await engine.serve(TCPTransport(port: 0, configuration: transport))
        let port = try #require(engine.ports.first)

        let sloth = try RawClient(port: port, receiveBufferBytes: 4_096)
        try await sloth.send(#"{"type":"hello","id":1,"name":"sloth"}"# + "\n")
        let welcome = try #require(try await sloth.readLine())
        let head = try #require(JSONValue(parsing: welcome)?["rooms"][0]["head"].integer)
        let reader = try RawClient(port: port)
        try await reader.send(#"{"type":"hello","id":1,"name":"reader"}"# + "\n")

        let padding = String(repeating: "x", count: 3_900)
        let writer = try RawClient(port: port)
        try await writer.send(#"{"type":"hello","id":1,"name":"writer"}"# + "\n")
        let expected = (0..<Self.count).map(String.init)
        // In portions that everybody who reads has had, so that only the sloth falls behind.
        for start in stride(from: 0, to: Self.count, by: Self.portion) {
            let numbers = start..<start + Self.portion
            let lines = numbers.map {
                #"{"type":"send","room":"general","text":"\#($0) \#(padding)"}"# + "\n"
            }
            try await writer.send(lines.joined())
            #expect(try await texts(of: writer, until: Self.portion) == numbers.map(String.init))
            #expect(try await texts(of: reader, until: Self.portion) == numbers.map(String.init))
        }

        // What the sloth got before it was let go is a beginning without holes.
        let rest = try await sloth.readToEnd().split(separator: 0x0A)
        let early = rest.compactMap { text(String(decoding: $0, as: UTF8.self)) }
        #expect(early == Array(expected.prefix(early.count)))
        #expect(early.count < Self.count)

        // It comes back and gets everything.
        let again = try RawClient(port: port)
        try await again.send(
            #"{"type":"hello","id":1,"name":"sloth","resume":{"general":\#(head)}}"# + "\n")
        #expect(try await texts(of: again, until: Self.count) == expected)
        for client in [sloth, reader, writer, again] { client.close() }
        await engine.shutdown(deadlineMilliseconds: 1_000)
    }

    /// The numbers of the first `count` messages that `client` gets.
    private func texts(of client: RawClient, until count: Int) async throws -> [String] {
        var texts: [String] = []
        while texts.count < count, let line = try await client.readLine() {
            if let text = text(line) { texts.append(text) }
        }
        return texts
    }

    private func text(_ line: String) -> String? {
        guard let event = JSONValue(parsing: line), event["type"].string == "message",
            let text = event["text"].string
        else { return nil }
        return text.split(separator: " ").first.map(String.init)
    }
}
