// SPDX-License-Identifier: MIT

/// A status code of a Close frame (RFC 6455 section 7.4).
package struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The purpose of the connection is fulfilled.
    package static let normal = WebSocketCloseCode(rawValue: 1000)
    /// The server shuts down or the page is left.
    package static let goingAway = WebSocketCloseCode(rawValue: 1001)
    /// The peer broke the protocol.
    package static let protocolError = WebSocketCloseCode(rawValue: 1002)
    /// A kind of data that is not accepted.
    package static let unsupportedData = WebSocketCloseCode(rawValue: 1003)
    /// Never sent: the peer's Close frame had no code.
    package static let noStatus = WebSocketCloseCode(rawValue: 1005)
    /// Never sent: the connection ended without a Close frame.
    package static let abnormal = WebSocketCloseCode(rawValue: 1006)
    /// Data that does not fit its type, such as text that is not UTF-8.
    package static let invalidData = WebSocketCloseCode(rawValue: 1007)
    /// A breach of the server's rules.
    package static let policyViolation = WebSocketCloseCode(rawValue: 1008)
    /// A message over the limit.
    package static let messageTooBig = WebSocketCloseCode(rawValue: 1009)
    /// An error of the server.
    package static let internalError = WebSocketCloseCode(rawValue: 1011)
    /// The server restarts.
    package static let serviceRestart = WebSocketCloseCode(rawValue: 1012)
    /// The server is overloaded.
    package static let tryAgainLater = WebSocketCloseCode(rawValue: 1013)

    /// Whether a Close frame may carry this code (section 7.4.2 and the registry of section 11.7).
    package var maySend: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
