// SPDX-License-Identifier: MIT

/// Reads a complete request head: the request line, the field lines, and what the fields say
/// together.
///
/// The head ends in an empty line and its line ends are known to be good (``HTTPRequestParser``).
struct HTTPHeadReader {
    let head: [UInt8]
    let limits: HTTPLimits

    /// The parts of a request target.
    private struct Target {
        var path: Range<Int>
        var query: Range<Int>?
        var authority: Range<Int>?
    }

    /// Reads the head.
    func read() throws(HTTPRejection) -> HTTPRequest {
        let start = head.first == HTTPByte.carriageReturn ? 2 : 0
        let line = lineRange(from: start)
        let (method, targetRange, version) = try requestLine(line)
        let target = try splitTarget(targetRange)
        guard let path = PercentDecoding.path(head[target.path]) else {
            throw HTTPRejection(.badRequest, "a path that cannot be decoded safely")
        }
        let fields = try readFields(from: line.upperBound + 2)
        try checkHost(fields, version)
        return HTTPRequest(
            head: head, methodRange: method, pathRange: target.path, queryRange: target.query,
            authorityRange: target.authority, fields: fields, path: path, version: version,
            body: try framing(fields, version))
    }

    /// The line that begins at `start`, without its end.
    private func lineRange(from start: Int) -> Range<Int> {
        let end = head[start...].firstIndex(of: HTTPByte.carriageReturn) ?? head.endIndex
        return start..<end
    }

    /// Splits `method SP target SP version` (RFC 9112 section 3).
    private func requestLine(
        _ line: Range<Int>
    ) throws(HTTPRejection) -> (method: Range<Int>, target: Range<Int>, version: HTTPVersion) {
        let parts = head[line].split(separator: HTTPByte.space, omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw HTTPRejection(.badRequest, "a request line that has not three parts")
        }
        guard !parts[0].isEmpty, parts[0].allSatisfy(HTTPByte.isToken) else {
            throw HTTPRejection(.badRequest, "a method that is no token")
        }
        guard parts[1].count <= limits.targetBytes else {
            throw HTTPRejection(.targetTooLong, "the request target is too long")
        }
        guard !parts[1].isEmpty, parts[1].allSatisfy(HTTPByte.isTarget) else {
            throw HTTPRejection(.badRequest, "a character that no request target has")
        }
        return (parts[0].indices, parts[1].indices, try version(parts[2]))
    }

    /// Reads `HTTP/1.1` or `HTTP/1.0`.
    private func version(_ text: ArraySlice<UInt8>) throws(HTTPRejection) -> HTTPVersion {
        if text.elementsEqual("HTTP/1.1".utf8) { return .http11 }
        if text.elementsEqual("HTTP/1.0".utf8) { return .http10 }
        let digits = text.dropFirst(5)
        guard text.starts(with: "HTTP/".utf8), digits.count == 3,
            let major = digits.first, let minor = digits.last,
            HTTPByte.isDigit(major), HTTPByte.isDigit(minor),
            digits[digits.startIndex + 1] == UInt8(ascii: ".")
        else { throw HTTPRejection(.badRequest, "a malformed HTTP version") }
        throw HTTPRejection(.versionNotSupported, "an HTTP version other than 1.0 and 1.1")
    }

    /// Splits an origin-form or absolute-form target (RFC 9112 section 3.2).
    private func splitTarget(_ range: Range<Int>) throws(HTTPRejection) -> Target {
        var start = range.lowerBound
        var authority: Range<Int>?
        if head[start] != UInt8(ascii: "/") {
            let scheme = try schemeLength(range)
            let host = start + scheme
            let end = head[host..<range.upperBound].firstIndex(of: UInt8(ascii: "/"))
            // An absolute URI may leave out the path, but then it has no query for us either.
            guard let end, end > host, head[host..<end].allSatisfy(HTTPByte.isHost) else {
                throw HTTPRejection(.badRequest, "an absolute target without host and path")
            }
            authority = host..<end
            start = end
        }
        let mark = head[start..<range.upperBound].firstIndex(of: UInt8(ascii: "?"))
        guard let mark else { return Target(path: start..<range.upperBound, authority: authority) }
        return Target(
            path: start..<mark, query: (mark + 1)..<range.upperBound, authority: authority)
    }

    /// The length of `http://` or `https://` at the start of an absolute-form target.
    private func schemeLength(_ range: Range<Int>) throws(HTTPRejection) -> Int {
        for scheme in ["http://", "https://"] {
            let prefix = head[range].prefix(scheme.utf8.count)
            if HTTPByte.equalIgnoringCase(prefix, scheme.utf8) { return scheme.utf8.count }
        }
        throw HTTPRejection(.badRequest, "a target that is neither a path nor an http URI")
    }

    /// Reads the field lines (RFC 9112 section 5).
    private func readFields(from start: Int) throws(HTTPRejection) -> [HTTPRequest.Field] {
        var fields: [HTTPRequest.Field] = []
        fields.reserveCapacity(16)
        var line = lineRange(from: start)
        while !line.isEmpty {
            fields.append(try fieldLine(line))
            line = lineRange(from: line.upperBound + 2)
        }
        return fields
    }

    /// Reads `name: value`.
    private func fieldLine(_ line: Range<Int>) throws(HTTPRejection) -> HTTPRequest.Field {
        guard !HTTPByte.isWhitespace(head[line.lowerBound]) else {
            throw HTTPRejection(.badRequest, "a folded header line")
        }
        guard let colon = head[line].firstIndex(of: HTTPByte.colon) else {
            throw HTTPRejection(.badRequest, "a header line without colon")
        }
        let name = line.lowerBound..<colon
        // Covers white space before the colon, which has been used to smuggle requests.
        guard !name.isEmpty, head[name].allSatisfy(HTTPByte.isToken) else {
            throw HTTPRejection(.badRequest, "a header name that is no token")
        }
        let value = HTTPRequest.trimmed(head[(colon + 1)..<line.upperBound])
        guard value.allSatisfy(HTTPByte.isFieldValue) else {
            throw HTTPRejection(.badRequest, "a control character in a header value")
        }
        return HTTPRequest.Field(name: name, value: value.startIndex..<value.endIndex)
    }
}
