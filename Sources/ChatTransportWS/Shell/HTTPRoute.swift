// SPDX-License-Identifier: MIT

/// What answers requests of one method and path on the port of a ``WebSocketTransport``.
public struct HTTPRoute: Sendable {
    enum Work: Sendable {
        case page(@Sendable (HTTPRequest) -> HTTPResponse)
        case call(@Sendable (HTTPCall) async -> HTTPAnswer)
    }

    /// The method, in capitals.
    public let method: String
    /// The paths that it answers.
    public let pattern: HTTPPattern
    /// The longest body that it takes, in bytes; `nil` for ``HTTPLimits/bodyBytes``.
    public let bodyBytes: Int?
    let work: Work

    /// Makes a route for GET whose answer is at hand; HEAD is answered without the body.
    ///
    /// - Parameters:
    ///   - path: begins with a slash.
    ///   - respond: makes the response. It is called on an event loop: it must return at once.
    public init(_ path: String, respond: @escaping @Sendable (HTTPRequest) -> HTTPResponse) {
        method = "GET"
        pattern = HTTPPattern(path)
        bodyBytes = nil
        work = .page(respond)
    }

    /// Makes a route whose answer may take time and whose bodies may be long.
    ///
    /// - Parameters:
    ///   - method: in capitals; a route for GET answers HEAD as well.
    ///   - path: begins with a slash; parameters in braces, for example `/rooms/{room}`.
    ///   - bodyBytes: the longest body; above it the request is answered with 413.
    ///   - answer: reads the body and answers. It runs on Swift's pool and is cancelled when the
    ///     connection ends. It must not block its thread.
    public init(
        _ method: String, _ path: String, bodyBytes: Int? = nil,
        answer: @escaping @Sendable (HTTPCall) async -> HTTPAnswer
    ) {
        self.method = method
        pattern = HTTPPattern(path)
        self.bodyBytes = bodyBytes
        work = .call(answer)
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

/// A request under way.
public struct HTTPCall: Sendable {
    /// The head.
    public let request: HTTPRequest
    /// The values of the pattern's parameters, decoded.
    public let parameters: [String: String]
    /// The peer's address without port.
    public let peerAddress: String
    /// The body, as it comes in.
    public let body: HTTPBody
}

/// A response, perhaps with a body that comes piece by piece.
public struct HTTPAnswer: Sendable {
    /// Status, fields and the body if it is whole.
    public var response: HTTPResponse
    /// The body otherwise.
    public var stream: HTTPStream?

    /// Makes an answer whose body is in `response`.
    public init(_ response: HTTPResponse) { self.response = response }

    /// Makes an answer whose body is streamed.
    public init(_ response: HTTPResponse, stream: HTTPStream) {
        self.response = response
        self.stream = stream
    }
}

/// A body that is made while it is sent: the next piece is asked for once the last was written.
public struct HTTPStream: Sendable {
    /// The length in bytes; `nil` sends chunks (to HTTP/1.0: until the connection's end).
    public let length: Int?
    let next: @Sendable () async throws -> [UInt8]?

    /// Makes a stream.
    ///
    /// - Parameters:
    ///   - length: in bytes, if known. A stream that yields another number breaks the connection,
    ///     so that the client does not take a part for the whole.
    ///   - next: the next piece, at best 16 to 256 KiB, or `nil` at the end. If it throws, the
    ///     connection is broken off.
    public init(length: Int?, next: @escaping @Sendable () async throws -> [UInt8]?) {
        self.length = length
        self.next = next
    }
}
