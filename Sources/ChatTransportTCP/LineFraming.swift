// SPDX-License-Identifier: MIT

public import ChatCore
import ChatSockets

/// One JSON object per line.
public struct LineFraming: WireFraming {
    /// Makes the framing.
    public init() {}

    /// Lines have 1.
    public var identifier: Int { 1 }

    /// Appends `payload` and `\n`.
    ///
    /// JSON text has no line feed of its own.
    public func append(_ payload: Span<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(payload)
        bytes.append(0x0A)
    }
}
