// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Glibc
import Testing

@testable import ChatSockets

/// What a reactor hears through a ring, on the calling thread.
@Suite(.timeLimit(.minutes(15)))
struct RingPollerTests {
    private static let rings = RingTests.rings

    private static func poller() throws -> RingPoller {
        try RingPoller(Ring.Size(entries: 4, completions: 16, buffers: 4, bufferBytes: 16))
    }

    private static func token(_ index: Int, generation: Int = 0) -> UInt64 {
        UInt64(generation) << 32 | UInt64(index)
    }

    /// Everything that was received, by token, until `isEnough`.
    private static func receive(
        _ poller: RingPoller, until isEnough: ([UInt64: [UInt8]]) -> Bool
    ) -> [UInt64: [UInt8]] {
        var received: [UInt64: [UInt8]] = [:]
        while !isEnough(received) {
            for index in 0..<poller.wait(timeoutMilliseconds: -1) {
                let (token, event) = poller.event(index)
                guard case .received(let range) = event else { continue }
                poller.readBuffer.withBytes(range) { received[token, default: []].append($0.span) }
            }
        }
        return received
    }

    /// Waits without time until nothing happens any more; what happened.
    private static func settle(_ poller: RingPoller) -> [(token: UInt64, event: PollerEvent)] {
        var all: [(token: UInt64, event: PollerEvent)] = []
        // Cancelling takes one wait to be submitted and one for what it causes.
        for _ in 0..<4 {
            for index in 0..<poller.wait(timeoutMilliseconds: 0) { all.append(poller.event(index)) }
        }
        return all
    }

    @Test(arguments: rings)
    func `more is received than there are buffers, from many, each in order`(
        _: ReactorKind
    ) throws {
        let poller = try Self.poller()
        let pairs = try (0..<20).map { _ in try SocketPair() }
        for (index, pair) in pairs.enumerated() {
            try poller.add(pair.near, token: Self.token(index), as: .stream, for: .input)
            pair.write((0..<200).map { UInt8($0 ^ index) })
        }
        let received = Self.receive(poller) { received in
            received.values.reduce(0) { $0 + $1.count } >= 4_000
        }
        for index in pairs.indices {
            #expect(received[Self.token(index)] == (0..<200).map { UInt8($0 ^ index) })
        }
    }

    @Test(arguments: rings)
    func `a closed descriptor whose number is used again hears nothing of the old one`(
        _: ReactorKind
    ) throws {
        let poller = try Self.poller()
        let old = try SocketPair()
        let number = old.near
        try poller.add(number, token: Self.token(1), as: .stream, for: .input)
        #expect(poller.wait(timeoutMilliseconds: 0) == 0)
        old.write("for the old one")
        poller.remove(number, token: Self.token(1))
        old.closeNear()
        // The lowest free number is given out again.
        let new = try SocketPair()
        let reused = try #require([new.near, new.far].first { $0 == number })
        let other = reused == new.near ? new.far : new.near
        try poller.add(reused, token: Self.token(1, generation: 1), as: .stream, for: .input)
        old.write("lost")
        #expect(Glibc.send(other, "new", 3, 0) == 3)
        let received = Self.receive(poller) { !$0.isEmpty }
        #expect(received == [Self.token(1, generation: 1): Array("new".utf8)])
        // The old connection is closed although a request was under way.
        #expect(Self.settle(poller).isEmpty)
        var byte: UInt8 = 0
        #expect(recv(old.far, &byte, 1, 0) == 0 || errno == ECONNRESET)
    }

    @Test(arguments: rings)
    func `a descriptor that is removed before the first wait is never touched`(
        _: ReactorKind
    ) throws {
        let poller = try Self.poller()
        let pair = try SocketPair()
        try poller.add(pair.near, token: Self.token(1), as: .stream, for: .input)
        poller.remove(pair.near, token: Self.token(1))
        pair.write("x")
        #expect(Self.settle(poller).isEmpty)
        var byte: UInt8 = 0
        #expect(recv(pair.near, &byte, 1, 0) == 1)
    }

    @Test(arguments: rings)
    func `what comes during a pause is handed out once, and the rest stays in the kernel`(
        _: ReactorKind
    ) throws {
        let poller = try Self.poller()
        let pair = try SocketPair()
        try poller.add(pair.near, token: Self.token(1), as: .stream, for: .input)
        #expect(Self.settle(poller).isEmpty)
        try poller.change(pair.near, token: Self.token(1), to: [])
        pair.write("early")
        #expect(Self.settle(poller).count == 1)
        pair.write("late")
        #expect(Self.settle(poller).isEmpty)
        try poller.change(pair.near, token: Self.token(1), to: .input)
        let received = Self.receive(poller) { !$0.isEmpty }
        #expect(received == [Self.token(1): Array("late".utf8)])
    }

