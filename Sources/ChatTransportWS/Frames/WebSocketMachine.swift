// SPDX-License-Identifier: MIT

package import ChatCore

/// A WebSocket connection after its opening handshake (RFC 6455 sections 5 to 7), without I/O.
///
/// Bytes go in through ``receive(_:inflater:now:sink:)``; messages and orders come out at the sink.
/// A text message that arrives in one unfragmented, uncompressed frame is handed on in the caller's
/// own buffer, without a copy or an allocation.
package struct WebSocketMachine: ~Copyable {
    /// What a connection is set up with.
    package struct Options: Sendable {
        /// Which side this is.
        package var role: WebSocketRole
        /// The bounds.
        package var limits: WebSocketLimits
        /// Whether permessage-deflate was agreed on.
        package var allowsCompressed: Bool
        /// Whether binary messages are delivered; else they close the connection with 1003.
        package var acceptsBinary: Bool
        /// Where a client's mask keys start.
        ///
        /// They are not unpredictable: for tests and load tools only.
        package var maskSeed: UInt64

        /// Makes options.
        package init(
            role: WebSocketRole = .server, limits: WebSocketLimits = WebSocketLimits(),
            allowsCompressed: Bool = false, acceptsBinary: Bool = false, maskSeed: UInt64 = 0
        ) {
            self.role = role
            self.limits = limits
            self.allowsCompressed = allowsCompressed
            self.acceptsBinary = acceptsBinary
            self.maskSeed = maskSeed
        }
    }

    /// Where the connection is in its life.
    enum Phase: Equatable {
        /// Messages flow. → closing, draining, ended
        case open
        /// Our Close frame is sent, the peer's is awaited; data is ignored. → draining, ended
        case closing(deadline: ChatInstant)
        /// Both sides are done; the end of the stream is awaited. → ended
        case draining(deadline: ChatInstant)
        /// Nothing is left to do.
        case ended
    }

    /// A frame whose payload has arrived in part.
    struct Progress {
        var remaining: Int
        var maskKey: UInt32
        /// How much of the payload has been unmasked, modulo 4.
        var rotation: UInt8 = 0
        var isFinal: Bool
    }

    /// Options that many connections refer to: a copy in each would be most of an idle machine.
    package final class SharedOptions: Sendable {
        package let values: Options

        /// Makes options for many.
        package init(_ values: Options) { self.values = values }
    }

    private let shared: SharedOptions
    var options: Options { shared.values }
    var phase = Phase.open
    var progress: Progress?
    var assembler: MessageAssembler
    private var maskState: UInt64

    /// Makes a connection that has just been upgraded.
    package init(_ options: Options) { self.init(SharedOptions(options)) }

    /// Makes a connection like others.
    package init(_ options: SharedOptions) {
        shared = options
        assembler = MessageAssembler(limits: options.values.limits)
        maskState = options.values.maskSeed
    }

    /// Whether messages may still be sent.
    package var isOpen: Bool { phase == .open }

    /// Whether nothing is left to do but to close the socket.
    package var isEnded: Bool { phase == .ended }

    /// When to call ``deadlineReached(now:sink:)`` at the latest; `nil` while nothing is awaited.
    package var nextDeadline: ChatInstant? {
        switch phase {
        case .open, .ended: nil
        case .closing(let deadline), .draining(let deadline): deadline
        }
    }

    /// A key for the next frame: `nil` for a server, the next of a SplitMix64 sequence for a
    /// client.
    package mutating func nextMaskKey() -> UInt32? {
        guard options.role == .client else { return nil }
        maskState &+= 0x9E37_79B9_7F4A_7C15
        var mixed = maskState
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return UInt32(truncatingIfNeeded: mixed ^ (mixed >> 31))
    }
}
