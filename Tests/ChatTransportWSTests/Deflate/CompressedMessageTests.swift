// SPDX-License-Identifier: MIT

import Testing

@testable import ChatTransportWS

/// Options with compression agreed on.
private func options(_ bytes: Int = 10_000) -> WebSocketMachine.Options {
    var limits = WebSocketLimits()
    limits.messageBytes = bytes
    return .init(limits: limits, allowsCompressed: true, acceptsBinary: true)
}

/// A message, compressed.
private func compressed(_ bytes: [UInt8]) -> [UInt8] {
    var deflater = Deflater(level: 9)
    let isDone = deflater.deflate(bytes.span)
    #expect(isDone)
    return copy(deflater.output)
}

/// A compressed message in one frame.
private func frame(_ text: String) -> [UInt8] {
    clientFrame(.text, compressed(Array(text.utf8)), isCompressed: true)
}

struct CompressedMessageTests {
    private let text = String(repeating: "compress ü me ", count: 100)

    @Test func `compressed and plain messages come mixed`() {
        let bytes =
            frame(text) + clientText("plain") + frame("") + frame("x")
            + clientFrame(.binary, compressed([1, 2]), isCompressed: true)
        #expect(
            events(bytes, options()) == [
                .text(text), .text("plain"), .text(""), .text("x"), .binary([1, 2]),
            ])
    }

    @Test func `a compressed message may be fragmented and split anywhere`() {
        let payload = compressed(Array(text.utf8))
        let bytes =
            clientFrame(.text, Array(payload[..<9]), isFinal: false, isCompressed: true)
            + clientFrame(.ping, []) + clientFrame(.continuation, Array(payload[9...]))
        for split in 0...bytes.count {
            var harness = Harness(options())
            harness.feed(Array(bytes[..<split]))
            harness.feed(Array(bytes[split...]))
            #expect(harness.events == [.send([0x8A, 0]), .text(text)], "split at \(split)")
        }
    }

    @Test func `compression that was not agreed on closes with 1002`() {
        #expect(events(frame(text)) == failure(.reservedBits))
    }

    @Test func `a bomb closes with 1009`() {
        let bomb = compressed([UInt8](repeating: 0x61, count: 5_000_000))
        #expect(
            events(clientFrame(.text, bomb, isCompressed: true), options())
                == failure(.messageTooBig))
    }

    @Test func `the limit counts inflated bytes`() {
        let count = text.utf8.count
        #expect(events(frame(text), options(count)) == [.text(text)])
        #expect(events(frame(text), options(count - 1)) == failure(.messageTooBig))
    }

    @Test func `more compressed bytes than an honest encoder makes close with 1009`() {
        let limit = options(1_000).limits.compressedMessageBytes
        let payload = [UInt8](repeating: 0, count: limit + 1)
        #expect(
            events(clientFrame(.text, payload, isCompressed: true), options(1_000))
                == failure(.messageTooBig))
    }

    @Test func `broken data closes with 1007`() {
        #expect(
            events(clientFrame(.text, [0xFF, 0xFF], isCompressed: true), options())
                == failure(.invalidCompressedData))
    }

    @Test func `compressed text must be UTF-8`() {
        #expect(
            events(clientFrame(.text, compressed([0x41, 0xFF]), isCompressed: true), options())
                == failure(.invalidText))
    }

    @Test func `what the server compresses the client reads`() {
        var deflaters = DeflaterSet()
        let policy = DeflateAgreement.negotiate([ExtensionOffer(name: "permessage-deflate")])
        var output: [UInt8] = []
        let long = Array(text.utf8)
        let noise: [UInt8] = [1, 2, 3]
        let sent = [
            deflaters.appendMessage(
                .text, long.span, agreement: policy, minimumBytes: long.count, to: &output),
            deflaters.appendMessage(
                .text, long.span, agreement: policy, minimumBytes: long.count + 1, to: &output),
            deflaters.appendMessage(
                .text, long.span, agreement: nil, minimumBytes: 0, to: &output),
            deflaters.appendMessage(
                .binary, noise.span, agreement: policy, minimumBytes: 0, to: &output),
        ]
        #expect(sent == [true, false, false, false])
        var client = Harness(.init(role: .client, allowsCompressed: true, acceptsBinary: true))
        client.feed(output)
        #expect(
            client.events == [.text(text), .text(text), .text(text), .binary(noise)])
    }
}
