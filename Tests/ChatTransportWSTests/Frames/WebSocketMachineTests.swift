// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@testable import ChatTransportWS

struct WebSocketMachineTests {
    @Test func `messages are delivered in order`() {
        let bytes =
            clientText("one") + clientFrame(.binary, [1, 2]) + clientText("") + clientText("ü")
        #expect(events(bytes) == [.text("one"), .binary([1, 2]), .text(""), .text("ü")])
    }

    @Test func `a small text is delivered in the caller's buffer`() {
        struct AddressSink: WebSocketSink, ~Copyable {
            var address: UInt = 0
            mutating func message(_ payload: Span<UInt8>, isText: Bool) -> WebSocketFlow {
                address = payload.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
                return .proceed
            }
            mutating func pong(_ payload: Span<UInt8>) {}
            mutating func send(_ frames: Span<UInt8>) {}
            mutating func closed(
                _ code: WebSocketCloseCode, reason: Span<UInt8>, by closer: WebSocketCloser
            ) {}
            mutating func finish() {}
            mutating func abort() {}
        }
        var machine = WebSocketMachine(.init())
        var sink = AddressSink()
        var inflater = Inflater()
        var buffer = clientText("hello")
        let start = buffer.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        var span = buffer.mutableSpan
        let consumed = machine.receive(&span, inflater: &inflater, now: .zero, sink: &sink)
        #expect(consumed == 11)
        #expect(sink.address == start + 6)
    }

    @Test func `a ping is answered with its payload, also between fragments`() {
        let bytes =
            clientText("a", isFinal: false) + clientFrame(.ping, [7, 8])
            + clientFrame(.continuation, Array("b".utf8), isFinal: false)
            + clientFrame(.pong, [9]) + clientFrame(.continuation, Array("c".utf8))
        #expect(events(bytes) == [.send([0x8A, 2, 7, 8]), .pong([9]), .text("abc")])
    }

    @Test func `empty fragments are fragments`() {
        let bytes =
            clientText("", isFinal: false) + clientFrame(.continuation, [], isFinal: false)
            + clientFrame(.continuation, [])
        #expect(events(bytes) == [.text("")])
    }

    @Test func `input split at any byte gives the same events`() {
        let long = String(repeating: "long ü ", count: 40)
        let bytes =
            clientText("hello") + clientText("κό", isFinal: false) + clientFrame(.ping, [1, 2, 3])
            + clientFrame(.continuation, Array("σμε".utf8)) + clientText(long)
            + clientFrame(.binary, []) + clientFrame(.pong, [])
            + clientClose(1000, Array("bye".utf8))
        let whole = events(bytes)
        #expect(whole.count == 9)
        for split in 0...bytes.count {
            var harness = Harness()
            harness.feed(Array(bytes[..<split]))
            #expect(harness.leftover.count < 139)
            harness.feed(Array(bytes[split...]))
            #expect(harness.events == whole, "split at \(split)")
        }
        var harness = Harness()
        for byte in bytes { harness.feed([byte]) }
        #expect(harness.events == whole)
    }

    @Test func `a character may be split between fragments`() {
        let bytes =
            clientFrame(.text, [0xE2], isFinal: false)
            + clientFrame(.continuation, [0x82], isFinal: false)
            + clientFrame(.continuation, [0xAC])
        #expect(events(bytes) == [.text("€")])
    }

