// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@testable import ChatSockets

struct DeadlineHeapTests {
    @Test func `deadlines come out in order, none before its time`() {
        var heap = DeadlineHeap()
        // 7 and 500 have no common factor: every number once, in no order.
        let times = (0..<500).map { Int64($0 * 7 % 500) }
        for time in times { heap.insert(ChatInstant(nanoseconds: time), token: UInt64(time)) }
        #expect(heap.earliest == .zero)
        var taken: [UInt64] = []
        while let entry = heap.popDue(now: ChatInstant(nanoseconds: 399)) {
            taken.append(entry.token)
        }
        #expect(taken == Array(0..<400))
        #expect(heap.earliest == ChatInstant(nanoseconds: 400))
    }
}

struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"),
        ("::1", "::1"), ("[::1]", "::1"), ("2001:db8::2", "2001:db8::2"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
    ])
    func `numeric addresses are read and printed`(host: String, printed: String) throws {
        let address = try #require(SocketAddress(host: host, port: 80))
        #expect(address.host == printed)
        #expect(address.port == 80)
    }

    @Test(arguments: ["", "example.org", "1.2.3", "1.2.3.4.5", "[::1", "::1%lo"])
    func `names and broken addresses are refused`(host: String) {
        #expect(SocketAddress(host: host, port: 80) == nil)
    }

    @Test func `ports have sixteen bits`() {
        #expect(SocketAddress(host: "::1", port: 65_535)?.description == "[::1]:65535")
        #expect(SocketAddress(host: "::1", port: 65_536) == nil)
        #expect(SocketAddress(host: "::1", port: -1) == nil)
    }
}
