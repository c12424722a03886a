// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatStorageMemory
import ChatTLS
import ChatTesting
import ChatTransportTCP
import ChatTransportWS
import Testing

/// An engine that serves lines and WebSockets over TLS.
struct SecureChat {
    let engine: ChatEngine
    let certificate: TestCertificate
    let tls: TLSServer
    let refusals: Refusals

    var tcp: Int { engine.ports[0] }
    var webSocket: Int { engine.ports[1] }

    init(
        _ kind: ReactorKind = .epoll, certificate: TestCertificate? = nil,
        configuration given: TLSConfiguration? = nil, handshakeMilliseconds: Int64 = 600_000,
        limits: Limits = .unlimitedConnections
    ) async throws {
        let certificate = try certificate ?? TestCertificate()
        self.certificate = certificate
        refusals = Refusals()
        tls = try TLSServer(
            given
                ?? TLSConfiguration(certificate: certificate.chainPath, key: certificate.keyPath))
        var configuration = ChatConfiguration()
        configuration.reactor = kind
        configuration.rates = .off
        configuration.presence.presenceGraceMilliseconds = 0
        configuration.limits = limits
        configuration.observer = refusals
        engine = try await ChatEngine(store: MemoryStore(), configuration: configuration)
        var lines = TCPTransport.Configuration()
        lines.security = tls
        lines.limits = limits
        lines.handshakeMilliseconds = handshakeMilliseconds
        var frames = WebSocketTransport.Configuration(routes: [
            HTTPRoute("/page", contentType: "text/plain", body: Array("hello".utf8))
        ])
        frames.security = tls
        frames.limits = limits
        frames.handshakeMilliseconds = handshakeMilliseconds
        try await engine.serve(
            TCPTransport(port: 0, configuration: lines),
            WebSocketTransport(port: 0, configuration: frames))
    }

    /// The options of a client that trusts the certificate.
    var trusting: TLSClient.Options {
        var options = TLSClient.Options()
        options.trusted = certificate.chainPath
        return options
    }

    /// A client of lines that trusts the certificate.
    func client() async throws -> TLSClient {
        try await TLSClient.connect(port: tcp, trusting)
    }

    func stop() async { await engine.shutdown(deadlineMilliseconds: 1_000) }

    /// Waits until the engine counts so many connections.
    func until(connections: Int) async { await engine.waitUntil(connections: connections) }
}

/// The same without TLS.
struct PlainChat {
    let engine: ChatEngine

    var tcp: Int { engine.ports[0] }
    var webSocket: Int { engine.ports[1] }

    init() async throws {
        engine = try await ChatEngine(store: MemoryStore(), configuration: ChatConfiguration())
        try await engine.serve(TCPTransport(port: 0), WebSocketTransport(port: 0))
    }

    func stop() async { await engine.shutdown(deadlineMilliseconds: 1_000) }
}

/// What the server's transports refused, in order.
final class Refusals: ChatObserver {
    private struct State {
        var all: [TransportRefusal] = []
        var waiting: [CheckedContinuation<TransportRefusal, Never>] = []
    }

    private let state = Lock(State())

    func refused(_ refusal: TransportRefusal, peer: PeerInfo) {
        let waiting = state.withLock { state -> [CheckedContinuation<TransportRefusal, Never>] in
            state.all.append(refusal)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: refusal) }
    }

    var list: [TransportRefusal] { state.withLock { $0.all } }

    /// Waits for the first refusal.
    func first() async -> TransportRefusal {
        await withCheckedContinuation { continuation in
            let first = state.withLock { state -> TransportRefusal? in
                if state.all.isEmpty { state.waiting.append(continuation) }
                return state.all.first
            }
            if let first { continuation.resume(returning: first) }
        }
    }
}

extension TLSClient {
    /// Signs a guest in over lines.
    ///
    /// - Returns: the answer.
    @discardableResult
    func hello(_ name: String) async throws -> JSONValue {
        try await send(Array(#"{"type":"hello","id":1,"name":"\#(name)"}"#.utf8) + [0x0A])
        return try await next { $0["id"].integer == 1 }
    }

    /// The next object that `isWanted`.
    func next(_ isWanted: (JSONValue) -> Bool) async throws -> JSONValue {
        while let line = try await readLine() {
            let object = try #require(JSONValue(parsing: line))
            if isWanted(object) { return object }
        }
        throw Failure(description: "the connection ended too early")
    }
}
