// SPDX-License-Identifier: MIT

/// Whether to go on after a message.
package enum WebSocketFlow: Sendable, Equatable {
    /// Go on with the bytes behind it.
    case proceed
    /// Return: the bytes behind it stay with the caller until it can take more.
    case pause
}

/// Who ended a connection.
package enum WebSocketCloser: Sendable, Equatable {
    /// The peer, by a Close frame or by ending the stream.
    case peer
    /// We, by ``WebSocketMachine/close(_:reason:now:sink:)``.
    case local
    /// We, because the peer broke a rule.
    case violation(WebSocketViolation)
}

/// Receives what a ``WebSocketMachine`` finds and orders; the shell carries it out.
///
/// All calls come from inside a call of the machine, on the same thread, in the order in which they
/// have to take effect. Spans live until the call returns: copy what has to stay.
package protocol WebSocketSink: ~Copyable {
    /// A complete message. Text is valid UTF-8.
    mutating func message(_ payload: Span<UInt8>, isText: Bool) -> WebSocketFlow

    /// A Pong frame, asked for or not.
    mutating func pong(_ payload: Span<UInt8>)

    /// Write these bytes, whole frames, behind all that is queued.
    mutating func send(_ frames: Span<UInt8>)

    /// The connection is over for messages. Comes exactly once, before or with ``finish()`` or
    /// ``abort()``.
    ///
    /// - Parameters:
    ///   - code: The peer's code (1005 without one, 1006 without Close frame), or ours for a
    ///     violation.
    ///   - reason: Valid UTF-8, at most 123 bytes.
    mutating func closed(
        _ code: WebSocketCloseCode, reason: Span<UInt8>, by closer: WebSocketCloser)

    /// Once all that is queued is written, shut down the sending side; then read and discard until
    /// the stream ends or the machine's deadline passes.
    ///
    /// Closing the socket at once instead would make the kernel answer unread bytes with a reset,
    /// which can destroy the Close frame on its way.
    mutating func finish()

    /// Close the socket now and drop what is queued.
    mutating func abort()
}
