// SPDX-License-Identifier: MIT

/// Why a transport let go of a connection before it became a session.
public enum TransportRefusal: Sendable, Equatable {
    /// Hands were not shaken in time.
    case handshakeTimeout
    /// TLS could not be agreed on, or its rules were broken.
    case handshakeFailed(SecureFailure)
    /// The head of a request did not come in time.
    case headTimeout
    /// A proxy did not say in the agreed way for whom it connects.
    case badProxyHeader(String)
    /// Those who have not signed in hold too much memory: the one that has been there longest goes.
    case crowded

    /// A word for logs and counters.
    public var name: String {
        switch self {
        case .handshakeTimeout: "handshake_timeout"
        case .handshakeFailed: "handshake_failed"
        case .headTimeout: "head_timeout"
        case .badProxyHeader: "bad_proxy_header"
        case .crowded: "crowded"
        }
    }

    /// What exactly was wrong; empty if the name says it all.
    public var detail: String {
        switch self {
        case .handshakeTimeout, .headTimeout, .crowded: ""
        case .handshakeFailed(.plainHTTP): "plain HTTP"
        case .handshakeFailed(.violation(let reason)): reason
        case .badProxyHeader(let reason): reason
        }
    }
}
