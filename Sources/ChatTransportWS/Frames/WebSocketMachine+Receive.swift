// SPDX-License-Identifier: MIT

package import ChatCore

extension WebSocketMachine {
    /// What one step over the input did.
    private enum Step {
        /// Took this many bytes.
        case took(Int)
        /// Took this many bytes and the sink wants no more for now.
        case paused(Int)
        /// A header or control frame is incomplete.
        case needMore
    }

    /// Takes bytes from the peer.
    ///
    /// Payloads are unmasked in place, so `bytes` is overwritten up to what is consumed. Large
    /// frames are taken piece by piece: what is left over is at most an incomplete header or
    /// control frame (under 139 bytes), or, after a pause, everything behind the last message.
    ///
    /// - Parameters:
    ///   - bytes: What was left over last time, and what has been read since.
    ///   - inflater: The reactor thread's.
    ///   - now: The time, for the deadline of a closing handshake.
    /// - Returns: How many bytes were consumed; the caller keeps the rest.
    /// - Complexity: O(bytes), plus inflating. Allocates only for messages in several pieces.
    package mutating func receive<Sink: WebSocketSink & ~Copyable>(
        _ bytes: inout MutableSpan<UInt8>, inflater: inout Inflater, now: ChatInstant,
        sink: inout Sink
    ) -> Int {
        var offset = 0
        while offset < bytes.count {
            let step: Step
            do throws(WebSocketViolation) {
                switch phase {
                case .open:
                    step = try openStep(&bytes, offset, &inflater, now, &sink)
                case .closing:
                    step = try closingStep(&bytes, offset, now, &sink)
                case .draining, .ended:
                    return bytes.count
                }
            } catch {
                fail(error, now: now, sink: &sink)
                return bytes.count
            }
            switch step {
            case .took(let count): offset += count
            case .paused(let count): return offset + count
            case .needMore: return offset
            }
        }
        return offset
    }

    // MARK: Open

    /// Takes a header with what is there of its payload, or more payload of a frame that has begun.
    private mutating func openStep<Sink: WebSocketSink & ~Copyable>(
        _ bytes: inout MutableSpan<UInt8>, _ offset: Int, _ inflater: inout Inflater,
        _ now: ChatInstant, _ sink: inout Sink
    ) throws(WebSocketViolation) -> Step {
        if progress != nil { return try payloadStep(&bytes, offset, &inflater, &sink) }
        let parsed = try FrameHeader.parse(
            bytes.span, at: offset, receiver: options.role,
            allowsCompressed: options.allowsCompressed)
        guard let header = parsed else { return .needMore }
        let start = offset + header.headerBytes
        if header.opcode.isControl {
            guard bytes.count - start >= header.payloadBytes else { return .needMore }
            let payload = start..<(start + header.payloadBytes)
            if let key = header.maskKey {
                Masking.apply(key, rotation: 0, to: &bytes, in: payload)
            }
            try control(header.opcode, bytes.span.extracting(payload), now, &sink)
            return .took(payload.upperBound - offset)
        }
        if header.opcode == .binary && !options.acceptsBinary { throw .binaryNotAccepted }
        let isWhole = header.isFinal && !assembler.isBusy
        try assembler.begin(header)
        if isWhole && bytes.count - start >= header.payloadBytes {
            return try wholeMessage(&bytes, offset, header, &inflater, &sink)
        }
        progress = Progress(
            remaining: header.payloadBytes, maskKey: header.maskKey ?? 0, isFinal: header.isFinal)
        guard header.payloadBytes > 0 else {
            // An empty fragment: there may be no further byte to make the next step.
            return advanced(header.headerBytes, try finishFrame(&inflater, &sink))
        }
        return .took(header.headerBytes)
    }

    /// Hands on a message that is there in one frame, in the caller's buffer.
    private mutating func wholeMessage<Sink: WebSocketSink & ~Copyable>(
        _ bytes: inout MutableSpan<UInt8>, _ offset: Int, _ header: FrameHeader,
        _ inflater: inout Inflater, _ sink: inout Sink
    ) throws(WebSocketViolation) -> Step {
        let start = offset + header.headerBytes
        let payload = start..<(start + header.payloadBytes)
        if let key = header.maskKey { Masking.apply(key, rotation: 0, to: &bytes, in: payload) }
        let message = bytes.span.extracting(payload)
        try assembler.check(message)
        try assembler.checkEnd()
        let (isText, isCompressed) = (assembler.isText, assembler.isCompressed)
        assembler.reset()
        let flow = try deliver(
            message, isText: isText, isCompressed: isCompressed, &inflater, &sink)
        return advanced(payload.upperBound - offset, flow)
    }