    @Test(
        arguments: [
            ([0x81, 0x00], .unmaskedFrame),
            ([0xC1, 0x80], .reservedBits),
            ([0x83, 0x80], .unknownOpcode),
            ([0x8B, 0x80], .unknownOpcode),
            ([0x09, 0x80], .fragmentedControlFrame),
            ([0x89, 0xFE], .longControlFrame),
            ([0x81, 0xFE, 0, 125], .lengthNotMinimal),
            ([0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], .lengthOutOfRange),
            (clientFrame(.continuation, []), .continuationWithoutStart),
            (clientText("a", isFinal: false) + clientText("b"), .messageInterrupted),
            (clientFrame(.close, [3]), .shortClosePayload),
            (clientClose(999), .invalidCloseCode),
            (clientClose(1004), .invalidCloseCode),
            (clientClose(1005), .invalidCloseCode),
            (clientClose(1006), .invalidCloseCode),
            (clientClose(1015), .invalidCloseCode),
            (clientClose(2999), .invalidCloseCode),
            (clientClose(5000), .invalidCloseCode),
            (clientClose(1000, [0xFF]), .invalidCloseReason),
            (clientFrame(.text, [0x41, 0xFF]), .invalidText),
            (clientFrame(.text, [0xE2, 0x82]), .invalidText),
            (
                clientFrame(.text, [0xE2], isFinal: false) + clientFrame(.continuation, []),
                .invalidText
            ),
            (
                clientFrame(.text, [0xE2], isFinal: false) + clientFrame(.continuation, [0x41]),
                .invalidText
            ),
        ] as [([UInt8], WebSocketViolation)])
    func `a violation closes with its code`(bytes: [UInt8], violation: WebSocketViolation) {
        #expect(events(bytes) == failure(violation))
        // What comes behind it is ignored.
        #expect(events(bytes + clientText("later") + clientClose(1000)) == failure(violation))
    }

    @Test func `violations have the codes of RFC 6455 section 7.4.1`() {
        for violation in WebSocketViolation.allCases {
            #expect(violation.reason.utf8.count <= 123)
            #expect([1002, 1003, 1007, 1009].contains(violation.closeCode.rawValue))
        }
        #expect(WebSocketViolation.binaryNotAccepted.closeCode == .unsupportedData)
    }

    @Test func `binary is refused with 1003 where only text is accepted`() {
        #expect(events(clientFrame(.binary, [1]), .init()) == failure(.binaryNotAccepted))
    }

    @Test func `broken text fails before its frame is complete`() {
        var harness = Harness()
        // The frame announces 100 bytes, of which three have come.
        let frame = clientFrame(.text, [0x41, 0xFF, 0x41] + [UInt8](repeating: 0x41, count: 97))
        harness.feed(Array(frame[..<7]))
        #expect(harness.events == [])
        harness.feed(Array(frame[7..<8]))
        #expect(harness.events == failure(.invalidText))
    }

    @Test func `a pause leaves what is behind the message with the caller`() {
        var harness = Harness()
        harness.sink.flow = .pause
        let second =
            clientText("two") + clientText("three", isFinal: false)
            + clientFrame(.continuation, [0x21])
        harness.feed(clientText("one") + second)
        #expect(harness.events == [.text("one")])
        #expect(harness.leftover == second)
        harness.feed([])
        harness.feed([])
        #expect(harness.events == [.text("one"), .text("two"), .text("three!")])
        #expect(harness.leftover == [])
    }

    @Test func `a ping is sent only while open`() {
        var harness = Harness()
        harness.machine.ping([1, 2].span, sink: &harness.sink)
        harness.machine.ping([UInt8](repeating: 0, count: 200).span, sink: &harness.sink)
        #expect(harness.events.first == .send([0x89, 2, 1, 2]))
        #expect(harness.events.last == .send([0x89, 125] + [UInt8](repeating: 0, count: 125)))
        harness.endOfInput()
        let count = harness.events.count
        harness.machine.ping([1].span, sink: &harness.sink)
        #expect(harness.events.count == count)
    }

    @Test func `a client masks what it sends and refuses masked frames`() {
        var client = Harness(.init(role: .client, maskSeed: 1))
        client.feed([0x89, 1, 5])
        guard case .send(let pong)? = client.events.first else { return #expect(Bool(false)) }
        #expect(pong.count == 7)
        var server = Harness()
        server.feed(pong)
        #expect(server.events == [.pong([5])])
        client.feed([0x81, 2, 0x68, 0x69])
        #expect(client.events.last == .text("hi"))
        client.feed(clientText("x"))
        #expect(
            client.events.contains(
                .closed(1002, "server frames must not be masked", .violation(.maskedFrame))))
    }
}
