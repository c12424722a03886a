// SPDX-License-Identifier: MIT

public import ChatCore
import ChatSockets

/// A WebSocket server without chat: for tools, tests and programs of one's own.
public final class WebSocketServer: Sendable {
    /// A message.
    public enum Message: Sendable, Equatable {
        /// Text.
        case text(String)
        /// Bytes.
        case binary([UInt8])
    }

    /// What can be set.
    public struct Configuration: Sendable {
        /// The longest message, in bytes; above it the connection closes with 1009.
        public var messageBytes = 16 << 20
        /// Above this many bytes that wait, nothing more is read from that peer.
        public var pauseBytes = 1 << 20
        /// Which web pages may connect.
        public var origins = WebSocketOriginPolicy.sameHost
        /// Whether permessage-deflate is agreed on with clients that ask for it.
        public var compresses = false
        /// How many event loops, each with a thread.
        public var loops = 1
        /// How they talk to the kernel.
        public var reactor = ReactorKind.epoll

        /// The defaults.
        public init() {}
    }

    /// A connection, on its event loop.
    public final class Connection {
        private let stream: StreamConnection

        init(_ stream: StreamConnection) { self.stream = stream }

        /// The peer's address without port.
        public var peerAddress: String { stream.peer }

        /// Sends a message; it is written at the end of the loop's turn.
        ///
        /// Does nothing once the connection is closing.
        public func send(_ message: Message) {
            switch message {
            case .text(let text):
                let bytes = Array(text.utf8)
                stream.send(bytes.span)
            case .binary(let bytes):
                stream.sendFramed { FrameEncoder.append(.binary, bytes.span, to: &$0) }
            }
        }
    }

    private let server: StreamServer

    private init(_ server: StreamServer) { self.server = server }

    /// The port that is bound.
    public var port: Int { Int(server.address.port) }

    /// Binds, listens and serves.
    ///
    /// - Parameters:
    ///   - host: a numeric address or `localhost`.
    ///   - port: 0 lets the system choose.
    ///   - configuration: bounds.
    ///   - onMessage: called with every message on the connection's event loop; it must return at
    ///     once.
    /// - Throws: ``TransportError`` if the address cannot be bound.
    public static func start(
        host: String = "127.0.0.1", port: Int, configuration: Configuration = Configuration(),
        onMessage: @escaping @Sendable (Connection, Message) -> Void
    ) async throws(TransportError) -> WebSocketServer {
        let loops = (0..<max(1, configuration.loops)).map { EventLoop(index: $0) }
        let server = try await StreamServer.bind(
            host: host, port: port, loops: loops,
            reactors: ReactorGroup(loops: loops, kind: configuration.reactor))
        let (settings, streams) = (configuration.settings, configuration.streams)
        for loop in loops {
            let failure = await loop.run { loop -> SocketError? in
                let site = WebSocketSite(settings, on: loop) { stream in
                    .success(
                        CallbackReceiver(
                            stream, pauseBytes: configuration.pauseBytes, onMessage))
                }
                return server.tryListen(on: loop, configuration: streams) { site.begin($0) }
            }
            if let failure { throw await server.giveUp(failure) }
        }
        return WebSocketServer(server)
    }

    /// Closes all connections and frees the port.
    ///
    /// Call it once.
    ///
    /// - Parameter withinMilliseconds: how long the peers get.
    public func stop(withinMilliseconds: Int64 = 2_000) async {
        let now = SystemClock().now()
        await server.stop(.shutdown, deadline: now.advanced(byMilliseconds: withinMilliseconds))
    }
}

extension WebSocketServer.Configuration {
    fileprivate var settings: WebSocketSettings {
        var limits = WebSocketLimits()
        limits.messageBytes = messageBytes
        return WebSocketSettings(
            path: nil,
            policy: UpgradePolicy(origins: origins, subprotocols: [], allowsDeflate: compresses),
            limits: limits, http: HTTPLimits(), headMilliseconds: 10_000, routes: [])
    }

    fileprivate var streams: StreamServerConfiguration {
        StreamServerConfiguration(framing: WebSocketFraming())
    }
}

/// A closure as receiver.
private final class CallbackReceiver: WebSocketReceiver {
    private let stream: StreamConnection
    private let connection: WebSocketServer.Connection
    private let pauseBytes: Int
    private let onMessage: @Sendable (WebSocketServer.Connection, WebSocketServer.Message) -> Void

    init(
        _ stream: StreamConnection, pauseBytes: Int,
        _ onMessage:
            @escaping @Sendable (WebSocketServer.Connection, WebSocketServer.Message) ->
            Void
    ) {
        self.stream = stream
        self.pauseBytes = pauseBytes
        self.onMessage = onMessage
        connection = WebSocketServer.Connection(stream)
    }

    var acceptsBinary: Bool { true }

    func message(_ payload: Span<UInt8>, isText: Bool) -> Bool {
        var bytes: [UInt8] = []
        bytes.append(span: payload)
        onMessage(
            connection, isText ? .text(String(decoding: bytes, as: UTF8.self)) : .binary(bytes))
        if stream.pendingBytes > pauseBytes { stream.pauseReadingUntilWritten() }
        return true
    }

    func heard() {}
    func caughtUp(staleRooms: [RoomID]) {}
    func ended() {}
}
