// SPDX-License-Identifier: MIT

/// Why an upgrade is refused.
enum UpgradeRefusal: Error, Equatable {
    /// Not GET.
    case method
    /// No wish to upgrade to WebSocket.
    case noUpgrade
    /// Another version than 13 (RFC 6455 section 4.4).
    case version
    /// A web page that may not connect.
    case origin
    /// Anything else that the RFC demands.
    case malformed(String)

    /// The response that says so; the connection closes after it.
    var response: HTTPResponse {
        switch self {
        case .method:
            .text(.methodNotAllowed, "Use GET.", fields: [.init("Allow", "GET")])
        case .noUpgrade: Self.upgradeRequired("This is a WebSocket endpoint.")
        case .version: Self.upgradeRequired("WebSocket version 13 is needed.")
        case .origin: .text(.forbidden, "Pages of this origin may not connect.")
        case .malformed(let reason): .text(.badRequest, reason)
        }
    }

    /// 426 with what RFC 9110 section 15.5.22 and RFC 6455 section 4.2.2 want beside it.
    private static func upgradeRequired(_ text: String) -> HTTPResponse {
        .text(
            .upgradeRequired, text,
            fields: [
                .init("Upgrade", "websocket"), .init("Connection", "Upgrade"),
                .init("Sec-WebSocket-Version", "13"),
            ])
    }
}
