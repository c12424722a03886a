// SPDX-License-Identifier: MIT

public import ChatCore
import ChatSockets

/// Serves chat over WebSocket (RFC 6455), and pages over HTTP on the same port.
///
/// Without ``Configuration/security`` nothing is encrypted: listen on the loopback interface or a trusted network then.
public struct WebSocketTransport: Transport {
    /// What can be set beyond the address.
    public struct Configuration: Sendable {
        /// `frameBytes` bounds a message, `queuedBytes` and `queuedSlices` what waits for a slow
        /// reader.
        public var limits = Limits()
        /// Which web pages may connect.
        ///
        /// By default those of the same host, because a browser sends a user's cookies along for
        /// every page.
        public var origins = WebSocketOriginPolicy.sameHost
        /// Whether messages are compressed for clients that ask for it (permessage-deflate).
        public var compresses = false
        /// The shortest message that is compressed, in bytes.
        public var compressionMinimumBytes = 512
        /// How long a request's head may take, and a kept connection may wait, in milliseconds;
        /// then 408.
        public var headMilliseconds: Int64 = 10_000
        /// The bounds of requests.
        public var http = HTTPLimits()
        /// How long nothing may come of a request's body, in milliseconds; then 408.
        public var bodyMilliseconds: Int64 = 30_000
        /// How long a piece of a streamed answer may take to be written, in milliseconds.
        public var writeMilliseconds: Int64 = 60_000
        /// Pages and calls on the same port; the first that fits answers.
        public var routes: [HTTPRoute] = []
        /// Which pages of other origins may use them.
        public var crossOrigin = HTTPCrossOrigin()
        /// What a request gets that breaks the rules of HTTP or that no route answers.
        public var refusal: @Sendable (HTTPStatus) -> HTTPResponse = { .refusal($0) }
        /// After so many milliseconds without the peer's acknowledgement the kernel gives a
        /// connection up (`TCP_USER_TIMEOUT`); 0 leaves it to the system.
        public var userTimeoutMilliseconds: Int32 = 60_000
        /// Encrypts every connection (`TLSServer` of `ChatTLS`); `nil` for none.
        public var security: (any TransportSecurity)?
        /// How long a proxy's header and the TLS handshake may take together, in milliseconds.
        public var handshakeMilliseconds: Int64 = 10_000
        /// Which proxies are believed when they name the client.
        public var proxies: ProxyTrust?

        /// The defaults.
        public init() {}

        /// The defaults with pages.
        public init(routes: [HTTPRoute]) { self.routes = routes }
    }

    private let host: String
    private let port: Int
    private let path: String
    private let configuration: Configuration

    /// Makes a transport; ``start(_:)`` binds it.
    ///
    /// - Parameters:
    ///   - host: a numeric IPv4 or IPv6 address, or `localhost`; `0.0.0.0` or `::` for all
    ///     interfaces.
    ///   - port: 0 lets the system choose.
    ///   - path: the path of the WebSocket endpoint.
    ///   - configuration: origins, bounds, time-outs, pages.
    public init(
        host: String = "127.0.0.1", port: Int = 8080, path: String = "/ws",
        configuration: Configuration = Configuration()
    ) {
        self.host = host
        self.port = port
        self.path = path
        self.configuration = configuration
    }

    /// Binds, listens, and accepts on every event loop of `engine`.
    public func start(_ engine: ChatEngine) async throws(TransportError) -> any RunningTransport {
        let reactors = engine.shared(ReactorGroup.self) {
            ReactorGroup(loops: engine.loops, kind: engine.configuration.reactor)
        }
        let server = try await StreamServer.bind(
            host: host, port: port, loops: engine.loops, reactors: reactors)
        let settings = settings
        for index in engine.loops.indices {
            let streams = streams(engine.configuration)
            let failure = await engine.onLoop(index) { loop, host -> SocketError? in
                let site = WebSocketSite(settings, on: loop) { connection in
                    var peer = PeerInfo(
                        address: connection.peer, transport: "websocket", answersProbes: true)
                    peer.isCounted = connection.isCounted
                    return host.accept(connection, peer: peer).map { $0 }
                }
                return server.tryListen(on: loop, configuration: streams, host: host) {
                    site.begin($0)
                }
            }
            if let failure { throw await server.giveUp(failure) }
        }
        return RunningWebSocketTransport(
            server: server, path: path, isSecure: configuration.security != nil,
            drain: settings.drain)
    }

    private var settings: WebSocketSettings {
        var limits = WebSocketLimits()
        limits.messageBytes = configuration.limits.frameBytes
        limits.compressionMinimumBytes = configuration.compressionMinimumBytes
        return WebSocketSettings(
            path: path,
            policy: UpgradePolicy(
                origins: configuration.origins, allowsDeflate: configuration.compresses),
            limits: limits, http: configuration.http,
            headMilliseconds: configuration.headMilliseconds,
            bodyMilliseconds: configuration.bodyMilliseconds,
            writeMilliseconds: configuration.writeMilliseconds, routes: configuration.routes,
            crossOrigin: configuration.crossOrigin, refusal: configuration.refusal,
            proxies: configuration.proxies)
    }

    private func streams(_ engine: ChatConfiguration) -> StreamServerConfiguration {
        var streams = StreamServerConfiguration(framing: WebSocketFraming())
        streams.settings.limits = configuration.limits
        streams.options.userTimeoutMilliseconds = configuration.userTimeoutMilliseconds
        streams.opening.security = configuration.security
        streams.opening.applicationProtocols = ["http/1.1"]
        streams.opening.handshakeMilliseconds = configuration.handshakeMilliseconds
        streams.opening.proxies = configuration.proxies
        streams.opening.watch("websocket", engine)
        streams.opening.refusal = { HTTPResponse.refusal($0).encoded(closes: true) }
        return streams
    }
}

/// A WebSocket transport that accepts connections.
struct RunningWebSocketTransport: RunningTransport {
    let server: StreamServer
    let path: String
    let isSecure: Bool
    let drain: DrainFlag

    var endpoint: String { "\(isSecure ? "wss" : "ws")://\(server.address.description)\(path)" }

    var port: Int { Int(server.address.port) }

    /// Requests that come from now on, on connections that are there, are refused.
    func stopAccepting() async {
        drain.begin()
        await server.stopAccepting()
    }

    func stop(deadline: ChatInstant) async { await server.stop(.shutdown, deadline: deadline) }
}
