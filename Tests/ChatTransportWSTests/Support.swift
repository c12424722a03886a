// SPDX-License-Identifier: MIT

import ChatCore

@testable import ChatTransportWS

/// What a machine told its sink, in a form that can be compared.
enum Event: Equatable {
    case text(String)
    case binary([UInt8])
    case pong([UInt8])
    case send([UInt8])
    case closed(UInt16, String, WebSocketCloser)
    case finish
    case abort
}

/// A sink that writes everything down.
struct RecordingSink: WebSocketSink, ~Copyable {
    var events: [Event] = []
    var flow = WebSocketFlow.proceed

    mutating func message(_ payload: Span<UInt8>, isText: Bool) -> WebSocketFlow {
        let bytes = copy(payload)
        events.append(isText ? .text(String(decoding: bytes, as: UTF8.self)) : .binary(bytes))
        return flow
    }

    mutating func pong(_ payload: Span<UInt8>) { events.append(.pong(copy(payload))) }

    mutating func send(_ frames: Span<UInt8>) { events.append(.send(copy(frames))) }

    mutating func closed(
        _ code: WebSocketCloseCode, reason: Span<UInt8>, by closer: WebSocketCloser
    ) {
        let text = String(decoding: copy(reason), as: UTF8.self)
        events.append(.closed(code.rawValue, text, closer))
    }

    mutating func finish() { events.append(.finish) }

    mutating func abort() { events.append(.abort) }
}

/// A machine with its sink, inflater and leftover bytes, as a shell would hold them.
struct Harness: ~Copyable {
    var machine: WebSocketMachine
    var sink = RecordingSink()
    var inflater = Inflater()
    var leftover: [UInt8] = []
    var now = ChatInstant(milliseconds: 1_000)

    init(_ options: WebSocketMachine.Options = .init(acceptsBinary: true)) {
        machine = WebSocketMachine(options)
    }

    /// Everything that was told so far.
    var events: [Event] { sink.events }

    /// The machine's next deadline.
    var deadline: ChatInstant? { machine.nextDeadline }

    /// Feeds bytes that have been read; keeps what is left over.
    mutating func feed(_ bytes: [UInt8]) {
        // A local: a span of a property would lock all of `self`.
        var input = leftover + bytes
        var span = input.mutableSpan
        let consumed = machine.receive(&span, inflater: &inflater, now: now, sink: &sink)
        leftover = Array(input.dropFirst(consumed))
    }

    mutating func close(_ code: WebSocketCloseCode, reason: String = "") {
        machine.close(code, reason: reason, now: now, sink: &sink)
    }

    mutating func endOfInput() { machine.endOfInput(sink: &sink) }

    mutating func advance(milliseconds: Int64) {
        now = now.advanced(byMilliseconds: milliseconds)
        machine.deadlineReached(now: now, sink: &sink)
    }
}

/// A copy of a span.
func copy(_ span: Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }

/// A masked frame, as a client sends it.
func clientFrame(
    _ opcode: WebSocketOpcode, _ payload: [UInt8], isFinal: Bool = true, isCompressed: Bool = false,
    key: UInt32? = 0x7A39_12F4
) -> [UInt8] {
    var output: [UInt8] = []
    FrameEncoder.append(
        opcode, payload.span, isFinal: isFinal, isCompressed: isCompressed, maskKey: key,
        to: &output)
    return output
}

/// A masked frame with text.
func clientText(_ text: String, isFinal: Bool = true) -> [UInt8] {
    clientFrame(.text, Array(text.utf8), isFinal: isFinal)
}

/// A masked Close frame.
func clientClose(_ code: UInt16?, _ reason: [UInt8] = []) -> [UInt8] {
    let payload = code.map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } ?? []
    return clientFrame(.close, payload + reason)
}

/// An unmasked Close frame, as a server sends it.
func serverClose(_ code: UInt16?, _ reason: String = "") -> [UInt8] {
    let payload = (code.map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } ?? []) + Array(reason.utf8)
    return [0x88, UInt8(payload.count)] + payload
}

/// What a violation looks like at the sink.
func failure(_ violation: WebSocketViolation) -> [Event] {
    let code = violation.closeCode.rawValue
    return [
        .send(serverClose(code, violation.reason)),
        .closed(code, violation.reason, .violation(violation)), .finish,
    ]
}

/// The events of a fresh machine that gets `bytes` in one piece.
func events(
    _ bytes: [UInt8], _ options: WebSocketMachine.Options = .init(acceptsBinary: true)
)
    -> [Event]
{
    var harness = Harness(options)
    harness.feed(bytes)
    return harness.events
}

/// Numbers that are the same on every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
