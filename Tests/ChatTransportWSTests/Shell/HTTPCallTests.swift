// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatSockets
import ChatTesting
import Testing

@testable import ChatTransportWS

/// Answers with the text it was sent.
private let echo = HTTPRoute("POST", "/echo/{name}", bodyBytes: 100_000) { call in
    do {
        let body = try await call.body.collect(upTo: 100_000)
        let name = call.parameters["name"] ?? "?"
        return HTTPAnswer(.text(.ok, "\(name) \(String(decoding: body, as: UTF8.self))"))
    } catch {
        return HTTPAnswer(.text(.badRequest, "\(error)"))
    }
}

/// Yields so many pieces of so many bytes.
private func pieces(_ count: Int, of size: Int, length: Int?) -> HTTPStream {
    let sent = Lock(0)
    return HTTPStream(length: length) {
        let number = sent.withLock { number -> Int in
            number += 1
            return number
        }
        return number <= count ? [UInt8](repeating: UInt8(ascii: "x"), count: size) : nil
    }
}

@Suite(.timeLimit(.minutes(15)))
struct HTTPCallTests {
    private static func post(_ path: String, _ body: String, _ fields: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    @Test(arguments: ReactorKind.usable)
    func `requests with bodies are answered in order on a kept connection`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await ShellServer(kind, routes: [echo])
        let client = try RawClient(port: server.port)
        let chunked =
            "POST /echo/b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3\r\ntwo\r\n0\r\n\r\n"
        try await client.send(
            Self.post("/echo/a", "one") + chunked + Self.post("/echo/c", "")
                + Self.post("/echo/d", "4"))
        for answer in ["a one\n", "b two\n", "c \n", "d 4\n"] {
            #expect(try await client.readResponse().body == answer)
        }
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a body may come byte by byte`(_ kind: ReactorKind) async throws {
        let server = try await ShellServer(kind, routes: [echo])
        let client = try RawClient(port: server.port)
        for byte in Self.post("/echo/a", "grüße 🦜").utf8 { try await client.send([byte]) }
        #expect(try await client.readResponse().body == "a grüße 🦜\n")
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a peer that has closed its side still gets its answer`(_ kind: ReactorKind) async throws {
        let server = try await ShellServer(kind, routes: [echo])
        let client = try RawClient(port: server.port)
        try await client.send(Self.post("/echo/a", "one"))
        client.finishWriting()
        let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
        #expect(text.hasSuffix("\r\n\r\na one\n"))
        await server.stop()
    }

    @Test(
        arguments: [
            ("POST /echo/a HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n", 413),
            (
                "POST /echo/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n186A1\r\n"
                    + String(repeating: "x", count: 100_001), 413
            ),
            ("POST /echo/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx", 400),
            ("GET /echo/a HTTP/1.1\r\nHost: a\r\n\r\n", 405),
            ("POST /echo/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 404),
            ("OPTIONS /echo/a HTTP/1.1\r\nHost: a\r\n\r\n", 204),
        ] as [(String, Int)], ReactorKind.usable)
    func `a body that is not taken has its status`(
        example: (request: String, status: Int), _ kind: ReactorKind
    ) async throws {
        let server = try await ShellServer(kind, routes: [echo])
        let client = try RawClient(port: server.port)
        try await client.send(example.request)
        client.finishWriting()
        let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 \(example.status) "))
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a client that asks first is told to continue`(_ kind: ReactorKind) async throws {
        let server = try await ShellServer(kind, routes: [echo])
        let client = try RawClient(port: server.port)
        try await client.send(
            "POST /echo/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        #expect(try await client.readHead() == ["HTTP/1.1 100 Continue"])
        try await client.send("one")
        #expect(try await client.readResponse().body == "a one\n")
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a body that does not go on is answered with 408 and its reader is told`(
        _ kind: ReactorKind
    ) async throws {
        let (failures, continuation) = AsyncStream<HTTPBody.Failure>.makeStream()
        let route = HTTPRoute("POST", "/") { call in
            do throws(HTTPBody.Failure) {
                _ = try await call.body.collect(upTo: 100)
            } catch {
                continuation.yield(error)
            }
            return HTTPAnswer(HTTPResponse(.noContent))
        }
        let server = try await ShellServer(kind, routes: [route], bodyMilliseconds: 1)
        let client = try RawClient(port: server.port)
        try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nx")
        let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 408 "))
        #expect(await failures.first { _ in true } == .timedOut)
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `what nobody reads makes the client wait`(_ kind: ReactorKind) async throws {
        let total = 24 << 20
        let (starts, start) = AsyncStream<Void>.makeStream()
        let route = HTTPRoute("PUT", "/", bodyBytes: total) { call in
            for await _ in starts { break }
            var count = 0
            do {
                while let piece = try await call.body.next() {
                    #expect(piece.count <= 1 << 20)
                    count += piece.count
                }
            } catch {
                return HTTPAnswer(.text(.badRequest, "\(error)"))
            }
            return HTTPAnswer(.text(.ok, "\(count)"))
        }
        let server = try await ShellServer(kind, routes: [route])
        let client = try RawClient(port: server.port)
        try await client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: \(total)\r\n\r\n")
        let upload = Task<Void, any Error> {
            let piece = [UInt8](repeating: 7, count: 1 << 20)
            for _ in 0..<(total >> 20) { try await client.send(piece) }
        }
        // The kernel's buffers are full and the connection holds no more than its bound.
        var isPaused = false
        while !isPaused {
            isPaused = await server.anyConnection { $0.isPaused }
            await Task.yield()
        }
        start.yield()
        try await upload.value
        #expect(try await client.readResponse().body == "\(total)\n")
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a streamed body comes whole, counted or in chunks`(_ kind: ReactorKind) async throws {
        let routes = [
            HTTPRoute("GET", "/counted") { _ in
                HTTPAnswer(HTTPResponse(.ok), stream: pieces(50, of: 100_000, length: 5_000_000))
            },
            HTTPRoute("GET", "/chunks") { _ in
                HTTPAnswer(HTTPResponse(.ok), stream: pieces(2, of: 3, length: nil))
            },
        ]
        let server = try await ShellServer(kind, routes: routes)
        let client = try RawClient(port: server.port)
        try await client.send(
            "GET /counted HTTP/1.1\r\nHost: a\r\n\r\nHEAD /counted HTTP/1.1\r\nHost: a\r\n\r\n"
                + "GET /chunks HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await client.readResponse().body.utf8.count == 5_000_000)
        #expect(try await client.readHead().contains("Content-Length: 5000000"))
        #expect(try await client.readHead().contains("Transfer-Encoding: chunked"))
        let chunks = "3\r\nxxx\r\n3\r\nxxx\r\n0\r\n\r\n"
        #expect(try await client.read(chunks.utf8.count) == Array(chunks.utf8))
        try await client.send("GET /chunks HTTP/1.0\r\n\r\n")
        let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
        #expect(text.hasSuffix("\r\n\r\nxxxxxx"))
        await server.stop()
    }

    @Test(arguments: [1, 3], ReactorKind.usable)
    func `a streamed body of another length than told is broken off`(
        count: Int, _ kind: ReactorKind
    ) async throws {
        let route = HTTPRoute("GET", "/") { _ in
            HTTPAnswer(HTTPResponse(.ok), stream: pieces(count, of: 10, length: 20))
        }
        let server = try await ShellServer(kind, routes: [route])
        let client = try RawClient(port: server.port)
        try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
        #expect(text.contains("Content-Length: 20"))
        #expect(text.count { $0 == "x" } < 20 || count == 3)
        await server.stop()
    }

    @Test(arguments: ["198.51.100.7", "127.0.0.1"], ReactorKind.usable)
    func `a call knows its client behind a proxy that is believed, and only behind such a one`(
        address: String, _ kind: ReactorKind
    ) async throws {
        let isBelieved = address != "127.0.0.1"
        var trust = ProxyTrust(header: .xForwardedFor)
        trust.ranges = [try #require(AddressRange(isBelieved ? "127.0.0.0/8" : "10.0.0.0/8"))]
        let route = HTTPRoute("GET", "/me") { call in HTTPAnswer(.text(.ok, call.peerAddress)) }
        let server = try await ShellServer(kind, routes: [route], proxies: trust)
        let client = try RawClient(port: server.port)
        try await client.send(
            "GET /me HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n")
        #expect(try await client.readResponse().body == address + "\n")
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `who hangs up ends the work on the answer`(_ kind: ReactorKind) async throws {
        let (ends, continuation) = AsyncStream<Bool>.makeStream()
        let (begins, begin) = AsyncStream<Void>.makeStream()
        let route = HTTPRoute("POST", "/") { call in
            begin.yield()
            do throws(HTTPBody.Failure) {
                _ = try await call.body.collect(upTo: 100)
            } catch {
                continuation.yield(error == .disconnected)
            }
            return HTTPAnswer(HTTPResponse(.noContent))
        }
        let server = try await ShellServer(kind, routes: [route])
        let client = try RawClient(port: server.port)
        try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nx")
        for await _ in begins { break }
        client.reset()
        #expect(await ends.first { _ in true } == true)
        await server.stop()
    }
}
