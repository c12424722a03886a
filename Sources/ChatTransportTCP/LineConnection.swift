// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets

/// Lines in, a session behind.
final class LineConnection: ByteProtocol {
    private var parser: LineParser
    private var session: ChatSession?

    /// Hands `connection` to the engine, which may refuse it.
    static func begin(_ connection: StreamConnection, host: any ConnectionHost, limits: Limits) {
        let lines = LineConnection(limits: limits)
        guard connection.start(lines) else { return }
        var peer = PeerInfo(address: connection.peer, transport: "tcp")
        peer.isCounted = connection.isCounted
        switch host.accept(connection, peer: peer) {
        case .success(let session): lines.session = session
        case .failure(let refusal): connection.close(refusal.code)
        }
    }

    private init(limits: Limits) { parser = LineParser(limit: limits.frameBytes) }

    func received(_ mutable: inout MutableSpan<UInt8>, on connection: StreamConnection) -> Int {
        let bytes = mutable.span
        var start = 0
        while connection.isOpen {
            switch parser.next(in: bytes, from: start) {
            case .line(let range, let next):
                guard take(bytes.extracting(range)) else {
                    connection.pauseReading()
                    return start
                }
                start = next
            case .incomplete(let consumed):
                // The first byte of a TLS handshake, which no JSON begins with.
                if consumed < bytes.count, bytes[consumed] == 0x16 { refuseTLS(connection) }
                return consumed
            case .tooLong:
                refuse(connection)
            }
        }
        return bytes.count
    }

    private func take(_ line: Span<UInt8>) -> Bool { session?.receive(line) ?? true }

    /// A client that speaks TLS here by mistake understands the alert "protocol_version".
    private func refuseTLS(_ connection: StreamConnection) {
        connection.sendFramed { $0 += [0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46] }
        connection.finish()
    }

    private func refuse(_ connection: StreamConnection) {
        session?.reject(
            WireError(.tooLarge, "a line may have at most \(parser.limit) bytes"))
        connection.close(.protocolError)
    }

    /// The last line may lack its end (`printf '{…}' | nc`).
    func inputEnded(rest: Span<UInt8>, on connection: StreamConnection) -> Bool {
        var end = rest.count
        if end > 0, rest[end - 1] == 0x0D { end -= 1 }
        return end == 0 || take(rest.extracting(0..<end))
    }

    var isAnswered: Bool { session?.unansweredCommands ?? 0 == 0 }

    func deadlineReached(on connection: StreamConnection) {}

    func appendFarewell(_ code: CloseCode, to bytes: inout [UInt8]) {
        bytes += Self.farewell(code)
    }

    static func farewell(_ code: CloseCode) -> [UInt8] {
        let text =
            #"{"type":"goodbye","code":\#(code.rawValue),"reason":"\#(code.name)","#
            + #""reconnect":\#(code.isReconnectable)}"# + "\n"
        return Array(text.utf8)
    }

    /// Lines have no question of their own: the kernel's keep-alive and the client's pings serve.
    func appendProbe(to bytes: inout [UInt8]) {}

    func caughtUp(staleRooms: [RoomID], on connection: StreamConnection) {
        session?.caughtUp(staleRooms: staleRooms)
    }

    func ended() {
        let session = session
        self.session = nil
        session?.ended()
    }
}
