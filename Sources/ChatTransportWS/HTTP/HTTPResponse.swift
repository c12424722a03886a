// SPDX-License-Identifier: MIT

/// A response with a whole body.
public struct HTTPResponse: Sendable, Equatable {
    /// A header field.
    public struct Field: Sendable, Equatable {
        /// The name; what is no token becomes `-`.
        public var name: String
        /// The value; control characters become spaces.
        public var value: String

        /// Makes a field.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The status line's code and phrase.
    public var status: HTTPStatus
    /// The fields, without Content-Length, Date and Connection, which
    /// ``encoded(date:closes:isHead:)`` adds.
    public var fields: [Field]
    /// The body; dropped for a status that has none.
    public var body: [UInt8]

    /// Makes a response.
    public init(_ status: HTTPStatus, fields: [Field] = [], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// A short plain-text response that says `text`.
    public static func text(
        _ status: HTTPStatus, _ text: String, fields: [Field] = []
    ) -> HTTPResponse {
        HTTPResponse(
            status, fields: [Field("Content-Type", "text/plain; charset=utf-8")] + fields,
            body: Array((text + "\n").utf8))
    }

    /// The response to a request that was not understood or that nobody answers: the status in words.
    public static func refusal(_ status: HTTPStatus) -> HTTPResponse {
        .text(status, "\(status.code) \(status.phrase)")
    }

    /// How long the body is that follows the head.
    package enum BodyLength: Sendable, Equatable {
        /// As long as ``body``, which is sent along.
        case whole
        /// So many bytes, which follow.
        case counted(Int)
        /// Nobody knows yet: chunks, or until the end of the connection.
        case open(isChunked: Bool)
    }

    /// The bytes to write.
    ///
    /// - Parameters:
    ///   - date: The value of Date (RFC 9110 section 6.6.1), or `nil` to leave it out.
    ///   - closes: Whether the connection ends after this response; then `Connection: close` says
    ///     so.
    ///   - isHead: Whether it answers HEAD: the body's length is told, the body is not sent.
    ///   - length: How the body's length is told.
    package func encoded(
        date: String? = nil, closes: Bool, isHead: Bool = false, length: BodyLength = .whole
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256 + body.count)
        bytes.append(contentsOf: "HTTP/1.1 \(status.code) \(status.phrase)\r\n".utf8)
        for field in fields { Self.append(field, to: &bytes) }
        if let date { Self.append(Field("Date", date), to: &bytes) }
        if closes { Self.append(Field("Connection", "close"), to: &bytes) }
        if status.allowsBody {
            switch length {
            case .whole: Self.append(Field("Content-Length", String(body.count)), to: &bytes)
            case .counted(let count):
                Self.append(Field("Content-Length", String(count)), to: &bytes)
            case .open(true): Self.append(Field("Transfer-Encoding", "chunked"), to: &bytes)
            case .open(false): break
            }
        }
        bytes.append(contentsOf: "\r\n".utf8)
        if status.allowsBody && !isHead && length == .whole { bytes.append(contentsOf: body) }
        return bytes
    }

    /// Writes one field line.
    ///
    /// Control characters become spaces: a value that came from elsewhere cannot start a second
    /// line.
    private static func append(_ field: Field, to bytes: inout [UInt8]) {
        bytes.append(
            contentsOf: field.name.utf8.map { HTTPByte.isToken($0) ? $0 : UInt8(ascii: "-") })
        bytes.append(contentsOf: ": ".utf8)
        bytes.append(contentsOf: field.value.utf8.map { HTTPByte.isFieldValue($0) ? $0 : 0x20 })
        bytes.append(contentsOf: "\r\n".utf8)
    }
}
