// SPDX-License-Identifier: MIT

/// The deflaters of a reactor thread: one per window size that some client asked for.
///
/// Almost all connections share the one for 15 bits; the others stay empty until they are used.
package struct DeflaterSet: ~Copyable {
    private var deflaters: InlineArray<7, Deflater>

    /// Makes a set of deflaters that own nothing yet.
    package init(level: Int = 1) {
        deflaters = InlineArray { Deflater(level: level, windowBits: $0 + 9) }
    }

    /// Appends a message as one frame, compressed if that was agreed on and pays.
    ///
    /// - Parameters:
    ///   - agreement: The connection's; `nil` sends it as it is.
    ///   - minimumBytes: Shorter messages are sent as they are.
    /// - Returns: Whether the frame is compressed.
    @discardableResult
    package mutating func appendMessage(
        _ opcode: WebSocketOpcode, _ payload: Span<UInt8>, agreement: DeflateAgreement?,
        minimumBytes: Int, maskKey: UInt32? = nil, to output: inout [UInt8]
    ) -> Bool {
        if let agreement, payload.count >= minimumBytes {
            let slot = min(max(agreement.serverWindowBits - 9, 0), 6)
            let isDone = deflaters[slot].deflate(payload)
            if isDone && deflaters[slot].output.count < payload.count {
                FrameEncoder.append(
                    opcode, deflaters[slot].output, isCompressed: true, maskKey: maskKey,
                    to: &output)
                return true
            }
        }
        FrameEncoder.append(opcode, payload, maskKey: maskKey, to: &output)
        return false
    }
}
