// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@testable import ChatTransportWS

/// Options with a message limit.
private func options(_ bytes: Int) -> WebSocketMachine.Options {
    var limits = WebSocketLimits()
    limits.messageBytes = bytes
    return .init(limits: limits, acceptsBinary: true)
}

struct MessageLimitTests {
    private let text = String(repeating: "x", count: 300)

    @Test func `a message at the limit is delivered`() {
        #expect(events(clientText(text), options(300)) == [.text(text)])
    }

    @Test func `a frame over the limit closes with 1009`() {
        #expect(events(clientText(text), options(299)) == failure(.messageTooBig))
    }

    @Test func `fragments count together`() {
        let halves =
            clientText(String(text.prefix(150)), isFinal: false)
            + clientFrame(.continuation, [UInt8](repeating: 0x78, count: 150))
        #expect(events(halves, options(300)) == [.text(text)])
        #expect(events(halves, options(299)) == failure(.messageTooBig))
    }

    @Test func `an announced length is refused before any of it arrives`() {
        for length in [65_537, 1 << 40, Int.max] {
            let header = FrameHeader(.binary, payloadBytes: length, maskKey: 1)
            #expect(
                events(copy(FrameEncoder.header(header).span), options(65_536))
                    == failure(.messageTooBig))
        }
    }

    @Test func `a limit of zero leaves only empty messages`() {
        #expect(
            events(clientText("") + clientText("a"), options(0)) == [.text("")]
                + failure(.messageTooBig))
    }

    @Test func `a frame of 16 MiB is taken in pieces`() {
        let count = 16 * 1_024 * 1_024
        let payload = [UInt8](repeating: 0x61, count: count)
        let frame = clientFrame(.binary, payload)
        var harness = Harness(options(count))
        var most = 0
        for start in stride(from: 0, to: frame.count, by: 262_144) {
            harness.feed(Array(frame[start..<min(start + 262_144, frame.count)]))
            most = max(most, harness.leftover.count)
        }
        #expect(most == 0)
        #expect(harness.events == [.binary(payload)])
    }

    @Test func `the buffer is not larger than what has come, or the limit`() throws {
        var assembler = MessageAssembler(limits: options(1_000_000).limits)
        try assembler.begin(FrameHeader(.binary, payloadBytes: 1_000_000))
        let piece = [UInt8](repeating: 1, count: 1_000)
        try assembler.append(piece.span)
        let (count, first) = (assembler.bytes.count, assembler.capacity)
        #expect(count == 1_000)
        #expect(first < 4_000)
        for _ in 1..<1_000 { try assembler.append(piece.span) }
        let full = assembler.capacity
        #expect(full < 1_010_000)
        assembler.reset()
        let empty = assembler.capacity
        #expect(empty == 0)
    }
}
