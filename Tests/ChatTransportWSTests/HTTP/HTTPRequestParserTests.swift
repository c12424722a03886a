// SPDX-License-Identifier: MIT

import Testing

@testable import ChatTransportWS

/// Parses `text` in one piece.
private func parse(_ text: String, _ limits: HTTPLimits = HTTPLimits()) -> HTTPParseResult {
    var parser = HTTPRequestParser(limits: limits)
    return parser.parse(Array(text.utf8).span)
}

/// The status that `text` is refused with; `nil` if it is not.
private func refusal(_ text: String, _ limits: HTTPLimits = HTTPLimits()) -> Int? {
    guard case .reject(let status, _) = parse(text, limits) else { return nil }
    return status.code
}

/// The request in `text`.
private func request(_ text: String) throws -> HTTPRequest {
    guard case .request(let request, _) = parse(text) else {
        Issue.record("no request in \(text.debugDescription): \(parse(text))")
        throw CancellationError()
    }
    return request
}

struct HTTPRequestParserTests {
    private let sample = """
        GET /rooms/a%20b?x=1&name=Ann%20Lee&plus=a+b HTTP/1.1\r
        Host: chat.example:8080\r
        CONNECTION: keep-alive , Upgrade\r
        Accept: a\r
        accept: b\r
        Empty:\r
        \r

        """

    @Test func `a request is read`() throws {
        let request = try request(sample)
        #expect(request.method == "GET")
        #expect(request.path == "/rooms/a b")
        #expect(request.query == "x=1&name=Ann%20Lee&plus=a+b")
        #expect(request.queryValue(of: "name") == "Ann Lee")
        #expect(request.queryValue(of: "plus") == "a b")
        #expect(request.queryValue(of: "nothing") == nil)
        #expect(request.version == .http11)
        #expect(request.host == "chat.example:8080")
        #expect(request.value(of: "Accept") == "a")
        #expect(request.values(of: "ACCEPT") == ["a", "b"])
        #expect(request.value(of: "empty") == "")
        #expect(request.value(of: "absent") == nil)
        #expect(request.hasToken("upgrade", in: "connection"))
        #expect(request.hasToken("Keep-Alive", in: "Connection"))
        #expect(!request.hasToken("keep", in: "Connection"))
        #expect(request.fieldCount == 5)
        #expect(request.body == .none)
        #expect(request.contentLength == 0)
        #expect(!request.isChunked)
        #expect(request.keepsAlive)
    }

    @Test func `every prefix needs more and the whole is the same`() {
        let bytes = Array(sample.utf8)
        var dripping = HTTPRequestParser()
        for count in 0..<bytes.count {
            let prefix = Array(bytes[..<count])
            var fresh = HTTPRequestParser()
            let results = [fresh.parse(prefix.span), dripping.parse(prefix.span)]
            #expect(results == [.needMore, .needMore])
        }
        let whole = parse(sample)
        let dripped = dripping.parse(bytes.span)
        #expect(dripped == whole)
        let more = bytes + Array("GET / HT".utf8)
        let again = dripping.parse(more.span)
        #expect(again == whole)
        guard case .request(_, let headBytes) = whole else { return #expect(Bool(false)) }
        #expect(headBytes == bytes.count)
    }

    @Test func `a parser starts over after each request`() {
        var parser = HTTPRequestParser()
        var bytes = Array(
            "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        var paths: [String] = []
        while case .request(let request, let headBytes) = parser.parse(bytes.span) {
            paths.append(request.path)
            bytes.removeFirst(headBytes)
        }
        #expect(paths == ["/1", "/2"])
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", 400),  // no Host
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400),
        ("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET /\r\n\r\n", 400),  // HTTP/0.9
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
        ("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /ä HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /a%5Cb HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /../etc HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /a/%2e%2E/b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /./a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505),
        ("GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505),
        ("GET / http/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1x\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/11\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\n\tfolded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{7F}b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\r\n\r\n", 400),
        ("GET / HTTP/1.1\nHost: a\n\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", 400),
        ("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("\u{16}\u{3}\u{1}", 400),  // the start of TLS
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            400
        ),
        ("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501),
    ])
    func `a malformed request has its status`(text: String, status: Int) {
        #expect(refusal(text) == status, "\(text.debugDescription)")
    }

    @Test func `what is allowed but rare is accepted`() throws {
        #expect(try request("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").path == "/")
        #expect(try request("GET / HTTP/1.0\r\n\r\n").host == nil)
        #expect(try !request("GET / HTTP/1.0\r\n\r\n").keepsAlive)
        #expect(try request("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keepsAlive)
        #expect(try !request("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").keepsAlive)
        #expect(try request("GET / HTTP/1.1\r\nHost:\t[::1]:80 \t\r\n\r\n").host == "[::1]:80")
        let absolute = try request("GET HTTP://b:81/p?q HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(absolute.host == "b:81")
        #expect(absolute.path == "/p")
        #expect(absolute.query == "q")
        #expect(try request("GET /..a/b.. HTTP/1.1\r\nHost: a\r\n\r\n").path == "/..a/b..")
        let twice = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"
        #expect(try request(twice).body == .length(5))
        let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
        #expect(try request(chunked).isChunked)
        #expect(try request(chunked).contentLength == nil)
    }

    @Test func `the target's limit holds to the byte`() {
        var limits = HTTPLimits()
        limits.targetBytes = 50
        let rest = " HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(refusal("GET /" + String(repeating: "a", count: 49) + rest, limits) == nil)
        #expect(refusal("GET /" + String(repeating: "a", count: 50) + rest, limits) == 414)
        // Refused while it is still arriving.
        #expect(refusal("GET /" + String(repeating: "a", count: 100), limits) == 414)
    }

    @Test func `the head's limit holds to the byte`() {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nX: yyyy\r\n\r\n"
        var limits = HTTPLimits()
        limits.headBytes = text.utf8.count
        #expect(refusal(text, limits) == nil)
        limits.headBytes -= 1
        #expect(refusal(text, limits) == 431)
        limits.headBytes = 10
        #expect(refusal(text, limits) == 414)
    }

    @Test func `the number of fields is limited`() {
        var limits = HTTPLimits()
        limits.headerFields = 3
        let text = "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\n"
        #expect(refusal(text + "\r\n", limits) == nil)
        #expect(refusal(text + "C: 3\r\n\r\n", limits) == 431)
    }

    @Test func `the body's limit holds to the byte`() throws {
        let text = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n"
        #expect(try request(text).body == .length(65_536))
    }
}
