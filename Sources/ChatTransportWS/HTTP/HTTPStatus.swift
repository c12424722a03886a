// SPDX-License-Identifier: MIT

/// A status code with its reason phrase (RFC 9110 section 15).
package struct HTTPStatus: Sendable, Equatable {
    /// The three digits.
    package let code: Int
    /// The phrase that follows them in the status line.
    package let phrase: String

    /// Makes a status.
    package init(_ code: Int, _ phrase: String) {
        self.code = code
        self.phrase = phrase
    }

    /// Whether a response of this status has a body (RFC 9112 section 6.3).
    var allowsBody: Bool { code >= 200 && code != 204 && code != 304 }

    package static let switchingProtocols = HTTPStatus(101, "Switching Protocols")
    package static let ok = HTTPStatus(200, "OK")
    package static let noContent = HTTPStatus(204, "No Content")
    package static let notModified = HTTPStatus(304, "Not Modified")
    package static let badRequest = HTTPStatus(400, "Bad Request")
    package static let unauthorized = HTTPStatus(401, "Unauthorized")
    package static let forbidden = HTTPStatus(403, "Forbidden")
    package static let notFound = HTTPStatus(404, "Not Found")
    package static let methodNotAllowed = HTTPStatus(405, "Method Not Allowed")
    package static let requestTimeout = HTTPStatus(408, "Request Timeout")
    package static let contentTooLarge = HTTPStatus(413, "Content Too Large")
    package static let targetTooLong = HTTPStatus(414, "URI Too Long")
    package static let upgradeRequired = HTTPStatus(426, "Upgrade Required")
    package static let tooManyRequests = HTTPStatus(429, "Too Many Requests")
    package static let headTooLarge = HTTPStatus(431, "Request Header Fields Too Large")
    package static let notImplemented = HTTPStatus(501, "Not Implemented")
    package static let unavailable = HTTPStatus(503, "Service Unavailable")
    package static let versionNotSupported = HTTPStatus(505, "HTTP Version Not Supported")
}
