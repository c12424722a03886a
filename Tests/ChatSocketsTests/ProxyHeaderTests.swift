// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@testable import ChatSockets

struct ProxyHeaderTests {
    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]

    private static func binary(
        _ command: UInt8, _ family: UInt8, _ body: [UInt8], length: Int? = nil
    ) -> [UInt8] {
        let length = length ?? body.count
        return signature + [command, family, UInt8(length >> 8), UInt8(length & 255)] + body
    }

    private static let four: [UInt8] = [203, 0, 113, 7, 10, 0, 0, 1, 0x1F, 0x90, 0x01, 0xBB]
    private static let six: [UInt8] =
        [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [7]
        + [UInt8](repeating: 0, count: 16) + [1, 2, 3, 4]

    /// Feeds `bytes` at once and byte by byte: both must come to the same.
    private func read(_ bytes: [UInt8]) -> ProxyHeaderReader.Step {
        var whole = ProxyHeaderReader()
        let step = whole.take(bytes.span)
        var single = ProxyHeaderReader()
        var last = ProxyHeaderReader.Step.needMore
        for (index, byte) in bytes.enumerated() {
            last = single.take([byte].span)
            if case .done(let address, let count) = last {
                #expect(count == 1)
                last = .done(address, count: index + 1)
            }
            if last != .needMore { break }
        }
        #expect(step == last)
        return step
    }

    @Test(arguments: [
        ("PROXY TCP4 203.0.113.7 10.0.0.1 8080 443\r\n", "203.0.113.7"),
        ("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255"),
        ("PROXY TCP6 2001:db8::7 ::1 1 65535\r\n", "2001:db8::7"),
        ("PROXY TCP6 ::ffff:203.0.113.7 ::1 1 2\r\n", "203.0.113.7"),
        ("PROXY UNKNOWN\r\n", nil), ("PROXY UNKNOWN ffff::1 whatever it is\r\n", nil),
    ])
    func `lines of version 1 name the client`(_ line: String, _ address: String?) {
        let expected = address.flatMap { NetworkAddress($0) }
        #expect(read(Array(line.utf8)) == .done(expected, count: line.utf8.count))
        // What follows is not touched.
        #expect(
            read(Array((line + "GET / HTTP/1.1\r\n").utf8))
                == .done(expected, count: line.utf8.count))
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n", "proxy TCP4 1.2.3.4 1.2.3.4 1 1\r\n", "PROXY\r\n", "PROXY \r\n",
        "PROXY TCP4\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 1 1\r\n",
        "PROXY TCP4  1.2.3.4 1.2.3.4 1 1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 -1 1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 1\n",
        "PROXY TCP4 1.2.3.256 1.2.3.4 1 1\r\n", "PROXY TCP4 ::1 ::1 1 1\r\n",
        "PROXY TCP6 1.2.3.4 1.2.3.4 1 1\r\n", "PROXY UDP4 1.2.3.4 1.2.3.4 1 1\r\n",
        "PROXY TCP4 1.2.3.4 host 1 1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r\r\n",
        "\u{16}\u{03}\u{01}",
        "PROXY UNKNOWN " + String(repeating: "x", count: 200),
    ])
    func `what is no line of version 1 is refused`(_ line: String) {
        guard case .invalid(let reason) = read(Array(line.utf8)) else {
            Issue.record("accepted: \(line)")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test func `a line has its bound`() {
        let longest = "PROXY UNKNOWN " + String(repeating: "x", count: 107 - 16) + "\r\n"
        #expect(longest.utf8.count == ProxyHeaderReader.lineBytes)
        #expect(read(Array(longest.utf8)) == .done(nil, count: 107))
        guard case .invalid = read(Array(longest.utf8.dropLast(2)) + Array("x\r\n".utf8)) else {
            Issue.record("a line over the bound")
            return
        }
    }

    @Test func `headers of version 2 name the client`() {
        let v4 = Self.binary(0x21, 0x11, Self.four)
        #expect(read(v4) == .done(NetworkAddress("203.0.113.7"), count: v4.count))
        let v6 = Self.binary(0x21, 0x21, Self.six)
        #expect(read(v6) == .done(NetworkAddress("2001:db8::7"), count: v6.count))
        // What else a proxy tells is passed over.
        let more = Self.binary(0x21, 0x11, Self.four + [0x04, 0x00, 0x02, 0, 0])
        #expect(read(more + [1, 2, 3]) == .done(NetworkAddress("203.0.113.7"), count: more.count))
        // LOCAL, datagrams, Unix sockets, unspecified: the connection is the proxy's own.
        for (command, family) in [(0x20, 0x11), (0x21, 0x00), (0x21, 0x12), (0x21, 0x31)] {
            let own = Self.binary(UInt8(command), UInt8(family), Self.four)
            #expect(read(own) == .done(nil, count: own.count))
        }
        #expect(read(Self.binary(0x20, 0, [])) == .done(nil, count: 16))
    }

    @Test func `what is no header of version 2 is refused`() {
        var broken = Self.binary(0x21, 0x11, Self.four)
        broken[5] = 0
        for header in [
            broken, Self.binary(0x11, 0x11, Self.four), Self.binary(0x22, 0x11, Self.four),
            Self.binary(0x31, 0x11, Self.four),
            Self.binary(0x21, 0x11, Array(Self.four.dropLast())),
            Self.binary(0x21, 0x21, Self.four), Self.binary(0x21, 0x11, [], length: 65_535),
            Self.binary(0x21, 0x11, [], length: 1_024 - 15),
        ] {
            guard case .invalid = read(header) else {
                Issue.record("accepted: \(header)")
                continue
            }
        }
        let largest = Self.binary(
            0x21, 0x11, Self.four + [UInt8](repeating: 0, count: 1_024 - 16 - 12))
        #expect(read(largest) == .done(NetworkAddress("203.0.113.7"), count: 1_024))
    }

    @Test func `a header that is cut anywhere waits for more`() {
        for header in [
            Self.binary(0x21, 0x21, Self.six),
            Array("PROXY TCP4 203.0.113.7 10.0.0.1 8080 443\r\n".utf8),
        ] {
            for count in 0..<header.count {
                var reader = ProxyHeaderReader()
                #expect(reader.take(Array(header[..<count]).span) == .needMore)
                let rest = Array(header[count...])
                #expect(reader.take(rest.span) != .needMore)
                #expect(reader.heldBytes == 0)
            }
        }
    }
}