    @Test(arguments: rings)
    func `the end comes behind the bytes, once, also to one that has paused`(
        _: ReactorKind
    ) throws {
        let poller = try Self.poller()
        let pair = try SocketPair()
        try poller.add(pair.near, token: Self.token(1), as: .stream, for: .input)
        #expect(Self.settle(poller).isEmpty)
        try poller.change(pair.near, token: Self.token(1), to: [])
        pair.write("last")
        pair.closeFar()
        let events = Self.settle(poller).map(\.event)
        #expect(events.prefix(2) == [.received(0..<4), .inputEnded])
        // With both directions closed there is more to tell, but no more input.
        #expect(events.dropFirst(2).allSatisfy { $0 == .ready(.broken) })
    }

    @Test(arguments: rings)
    func `readiness for output is reported until it is no longer wanted`(_: ReactorKind) throws {
        let poller = try Self.poller()
        let pair = try SocketPair()
        _ = pair.fill()
        let token = Self.token(1)
        try poller.add(pair.near, token: token, as: .stream, for: [.input, .output])
        #expect(Self.settle(poller).isEmpty)
        while !pair.read().isEmpty {}
        for _ in 0..<3 {
            #expect(poller.wait(timeoutMilliseconds: -1) == 1)
            #expect(poller.event(0).event == .ready(.output))
        }
        try poller.change(pair.near, token: token, to: .input)
        #expect(Self.settle(poller).isEmpty)
    }

    @Test(arguments: rings)
    func `connections are accepted again and again, also after a pause`(_: ReactorKind) throws {
        let poller = try Self.poller()
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let listener = try ListeningSocket(address)
        let token = Self.token(3)
        try poller.add(listener.descriptor.raw, token: token, as: .listener, for: .input)
        for round in 0..<3 {
            let clients = try (0..<30).map { _ in
                try RawClient(port: Int(listener.address.port))
            }
            var accepted: [Int32] = []
            while accepted.count < clients.count {
                for index in 0..<poller.wait(timeoutMilliseconds: -1) {
                    if case .accepted(let descriptor) = poller.event(index).event {
                        #expect(Syscalls.peerAddress(descriptor)?.host == "127.0.0.1")
                        accepted.append(descriptor)
                    }
                }
            }
            for descriptor in accepted { Syscalls.close(descriptor) }
            for client in clients { client.close() }
            if round == 1 {
                try poller.change(listener.descriptor.raw, token: token, to: [])
                #expect(Self.settle(poller).isEmpty)
                try poller.change(listener.descriptor.raw, token: token, to: .input)
            }
        }
        poller.remove(listener.descriptor.raw, token: token)
        #expect(Self.settle(poller).isEmpty)
    }

    @Test(arguments: rings)
    func `completions that a batch of sends met are handed out in the next wait`(
        _: ReactorKind
    ) throws {
        let poller = try Self.poller()
        let sender = try #require(poller.sender)
        let pairs = try (0..<3).map { _ in try SocketPair() }
        for (index, pair) in pairs.enumerated() {
            try poller.add(pair.near, token: Self.token(index), as: .stream, for: .input)
        }
        #expect(Self.settle(poller).isEmpty)
        for _ in 0..<50 {
            for pair in pairs { pair.write("in") }
            let bytes = Array("out".utf8)
            bytes.withUnsafeBytes { bytes in
                for pair in pairs { sender.add(pair.near, bytes, for: 0) }
                sender.run()
            }
            for index in pairs.indices { #expect(sender.outcome(index) == .bytes(3)) }
            for pair in pairs { #expect(pair.read() == bytes) }
            let received = Self.receive(poller) { $0.count == 3 }
            #expect(received.values.allSatisfy { $0 == Array("in".utf8) })
        }
    }

    @Test(arguments: rings)
    func `closing lets go of ports and connections, also of those that came in the last moment`(
        _: ReactorKind
    ) throws {
        let poller = try Self.poller()
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let pair = try SocketPair()
        try poller.add(pair.near, token: Self.token(1), as: .stream, for: .input)
        var bound = address
        var late: RawClient?
        do {
            let listener = try ListeningSocket(address)
            bound = listener.address
            try poller.add(
                listener.descriptor.raw, token: Self.token(2), as: .listener, for: .input)
            #expect(Self.settle(poller).isEmpty)
            late = try RawClient(port: Int(bound.port))
        }
        pair.closeNear()
        poller.close()
        var byte: UInt8 = 0
        #expect(recv(pair.far, &byte, 1, 0) == 0)
        // No connection of the old port is open any more, so it can be bound again.
        _ = try ListeningSocket(bound)
        late?.close()
    }
}
