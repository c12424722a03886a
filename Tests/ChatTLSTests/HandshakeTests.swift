// SPDX-License-Identifier: MIT

import COpenSSL
import ChatCore
import ChatSockets
import ChatTLS
import ChatTesting
import Testing

@Suite(.timeLimit(.minutes(15)))
struct HandshakeTests {
    @Test(arguments: [(TLS1_2_VERSION, "TLSv1.2"), (TLS1_3_VERSION, "TLSv1.3")])
    func `both versions are spoken, with forward secrecy and AEAD`(
        _ version: Int32, _ name: String
    ) async throws {
        let chat = try await SecureChat()
        var options = chat.trusting
        options.maximumVersion = version
        let client = try await TLSClient.connect(port: chat.tcp, options)
        #expect(await client.version == name)
        let cipher = await client.cipher
        #expect(cipher.hasPrefix(version == TLS1_3_VERSION ? "TLS_" : "ECDHE-"))
        #expect(cipher.contains("GCM") || cipher.contains("POLY1305"))
        #expect(try await client.hello("ana")["type"] == "ok")
        await chat.stop()
    }

    @Test func `older versions are refused with the alert for it`() async throws {
        let chat = try await SecureChat()
        var options = TLSClient.Options()
        (options.minimumVersion, options.maximumVersion) = (TLS1_VERSION, TLS1_1_VERSION)
        options.securityLevel = 0
        let refused = options
        let error = await #expect(throws: TLSClient.Failure.self) {
            try await TLSClient.connect(port: chat.tcp, refused)
        }
        #expect(error?.description == "tlsv1 alert protocol version")
        await chat.stop()
    }

    @Test func `a server of 1.3 only refuses 1.2`() async throws {
        let certificate = try TestCertificate()
        var configuration = TLSConfiguration(
            certificate: certificate.chainPath, key: certificate.keyPath)
        configuration.minimumVersion = .tls13
        let chat = try await SecureChat(certificate: certificate, configuration: configuration)
        var options = chat.trusting
        options.maximumVersion = TLS1_2_VERSION
        let refused = options
        await #expect(throws: TLSClient.Failure.self) {
            try await TLSClient.connect(port: chat.tcp, refused)
        }
        _ = try await chat.client().hello("ana")
        await chat.stop()
    }

    @Test func `a client that offers only protocols that are not spoken is refused`() async throws {
        let chat = try await SecureChat()
        var options = chat.trusting
        options.protocols = ["h2", "http/1.1"]
        let client = try await TLSClient.connect(port: chat.webSocket, options)
        #expect(await client.applicationProtocol == "http/1.1")
        options.protocols = ["h2"]
        let refused = options
        let error = await #expect(throws: TLSClient.Failure.self) {
            try await TLSClient.connect(port: chat.webSocket, refused)
        }
        #expect(error?.description == "tlsv1 alert no application protocol")
        // Lines have no name of their own there: whatever is offered, nothing is agreed on.
        let lines = try await TLSClient.connect(port: chat.tcp, options)
        #expect(await lines.applicationProtocol == nil)
        await chat.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a handshake may come byte by byte`(_ kind: ReactorKind) async throws {
        let chat = try await SecureChat(kind)
        var options = chat.trusting
        options.pieceBytes = 1
        let client = try await TLSClient.connect(port: chat.tcp, options)
        #expect(try await client.hello("ana")["type"] == "ok")
        await chat.stop()
    }

    @Test func `a client of another name does not trust the certificate`() async throws {
        let chat = try await SecureChat()
        var options = chat.trusting
        options.host = "elsewhere.example"
        let refused = options
        await #expect(throws: TLSClient.Failure.self) {
            try await TLSClient.connect(port: chat.tcp, refused)
        }
        #expect(await chat.refusals.first().name == "handshake_failed")
        await chat.stop()
    }

    @Test func `garbage instead of a handshake ends the connection`() async throws {
        let chat = try await SecureChat()
        for port in [chat.tcp, chat.webSocket] {
            let client = try RawClient(port: port)
            try await client.send([UInt8](repeating: 0xA5, count: 1_000))
            // At most an alert.
            #expect(try await client.readToEnd().count <= 7)
        }
        guard case .handshakeFailed(.violation) = await chat.refusals.first() else {
            Issue.record("\(chat.refusals.list)")
            return
        }
        await chat.until(connections: 0)
        await chat.stop()
    }

    @Test func `plain HTTP on the port of TLS is told so`() async throws {
        let chat = try await SecureChat()
        let client = try RawClient(port: chat.webSocket)
        try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = String(decoding: try await client.readToEnd(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.hasSuffix("\r\n\r\nThis port speaks TLS: use https/wss.\n"))
        #expect(answer.contains("Content-Length: 37\r\n"))
        #expect(await chat.refusals.first() == .handshakeFailed(.plainHTTP))
        await chat.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a client that leaves in the middle of the handshake leaves nothing behind`(
        _ kind: ReactorKind
    ) async throws {
        let chat = try await SecureChat(kind)
        for cut in [1, 5, 40, 200] {
            let raw = try RawClient(port: chat.tcp)
            try await raw.send(Array(TLSClient.clientHello.prefix(cut)))
            cut.isMultiple(of: 2) ? raw.reset() : raw.close()
        }
        let client = try await chat.client()
        try await client.hello("ana")
        await chat.until(connections: 1)
        await chat.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a handshake that is not finished in time ends the connection`(
        _ kind: ReactorKind
    ) async throws {
        let chat = try await SecureChat(kind, handshakeMilliseconds: 50)
        let raw = try RawClient(port: chat.tcp)
        try await raw.send(Array(TLSClient.clientHello.prefix(60)))
        #expect(try await raw.readToEnd().isEmpty)
        #expect(await chat.refusals.first() == .handshakeTimeout)
        await chat.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a thousand half-open handshakes keep nobody from signing in`(
        _ kind: ReactorKind
    ) async throws {
        let chat = try await SecureChat(kind)
        var halfOpen: [RawClient] = []
        for _ in 0..<1_000 {
            let raw = try RawClient(port: chat.tcp)
            try await raw.send(Array(TLSClient.clientHello.prefix(100)))
            halfOpen.append(raw)
        }
        await chat.until(connections: 1_000)
        let ana = try await chat.client()
        #expect(try await ana.hello("ana")["type"] == "ok")
        for raw in halfOpen { raw.close() }
        await chat.until(connections: 1)
        ana.close()
        await chat.stop()
    }

    @Test func `a client may not shake hands anew`() async throws {
        let chat = try await SecureChat()
        var options = chat.trusting
        options.maximumVersion = TLS1_2_VERSION
        let client = try await TLSClient.connect(port: chat.tcp, options)
        try await client.hello("ana")
        try await client.renegotiate()
        await #expect(throws: (any Error).self) {
            try await client.hello("ana")
            try await client.hello("ana")
        }
        await chat.stop()
    }
}

/// TLS where none is spoken.
@Suite(.timeLimit(.minutes(15)))
struct PlainPortTests {
    @Test func `a client of TLS on a plain port learns that it is wrong there`() async throws {
        let chat = try await PlainChat()
        for port in [chat.tcp, chat.webSocket] {
            let error = await #expect(throws: TLSClient.Failure.self) {
                try await TLSClient.connect(port: port)
            }
            let reasons = ["tlsv1 alert protocol version", "wrong version number"]
            #expect(reasons.contains(error?.description ?? ""), "\(error?.description ?? "")")
        }
        await chat.stop()
    }
}
