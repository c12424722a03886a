// SPDX-License-Identifier: MIT

import Testing

@testable import ChatTransportWS

/// The fields of a good request; a change replaces, adds or (with `nil`) removes one.
private func upgrade(
    _ changes: [(String, String?)] = [], line: String = "GET /ws HTTP/1.1"
) -> String {
    var fields: [(String, String)] = [
        ("Host", "chat.example"), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13"),
    ]
    for (name, value) in changes {
        fields.removeAll { $0.0 == name }
        if let value { fields.append((name, value)) }
    }
    return line + "\r\n" + fields.map { "\($0): \($1)\r\n" }.joined() + "\r\n"
}

/// The outcome for the request in `text`.
private func evaluate(_ text: String, _ policy: UpgradePolicy = UpgradePolicy()) -> UpgradeOutcome?
{
    var parser = HTTPRequestParser()
    guard case .request(let request, _) = parser.parse(Array(text.utf8).span) else { return nil }
    return UpgradeRequest.evaluate(request, policy: policy)
}

/// The agreement about a good request with `changes`.
private func agreement(
    _ changes: [(String, String?)], _ policy: UpgradePolicy = UpgradePolicy()
) throws -> UpgradeAgreement {
    guard case .accept(let agreement)? = evaluate(upgrade(changes), policy) else {
        Issue.record("refused: \(changes)")
        throw CancellationError()
    }
    return agreement
}

/// The status that a request is refused with; 101 if it is not.
private func status(_ text: String, _ policy: UpgradePolicy = UpgradePolicy()) -> Int? {
    switch evaluate(text, policy) {
    case .accept: 101
    case .reject(let response): response.status.code
    case nil: nil
    }
}

struct UpgradeRequestTests {
    @Test func `a good request is answered with 101`() throws {
        let agreement = try agreement([])
        #expect(agreement.subprotocol == nil)
        #expect(agreement.deflate == nil)
        #expect(
            String(decoding: agreement.response, as: UTF8.self)
                == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
    }

    @Test(
        arguments: [
            ([], "GET /ws HTTP/1.1", 101),
            (
                [("Upgrade", "foo, WebSocket"), ("Connection", "keep-alive, UPGRADE")],
                "GET / HTTP/1.1", 101
            ),
            ([("Content-Length", "0")], "GET /ws HTTP/1.1", 101),
            ([], "POST /ws HTTP/1.1", 405),
            ([], "get /ws HTTP/1.1", 405),
            ([], "GET /ws HTTP/1.0", 400),
            ([("Content-Length", "1")], "GET /ws HTTP/1.1", 400),
            ([("Transfer-Encoding", "chunked")], "GET /ws HTTP/1.1", 400),
            ([("Upgrade", nil)], "GET /ws HTTP/1.1", 426),
            ([("Upgrade", "h2c")], "GET /ws HTTP/1.1", 426),
            ([("Upgrade", "websocketx")], "GET /ws HTTP/1.1", 426),
            ([("Connection", nil)], "GET /ws HTTP/1.1", 400),
            ([("Connection", "close")], "GET /ws HTTP/1.1", 400),
            ([("Sec-WebSocket-Version", nil)], "GET /ws HTTP/1.1", 426),
            ([("Sec-WebSocket-Version", "8")], "GET /ws HTTP/1.1", 426),
            ([("Sec-WebSocket-Version", "013")], "GET /ws HTTP/1.1", 426),
            ([("sec-websocket-version", "13")], "GET /ws HTTP/1.1", 426),
            ([("Sec-WebSocket-Key", nil)], "GET /ws HTTP/1.1", 400),
            ([("Sec-WebSocket-Key", "")], "GET /ws HTTP/1.1", 400),
            ([("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZ")], "GET /ws HTTP/1.1", 400),
            ([("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j")], "GET /ws HTTP/1.1", 400),
            ([("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZSE=")], "GET /ws HTTP/1.1", 400),
            ([("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")], "GET /ws HTTP/1.1", 400),
            ([("Sec-WebSocket-Protocol", "a b")], "GET /ws HTTP/1.1", 400),
            ([("Sec-WebSocket-Protocol", "a,,b")], "GET /ws HTTP/1.1", 101),
            ([("Sec-WebSocket-Extensions", "a; =1")], "GET /ws HTTP/1.1", 400),
            ([("Sec-WebSocket-Extensions", "a b")], "GET /ws HTTP/1.1", 400),
            ([("Sec-WebSocket-Extensions", "a; b=\"c")], "GET /ws HTTP/1.1", 400),
            ([("Sec-WebSocket-Extensions", "unknown; a=1")], "GET /ws HTTP/1.1", 101),
        ] as [([(String, String?)], String, Int)])
    func `a request has its status`(changes: [(String, String?)], line: String, code: Int) {
        #expect(status(upgrade(changes, line: line)) == code, "\(changes) \(line)")
    }

