// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform

/// A text message in one unmasked frame.
package struct WebSocketFraming: WireFraming {
    package init() {}

    /// Plain frames have 2.
    package var identifier: Int { 2 }

    package func append(_ payload: Span<UInt8>, to bytes: inout [UInt8]) {
        FrameEncoder.append(.text, payload, to: &bytes)
    }
}

/// A text message in one frame, compressed if that pays.
///
/// No context is taken over from message to message, so the frame is the same for every connection
/// that agreed on the same window: a room compresses an event once, however many listen.
package struct DeflatedFraming: WireFraming {
    private let agreement: DeflateAgreement
    private let minimumBytes: Int
    private let deflaters: SharedDeflaters

    package init(_ agreement: DeflateAgreement, minimumBytes: Int, deflaters: SharedDeflaters) {
        self.agreement = agreement
        self.minimumBytes = minimumBytes
        self.deflaters = deflaters
    }

    /// 3 for the usual window; other windows make other bytes.
    package var identifier: Int {
        agreement.serverWindowBits == 15 ? 3 : 100 + agreement.serverWindowBits
    }

    package func append(_ payload: Span<UInt8>, to bytes: inout [UInt8]) {
        deflaters.append(payload, agreement, minimumBytes: minimumBytes, to: &bytes)
    }
}

/// The compressors of one event loop.
///
/// Framings are `Sendable`, so they are behind a lock, which nobody contends: all who use it are on
/// the loop.
package final class SharedDeflaters: Sendable {
    private let set: Lock<DeflaterSet>

    package init(level: Int = 1) { set = Lock(DeflaterSet(level: level)) }

    func append(
        _ payload: Span<UInt8>, _ agreement: DeflateAgreement, minimumBytes: Int,
        to bytes: inout [UInt8]
    ) {
        _ = set.withLock { set in
            set.appendMessage(
                .text, payload, agreement: agreement, minimumBytes: minimumBytes, to: &bytes)
        }
    }
}
