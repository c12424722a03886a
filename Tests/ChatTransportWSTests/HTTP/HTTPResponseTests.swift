// SPDX-License-Identifier: MIT

import Testing

@testable import ChatTransportWS

/// The text of an encoded response.
private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

struct HTTPResponseTests {
    @Test func `a response has its length, date and connection`() {
        let response = HTTPResponse(.ok, fields: [.init("X", "y")], body: Array("hi".utf8))
        #expect(
            text(response.encoded(date: "Sat, 21 Nov 2026 02:18:19 GMT", closes: true))
                == "HTTP/1.1 200 OK\r\nX: y\r\nDate: Sat, 21 Nov 2026 02:18:19 GMT\r\n"
                + "Connection: close\r\nContent-Length: 2\r\n\r\nhi")
    }

    @Test func `an answer to HEAD tells the length but has no body`() {
        let response = HTTPResponse(.ok, body: Array("hi".utf8))
        #expect(
            text(response.encoded(closes: false, isHead: true))
                == "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
    }

    @Test(arguments: [HTTPStatus.switchingProtocols, .noContent, .notModified])
    func `a status without body has no length`(status: HTTPStatus) {
        let response = HTTPResponse(status, body: [1, 2, 3])
        #expect(
            text(response.encoded(closes: false))
                == "HTTP/1.1 \(status.code) \(status.phrase)\r\n\r\n")
    }

    @Test func `a value cannot start a second line`() {
        let response = HTTPResponse(.noContent, fields: [.init("A:\r\nB", "x\r\nC: y\u{0}")])
        #expect(
            text(response.encoded(closes: false))
                == "HTTP/1.1 204 No Content\r\nA---B: x  C: y \r\n\r\n")
    }
}