    @Test func `a refused version names ours`() {
        guard case .reject(let response)? = evaluate(upgrade([("Sec-WebSocket-Version", "12")]))
        else { return #expect(Bool(false)) }
        #expect(response.fields.contains(.init("Sec-WebSocket-Version", "13")))
        #expect(response.fields.contains(.init("Upgrade", "websocket")))
    }

    @Test(
        arguments: [
            (WebSocketOriginPolicy.any, "null", 101),
            (.any, "https://evil.example", 101),
            (.sameHost, nil, 101),
            (.sameHost, "https://chat.example", 101),
            (.sameHost, "HTTP://CHAT.example", 101),
            (.sameHost, "https://chat.example:443", 101),
            (.sameHost, "http://chat.example:80", 101),
            (.sameHost, "http://chat.example:443", 403),
            (.sameHost, "https://chat.example:8443", 403),
            (.sameHost, "https://evil.example", 403),
            (.sameHost, "https://chat.example.evil", 403),
            (.sameHost, "https://evil.example/chat.example", 403),
            (.sameHost, "https://u@chat.example", 403),
            (.sameHost, "null", 403),
            (.sameHost, "", 403),
            (.allow(["https://a.example", "http://b.example:81"]), "https://A.example:443", 101),
            (.allow(["https://a.example", "http://b.example:81"]), "http://b.example:81", 101),
            (.allow(["https://a.example"]), "http://a.example", 403),
            (.allow(["https://a.example"]), "https://chat.example", 403),
            (.allow([]), "https://chat.example", 403),
            (.allow([]), nil, 101),
        ] as [(WebSocketOriginPolicy, String?, Int)])
    func `an origin is checked`(policy: WebSocketOriginPolicy, origin: String?, code: Int) {
        #expect(status(upgrade([("Origin", origin)]), UpgradePolicy(origins: policy)) == code)
    }

    @Test func `a Host with port is compared with the origin's`() {
        let text = upgrade([("Host", "localhost:8080"), ("Origin", "http://localhost:8080")])
        #expect(status(text) == 101)
        #expect(
            status(upgrade([("Host", "localhost:8080"), ("Origin", "http://localhost")])) == 403)
    }

    @Test(
        arguments: [
            (nil, nil), ("chat.v1.json", "chat.v1.json"), ("x, chat.v1.json", "chat.v1.json"),
            ("x,y", nil), ("CHAT.V1.JSON", nil),
        ] as [(String?, String?)])
    func `a subprotocol is chosen`(offer: String?, chosen: String?) throws {
        let agreement = try agreement([("Sec-WebSocket-Protocol", offer)])
        #expect(agreement.subprotocol == chosen)
        let text = String(decoding: agreement.response, as: UTF8.self)
        #expect(text.contains("Sec-WebSocket-Protocol: chat.v1.json\r\n") == (chosen != nil))
        #expect(text.contains("Sec-WebSocket-Protocol") == (chosen != nil))
    }

    @Test(
        arguments: [
            ("permessage-deflate", ""),
            ("permessage-deflate; client_max_window_bits", ""),
            ("permessage-deflate; client_max_window_bits=8", ""),
            ("permessage-deflate ;server_no_context_takeover;client_no_context_takeover", ""),
            ("permessage-deflate; server_max_window_bits=10", "; server_max_window_bits=10"),
            ("permessage-deflate; server_max_window_bits=\"15\"", "; server_max_window_bits=15"),
            ("permessage-deflate; server_max_window_bits=8, permessage-deflate", ""),
            ("x-webkit-deflate-frame, permessage-deflate", ""),
            (", permessage-deflate,", ""),
            ("permessage-deflate; server_max_window_bits=8", nil),
            ("permessage-deflate; server_max_window_bits", nil),
            ("permessage-deflate; server_max_window_bits=16", nil),
            ("permessage-deflate; server_max_window_bits=09", nil),
            ("permessage-deflate; client_max_window_bits=7", nil),
            ("permessage-deflate; client_max_window_bits=a", nil),
            ("permessage-deflate; server_no_context_takeover=1", nil),
            ("permessage-deflate; client_no_context_takeover; client_no_context_takeover", nil),
            ("permessage-deflate; unknown", nil),
            ("other", nil),
        ] as [(String, String?)])
    func `compression is negotiated`(offer: String, window: String?) throws {
        let agreement = try agreement([("Sec-WebSocket-Extensions", offer)])
        #expect((agreement.deflate != nil) == (window != nil))
        guard let window else { return }
        let line =
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
            + "client_no_context_takeover\(window)\r\n"
        #expect(String(decoding: agreement.response, as: UTF8.self).contains(line))
    }

    @Test func `compression can be switched off`() throws {
        let offer = [("Sec-WebSocket-Extensions", "permessage-deflate")] as [(String, String?)]
        #expect(try agreement(offer, UpgradePolicy(allowsDeflate: false)).deflate == nil)
    }
}
