// SPDX-License-Identifier: MIT

import Testing

@testable import ChatTransportWS

/// What a receiver makes of a header's bytes.
private enum Outcome: Equatable {
    case needMore
    case header(FrameHeader)
    case violation(WebSocketViolation)
}

/// Parses `bytes` as `receiver`.
private func parse(
    _ bytes: [UInt8], receiver: WebSocketRole = .client, allowsCompressed: Bool = false
) -> Outcome {
    do throws(WebSocketViolation) {
        let header = try FrameHeader.parse(
            bytes.span, receiver: receiver, allowsCompressed: allowsCompressed)
        return header.map { .header($0) } ?? .needMore
    } catch {
        return .violation(error)
    }
}

struct FrameHeaderTests {
    static let lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 0x1_0000_0000, .max]

    @Test(arguments: lengths, [nil, 0x0403_0201 as UInt32])
    func `a header is read as it was written`(length: Int, key: UInt32?) {
        for opcode in [WebSocketOpcode.continuation, .text, .binary] {
            for isFinal in [false, true] {
                let header = FrameHeader(
                    opcode, payloadBytes: length, isFinal: isFinal, maskKey: key)
                let encoded = FrameEncoder.header(header)
                let bytes = copy(encoded.span)
                let receiver = key == nil ? WebSocketRole.client : .server
                #expect(bytes.count == header.headerBytes)
                #expect(parse(bytes, receiver: receiver) == .header(header))
                for count in 0..<bytes.count {
                    #expect(parse(Array(bytes[..<count]), receiver: receiver) == .needMore)
                }
            }
        }
    }

    @Test func `the mask key keeps the order of the wire`() {
        let header = FrameHeader(.text, payloadBytes: 5, maskKey: 0x0403_0201)
        #expect(copy(FrameEncoder.header(header).span) == [0x81, 0x85, 1, 2, 3, 4])
    }

    @Test(
        arguments: [
            ([0x82, 125], 125),
            ([0x82, 126, 0, 126], 126),
            ([0x82, 126, 0xFF, 0xFF], 65_535),
            ([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0], 65_536),
            ([0x82, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .max),
        ] as [([UInt8], Int)])
    func `a length is read from its shortest form`(bytes: [UInt8], length: Int) {
        #expect(parse(bytes) == .header(FrameHeader(.binary, payloadBytes: length)))
    }

    @Test(
        arguments: [
            ([0x82, 126, 0, 125], .lengthNotMinimal),
            ([0x82, 126, 0, 0], .lengthNotMinimal),
            ([0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], .lengthNotMinimal),
            ([0x82, 127, 0, 0, 0, 0, 0, 0, 0, 5], .lengthNotMinimal),
            ([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], .lengthOutOfRange),
            ([0x82, 127, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .lengthOutOfRange),
            ([0xC1], .reservedBits), ([0xA1], .reservedBits), ([0x91], .reservedBits),
            ([0xF1], .reservedBits),
            ([0x08], .fragmentedControlFrame), ([0x09], .fragmentedControlFrame),
            ([0x0A], .fragmentedControlFrame),
            ([0x88, 126], .longControlFrame), ([0x89, 127], .longControlFrame),
            ([0x81, 0x80], .maskedFrame),
        ] as [([UInt8], WebSocketViolation)])
    func `a breach is seen as soon as its byte is there`(
        bytes: [UInt8], violation: WebSocketViolation
    ) {
        #expect(parse(bytes) == .violation(violation))
        #expect(parse(Array(bytes.dropLast())) == .needMore)
    }

    @Test func `every reserved opcode is refused`() {
        for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8] {
            #expect(parse([0x80 | opcode]) == .violation(.unknownOpcode))
        }
    }

    @Test func `a server refuses unmasked frames`() {
        #expect(parse([0x81, 0x00], receiver: .server) == .violation(.unmaskedFrame))
    }

    @Test func `compression is marked only on the first frame of a message`() {
        for (first, isFine) in [
            (0xC1, true), (0x41, true), (0xC2, true), (0xC0, false), (0xC9, false),
        ] {
            let outcome = parse([UInt8(first), 0], allowsCompressed: true)
            guard isFine else {
                #expect(outcome == .violation(.reservedBits))
                continue
            }
            guard case .header(let header) = outcome else { return #expect(Bool(false)) }
            #expect(header.isCompressed)
        }
        #expect(parse([0xE1], allowsCompressed: true) == .violation(.reservedBits))
    }

    @Test func `a close reason is cut between characters`() {
        var output: [UInt8] = []
        FrameEncoder.appendClose(.normal, reason: String(repeating: "é", count: 100), to: &output)
        #expect(output.count == 2 + 2 + 122)
        #expect(String(validating: output.dropFirst(4), as: UTF8.self)?.count == 61)
        output = []
        FrameEncoder.appendClose(nil, reason: "not sent", to: &output)
        #expect(output == [0x88, 0])
    }

    @Test func `RFC 6455's examples are encoded`() {
        var output: [UInt8] = []
        FrameEncoder.append(.text, Array("Hello".utf8).span, to: &output)
        #expect(output == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        output = []
        FrameEncoder.append(.text, Array("Hello".utf8).span, maskKey: 0x3D21_FA37, to: &output)
        #expect(output == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
    }

    @Test func `close codes are those of RFC 6455 section 7.4`() {
        for code in UInt16.min...UInt16.max {
            let isValid =
                (1_000...1_003).contains(code) || (1_007...1_014).contains(code)
                || (3_000...4_999).contains(code)
            if WebSocketCloseCode(rawValue: code).maySend != isValid {
                Issue.record("\(code) is \(isValid ? "refused" : "accepted")")
            }
        }
    }
}
