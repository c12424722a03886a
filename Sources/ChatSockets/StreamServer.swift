// SPDX-License-Identifier: MIT

package import ChatCore
import ChatPlatform

/// What one server has on one event loop.
struct Listener {
    let acceptor: Acceptor
    let group: ConnectionGroup
}

/// How a ``StreamServer`` treats its connections.
package struct StreamServerConfiguration: Sendable {
    package var options = SocketOptions()
    package var settings = StreamSettings()
    package var opening = StreamOpening()
    /// The framing that connections start with.
    package var framing: any WireFraming

    package init(framing: any WireFraming) { self.framing = framing }
}

/// A listening address with its connections on all loops of a ``ReactorGroup``.
package final class StreamServer: Sendable {
    private let loops: [EventLoop]
    private let reactors: ReactorGroup
    /// Until it accepts no more: then the port is free for another server.
    private let sockets: Lock<[ListeningSocket]>

    /// Where it listens.
    package let address: SocketAddress

    /// Binds `address` once per loop and starts the reactors.
    ///
    /// Nothing is accepted before ``listen(on:configuration:begin:)``.
    package init(
        _ address: SocketAddress, loops: [EventLoop], reactors: ReactorGroup
    ) async throws(SocketError) {
        let sockets = try ListeningSocket.group(address, count: loops.count)
        try await reactors.acquire()
        self.loops = loops
        self.reactors = reactors
        self.sockets = Lock(sockets)
        self.address = sockets.first?.address ?? address
    }

    /// Starts accepting on one loop.
    ///
    /// Call it there.
    ///
    /// - Parameter begin: gets each connection and calls ``StreamConnection/start(_:)``.
    package func listen(
        on loop: isolated EventLoop, configuration: StreamServerConfiguration,
        host: (any ConnectionHost)? = nil, begin: @escaping (StreamConnection) -> Void
    ) throws(SocketError) {
        guard let reactor = loop.attachedDriver as? Reactor,
            let index = loops.firstIndex(where: { $0 === loop }),
            let socket = sockets.withLock({ $0.isEmpty ? nil : $0[index] })
        else { return }
        let group = ConnectionGroup()
        group.host = host
        group.transport = configuration.opening.transport
        group.refused = configuration.opening.refused
        if let bytes = configuration.opening.newcomerBytes {
            reactor.newcomers.limit(bytes / max(1, loops.count))
        }
        let acceptor = try Acceptor(
            socket, on: reactor, configuration: configuration, group: group, begin: begin)
        reactor.listeners[ObjectIdentifier(self)] = Listener(acceptor: acceptor, group: group)
    }

    /// Binds a numeric address for a transport.
    package static func bind(
        host: String, port: Int, loops: [EventLoop], reactors: ReactorGroup
    ) async throws(TransportError) -> StreamServer {
        guard let address = SocketAddress(host: host, port: port) else {
            throw TransportError(
                "\(host):\(port) is no address: use numbers such as 127.0.0.1 or ::1, port 0-65535")
        }
        do {
            return try await StreamServer(address, loops: loops, reactors: reactors)
        } catch {
            throw TransportError("cannot listen on \(address.description): \(error)\(error.advice)")
        }
    }

    /// Like ``listen(on:configuration:begin:)``, with the error as a value that can leave the loop.
    package func tryListen(
        on loop: isolated EventLoop, configuration: StreamServerConfiguration,
        host: (any ConnectionHost)? = nil, begin: @escaping (StreamConnection) -> Void
    ) -> SocketError? {
        do throws(SocketError) {
            try listen(on: loop, configuration: configuration, host: host, begin: begin)
            return nil
        } catch {
            return error
        }
    }

    /// Lets go of everything after a loop could not listen.
    ///
    /// - Returns: what to tell the caller.
    package func giveUp(_ failure: SocketError) async -> TransportError {
        await stop(.shutdown, deadline: .zero)
        return TransportError("cannot listen on \(address.description): \(failure)")
    }

    private func listener(on loop: isolated EventLoop) -> Listener? {
        (loop.attachedDriver as? Reactor)?.listeners[ObjectIdentifier(self)]
    }

    /// The connections on `loop`, in no particular order.
    package func connections(on loop: isolated EventLoop) -> [StreamConnection] {
        listener(on: loop)?.group.all ?? []
    }

    /// Takes no further connection; those there are stay.
    package func stopAccepting() async {
        for loop in loops { await loop.run { loop in listener(on: loop)?.acceptor.stop() } }
        sockets.withLock { $0 = [] }
    }

    /// Says goodbye to all connections with `code`, waits until they have ended, but not beyond
    /// `deadline`, and lets go of the reactors.
    ///
    /// Call it once.
    package func stop(_ code: CloseCode, deadline: ChatInstant) async {
        await stopAccepting()
        await withTaskGroup(of: Void.self) { tasks in
            for loop in loops {
                tasks.addTask { await self.drain(loop, code, deadline: deadline) }
            }
        }
        await reactors.release()
    }

    private func drain(
        _ loop: isolated EventLoop, _ code: CloseCode, deadline: ChatInstant
    ) async {
        guard let listener = listener(on: loop) else { return }
        let rest = deadline.milliseconds(since: loop.clock.now())
        await withCheckedContinuation(isolation: loop) { continuation in
            listener.group.close(code, within: rest) { continuation.resume() }
        }
        (loop.attachedDriver as? Reactor)?.listeners[ObjectIdentifier(self)] = nil
    }
}
