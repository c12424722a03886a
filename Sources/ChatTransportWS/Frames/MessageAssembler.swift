// SPDX-License-Identifier: MIT

/// Puts the fragments of a message together (RFC 6455 section 5.4) and checks text as it arrives.
///
/// Holds bytes only while a message is incomplete. The buffer grows with what has arrived, never
/// with what was announced, and never above the limit.
struct MessageAssembler: ~Copyable {
    /// A message that has begun.
    private struct Message {
        var isText: Bool
        var isCompressed: Bool
        var text = UTF8Validator()
    }

    private let messageBytes: Int
    private var message: Message?
    private var buffer: [UInt8] = []

    init(limits: WebSocketLimits) { messageBytes = limits.messageBytes }

    /// Whether a message has begun.
    var isBusy: Bool { message != nil }

    /// The bytes of the message so far, as they arrived (compressed ones are not inflated).
    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { buffer.span }
    }

    /// The bytes that the buffer has room for.
    var capacity: Int { buffer.capacity }

    /// Whether the message that has begun is text.
    var isText: Bool { message?.isText ?? false }

    /// Whether the message that has begun is compressed.
    var isCompressed: Bool { message?.isCompressed ?? false }

    private var limit: Int {
        isCompressed
            ? WebSocketLimits.compressedBytes(ofMessage: messageBytes) : messageBytes
    }

    /// Checks the header of a data frame against the message so far, before any of its payload is
    /// kept.
    mutating func begin(_ header: FrameHeader) throws(WebSocketViolation) {
        if header.opcode == .continuation {
            guard message != nil else { throw .continuationWithoutStart }
        } else {
            guard message == nil else { throw .messageInterrupted }
            message = Message(
                isText: header.opcode == .text, isCompressed: header.isCompressed)
        }
        let limit = limit
        guard header.payloadBytes <= limit - buffer.count else { throw .messageTooBig }
    }

    /// Keeps the next bytes of a frame that ``begin(_:)`` has let pass.
    mutating func append(_ bytes: Span<UInt8>) throws(WebSocketViolation) {
        try check(bytes)
        let needed = buffer.count + bytes.count
        if needed > buffer.capacity {
            let limit = limit
            buffer.reserveCapacity(min(max(needed, buffer.capacity * 2), max(limit, needed)))
        }
        buffer.append(span: bytes)
    }

    /// Checks the next bytes of uncompressed text.
    mutating func check(_ bytes: Span<UInt8>) throws(WebSocketViolation) {
        guard isText, !isCompressed else { return }
        guard message?.text.consume(bytes) ?? true else { throw .invalidText }
    }

    /// Checks that text ends with a whole character.
    func checkEnd() throws(WebSocketViolation) {
        guard isText, !isCompressed else { return }
        guard message?.text.isComplete ?? true else { throw .invalidText }
    }

    /// Forgets the message and gives its memory back.
    mutating func reset() {
        message = nil
        if !buffer.isEmpty { buffer = [] }
    }
}
