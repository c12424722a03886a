// SPDX-License-Identifier: MIT

/// Encrypts the connections of a transport. `TLSServer` of `ChatTLS` is one; transports without one link no
/// library for it and pay nothing.
public protocol TransportSecurity: Sendable {
    /// Makes the server's side of a new connection. Called on the connection's event loop.
    ///
    /// - Parameter applicationProtocols: what may be agreed on (RFC 7301), best first; empty to agree on nothing.
    /// - Returns: the channel; `nil` if none can be made, which ends the connection.
    func makeChannel(applicationProtocols: [String]) -> (any SecureChannel)?
}

/// The encryption of one connection: bytes in, bytes out, no I/O. Called on its event loop only.
public protocol SecureChannel: AnyObject {
    /// Takes what the peer has sent: all of it.
    ///
    /// - Parameters:
    ///   - sealed: bytes from the wire.
    ///   - plain: where decrypted bytes go. It has room for as many as `sealed` has and
    ///     ``SecureProgress/heldBytes`` more.
    ///   - replies: what must be written to the wire is appended.
    func open(
        _ sealed: Span<UInt8>, into plain: inout MutableSpan<UInt8>, replies: inout [UInt8]
    ) -> SecureProgress

    /// Encrypts; only once the state is ``SecureState/open``.
    ///
    /// - Parameters:
    ///   - bytes: what to send.
    ///   - sealed: the records are appended.
    /// - Returns: whether that went well. If not, the connection cannot go on.
    func seal(_ bytes: Span<UInt8>, into sealed: inout [UInt8]) -> Bool

    /// Appends the last words to the peer: nothing will be sealed afterwards.
    func finish(into sealed: inout [UInt8])
}

/// What came of bytes from the wire.
public struct SecureProgress: Sendable, Equatable {
    /// How many bytes of earlier calls a channel may keep because their record was not complete.
    public static let heldBytes = 32_768

    /// How many bytes were decrypted.
    public var plainBytes: Int
    /// Where the channel stands.
    public var state: SecureState

    /// Makes a result.
    public init(plainBytes: Int, state: SecureState) {
        self.plainBytes = plainBytes
        self.state = state
    }
}

/// Where a secure channel stands.
public enum SecureState: Sendable, Equatable {
    /// Hands are being shaken.
    case handshaking
    /// Bytes can be sent and received.
    case open
    /// The peer has said that it will send no more. What it is sent it can still read.
    case finished
    /// The channel cannot go on; its last words are in the replies.
    case failed(SecureFailure)
}

/// Why a secure channel cannot go on.
public enum SecureFailure: Sendable, Equatable {
    /// The peer speaks HTTP without encryption.
    case plainHTTP
    /// Anything else, in words for a log.
    case violation(String)
}
