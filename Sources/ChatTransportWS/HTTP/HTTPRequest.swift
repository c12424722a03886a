// SPDX-License-Identifier: MIT

/// The HTTP versions that are served (RFC 9112 section 2.3).
package enum HTTPVersion: Sendable, Equatable {
    case http10
    case http11
}

/// How long the body of a request is (RFC 9112 section 6.3).
package enum HTTPBodyFraming: Sendable, Equatable {
    /// There is no body.
    case none
    /// This many bytes follow the head.
    case length(Int)
    /// Chunks follow the head.
    case chunked
}

/// A request head that has passed ``HTTPRequestParser``.
///
/// Keeps one copy of the head's bytes and the positions of its parts: two allocations, whatever the
/// number of fields.
public struct HTTPRequest: Sendable, Equatable {
    /// Where a field line's name and value are in `head`.
    struct Field: Sendable, Equatable {
        var name: Range<Int>
        var value: Range<Int>
    }

    /// The bytes of the head.
    let head: [UInt8]
    let methodRange: Range<Int>
    /// The path, still percent-encoded.
    let pathRange: Range<Int>
    let queryRange: Range<Int>?
    /// The authority of an absolute-form target, which overrides Host (RFC 9112 section 3.2.2).
    let authorityRange: Range<Int>?
    let fields: [Field]

    /// The path, percent-decoded, without `.` and `..` segments; begins with a slash.
    public let path: String
    /// The version of the request line.
    package let version: HTTPVersion
    /// What follows the head.
    package let body: HTTPBodyFraming

    /// The method as it was sent (methods are case-sensitive).
    public var method: String { string(methodRange) }

    /// The query without its question mark, still percent-encoded; `nil` without a question mark.
    public var query: String? { queryRange.map(string) }

    /// The length of the body in bytes; `nil` if it is chunked.
    package var contentLength: Int? {
        switch body {
        case .none: 0
        case .length(let bytes): bytes
        case .chunked: nil
        }
    }

    /// Whether the body comes in chunks.
    package var isChunked: Bool { body == .chunked }

    /// The host and port that the request is for: the target's, or else Host's; `nil` in HTTP/1.0
    /// without.
    public var host: String? { authorityRange.map(string) ?? value(of: "host") }

    /// Whether the connection stays open after the answer (RFC 9112 section 9.3).
    package var keepsAlive: Bool {
        switch version {
        case .http11: !hasToken("close", in: "connection")
        case .http10: hasToken("keep-alive", in: "connection")
        }
    }

    /// The text of a part of the head; bytes that are not UTF-8 become U+FFFD.
    func string(_ range: Range<Int>) -> String { String(decoding: head[range], as: UTF8.self) }
}
