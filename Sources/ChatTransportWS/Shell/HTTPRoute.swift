// SPDX-License-Identifier: MIT

/// A page on the port of a ``WebSocketTransport``.
public struct HTTPRoute: Sendable {
    /// The path that it answers, for example `/healthz`.
    ///
    /// Exact; percent-decoded.
    public let path: String
    let respond: @Sendable (HTTPRequest) -> HTTPResponse

    /// Makes a route for GET; HEAD is answered without the body.
    ///
    /// - Parameters:
    ///   - path: begins with a slash.
    ///   - respond: makes the response. It is called on an event loop: it must return at once.
    public init(_ path: String, respond: @escaping @Sendable (HTTPRequest) -> HTTPResponse) {
        self.path = path
        self.respond = respond
    }

    /// Makes a route with a fixed page.
    ///
    /// - Parameters:
    ///   - path: begins with a slash.
    ///   - contentType: for example `text/html; charset=utf-8`.
    ///   - body: the page.
    public init(_ path: String, contentType: String, body: [UInt8]) {
        let response = HTTPResponse(.ok, fields: [.init("Content-Type", contentType)], body: body)
        self.init(path) { _ in response }
    }
}
