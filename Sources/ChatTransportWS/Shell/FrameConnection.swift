// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets

/// A connection after its upgrade: frames in, a receiver behind.
final class FrameConnection: ByteProtocol {
    private let site: WebSocketSite
    private var machine: WebSocketMachine?
    private var receiver: (any WebSocketReceiver)?
    /// A message that the receiver did not take yet.
    ///
    /// It comes before all that follows.
    private var held: (payload: [UInt8], isText: Bool)?

    init(site: WebSocketSite) { self.site = site }

    /// Asks for a receiver; a refusal closes the connection with its code.
    func open(_ connection: StreamConnection, allowsCompressed: Bool) {
        switch site.open(connection) {
        case .success(let receiver):
            self.receiver = receiver
            machine = WebSocketMachine(
                site.options(
                    allowsCompressed: allowsCompressed, acceptsBinary: receiver.acceptsBinary))
        case .failure(let refusal):
            connection.close(refusal.code)
        }
    }

    func received(_ bytes: inout MutableSpan<UInt8>, on connection: StreamConnection) -> Int {
        guard connection.isOpen, let receiver else { return bytes.count }
        if let held {
            self.held = nil
            guard take(held.payload.span, isText: held.isText, receiver, connection) == .proceed
            else { return 0 }
        }
        var sink = Sink(frames: self, receiver: receiver, connection: connection)
        let now = connection.clock.now()
        return machine?.receive(&bytes, inflater: &site.inflater, now: now, sink: &sink)
            ?? bytes.count
    }

    fileprivate func take(
        _ payload: Span<UInt8>, isText: Bool, _ receiver: any WebSocketReceiver,
        _ connection: StreamConnection
    ) -> WebSocketFlow {
        if receiver.message(payload, isText: isText) {
            return connection.isPaused || !connection.isOpen ? .pause : .proceed
        }
        var copy: [UInt8] = []
        copy.append(span: payload)
        held = (copy, isText)
        connection.pauseReading()
        return .pause
    }

    /// Without a Close frame the end is an accident (RFC 6455 section 7.1.5): nothing is answered.
    func inputEnded(rest: Span<UInt8>, on connection: StreamConnection) -> Bool {
        connection.fail()
        return true
    }

    var isAnswered: Bool { true }

    func deadlineReached(on connection: StreamConnection) {}

    func appendFarewell(_ code: CloseCode, to bytes: inout [UInt8]) {
        FrameEncoder.appendClose(
            WebSocketCloseCode(rawValue: code.rawValue), reason: code.name, to: &bytes)
    }

    func appendProbe(to bytes: inout [UInt8]) {
        let none: [UInt8] = []
        FrameEncoder.append(.ping, none.span, to: &bytes)
    }

    func caughtUp(staleRooms: [RoomID], on connection: StreamConnection) {
        receiver?.caughtUp(staleRooms: staleRooms)
    }

    func ended() {
        let receiver = receiver
        self.receiver = nil
        receiver?.ended()
    }
}

/// Carries out what the machine orders.
private struct Sink: WebSocketSink {
    let frames: FrameConnection
    let receiver: any WebSocketReceiver
    let connection: StreamConnection

    func message(_ payload: Span<UInt8>, isText: Bool) -> WebSocketFlow {
        frames.take(payload, isText: isText, receiver, connection)
    }

    func pong(_ payload: Span<UInt8>) { receiver.heard() }

    func send(_ bytes: Span<UInt8>) { connection.sendFramed { $0.append(span: bytes) } }

    /// The stream's end tells the receiver, once.
    func closed(_ code: WebSocketCloseCode, reason: Span<UInt8>, by closer: WebSocketCloser) {}

    func finish() { connection.finish() }

    func abort() { connection.fail() }
}
