// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets
import ChatTLS
import ChatTesting
import Testing

/// Bytes over TLS: slow readers, large answers, ends.
@Suite(.timeLimit(.minutes(15)))
struct StreamTests {
    private func line(_ text: String) -> [UInt8] { Array((text + "\n").utf8) }

    @Test(arguments: ReactorKind.usable)
    func `messages of any size arrive whole, in both directions`(_ kind: ReactorKind) async throws {
        var limits = Limits.unlimitedConnections
        limits.frameBytes = 400_000
        limits.textBytes = 300_000
        limits.textScalars = 300_000
        let chat = try await SecureChat(kind, limits: limits)
        let (ana, bo) = (try await chat.client(), try await chat.client())
        try await ana.hello("ana")
        try await bo.hello("bo")
        for count in [1, 1_000, 16_383, 16_384, 16_385, 65_536, 250_000] {
            let text = String(repeating: "x", count: count)
            try await ana.send(line(#"{"type":"send","room":"general","text":"\#(text)"}"#))
            let event = try await bo.next { $0["type"] == "message" }
            #expect(event["text"].string?.utf8.count == count)
        }
        await chat.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a peer that reads slowly gets everything in order once it reads`(
        _ kind: ReactorKind
    ) async throws {
        let chat = try await SecureChat(kind)
        let ana = try await chat.client()
        let slow = try await TLSClient.connect(
            port: chat.tcp, chat.trusting, receiveBufferBytes: 4_096)
        try await ana.hello("ana")
        try await slow.hello("slow")
        let text = String(repeating: "y", count: 3_000)
        for number in 0..<250 {
            try await ana.send(
                line(
                    #"{"type":"send","id":\#(number + 2),"room":"general","text":"\#(number) \#(text)"}"#
                ))
            _ = try await ana.next { $0["id"].integer == number + 2 }
        }
        for number in 0..<250 {
            let event = try await slow.next { $0["type"] == "message" }
            #expect(event["text"].string == "\(number) \(text)")
        }
        await chat.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a peer that does not read is let go, and its stream stays whole until then`(
        _ kind: ReactorKind
    ) async throws {
        var limits = Limits.unlimitedConnections
        limits.queuedBytes = 100_000
        limits.textScalars = 16_000
        let chat = try await SecureChat(kind, limits: limits)
        let ana = try await chat.client()
        let slow = try await TLSClient.connect(
            port: chat.tcp, chat.trusting, receiveBufferBytes: 4_096)
        try await ana.hello("ana")
        try await slow.hello("slow")
        let text = String(repeating: "z", count: 15_000)
        // Until the server has let go of it: the kernel's buffers take some megabytes first.
        var sent = 0
        while chat.engine.connectionCount == 2, sent < 2_000 {
            sent += 1
            let last = sent
            try await ana.send(
                line(
                    #"{"type":"send","id":\#(sent + 2),"room":"general","text":"\#(sent) \#(text)"}"#
                ))
            _ = try await ana.next { $0["id"].integer == last + 2 }
        }
        var expected = 1
        var goodbye: JSONValue?
        while goodbye == nil, let text = try? await slow.readLine() {
            let object = try #require(JSONValue(parsing: text))
            if object["type"] == "goodbye" { goodbye = object }
            guard object["type"] == "message" else { continue }
            #expect(object["text"].string?.hasPrefix("\(expected) ") == true)
            expected += 1
        }
        #expect(sent < 2_000)
        #expect(goodbye == nil || goodbye?["reason"] == "slow_consumer")
        await chat.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a client that has sent its last gets its answers, then the end`(
        _ kind: ReactorKind
    ) async throws {
        let chat = try await SecureChat(kind)
        let client = try await chat.client()
        try await client.send(line(#"{"type":"hello","id":1,"name":"ana"}"#))
        try await client.send(line(#"{"type":"whoami","id":2}"#))
        try await client.finishWriting()
        let answers = String(decoding: try await client.readToEnd(), as: UTF8.self)
        #expect(answers.contains(#""id":1"#) && answers.contains(#""id":2"#))
        await chat.until(connections: 0)
        await chat.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a connection that is cut without a word runs no half command`(
        _ kind: ReactorKind
    ) async throws {
        let chat = try await SecureChat(kind)
        let (ana, bo) = (try await chat.client(), try await chat.client())
        try await ana.hello("ana")
        try await bo.hello("bo")
        // Without its end: over plain TCP the end of the stream would end the line.
        try await ana.send(Array(#"{"type":"send","room":"general","text":"all"}"#.utf8))
        ana.raw.finishWriting()
        let event = try await bo.next { $0["type"] == "message" || $0["type"] == "presence" }
        #expect(event["type"] == "presence")
        await chat.stop()
    }

    @Test func `a server that stops says so in the way of TLS`() async throws {
        let chat = try await SecureChat()
        let client = try await chat.client()
        try await client.hello("ana")
        await chat.stop()
        // Ends with close_notify: without it reading would throw.
        let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
        #expect(text.contains(#""reason":"shutdown""#))
    }

    @Test(arguments: ReactorKind.usable)
    func `keys may be replaced at any time`(_ kind: ReactorKind) async throws {
        let chat = try await SecureChat(kind)
        let client = try await chat.client()
        try await client.hello("ana")
        for number in 2..<50 {
            await client.updateKeys()
            try await client.send(line(#"{"type":"ping","id":\#(number)}"#))
            let answer = try await client.next { $0["id"].integer == number }
            #expect(answer["type"] == "ok")
        }
        await chat.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `several requests for pages come over one connection`(_ kind: ReactorKind) async throws {
        let chat = try await SecureChat(kind)
        var options = chat.trusting
        options.protocols = ["http/1.1"]
        let client = try await TLSClient.connect(port: chat.webSocket, options)
        for _ in 0..<3 {
            try await client.send(Array("GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
            #expect(try await client.readLine() == "HTTP/1.1 200 OK\r")
            while let line = try await client.readLine(), line != "\r" {}
            #expect(try await client.read(5) == Array("hello".utf8))
        }
        await chat.stop()
    }
}
