// SPDX-License-Identifier: MIT

/// What a peer did wrong, with the code that the connection then closes with.
package enum WebSocketViolation: Error, Sendable, Equatable, CaseIterable {
    case reservedBits
    case unknownOpcode
    case fragmentedControlFrame
    case longControlFrame
    case unmaskedFrame
    case maskedFrame
    case lengthNotMinimal
    case lengthOutOfRange
    case continuationWithoutStart
    case messageInterrupted
    case shortClosePayload
    case invalidCloseCode
    case invalidText
    case invalidCloseReason
    case invalidCompressedData
    case binaryNotAccepted
    case messageTooBig

    /// The code of the Close frame that answers it.
    package var closeCode: WebSocketCloseCode {
        switch self {
        case .invalidText, .invalidCloseReason, .invalidCompressedData: .invalidData
        case .binaryNotAccepted: .unsupportedData
        case .messageTooBig: .messageTooBig
        case .reservedBits, .unknownOpcode, .fragmentedControlFrame, .longControlFrame,
            .unmaskedFrame, .maskedFrame, .lengthNotMinimal, .lengthOutOfRange,
            .continuationWithoutStart, .messageInterrupted, .shortClosePayload,
            .invalidCloseCode:
            .protocolError
        }
    }

    /// The reason in that frame: at most 123 bytes of ASCII, nothing of the peer's.
    package var reason: String {
        switch self {
        case .reservedBits: "reserved bits are set"
        case .unknownOpcode: "unknown opcode"
        case .fragmentedControlFrame: "fragmented control frame"
        case .longControlFrame: "control frame over 125 bytes"
        case .unmaskedFrame: "client frames must be masked"
        case .maskedFrame: "server frames must not be masked"
        case .lengthNotMinimal: "length is not in its shortest form"
        case .lengthOutOfRange: "length out of range"
        case .continuationWithoutStart: "continuation without a message"
        case .messageInterrupted: "new message inside a fragmented one"
        case .shortClosePayload: "close payload of one byte"
        case .invalidCloseCode: "invalid close code"
        case .invalidText: "text is not UTF-8"
        case .invalidCloseReason: "close reason is not UTF-8"
        case .invalidCompressedData: "compressed data is invalid"
        case .binaryNotAccepted: "binary messages are not accepted"
        case .messageTooBig: "message is too big"
        }
    }
}
