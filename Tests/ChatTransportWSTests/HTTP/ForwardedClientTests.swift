// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@testable import ChatTransportWS

struct ForwardedClientTests {
    private static let trust = ProxyTrust(ranges: ["10.0.0.0/8"].compactMap { AddressRange($0) })

    private func client(
        _ peer: String, _ fields: String, _ header: ProxyTrust.Header
    ) throws -> String? {
        var parser = HTTPRequestParser(limits: HTTPLimits())
        let text = Array("GET /ws HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8)
        guard case .request(let request, _) = parser.parse(text.span) else {
            Issue.record("no request: \(fields)")
            return nil
        }
        var trust = Self.trust
        trust.header = header
        return ForwardedClient.address(request, peer: peer, trust)
    }

    @Test(arguments: [
        ("203.0.113.7", "203.0.113.7"), ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 10.0.0.2,10.0.0.3", "203.0.113.7"), ("203.0.113.7:4711", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"), ("[2001:db8::7]:4711", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"), ("", "10.0.0.1"), (",", "10.0.0.1"),
        ("203.0.113.7,", "10.0.0.1"), ("unknown", "10.0.0.1"), ("203.0.113.7, unknown", "10.0.0.1"),
        ("203.0.113.7, 10.0.0.2 10.0.0.3", "10.0.0.1"), ("203.0.113.7:x", "10.0.0.1"),
        ("[2001:db8::7", "10.0.0.1"), ("203.0.113.7:123456", "10.0.0.1"), ("::1%lo", "10.0.0.1"),
        ("10.0.0.9", "10.0.0.9"), ("\"203.0.113.7\"", "10.0.0.1"),
    ])
    func `X-Forwarded-For of a trusted proxy names the client`(
        _ value: String, _ expected: String
    ) throws {
        #expect(try client("10.0.0.1", "X-Forwarded-For: \(value)\r\n", .xForwardedFor) == expected)
        // Nobody else is believed.
        #expect(try client("192.0.2.1", "X-Forwarded-For: \(value)\r\n", .xForwardedFor) == nil)
    }

    @Test func `several fields are one list, and other fields count for nothing`() throws {
        let fields = "X-Forwarded-For: 198.51.100.1\r\nx-forwarded-for: 203.0.113.7, 10.0.0.2\r\n"
        #expect(try client("10.0.0.1", fields, .xForwardedFor) == "203.0.113.7")
        #expect(try client("10.0.0.1", fields, .forwarded) == "10.0.0.1")
        #expect(try client("10.0.0.1", fields, .proxyProtocol) == nil)
        #expect(try client("10.0.0.1", "Forwarded: for=1.2.3.4\r\n", .xForwardedFor) == "10.0.0.1")
    }

    @Test func `only so many hops are looked at`() throws {
        let far = Array(repeating: "10.0.0.2", count: ForwardedClient.hops).joined(separator: ",")
        let value = "X-Forwarded-For: 203.0.113.7,\(far)\r\n"
        #expect(try client("10.0.0.1", value, .xForwardedFor) == "10.0.0.2")
    }

    @Test(arguments: [
        ("for=203.0.113.7", "203.0.113.7"), ("For=\"203.0.113.7:80\"", "203.0.113.7"),
        ("for=198.51.100.1, for=203.0.113.7;proto=https", "203.0.113.7"),
        ("by=10.0.0.2;FOR=203.0.113.7 , for=10.0.0.3", "203.0.113.7"),
        ("for=\"[2001:db8::7]:4711\"", "2001:db8::7"), ("for=unknown", "10.0.0.1"),
        ("for=_hidden", "10.0.0.1"), ("for=203.0.113.7, for=unknown", "10.0.0.1"),
        ("for=1.2.3.4;for=203.0.113.7", "10.0.0.1"), ("proto=https", "10.0.0.1"), ("", "10.0.0.1"),
        ("for=\"203.0.113.7", "10.0.0.1"),
        ("host=\"a,for=1.2.3.4\";for=203.0.113.7", "203.0.113.7"),
        ("host=\"\\\",for=1.2.3.4\";for=203.0.113.7", "203.0.113.7"), ("for", "10.0.0.1"),
        ("for=", "10.0.0.1"), ("for=\"1.2.3.4\\\"", "10.0.0.1"), ("xfor=1.2.3.4", "10.0.0.1"),
    ])
    func `Forwarded of a trusted proxy names the client`(
        _ value: String, _ expected: String
    ) throws {
        #expect(try client("10.0.0.1", "Forwarded: \(value)\r\n", .forwarded) == expected)
        #expect(try client("192.0.2.1", "Forwarded: \(value)\r\n", .forwarded) == nil)
    }
}
