// SPDX-License-Identifier: MIT

package import ChatCore
import Glibc

/// The socket options of accepted connections.
package struct SocketOptions: Sendable {
    /// After so many milliseconds without an acknowledgement the kernel gives a connection up
    /// (`TCP_USER_TIMEOUT`); 0 leaves it to the system.
    package var userTimeoutMilliseconds: Int32 = 0
    /// After so many seconds of silence the kernel asks the peer (`TCP_KEEPIDLE`); 0 for never.
    package var keepAliveSeconds: Int32 = 0

    package init() {}

    func apply(to descriptor: Int32) {
        let tcp = Int32(IPPROTO_TCP)
        Syscalls.setOption(descriptor, tcp, TCP_NODELAY, 1)
        if userTimeoutMilliseconds > 0 {
            Syscalls.setOption(descriptor, tcp, TCP_USER_TIMEOUT, userTimeoutMilliseconds)
        }
        if keepAliveSeconds > 0 {
            Syscalls.setOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
            Syscalls.setOption(descriptor, tcp, TCP_KEEPIDLE, keepAliveSeconds)
            Syscalls.setOption(descriptor, tcp, TCP_KEEPINTVL, max(1, keepAliveSeconds / 3))
            Syscalls.setOption(descriptor, tcp, TCP_KEEPCNT, 3)
        }
    }
}

/// Takes the connections of a ``ListeningSocket`` on one event loop.
package final class Acceptor: ReactorHandler {
    /// More wait for the next turn, so that a rush of newcomers does not hold up those who are
    /// here.
    private static let acceptsPerTurn = 256
    /// How long to leave the backlog alone when there is no descriptor for another connection.
    private static let pauseMilliseconds: Int64 = 100

    private let reactor: Reactor
    private let options: SocketOptions
    private let opening: StreamOpening
    private let settings: SharedStreamSettings
    private let framing: SharedFraming
    private let group: ConnectionGroup
    private let begin: (StreamConnection) -> Void
    private var socket: ListeningSocket?
    private var token: UInt64 = 0

    /// Starts accepting.
    ///
    /// - Parameters:
    ///   - socket: where connections arrive. It is closed by ``stop()`` if nobody else holds it.
    ///   - reactor: who polls. The caller is on its loop.
    ///   - begin: gets each connection and calls ``StreamConnection/start(_:)``.
    package init(
        _ socket: ListeningSocket, on reactor: Reactor,
        configuration: StreamServerConfiguration, group: ConnectionGroup,
        begin: @escaping (StreamConnection) -> Void
    ) throws(SocketError) {
        self.socket = socket
        self.reactor = reactor
        framing = SharedFraming(configuration.framing)
        options = configuration.options
        opening = configuration.opening
        settings = SharedStreamSettings(configuration.settings)
        self.group = group
        self.begin = begin
        token = try reactor.add(socket.descriptor.raw, self, as: .listener, for: .input)
    }

    /// Stops accepting; connections that are here stay.
    package func stop() {
        guard let socket else { return }
        reactor.remove(socket.descriptor.raw, token: token)
        self.socket = nil
    }

    package func happened(_ event: PollerEvent) {
        switch event {
        case .ready: acceptAll()
        case .accepted(let descriptor): take(descriptor, peer: Syscalls.peerAddress(descriptor))
        case .failed: if let socket { pause(socket) }
        case .received, .inputEnded: break
        }
    }

    private func acceptAll() {
        guard let socket else { return }
        for _ in 0..<Self.acceptsPerTurn {
            do {
                guard let accepted = try Syscalls.accept(socket.descriptor.raw) else { return }
                take(accepted.descriptor, peer: accepted.peer)
            } catch {
                // Level-triggered polling would spin on a backlog that nobody can take.
                return pause(socket)
            }
        }
    }

    private func take(_ descriptor: Int32, peer: SocketAddress?) {
        options.apply(to: descriptor)
        let connection = StreamConnection(
            descriptor, peer: peer?.host ?? "", reactor: reactor, framing: framing,
            settings: settings)
        group.add(connection)
        guard isAdmitted(connection) else { return }
        let hasHeader = isProxy(connection) && opening.proxies?.header == .proxyProtocol
        guard opening.security != nil || hasHeader else { return begin(connection) }
        var channel: (any SecureChannel)?
        if let security = opening.security {
            channel = security.makeChannel(applicationProtocols: opening.applicationProtocols)
            guard channel != nil else { return connection.drop() }
        }
        let layer = StreamLayer(
            proxyHeader: hasHeader ? ProxyHeaderReader() : nil, channel: channel, begin: begin)
        connection.open(layer, within: opening.handshakeMilliseconds)
    }

    private func isProxy(_ connection: StreamConnection) -> Bool {
        opening.proxies?.trusts(connection.peer) ?? false
    }

    /// Counts a connection in, or turns it away.
    private func isAdmitted(_ connection: StreamConnection) -> Bool {
        guard let host = group.host else { return true }
        // A proxy's address says nothing about its clients.
        let address = isProxy(connection) ? nil : connection.peer
        guard let code = host.admit(address, transport: opening.transport) else {
            connection.counted = address == nil ? .inTotal : .byAddress
            return true
        }
        // Who is encrypted would need a handshake to be told.
        if opening.security == nil { connection.say(opening.refusal(code)) }
        connection.drop()
        return false
    }

    private func pause(_ socket: ListeningSocket) {
        try? reactor.change(socket.descriptor.raw, token: token, to: [])
        let deadline = reactor.clock.now().advanced(byMilliseconds: Self.pauseMilliseconds)
        reactor.arm(deadline, token: token)
    }

    package func timerFired(now: ChatInstant) {
        guard let socket else { return }
        try? reactor.change(socket.descriptor.raw, token: token, to: .input)
    }
}
