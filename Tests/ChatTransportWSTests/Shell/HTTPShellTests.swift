// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets
import ChatTesting
import Testing

@testable import ChatTransportWS

@Suite(.timeLimit(.minutes(15)))
struct HTTPShellTests {
    private static let routes = [
        HTTPRoute("/", contentType: "text/html; charset=utf-8", body: Array("<p>".utf8)),
        HTTPRoute("/healthz") { request in .text(.ok, request.queryValue(of: "say") ?? "well") },
    ]

    @Test(arguments: ReactorKind.usable)
    func `pages are answered one after the other on a kept connection`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await ShellServer(kind, routes: Self.routes)
        let client = try RawClient(port: server.port)
        try await client.send(
            "GET / HTTP/1.1\r\nHost: a\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
                + "GET /healthz?say=hi HTTP/1.1\r\nHost: a\r\n\r\n")
        let page = try await client.readResponse()
        #expect(page.head.first == "HTTP/1.1 200 OK")
        #expect(page.head.contains("Content-Type: text/html; charset=utf-8"))
        #expect(page.head.contains { $0.hasPrefix("Date: ") && $0.hasSuffix(" GMT") })
        #expect(page.body == "<p>")
        let head = try await client.readHead()
        #expect(head.contains("Content-Length: 3"))
        #expect(try await client.readResponse().body == "hi\n")
        client.close()
        await server.stop()
    }

    @Test(
        arguments: [
            ("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", 404),
            ("POST / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
            ("GET /ws HTTP/1.1\r\nHost: a\r\n\r\n", 426),
            ("DELETE /ws HTTP/1.1\r\nHost: a\r\n\r\n", 405),
            ("rubbish\r\n\r\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
            ("GET /\(String(repeating: "x", count: 5_000)) HTTP/1.1\r\nHost: a\r\n\r\n", 414),
            (
                "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n",
                431
            ),
        ] as [(String, Int)], ReactorKind.usable)
    func `what cannot be answered has its status`(
        example: (request: String, status: Int), _ kind: ReactorKind
    ) async throws {
        let (request, status) = example
        let server = try await ShellServer(kind, routes: Self.routes)
        let client = try RawClient(port: server.port)
        try await client.send(request)
        client.finishWriting()
        let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 \(status) "))
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a malformed request ends the connection`(_ kind: ReactorKind) async throws {
        let server = try await ShellServer(kind, routes: Self.routes)
        let client = try RawClient(port: server.port)
        try await client.send(
            "GET\u{1} / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 400 "))
        #expect(text.contains("Connection: close"))
        #expect(!text.contains("200 OK"))
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a request that does not end in time is answered with 408`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await ShellServer(kind, headMilliseconds: 1)
        let client = try RawClient(port: server.port)
        let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 408 "))
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a head may come byte by byte`(_ kind: ReactorKind) async throws {
        let server = try await ShellServer(kind, routes: Self.routes)
        let client = try RawClient(port: server.port)
        for byte in "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".utf8 {
            try await client.send([byte])
        }
        #expect(try await client.readResponse().body == "well\n")
        client.close()
        await server.stop()
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (1_772_323_199_999, "Sat, 28 Feb 2026 23:59:59 GMT"),
    ])
    func `dates are those of RFC 9110`(milliseconds: Int64, text: String) {
        #expect(HTTPDate.format(Timestamp(milliseconds: milliseconds)) == text)
    }
}
