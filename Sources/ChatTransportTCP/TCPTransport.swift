// SPDX-License-Identifier: MIT

public import ChatCore
import ChatSockets

/// Serves chat over plain TCP: one JSON object per line.
///
/// Try it with `nc 127.0.0.1 7070`.
///
/// Without ``Configuration/security`` nothing is encrypted: listen on the loopback interface or a trusted network then.
public struct TCPTransport: Transport {
    /// What can be set beyond the address.
    public struct Configuration: Sendable {
        /// `frameBytes` bounds a line, `queuedBytes` and `queuedSlices` what waits for a slow
        /// reader.
        public var limits = Limits()
        /// After so many milliseconds without the peer's acknowledgement the kernel gives a
        /// connection up (`TCP_USER_TIMEOUT`); 0 leaves it to the system.
        public var userTimeoutMilliseconds: Int32 = 60_000
        /// After so many seconds of silence the kernel asks the peer (`TCP_KEEPIDLE`); 0 for never.
        public var keepAliveSeconds: Int32 = 60
        /// Encrypts every connection (`TLSServer` of `ChatTLS`); `nil` for none.
        public var security: (any TransportSecurity)?
        /// How long a proxy's header and the TLS handshake may take together, in milliseconds.
        public var handshakeMilliseconds: Int64 = 10_000
        /// Which proxies are believed, if they speak the PROXY protocol: lines have no other way to name the client.
        public var proxies: ProxyTrust?

        /// The defaults.
        public init() {}
    }

    private let host: String
    private let port: Int
    private let configuration: Configuration

    /// Makes a transport; ``start(_:)`` binds it.
    ///
    /// - Parameters:
    ///   - host: a numeric IPv4 or IPv6 address, or `localhost`; `0.0.0.0` or `::` for all
    ///     interfaces.
    ///   - port: 0 lets the system choose.
    ///   - configuration: bounds and time-outs.
    public init(
        host: String = "127.0.0.1", port: Int = 7070, configuration: Configuration = Configuration()
    ) {
        self.host = host
        self.port = port
        self.configuration = configuration
    }

    /// Binds, listens, and accepts on every event loop of `engine`.
    public func start(_ engine: ChatEngine) async throws(TransportError) -> any RunningTransport {
        let reactors = engine.shared(ReactorGroup.self) {
            ReactorGroup(loops: engine.loops, kind: engine.configuration.reactor)
        }
        let server = try await StreamServer.bind(
            host: host, port: port, loops: engine.loops, reactors: reactors)
        let limits = configuration.limits
        let streams = streams(engine.configuration)
        for index in engine.loops.indices {
            let failure = await engine.onLoop(index) { loop, host in
                server.tryListen(on: loop, configuration: streams, host: host) { connection in
                    LineConnection.begin(connection, host: host, limits: limits)
                }
            }
            if let failure { throw await server.giveUp(failure) }
        }
        return RunningTCPTransport(server: server, isSecure: configuration.security != nil)
    }

    private func streams(_ engine: ChatConfiguration) -> StreamServerConfiguration {
        var streams = StreamServerConfiguration(framing: LineFraming())
        streams.settings.limits = configuration.limits
        streams.options.userTimeoutMilliseconds = configuration.userTimeoutMilliseconds
        streams.options.keepAliveSeconds = configuration.keepAliveSeconds
        streams.opening.security = configuration.security
        streams.opening.handshakeMilliseconds = configuration.handshakeMilliseconds
        streams.opening.proxies = configuration.proxies
        streams.opening.watch("tcp", engine)
        streams.opening.refusal = { LineConnection.farewell($0) }
        return streams
    }
}

/// A TCP transport that accepts connections.
struct RunningTCPTransport: RunningTransport {
    let server: StreamServer
    let isSecure: Bool

    var endpoint: String { "\(isSecure ? "tls" : "tcp")://\(server.address.description)" }

    var port: Int { Int(server.address.port) }

    func stopAccepting() async { await server.stopAccepting() }

    func stop(deadline: ChatInstant) async { await server.stop(.shutdown, deadline: deadline) }
}
