// SPDX-License-Identifier: MIT

/// What a frame is (RFC 6455 section 5.2); others are reserved.
package enum WebSocketOpcode: UInt8, Sendable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    /// Whether it is a control frame, which may come between the fragments of a message.
    package var isControl: Bool { rawValue >= 0x8 }
}

/// Which side of the connection this is.
package enum WebSocketRole: Sendable, Equatable {
    /// Expects masked frames and sends them unmasked.
    case server
    /// Expects unmasked frames and sends them masked.
    case client
}

/// The header of a frame (RFC 6455 section 5.2).
package struct FrameHeader: Sendable, Equatable {
    /// The longest payload of a control frame, in bytes.
    package static let controlPayloadBytes = 125
    /// The longest header, in bytes.
    package static let maximumBytes = 14

    /// Whether this is the last frame of its message.
    package var isFinal = true
    /// RSV1: the message is compressed (RFC 7692 section 6).
    package var isCompressed = false
    package var opcode: WebSocketOpcode
    /// The key with the first byte of the wire in the lowest bits; `nil` if the frame is not
    /// masked.
    package var maskKey: UInt32?
    /// The length of the payload, in bytes.
    package var payloadBytes: Int

    /// Makes a header.
    package init(
        _ opcode: WebSocketOpcode, payloadBytes: Int, isFinal: Bool = true,
        isCompressed: Bool = false, maskKey: UInt32? = nil
    ) {
        self.opcode = opcode
        self.payloadBytes = payloadBytes
        self.isFinal = isFinal
        self.isCompressed = isCompressed
        self.maskKey = maskKey
    }

    /// The length of the encoded header, in bytes.
    package var headerBytes: Int {
        let length = payloadBytes <= 125 ? 0 : payloadBytes <= 0xFFFF ? 2 : 8
        return 2 + length + (maskKey == nil ? 0 : 4)
    }
}

extension FrameHeader {
    /// Reads the header at `offset`; `nil` if it is not complete, which no breach in its bytes so
    /// far is.
    ///
    /// - Parameters:
    ///   - receiver: Who reads: a server insists on masked frames, a client on unmasked ones.
    ///   - allowsCompressed: Whether permessage-deflate was agreed on, so that RSV1 may be set.
    package static func parse(
        _ bytes: Span<UInt8>, at offset: Int = 0, receiver: WebSocketRole, allowsCompressed: Bool
    ) throws(WebSocketViolation) -> FrameHeader? {
        guard offset < bytes.count else { return nil }
        var header = try parseFirst(bytes[offset], allowsCompressed: allowsCompressed)
        guard offset + 1 < bytes.count else { return nil }
        let second = bytes[offset + 1]
        let isMasked = second & 0x80 != 0
        if isMasked != (receiver == .server) {
            throw isMasked ? .maskedFrame : .unmaskedFrame
        }
        let short = Int(second & 0x7F)
        if header.opcode.isControl && short > controlPayloadBytes { throw .longControlFrame }
        let lengthBytes = short < 126 ? 0 : short == 126 ? 2 : 8
        var position = offset + 2
        if lengthBytes == 0 {
            header.payloadBytes = short
        } else {
            guard position + lengthBytes <= bytes.count else { return nil }
            header.payloadBytes = try parseLength(bytes, at: position, count: lengthBytes)
            position += lengthBytes
        }
        guard isMasked else { return header }
        guard position + 4 <= bytes.count else { return nil }
        var key: UInt32 = 0
        for index in 0..<4 { key |= UInt32(bytes[position + index]) << UInt32(index * 8) }
        header.maskKey = key
        return header
    }

    /// Reads the byte of flags and opcode.
    private static func parseFirst(
        _ byte: UInt8, allowsCompressed: Bool
    ) throws(WebSocketViolation) -> FrameHeader {
        if byte & 0x30 != 0 { throw .reservedBits }
        guard let opcode = WebSocketOpcode(rawValue: byte & 0x0F) else { throw .unknownOpcode }
        let isFinal = byte & 0x80 != 0
        let isCompressed = byte & 0x40 != 0
        if isCompressed {
            // RFC 7692 section 6.1: only on the first frame of a message.
            guard allowsCompressed, opcode == .text || opcode == .binary else {
                throw .reservedBits
            }
        }
        if opcode.isControl && !isFinal { throw .fragmentedControlFrame }
        return FrameHeader(opcode, payloadBytes: 0, isFinal: isFinal, isCompressed: isCompressed)
    }

    /// Reads an extended length, which must be in its shortest form and without the top bit.
    private static func parseLength(
        _ bytes: Span<UInt8>, at position: Int, count: Int
    ) throws(WebSocketViolation) -> Int {
        var length: UInt64 = 0
        for index in 0..<count { length = length << 8 | UInt64(bytes[position + index]) }
        guard length > (count == 2 ? 125 : 0xFFFF) else { throw .lengthNotMinimal }
        guard let length = Int(exactly: length) else { throw .lengthOutOfRange }
        return length
    }
}
