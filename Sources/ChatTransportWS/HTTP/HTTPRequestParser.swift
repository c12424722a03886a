// SPDX-License-Identifier: MIT

/// What the parser makes of the bytes so far.
package enum HTTPParseResult: Sendable, Equatable {
    /// The head is not complete: call again with the same bytes and more behind them.
    case needMore
    /// A request whose head takes the first `headBytes` bytes; its body, if any, begins there.
    case request(HTTPRequest, headBytes: Int)
    /// Answer with this status and close. The reason is for the log and holds nothing of the
    /// peer's.
    case reject(HTTPStatus, reason: String)
}

/// An HTTP/1.1 request head parser that accepts only what every other reader would read the same
/// way.
///
/// Each call gets all bytes from the start of the request. The parser remembers how far it has
/// looked, so a head that drips in byte by byte costs a linear scan, not a quadratic one; it keeps
/// no bytes.
package struct HTTPRequestParser: Sendable {
    private let limits: HTTPLimits
    /// Bytes that have been searched for the end of the head.
    private var scanned = 0
    /// Where the line that is being scanned begins.
    private var lineStart = 0
    /// Complete lines so far, the request line included.
    private var lines = 0

    /// Makes a parser for one connection; it starts over after each request.
    package init(limits: HTTPLimits = HTTPLimits()) { self.limits = limits }

    /// Looks at all bytes from the start of the request.
    ///
    /// - Complexity: O(new bytes) until the head is complete; then one pass and two allocations.
    package mutating func parse(_ bytes: Span<UInt8>) -> HTTPParseResult {
        do throws(HTTPRejection) {
            guard let end = try findEnd(bytes) else { return .needMore }
            let head = [UInt8](capacity: end) { output in
                for index in 0..<end { output.append(bytes[index]) }
            }
            scanned = 0
            lineStart = 0
            lines = 0
            return .request(try HTTPHeadReader(head: head, limits: limits).read(), headBytes: end)
        } catch {
            return .reject(error.status, reason: error.reason)
        }
    }

    /// The end of the empty line that closes the head, or `nil` if it has not come yet.
    ///
    /// Line ends and limits are checked here, so that a peer who never sends the end is refused in
    /// time.
    private mutating func findEnd(_ bytes: Span<UInt8>) throws(HTTPRejection) -> Int? {
        while scanned < bytes.count {
            let byte = bytes[scanned]
            if scanned >= limits.headBytes { throw limitRejection }
            switch byte {
            case HTTPByte.lineFeed:
                guard scanned > 0, bytes[scanned - 1] == HTTPByte.carriageReturn else {
                    throw HTTPRejection(.badRequest, "a line feed without carriage return")
                }
                let isEmpty = scanned == lineStart + 1
                scanned += 1
                lineStart = scanned
                if !isEmpty {
                    try countLine()
                } else if lines > 0 {
                    return scanned
                } else if scanned > 2 {
                    // RFC 9112 section 2.2: one empty line before the request is forgiven.
                    throw HTTPRejection(.badRequest, "empty lines before the request line")
                }
                continue
            case HTTPByte.carriageReturn, HTTPByte.tab: break
            default:
                guard byte >= 0x20, byte != 0x7F else {
                    throw HTTPRejection(.badRequest, "a control character in the head")
                }
            }
            if scanned > 0, scanned > lineStart, bytes[scanned - 1] == HTTPByte.carriageReturn {
                throw HTTPRejection(.badRequest, "a carriage return without line feed")
            }
            scanned += 1
            try checkRequestLineLength()
        }
        return nil
    }

    /// Counts a complete line against the limit of fields.
    private mutating func countLine() throws(HTTPRejection) {
        lines += 1
        if lines - 1 > limits.headerFields {
            throw HTTPRejection(.headTooLarge, "too many header fields")
        }
    }

    /// Refuses a request line that can only end in too long a target.
    private func checkRequestLineLength() throws(HTTPRejection) {
        // 32 bytes are more than any method we answer and the version take.
        if lines == 0 && scanned - lineStart > limits.targetBytes + 32 {
            throw HTTPRejection(.targetTooLong, "the request target is too long")
        }
    }

    /// What a head over its limit is refused with: the request line's fault, or the fields'.
    private var limitRejection: HTTPRejection {
        lines == 0
            ? HTTPRejection(.targetTooLong, "the request line is too long")
            : HTTPRejection(.headTooLarge, "the head is too large")
    }
}

/// Why a request is refused.
struct HTTPRejection: Error {
    let status: HTTPStatus
    let reason: String

    init(_ status: HTTPStatus, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}
