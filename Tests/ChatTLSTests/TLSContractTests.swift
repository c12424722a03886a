// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets
import ChatTLS
import ChatTesting
import ChatTransportTCP
import ChatTransportWS
import Testing

/// The contract of transports over those that we ship, encrypted.
@Suite(.timeLimit(.minutes(15)))
struct TLSContractTests {
    private static func server(_ certificate: TestCertificate) throws -> TLSServer {
        try TLSServer(
            TLSConfiguration(certificate: certificate.chainPath, key: certificate.keyPath))
    }

    @Test(arguments: TransportContract.checks, ReactorKind.usable)
    func `TCP over TLS keeps the contract`(
        _ check: TransportContract.Check, _ kind: ReactorKind
    ) async throws {
        let certificate = try TestCertificate()
        var configuration = TCPTransport.Configuration()
        configuration.security = try Self.server(certificate)
        configuration.handshakeMilliseconds = 600_000
        var options = TLSClient.Options()
        options.trusted = certificate.chainPath
        let transport = TCPTransport(port: 0, configuration: configuration)
        await #expect(throws: Never.self) {
            try await TransportContract.run(check, over: transport, reactor: kind) {
                [options] port in
                LineWire(try await TLSClient.connect(port: port, options))
            }
        }
    }

    @Test(arguments: TransportContract.checks, ReactorKind.usable)
    func `WebSocket over TLS keeps the contract`(
        _ check: TransportContract.Check, _ kind: ReactorKind
    ) async throws {
        let certificate = try TestCertificate()
        var configuration = WebSocketTransport.Configuration()
        configuration.security = try Self.server(certificate)
        configuration.handshakeMilliseconds = 600_000
        configuration.headMilliseconds = 600_000
        var options = TLSClient.Options()
        options.trusted = certificate.chainPath
        options.protocols = ["http/1.1"]
        let transport = WebSocketTransport(port: 0, configuration: configuration)
        await #expect(throws: Never.self) {
            try await TransportContract.run(check, over: transport, reactor: kind) {
                [options] port in
                try await WebSocketWire(TLSClient.connect(port: port, options))
            }
        }
    }

    @Test func `O10 both transports speak TLS, and a page of another origin gets no WebSocket`()
        async throws
    {
        let chat = try await SecureChat()
        let hello = #"{"type":"hello","id":1,"name":"ana"}"#
        let lines = LineWire(try await chat.client())
        try await lines.send(hello)
        #expect(try await lines.receive()?.contains(#""type":"ok""#) == true)
        func page(of origin: String) async throws -> WebSocketWire {
            let client = try await TLSClient.connect(port: chat.webSocket, chat.trusting)
            return try await WebSocketWire(client, fields: "Origin: \(origin)\r\n")
        }
        let frames = try await page(of: "https://localhost")
        try await frames.send(hello.replacing("ana", with: "bo"))
        #expect(try await frames.receive()?.contains(#""type":"ok""#) == true)
        await #expect(throws: RawClient.Failure.self) {
            _ = try await page(of: "https://elsewhere.example")
        }
        await chat.stop()
    }
}
