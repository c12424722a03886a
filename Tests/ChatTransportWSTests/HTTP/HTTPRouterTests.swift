// SPDX-License-Identifier: MIT

import Testing

@testable import ChatTransportWS

private func request(_ text: String) throws -> HTTPRequest {
    var parser = HTTPRequestParser()
    let bytes = Array((text + "\r\n").utf8)
    guard case .request(let request, _) = parser.parse(bytes.span) else {
        throw HTTPBody.Failure.disconnected
    }
    return request
}

private func route(_ method: String, _ path: String) -> HTTPRoute {
    HTTPRoute(method, path) { _ in HTTPAnswer(HTTPResponse(.noContent)) }
}

struct HTTPRouterTests {
    @Test(
        arguments: [
            ("/a", "/a", [:]), ("/a", "/a/", nil), ("/a", "/A", nil), ("/", "/", [:]),
            ("/a/{x}", "/a/b", ["x": "b"]), ("/a/{x}", "/a/", nil), ("/a/{x}", "/a/b/c", nil),
            ("/a/{x}/c/{y}", "/a/ü/c/{}", ["x": "ü", "y": "{}"]), ("/a/{x}/c", "/a/b/d", nil),
        ] as [(String, String, [String: String]?)])
    func `a pattern takes paths of its shape`(
        pattern: String, path: String, parameters: [String: String]?
    ) {
        #expect(HTTPPattern(pattern).match(path) == parameters)
    }

    @Test(
        arguments: [
            ("GET", "/x", "GET /{a}"), ("HEAD", "/x", "GET /{a}"), ("POST", "/x", "POST /x"),
            ("PUT", "/x", "405 GET,HEAD,POST"), ("PUT", "/x/y", "404"),
        ])
    func `a route is chosen by path, then by method`(method: String, path: String, found: String) {
        let router = HTTPRouter([route("GET", "/{a}"), route("POST", "/x"), route("GET", "/x")])
        let text =
            switch router.choose(method: method, path: path) {
            case .route(let route, _): "\(route.method) \(route.pattern.text)"
            case .unknownPath: "404"
            case .otherMethods(let methods):
                "405 "
                    + methods.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
                    .joined(separator: ",")
            }
        #expect(text == found)
    }

    @Test(
        arguments: [
            (HTTPCrossOrigin(), "https://a.example", nil),
            (HTTPCrossOrigin(.any), "https://a.example", "*"),
            (
                HTTPCrossOrigin(.these(["https://a.example"])), "https://A.example",
                "https://A.example"
            ),
            (HTTPCrossOrigin(.these(["https://a.example"])), "https://b.example", nil),
            (HTTPCrossOrigin(.any), nil, nil),
        ] as [(HTTPCrossOrigin, String?, String?)])
    func `pages of other origins get what the policy says`(
        policy: HTTPCrossOrigin, origin: String?, allowed: String?
    ) throws {
        let field = origin.map { "Origin: \($0)\r\n" } ?? ""
        let request = try request("OPTIONS / HTTP/1.1\r\nHost: a\r\n\(field)")
        let fields = policy.fields(for: request)
        #expect(fields.first { $0.name == "Access-Control-Allow-Origin" }?.value == allowed)
        #expect(fields.contains { $0.name == "Vary" } == (policy.origins != .none))
        let preflight = policy.preflight(request, methods: ["POST"])
        #expect(preflight.status == .noContent)
        let methods = preflight.fields.first { $0.name == "Access-Control-Allow-Methods" }
        #expect(methods?.value == (allowed == nil ? nil : "POST"))
    }
}
