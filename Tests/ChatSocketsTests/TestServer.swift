// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatSockets
import Synchronization
import Testing

/// Raw bytes: frames add nothing.
struct RawFraming: WireFraming {
    var identifier: Int { 99 }

    func append(_ payload: Span<UInt8>, to bytes: inout [UInt8]) { bytes.append(payload) }
}

/// What a scripted protocol has seen, told to the test as it happens.
enum Seen: Sendable, Equatable {
    case bytes(Int)
    case inputEnded(rest: Int)
    case deadline
    case caughtUp([RoomID])
    case ended
}

/// A protocol whose parts are closures.
final class ScriptedProtocol: ByteProtocol {
    typealias Receive = @Sendable (Span<UInt8>, StreamConnection) -> Int

    private let seen: AsyncStream<Seen>.Continuation
    private let receive: Receive
    private let mayEnd: @Sendable () -> Bool

    init(
        _ seen: AsyncStream<Seen>.Continuation, mayEnd: @escaping @Sendable () -> Bool,
        receive: @escaping Receive
    ) {
        self.seen = seen
        self.mayEnd = mayEnd
        self.receive = receive
    }

    func received(_ bytes: inout MutableSpan<UInt8>, on connection: StreamConnection) -> Int {
        seen.yield(.bytes(bytes.count))
        return receive(bytes.span, connection)
    }

    func inputEnded(rest: Span<UInt8>, on connection: StreamConnection) -> Bool {
        seen.yield(.inputEnded(rest: rest.count))
        return true
    }

    var isAnswered: Bool { mayEnd() }

    func deadlineReached(on connection: StreamConnection) {
        seen.yield(.deadline)
        connection.close(.helloTimeout)
    }

    func appendFarewell(_ code: CloseCode, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "bye \(code.rawValue)\n".utf8)
    }

    func appendProbe(to bytes: inout [UInt8]) { bytes.append(contentsOf: "probe\n".utf8) }

    func caughtUp(staleRooms: [RoomID], on connection: StreamConnection) {
        seen.yield(.caughtUp(staleRooms))
    }

    func ended() { seen.yield(.ended) }
}

/// A flag that any thread may raise.
final class Flag: Sendable {
    private let raised = Atomic<Bool>(false)

    var value: Bool { raised.load(ordering: .acquiring) }
    func raise() { raised.store(true, ordering: .releasing) }
}

/// A server on loopback whose connections run a script.
struct TestServer: Sendable {
    let loops: [EventLoop]
    let reactors: ReactorGroup
    let server: StreamServer
    let seen: AsyncStream<Seen>

    var port: Int { Int(server.address.port) }

    init(
        reactor kind: ReactorKind, loops count: Int = 1, port: Int = 0, limits: Limits = Limits(),
        closeMilliseconds: Int64 = 2_000, openDeadline: Int64? = nil,
        mayEnd: @escaping @Sendable () -> Bool = { true },
        greet: @escaping @Sendable (StreamConnection) -> Void = { _ in },
        receive: @escaping ScriptedProtocol.Receive = TestServer.echo
    ) async throws {
        let loops = (0..<count).map { EventLoop(index: $0) }
        self.loops = loops
        reactors = ReactorGroup(loops: loops, kind: kind)
        let address = try #require(SocketAddress(host: "127.0.0.1", port: port))
        let server = try await StreamServer(address, loops: loops, reactors: reactors)
        self.server = server
        let (seen, continuation) = AsyncStream<Seen>.makeStream()
        self.seen = seen
        var configuration = StreamServerConfiguration(framing: RawFraming())
        configuration.settings.limits = limits
        configuration.settings.closeMilliseconds = closeMilliseconds
        for loop in loops {
            try await loop.run { [configuration] loop throws(SocketError) in
                try server.listen(on: loop, configuration: configuration) { connection in
                    connection.start(
                        ScriptedProtocol(continuation, mayEnd: mayEnd, receive: receive))
                    if let openDeadline { connection.setDeadline(milliseconds: openDeadline) }
                    greet(connection)
                }
            }
        }
    }

    /// Sends back what comes.
    static let echo: ScriptedProtocol.Receive = { bytes, connection in
        connection.send(bytes)
        return bytes.count
    }

    /// Waits until the script has seen `wanted`.
    func until(_ wanted: Seen) async {
        for await seen in seen where seen == wanted { return }
    }

    /// Runs `body` on the loop of every open connection.
    ///
    /// - Returns: how many there are.
    @discardableResult
    func onConnections(_ body: @Sendable (StreamConnection) -> Void) async -> Int {
        var count = 0
        for loop in loops {
            count += await loop.run { loop in
                let connections = server.connections(on: loop).filter(\.isOpen)
                for connection in connections { body(connection) }
                return connections.count
            }
        }
        return count
    }

    func stop() async {
        await server.stop(.shutdown, deadline: SystemClock().now().advanced(byMilliseconds: 5_000))
    }
}
