// SPDX-License-Identifier: MIT

extension HTTPHeadReader {
    /// Checks Host (RFC 9112 section 3.2): exactly one in HTTP/1.1, at most one in 1.0,
    /// well-formed.
    func checkHost(
        _ fields: [HTTPRequest.Field], _ version: HTTPVersion
    ) throws(HTTPRejection) {
        let hosts = values(of: "host", in: fields)
        guard hosts.count <= 1 else { throw HTTPRejection(.badRequest, "more than one Host") }
        guard let host = hosts.first else {
            if version == .http10 { return }
            throw HTTPRejection(.badRequest, "no Host")
        }
        guard host.allSatisfy(HTTPByte.isHost) else {
            throw HTTPRejection(.badRequest, "a malformed Host")
        }
    }

    /// How long the body is (RFC 9112 section 6.3); refuses what proxies are known to read
    /// differently.
    func framing(
        _ fields: [HTTPRequest.Field], _ version: HTTPVersion
    ) throws(HTTPRejection) -> HTTPBodyFraming {
        let codings = values(of: "transfer-encoding", in: fields)
        let lengths = values(of: "content-length", in: fields)
        if !codings.isEmpty {
            return try chunked(codings, hasLength: !lengths.isEmpty, version)
        }
        var length: Int?
        for text in lengths {
            let bytes = try contentLength(text)
            guard length == nil || length == bytes else {
                throw HTTPRejection(.badRequest, "two different Content-Lengths")
            }
            length = bytes
        }
        guard let length, length > 0 else { return .none }
        return .length(length)
    }

    /// Accepts `Transfer-Encoding: chunked` and nothing else.
    private func chunked(
        _ codings: [ArraySlice<UInt8>], hasLength: Bool, _ version: HTTPVersion
    ) throws(HTTPRejection) -> HTTPBodyFraming {
        guard !hasLength else {
            throw HTTPRejection(.badRequest, "Transfer-Encoding and Content-Length together")
        }
        guard version == .http11 else {
            throw HTTPRejection(.badRequest, "Transfer-Encoding in HTTP/1.0")
        }
        guard codings.count == 1, HTTPByte.equalIgnoringCase(codings[0], "chunked".utf8) else {
            throw HTTPRejection(.notImplemented, "a transfer coding other than chunked")
        }
        return .chunked
    }

    /// Reads one or more digits.
    private func contentLength(_ text: ArraySlice<UInt8>) throws(HTTPRejection) -> Int {
        guard !text.isEmpty, text.allSatisfy(HTTPByte.isDigit),
            let bytes = Int(String(decoding: text, as: UTF8.self))
        else { throw HTTPRejection(.badRequest, "an invalid Content-Length") }
        return bytes
    }

    /// The values of the fields called `name`.
    private func values(
        of name: String, in fields: [HTTPRequest.Field]
    ) -> [ArraySlice<UInt8>] {
        fields.compactMap {
            HTTPByte.equalIgnoringCase(head[$0.name], name.utf8) ? head[$0.value] : nil
        }
    }
}
