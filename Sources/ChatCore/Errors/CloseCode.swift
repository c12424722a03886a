// SPDX-License-Identifier: MIT

/// Why the server ends a connection. 4000-4499: connect again and resume; 4500-4999: do not.
///
/// The same numbers close a WebSocket and stand in the `goodbye` event of both transports. The table in
/// `docs/protocol.md` is compared with this one by a test.
public enum CloseCode: UInt16, Sendable, CaseIterable {
    /// The server shuts down or restarts.
    case shutdown = 4000
    /// The client read too slowly; what it missed comes with the next hello.
    case slowConsumer = 4001
    /// No sign of life within the heartbeat's time-out.
    case heartbeatTimeout = 4002
    /// The server has its maximum of connections.
    case tooManyConnections = 4003
    /// An internal failure; nothing that was acknowledged is lost.
    case internalError = 4004
    /// No hello within the time-out.
    case helloTimeout = 4005
    /// The access token has expired and was not refreshed: refresh it, then connect again.
    case tokenExpired = 4006
    /// The client signed out.
    case loggedOut = 4500
    /// The peer broke the protocol beyond repair (for example a line over the limit).
    case protocolError = 4501
    /// The address has its maximum of connections.
    case tooManyFromAddress = 4502
    /// The same guest signed in too often at once.
    case tooManySessions = 4503
    /// The user was erased.
    case userErased = 4504
    /// The device was signed out elsewhere, or the account may not be used any more.
    case sessionRevoked = 4505

    /// Whether the client should connect again.
    public var isReconnectable: Bool { rawValue < 4500 }

    /// The name in the `goodbye` event.
    public var name: String {
        switch self {
        case .shutdown: "shutdown"
        case .slowConsumer: "slow_consumer"
        case .heartbeatTimeout: "heartbeat_timeout"
        case .tooManyConnections: "too_many_connections"
        case .internalError: "internal_error"
        case .helloTimeout: "hello_timeout"
        case .loggedOut: "logged_out"
        case .protocolError: "protocol_error"
        case .tooManyFromAddress: "too_many_from_address"
        case .tooManySessions: "too_many_sessions"
        case .userErased: "user_erased"
        case .tokenExpired: "token_expired"
        case .sessionRevoked: "session_revoked"
        }
    }
}
