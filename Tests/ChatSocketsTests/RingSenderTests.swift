// SPDX-License-Identifier: MIT

import ChatCore
import Glibc
import Testing

@testable import ChatSockets

/// Batches of sends.
@Suite(.timeLimit(.minutes(15)))
struct RingSenderTests {
    private static let rings = RingTests.rings

    private static func sender(entries: UInt32, completions: UInt32) throws -> (Ring, RingSender) {
        let ring = try Ring(
            Ring.Size(entries: entries, completions: completions, buffers: 4, bufferBytes: 16))
        try ring.enable()
        return (ring, RingSender(ring))
    }

    @Test(arguments: rings)
    func `a batch reaches everybody, and each outcome is its own`(_: ReactorKind) throws {
        let (_, sender) = try Self.sender(entries: 64, completions: 64)
        let pairs = try (0..<64).map { _ in try SocketPair() }
        let full = pairs[7].fill()
        pairs[9].closeFar()
        let bytes = Array("hello".utf8)
        bytes.withUnsafeBytes { bytes in
            for (index, pair) in pairs.enumerated() {
                sender.add(pair.near, bytes, for: UInt32(index + 100))
            }
            #expect(sender.isFull)
            sender.run()
        }
        #expect(sender.finished == 64)
        for (index, pair) in pairs.enumerated() {
            #expect(sender.slot(index) == UInt32(index + 100))
            switch index {
            case 7: #expect(sender.outcome(index) == .wouldBlock)
            case 9: #expect(sender.outcome(index) == .failed(EPIPE))
            default:
                #expect(sender.outcome(index) == .bytes(5))
                #expect(pair.read() == bytes)
            }
        }
        #expect(pairs[7].read().count == min(full, 1 << 20))
        #expect(!sender.isFull)
    }

    @Test(arguments: rings)
    func `outcomes that the completion queue does not hold are not lost`(_: ReactorKind) throws {
        let (ring, sender) = try Self.sender(entries: 8, completions: 8)
        let pairs = try (0..<8).map { _ in try SocketPair() }
        // Completions of others, which nobody has taken, leave room for one.
        for number in 0..<7 { ring.nothing(tag: RingPoller.Purpose.poll.tag(UInt64(number))) }
        ring.submit()
        let bytes: [UInt8] = [1, 2, 3]
        bytes.withUnsafeBytes { bytes in
            for pair in pairs { sender.add(pair.near, bytes, for: 0) }
            sender.run()
        }
        for (index, pair) in pairs.enumerated() {
            #expect(sender.outcome(index) == .bytes(3))
            #expect(pair.read() == bytes)
        }
        // Those of the others are there still, in order.
        let others = (0..<7).compactMap { _ in ring.next()?.tag }
        #expect(others == (0..<7).map { RingPoller.Purpose.poll.tag($0) })
        #expect(ring.next() == nil)
    }

    @Test(arguments: rings)
    func `a send that is too long is written in part and says how far`(_: ReactorKind) throws {
        let (_, sender) = try Self.sender(entries: 8, completions: 16)
        let pair = try SocketPair()
        let bytes = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 ^ ($0 >> 8)) }
        var received: [UInt8] = []
        var sent = 0
        while sent < bytes.count {
            let outcome = bytes[sent...].withUnsafeBytes { rest in
                sender.add(pair.near, rest, for: 0)
                sender.run()
                return sender.outcome(0)
            }
            switch outcome {
            case .bytes(let count): sent += count
            case .wouldBlock: received += pair.read()
            case .failed(let code): Issue.record("errno \(code)")
            }
        }
        while received.count < bytes.count { received += pair.read() }
        #expect(received == bytes)
    }
}
