// SPDX-License-Identifier: MIT

/// Which web pages may open a WebSocket (RFC 6455 section 10.2).
///
/// Browsers say in Origin which page opens the connection, and send the user's cookies along
/// whatever page it is. Requests without Origin come from programs, not from browsers, and are
/// always accepted.
public enum WebSocketOriginPolicy: Sendable, Equatable {
    /// Every page. Safe only if no cookie or network position authenticates the user.
    case any
    /// Pages from the host and port that the request itself is for.
    case sameHost
    /// Pages from these origins, for instance `https://chat.example`.
    case allow([String])

    /// Whether a page from `origin` may connect to `host` (the value of Host).
    func accepts(origin: String, host: String?) -> Bool {
        switch self {
        case .any: return true
        case .sameHost:
            guard let parsed = WebOrigin(origin), let host else { return false }
            return parsed.isHost(host)
        case .allow(let origins):
            guard let parsed = WebOrigin(origin) else { return false }
            return origins.contains { WebOrigin($0) == parsed }
        }
    }
}

/// A scheme with a host and port, in lower case and without the scheme's default port (RFC 6454).
struct WebOrigin: Equatable {
    let scheme: String
    let authority: String

    /// Reads `scheme://host[:port]`, or `nil` for anything else, `null` among them.
    init?(_ text: String) {
        let text = text.lowercased()
        guard let separator = text.firstRange(of: "://") else { return nil }
        let authority = text[separator.upperBound...]
        let isHost = authority.utf8.allSatisfy { HTTPByte.isHost($0) }
        guard separator.lowerBound > text.startIndex, !authority.isEmpty, isHost else { return nil }
        scheme = String(text[..<separator.lowerBound])
        self.authority = WebOrigin.withoutDefaultPort(authority, scheme: scheme)
    }

    /// Whether a Host value names the same host and port.
    func isHost(_ host: String) -> Bool {
        WebOrigin.withoutDefaultPort(Substring(host.lowercased()), scheme: scheme) == authority
    }

    private static func withoutDefaultPort(_ authority: Substring, scheme: String) -> String {
        let port =
            switch scheme {
            case "http", "ws": ":80"
            case "https", "wss": ":443"
            default: ""
            }
        guard !port.isEmpty, authority.hasSuffix(port) else { return String(authority) }
        return String(authority.dropLast(port.count))
    }
}
