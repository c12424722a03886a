// SPDX-License-Identifier: MIT

/// A status code with its reason phrase (RFC 9110 section 15).
public struct HTTPStatus: Sendable, Equatable {
    /// The three digits.
    public let code: Int
    /// The phrase that follows them in the status line.
    public let phrase: String

    /// Makes a status.
    public init(_ code: Int, _ phrase: String) {
        self.code = code
        self.phrase = phrase
    }

    /// Whether a response of this status has a body (RFC 9112 section 6.3).
    var allowsBody: Bool { code >= 200 && code != 204 && code != 304 }

    /// 101 Switching Protocols.
    public static let switchingProtocols = HTTPStatus(101, "Switching Protocols")
    /// 200 OK.
    public static let ok = HTTPStatus(200, "OK")
    /// 204 No Content.
    public static let noContent = HTTPStatus(204, "No Content")
    /// 304 Not Modified.
    public static let notModified = HTTPStatus(304, "Not Modified")
    /// 400 Bad Request.
    public static let badRequest = HTTPStatus(400, "Bad Request")
    /// 401 Unauthorized.
    public static let unauthorized = HTTPStatus(401, "Unauthorized")
    /// 403 Forbidden.
    public static let forbidden = HTTPStatus(403, "Forbidden")
    /// 404 Not Found.
    public static let notFound = HTTPStatus(404, "Not Found")
    /// 405 Method Not Allowed.
    public static let methodNotAllowed = HTTPStatus(405, "Method Not Allowed")
    /// 408 Request Timeout.
    public static let requestTimeout = HTTPStatus(408, "Request Timeout")
    /// 413 Content Too Large.
    public static let contentTooLarge = HTTPStatus(413, "Content Too Large")
    /// 414 URI Too Long.
    public static let targetTooLong = HTTPStatus(414, "URI Too Long")
    /// 426 Upgrade Required.
    public static let upgradeRequired = HTTPStatus(426, "Upgrade Required")
    /// 429 Too Many Requests.
    public static let tooManyRequests = HTTPStatus(429, "Too Many Requests")
    /// 431 Request Header Fields Too Large.
    public static let headTooLarge = HTTPStatus(431, "Request Header Fields Too Large")
    /// 501 Not Implemented.
    public static let notImplemented = HTTPStatus(501, "Not Implemented")
    /// 503 Service Unavailable.
    public static let unavailable = HTTPStatus(503, "Service Unavailable")
    /// 505 HTTP Version Not Supported.
    public static let versionNotSupported = HTTPStatus(505, "HTTP Version Not Supported")
}