    /// Takes what is there of the payload of a frame that has begun.
    private mutating func payloadStep<Sink: WebSocketSink & ~Copyable>(
        _ bytes: inout MutableSpan<UInt8>, _ offset: Int, _ inflater: inout Inflater,
        _ sink: inout Sink
    ) throws(WebSocketViolation) -> Step {
        let range = unmaskProgress(&bytes, offset)
        try assembler.append(bytes.span.extracting(range))
        guard progress?.remaining == 0 else { return .took(range.count) }
        return advanced(range.count, try finishFrame(&inflater, &sink))
    }

    /// Unmasks what is there of the current frame and counts it.
    private mutating func unmaskProgress(
        _ bytes: inout MutableSpan<UInt8>, _ offset: Int
    ) -> Range<Int> {
        guard var current = progress else { return offset..<offset }
        let range = offset..<(offset + min(current.remaining, bytes.count - offset))
        if options.role == .server {
            Masking.apply(current.maskKey, rotation: Int(current.rotation), to: &bytes, in: range)
        }
        current.remaining -= range.count
        current.rotation = UInt8((Int(current.rotation) + range.count) & 3)
        progress = current
        return range
    }

    /// Ends the current frame, and hands on the message if it was the last.
    private mutating func finishFrame<Sink: WebSocketSink & ~Copyable>(
        _ inflater: inout Inflater, _ sink: inout Sink
    ) throws(WebSocketViolation) -> WebSocketFlow {
        let isFinal = progress?.isFinal ?? false
        progress = nil
        guard isFinal else { return .proceed }
        try assembler.checkEnd()
        let flow = try deliver(
            assembler.bytes, isText: assembler.isText, isCompressed: assembler.isCompressed,
            &inflater, &sink)
        assembler.reset()
        return flow
    }

    /// Inflates a message if need be and hands it on.
    private func deliver<Sink: WebSocketSink & ~Copyable>(
        _ message: Span<UInt8>, isText: Bool, isCompressed: Bool, _ inflater: inout Inflater,
        _ sink: inout Sink
    ) throws(WebSocketViolation) -> WebSocketFlow {
        guard isCompressed else { return sink.message(message, isText: isText) }
        do throws(InflateError) {
            try inflater.inflate(message, limit: options.limits.messageBytes)
        } catch {
            throw error == .tooLong ? .messageTooBig : .invalidCompressedData
        }
        guard !isText || UTF8Validator.isValid(inflater.output) else { throw .invalidText }
        return sink.message(inflater.output, isText: isText)
    }

    private func advanced(_ count: Int, _ flow: WebSocketFlow) -> Step {
        flow == .pause ? .paused(count) : .took(count)
    }

    // MARK: Closing

    /// Looks only for the peer's Close frame; everything else is dropped (RFC 6455 section 1.4).
    private mutating func closingStep<Sink: WebSocketSink & ~Copyable>(
        _ bytes: inout MutableSpan<UInt8>, _ offset: Int, _ now: ChatInstant, _ sink: inout Sink
    ) throws(WebSocketViolation) -> Step {
        if let current = progress {
            let count = min(current.remaining, bytes.count - offset)
            progress?.remaining -= count
            if current.remaining == count { progress = nil }
            return .took(count)
        }
        let parsed = try FrameHeader.parse(
            bytes.span, at: offset, receiver: options.role,
            allowsCompressed: options.allowsCompressed)
        guard let header = parsed else { return .needMore }
        guard header.opcode == .close else {
            if header.payloadBytes > 0 {
                progress = Progress(remaining: header.payloadBytes, maskKey: 0, isFinal: true)
            }
            return .took(header.headerBytes)
        }
        let start = offset + header.headerBytes
        guard bytes.count - start >= header.payloadBytes else { return .needMore }
        let payload = start..<(start + header.payloadBytes)
        if let key = header.maskKey { Masking.apply(key, rotation: 0, to: &bytes, in: payload) }
        try peerClosed(bytes.span.extracting(payload), now, &sink)
        return .took(payload.upperBound - offset)
    }
}
