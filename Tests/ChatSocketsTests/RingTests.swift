// SPDX-License-Identifier: MIT

import ChatCore
import Glibc
import Testing

@testable import ChatSockets

/// The ring itself, on the calling thread.
///
/// The argument is there where io_uring is: `ReactorKindTests` reports where it is not.
@Suite(.timeLimit(.minutes(15)))
struct RingTests {
    static let rings = ReactorKind.usable.filter { $0 == .ioUring }

    private static func ring(_ size: Ring.Size = Ring.Size()) throws -> Ring {
        let ring = try Ring(size)
        try ring.enable()
        return ring
    }

    private static let small = Ring.Size(
        entries: 4, completions: 8, buffers: 4, bufferBytes: 16)

    /// Takes completions, waiting for them, until there are `count`.
    private static func completions(_ ring: Ring, _ count: Int) -> [Ring.Completion] {
        var all: [Ring.Completion] = []
        while all.count < count {
            if let completion = ring.next() {
                all.append(completion)
            } else {
                ring.enter(nanoseconds: -1)
            }
        }
        return all
    }

    @Test(arguments: rings)
    func `more requests than the queues hold all complete, each once`(_: ReactorKind) throws {
        let ring = try Self.ring(Self.small)
        // 4 fit into the submission queue, 8 into the completion queue: the kernel keeps the rest.
        for number in 0..<100 { ring.nothing(tag: UInt64(number)) }
        let tags = Self.completions(ring, 100).map(\.tag)
        #expect(tags == (0..<100).map { UInt64($0) })
        ring.enter(nanoseconds: 0)
        #expect(ring.next() == nil)
    }

    @Test(arguments: rings)
    func `waiting ends with its time`(_: ReactorKind) throws {
        let ring = try Self.ring(Self.small)
        ring.enter(nanoseconds: 1_000_000)
        #expect(ring.next() == nil)
    }

    @Test(arguments: rings)
    func `a cancelled request says so, and the cancelling says nothing`(_: ReactorKind) throws {
        let ring = try Self.ring(Self.small)
        let pair = try SocketPair()
        ring.receive(pair.near, tag: 1)
        ring.submit()
        ring.cancel(1, tag: 2)
        let completion = try #require(Self.completions(ring, 1).first)
        #expect(completion.tag == 1)
        #expect(completion.result == -ECANCELED)
        #expect(!completion.hasMore)
        // There is nothing left to be cancelled, which is told.
        ring.cancel(1, tag: 3)
        let failure = try #require(Self.completions(ring, 1).first)
        #expect(failure.tag == 3)
        #expect(failure.result == -ENOENT)
    }

    @Test(arguments: rings)
    func `receiving stops when the buffers are used up and goes on with new ones`(
        _: ReactorKind
    ) throws {
        let ring = try Self.ring(Self.small)
        let pair = try SocketPair()
        let sent = (0..<100).map { UInt8($0) }
        pair.write(sent)
        var received: [UInt8] = []
        var exhaustions = 0
        ring.receive(pair.near, tag: 1)
        while received.count < sent.count {
            var used: ContiguousArray<Int32> = []
            var hasMore = true
            while hasMore {
                let completion = try #require(Self.completions(ring, 1).first)
                hasMore = completion.hasMore
                if completion.buffer >= 0 {
                    used.append(completion.buffer)
                    let range = ring.range(of: completion.buffer, count: completion.result)
                    ring.memory.withBytes(range) { received.append($0.span) }
                } else {
                    #expect(completion.result == -ENOBUFS)
                    exhaustions += 1
                }
                if received.count == sent.count { break }
            }
            ring.giveBack(used)
            if !hasMore { ring.receive(pair.near, tag: 1) }
        }
        #expect(received == sent)
        #expect(exhaustions >= 1)
    }

    @Test(arguments: rings)
    func `a new ring that is tried out does its request`(_: ReactorKind) throws {
        try Ring(Self.small).tryOut()
    }

    @Test(arguments: rings)
    func `a ring that cannot be made leaves no descriptor`(_: ReactorKind) async {
        await #expect(processExitsWith: .success) {
            // The kernel takes powers of two only.
            #expect(throws: SocketError("io_uring_register", code: EINVAL)) {
                _ = try Ring(Ring.Size(entries: 4, completions: 8, buffers: 3, bufferBytes: 16))
            }
            #expect(openRings() == 0)
            let ring = try Ring()
            #expect(openRings() == 1)
            withExtendedLifetime(ring) {}
        }
    }

    @Test(arguments: rings)
    func `a ring that another thread enabled cannot be used`(_: ReactorKind) async {
        await #expect(processExitsWith: .failure) {
            let ring = try Ring()
            try ring.enable()
            let box = RingBox(ring)
            // The process ends in there.
            await withCheckedContinuation { continuation in
                var thread = pthread_t()
                let context = Unmanaged.passRetained(box).toOpaque()
                pthread_create(
                    &thread, nil,
                    { context in
                        guard let context else { return nil }
                        let box = Unmanaged<RingBox>.fromOpaque(context).takeRetainedValue()
                        box.ring.nothing(tag: 1)
                        box.ring.enter(nanoseconds: 0)
                        return nil
                    }, context)
                pthread_join(thread, nil)
                continuation.resume()
            }
        }
    }
}

/// How many rings this process has open.
private func openRings() -> Int {
    (0..<256).count { descriptor in
        var name = [CChar](repeating: 0, count: 64)
        let count = readlink("/proc/self/fd/\(descriptor)", &name, name.count)
        let bytes = name.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self).contains("[io_uring]")
    }
}

private final class RingBox {
    let ring: Ring
    init(_ ring: Ring) { self.ring = ring }
}
