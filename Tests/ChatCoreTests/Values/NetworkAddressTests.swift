// SPDX-License-Identifier: MIT

import Testing

@testable import ChatCore

struct NetworkAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("[::1]", "::1"),
        ("2001:db8::1", "2001:db8::1"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
    ])
    func `addresses are read and written in their usual form`(_ text: String, _ usual: String) {
        #expect(NetworkAddress(text)?.description == usual)
        #expect(NetworkAddress(usual)?.description == usual)
    }

    @Test(arguments: [
        "", " ", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04", "1.2.3.4 ",
        "+1.2.3.4",
        "1.2.3.-4", "0x1.2.3.4", "1.2.3.4:80", ":", ":::", "1:2", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3", "::1::", "1:", ":1", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "g::",
        "::1%eth0", "[::1", "::1]", "[]", "[1.2.3.4]", "[::1]:80", "1.2.3.4::", "::1.2.3.4:5",
        "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4", "localhost", "１.2.3.4", "\u{0}::1",
        String(repeating: "0", count: 10_000),
    ])
    func `what is no address is refused`(_ text: String) {
        #expect(NetworkAddress(text) == nil)
    }

    @Test func `bytes of four and sixteen are addresses`() {
        #expect(NetworkAddress(bytes: [192, 0, 2, 1]) == NetworkAddress("192.0.2.1"))
        var bytes = [UInt8](repeating: 0, count: 16)
        bytes[0] = 0x20
        bytes[15] = 7
        #expect(NetworkAddress(bytes: bytes) == NetworkAddress("2000::7"))
        for count in [0, 3, 5, 15, 17] {
            #expect(NetworkAddress(bytes: [UInt8](repeating: 1, count: count)) == nil)
        }
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::1", "::/64"), ("embedded", "embedded"), ("", ""),
    ])
    func `limits count an IPv6 network of 64 bits as one`(_ text: String, _ key: String) {
        #expect(NetworkAddress.limitKey(text) == key)
    }

    @Test(arguments: [
        (
            "10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.1.1"],
            ["9.255.255.255", "11.0.0.0"]
        ),
        ("192.0.2.1", ["192.0.2.1"], ["192.0.2.0", "192.0.2.2", "::1"]),
        ("192.0.2.128/25", ["192.0.2.128", "192.0.2.255"], ["192.0.2.127"]),
        ("0.0.0.0/0", ["1.2.3.4"], ["::1", "2001:db8::1"]),
        ("2001:db8::/32", ["2001:db8:ffff::1"], ["2001:db9::", "10.0.0.1"]),
        ("2001:db8::/65", ["2001:db8::7fff:0:0:1"], ["2001:db8::8000:0:0:1"]),
        ("::/0", ["::1", "1.2.3.4"], []), ("::1/128", ["::1"], ["::2"]),
    ])
    func `ranges hold what shares their first bits`(
        _ text: String, _ inside: [String], _ outside: [String]
    ) throws {
        let range = try #require(AddressRange(text))
        for address in inside { #expect(range.contains(try #require(NetworkAddress(address)))) }
        for address in outside { #expect(!range.contains(try #require(NetworkAddress(address)))) }
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8",
        "10.1.2.3/8", "::/129", "2001:db8::1/64", "10.0.0/8", "/8", "10.0.0.0/0008", "a/8",
    ])
    func `what is no range is refused`(_ text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test func `the client is the first whom nobody trusts, from the near end`() throws {
        let trust = ProxyTrust(
            ranges: ["10.0.0.0/8", "2001:db8::/32"].compactMap { AddressRange($0) })
        func client(_ peer: String, _ hops: [String]) throws -> String {
            let peer = try #require(NetworkAddress(peer))
            return trust.client(peer, hops: hops.map { NetworkAddress($0) }).description
        }
        #expect(try client("192.0.2.9", ["203.0.113.1"]) == "192.0.2.9")
        #expect(try client("10.0.0.1", ["203.0.113.1"]) == "203.0.113.1")
        #expect(try client("10.0.0.1", ["198.51.100.1", "203.0.113.1"]) == "203.0.113.1")
        #expect(try client("10.0.0.1", ["203.0.113.1", "10.0.0.2"]) == "203.0.113.1")
        #expect(try client("10.0.0.1", ["203.0.113.1", "2001:db8::7"]) == "203.0.113.1")
        #expect(try client("10.0.0.1", ["203.0.113.1", "unknown"]) == "10.0.0.1")
        #expect(try client("10.0.0.1", ["unknown", "10.0.0.2"]) == "10.0.0.2")
        #expect(try client("10.0.0.1", []) == "10.0.0.1")
        #expect(try client("10.0.0.1", ["10.0.0.3", "10.0.0.2"]) == "10.0.0.3")
        #expect(!ProxyTrust().trusts("10.0.0.1"))
        #expect(!trust.trusts("embedded") && trust.trusts("10.9.9.9"))
    }
}
