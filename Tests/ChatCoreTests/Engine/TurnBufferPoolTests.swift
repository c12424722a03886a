// SPDX-License-Identifier: MIT

import Testing

@testable import ChatCore

struct TurnBufferPoolTests {
    /// What a room does in a turn: takes a buffer and fills it.
    private static func fill(
        _ pool: TurnBufferPool, _ byte: UInt8, count: Int = 1_000
    ) -> SharedBuffer {
        let buffer = pool.take()
        #expect(buffer.bytes.isEmpty)
        buffer.bytes.append(contentsOf: [UInt8](repeating: byte, count: count))
        return buffer
    }

    @Test func `a buffer that everybody has written is used again, two turns later`() {
        let pool = TurnBufferPool()
        var identity = [ObjectIdentifier(Self.fill(pool, 1))]
        pool.turnEnded()
        identity.append(ObjectIdentifier(Self.fill(pool, 2)))
        pool.turnEnded()
        let third = Self.fill(pool, 3)
        #expect(ObjectIdentifier(third) == identity[0])
        #expect(third.bytes.capacity >= 1_000)
    }

    @Test func `a buffer that a slow connection still needs is left alone`() {
        let pool = TurnBufferPool()
        let slow = Self.fill(pool, 1)
        for turn in 0..<10 {
            pool.turnEnded()
            #expect(Self.fill(pool, UInt8(turn)) !== slow)
        }
        #expect(slow.bytes == [UInt8](repeating: 1, count: 1_000))
    }

    @Test func `a buffer lent in this turn is not lent twice`() {
        let pool = TurnBufferPool()
        _ = Self.fill(pool, 0)
        pool.turnEnded()
        pool.turnEnded()
        let one = Self.fill(pool, 1)
        let other = Self.fill(pool, 2)
        #expect(one !== other)
        #expect(one.bytes.first == 1)
    }

    @Test func `a burst of large buffers is not kept for ever`() {
        let pool = TurnBufferPool()
        for _ in 0..<8 { _ = Self.fill(pool, 1, count: 1 << 20) }
        pool.turnEnded()
        pool.turnEnded()
        let capacities = (0..<8).map { _ in pool.take().bytes.capacity }
        #expect(capacities.reduce(0, +) <= 4 << 20)
        #expect(capacities.contains { $0 >= 1 << 20 })
    }
}
