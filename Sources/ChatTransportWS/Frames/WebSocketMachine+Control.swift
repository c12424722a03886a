// SPDX-License-Identifier: MIT

package import ChatCore

extension WebSocketMachine {
    /// Sends a Ping frame, if the connection is open.
    ///
    /// - Parameter payload: At most 125 bytes; longer ones are cut.
    package mutating func ping<Sink: WebSocketSink & ~Copyable>(
        _ payload: Span<UInt8>, sink: inout Sink
    ) {
        guard isOpen else { return }
        let count = min(payload.count, FrameHeader.controlPayloadBytes)
        send(.ping, payload.extracting(0..<count), &sink)
    }

    /// Begins the closing handshake, if the connection is open (RFC 6455 section 7.1.2).
    ///
    /// A code that may not be sent becomes 1000. From now on what the peer sends is ignored up to
    /// its Close frame.
    package mutating func close<Sink: WebSocketSink & ~Copyable>(
        _ code: WebSocketCloseCode, reason: String = "", now: ChatInstant, sink: inout Sink
    ) {
        guard isOpen else { return }
        sendClose(code.maySend ? code : .normal, reason, &sink)
        assembler.reset()
        phase = .closing(deadline: now.advanced(byMilliseconds: options.limits.closeMilliseconds))
    }

    /// The stream from the peer has ended or failed.
    package mutating func endOfInput<Sink: WebSocketSink & ~Copyable>(sink: inout Sink) {
        giveUp(by: .peer, sink: &sink)
    }

    /// Gives up on a peer that lets the closing handshake wait; does nothing before
    /// ``nextDeadline``.
    package mutating func deadlineReached<Sink: WebSocketSink & ~Copyable>(
        now: ChatInstant, sink: inout Sink
    ) {
        guard let deadline = nextDeadline, now >= deadline else { return }
        giveUp(by: .local, sink: &sink)
    }

    // MARK: Inside

    /// Acts on a control frame of an open connection.
    mutating func control<Sink: WebSocketSink & ~Copyable>(
        _ opcode: WebSocketOpcode, _ payload: Span<UInt8>, _ now: ChatInstant, _ sink: inout Sink
    ) throws(WebSocketViolation) {
        switch opcode {
        case .ping: send(.pong, payload, &sink)
        case .pong: sink.pong(payload)
        case .close: try peerClosed(payload, now, &sink)
        case .continuation, .text, .binary: break
        }
    }

    /// Acts on the peer's Close frame: answers it unless ours is out already (section 5.5.1).
    mutating func peerClosed<Sink: WebSocketSink & ~Copyable>(
        _ payload: Span<UInt8>, _ now: ChatInstant, _ sink: inout Sink
    ) throws(WebSocketViolation) {
        guard payload.count != 1 else { throw .shortClosePayload }
        var code = WebSocketCloseCode.noStatus
        if payload.count >= 2 {
            code = WebSocketCloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
            guard code.maySend else { throw .invalidCloseCode }
        }
        let reason = payload.extracting(min(2, payload.count)..<payload.count)
        guard UTF8Validator.isValid(reason) else { throw .invalidCloseReason }
        let closer = isOpen ? WebSocketCloser.peer : .local
        if isOpen { sendClose(code == .noStatus ? nil : code, "", &sink) }
        drain(now)
        sink.closed(code, reason: reason, by: closer)
        sink.finish()
    }

    /// Fails the connection (section 7.1.7): tells the peer why unless our Close frame is out
    /// already.
    mutating func fail<Sink: WebSocketSink & ~Copyable>(
        _ violation: WebSocketViolation, now: ChatInstant, sink: inout Sink
    ) {
        if isOpen { sendClose(violation.closeCode, violation.reason, &sink) }
        drain(now)
        let reason = Array(violation.reason.utf8)
        sink.closed(violation.closeCode, reason: reason.span, by: .violation(violation))
        sink.finish()
    }

    /// Ends the connection without waiting for anything more.
    private mutating func giveUp<Sink: WebSocketSink & ~Copyable>(
        by closer: WebSocketCloser, sink: inout Sink
    ) {
        let before = phase
        phase = .ended
        progress = nil
        assembler.reset()
        switch before {
        case .open, .closing:
            let none: [UInt8] = []
            sink.closed(.abnormal, reason: none.span, by: closer)
            sink.abort()
        case .draining: sink.abort()
        case .ended: break
        }
    }

    /// Waits for the end of the stream, for as long as for a Close frame.
    private mutating func drain(_ now: ChatInstant) {
        progress = nil
        assembler.reset()
        phase = .draining(deadline: now.advanced(byMilliseconds: options.limits.closeMilliseconds))
    }

    private mutating func send<Sink: WebSocketSink & ~Copyable>(
        _ opcode: WebSocketOpcode, _ payload: Span<UInt8>, _ sink: inout Sink
    ) {
        var frame: [UInt8] = []
        FrameEncoder.append(opcode, payload, maskKey: nextMaskKey(), to: &frame)
        sink.send(frame.span)
    }

    private mutating func sendClose<Sink: WebSocketSink & ~Copyable>(
        _ code: WebSocketCloseCode?, _ reason: String, _ sink: inout Sink
    ) {
        var frame: [UInt8] = []
        FrameEncoder.appendClose(code, reason: reason, maskKey: nextMaskKey(), to: &frame)
        sink.send(frame.span)
    }
}
