// SPDX-License-Identifier: MIT

/// The bounds of a WebSocket connection.
public struct WebSocketLimits: Sendable, Equatable {
    /// The longest message, in bytes after decompression; above it the connection closes with 1009.
    public var messageBytes = 65_536
    /// How long the peer may take to finish the closing handshake, in milliseconds.
    public var closeMilliseconds: Int64 = 5_000
    /// The shortest message that is compressed, in bytes, if compression was agreed on.
    public var compressionMinimumBytes = 512

    /// The defaults.
    public init() {}

    /// The longest message as it arrives compressed, in bytes.
    ///
    /// Deflate makes data that cannot be compressed a little longer; more than this is no honest
    /// encoder.
    var compressedMessageBytes: Int { Self.compressedBytes(ofMessage: messageBytes) }

    static func compressedBytes(ofMessage messageBytes: Int) -> Int {
        let (sum, overflow) = messageBytes.addingReportingOverflow(messageBytes / 64 + 64)
        return overflow ? .max : sum
    }
}
