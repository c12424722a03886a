// SPDX-License-Identifier: MIT

/// An encoded frame header, kept in place.
package struct FrameHeaderBytes: Sendable {
    private var storage = InlineArray<14, UInt8>(repeating: 0)
    /// The number of bytes, 2 to 14.
    package private(set) var count = 0

    /// The bytes.
    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { storage.span.extracting(0..<count) }
    }

    fileprivate mutating func append(_ byte: UInt8) {
        storage[count] = byte
        count += 1
    }
}

/// Writes frames (RFC 6455 section 5.2).
package enum FrameEncoder {
    /// The bytes of a header, for a payload that is written from elsewhere.
    package static func header(_ header: FrameHeader) -> FrameHeaderBytes {
        var bytes = FrameHeaderBytes()
        let flags: UInt8 = (header.isFinal ? 0x80 : 0) | (header.isCompressed ? 0x40 : 0)
        bytes.append(flags | header.opcode.rawValue)
        let maskBit: UInt8 = header.maskKey == nil ? 0 : 0x80
        let length = UInt64(header.payloadBytes)
        switch length {
        case 0...125: bytes.append(maskBit | UInt8(length))
        case 126...0xFFFF:
            bytes.append(maskBit | 126)
            append(length, count: 2, to: &bytes)
        default:
            bytes.append(maskBit | 127)
            append(length, count: 8, to: &bytes)
        }
        if let key = header.maskKey {
            for index in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: key >> UInt32(index * 8))) }
        }
        return bytes
    }

    /// Appends a whole frame.
    ///
    /// - Parameters:
    ///   - maskKey: Given by clients only; the copy of the payload is then masked.
    /// - Complexity: O(payload); allocates only what `output` has to grow.
    package static func append(
        _ opcode: WebSocketOpcode, _ payload: Span<UInt8>, isFinal: Bool = true,
        isCompressed: Bool = false, maskKey: UInt32? = nil, to output: inout [UInt8]
    ) {
        let header = header(
            FrameHeader(
                opcode, payloadBytes: payload.count, isFinal: isFinal, isCompressed: isCompressed,
                maskKey: maskKey))
        output.append(span: header.span)
        let start = output.count
        output.append(span: payload)
        guard let maskKey else { return }
        var written = output.mutableSpan
        Masking.apply(maskKey, rotation: 0, to: &written, in: start..<(start + payload.count))
    }

    /// Appends a Close frame, without code if it is `nil`; the reason is cut to what fits.
    package static func appendClose(
        _ code: WebSocketCloseCode?, reason: String = "", maskKey: UInt32? = nil,
        to output: inout [UInt8]
    ) {
        var payload: [UInt8] = []
        if let code {
            payload.append(UInt8(code.rawValue >> 8))
            payload.append(UInt8(code.rawValue & 0xFF))
            for character in reason.unicodeScalars {
                let bytes = UTF8.encode(character) ?? UTF8.encodedReplacementCharacter
                guard payload.count + bytes.count <= FrameHeader.controlPayloadBytes else { break }
                payload.append(contentsOf: bytes)
            }
        }
        append(.close, payload.span, maskKey: maskKey, to: &output)
    }

    private static func append(_ length: UInt64, count: Int, to bytes: inout FrameHeaderBytes) {
        for index in (0..<count).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: length >> UInt64(index * 8)))
        }
    }
}

extension [UInt8] {
    /// Appends a copy of `span`.
    mutating func append(span: Span<UInt8>) {
        // The buffer does not leave the closure, and the array copies what it takes.
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
