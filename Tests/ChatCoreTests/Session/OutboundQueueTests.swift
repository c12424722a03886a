// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@Suite struct OutboundQueueTests {
    static func queue(bytes: Int = 10, slices: Int = 3, rooms: Int = 2) -> OutboundQueue<String> {
        var limits = Limits()
        limits.queuedBytes = bytes
        limits.queuedSlices = slices
        limits.roomsPerUser = rooms
        return OutboundQueue(limits: limits)
    }

    enum Phase: CaseIterable { case empty, waiting, fullOfBytes, fullOfSlices, overflowed }

    enum Event: CaseIterable { case log, answer, live }

    static func queue(in phase: Phase) -> OutboundQueue<String> {
        var queue = queue()
        switch phase {
        case .empty: break
        case .waiting: _ = queue.offer("a", bytes: 4, lane: .log)
        case .fullOfBytes: _ = queue.offer("a", bytes: 10, lane: .log)
        case .fullOfSlices: for _ in 0..<3 { _ = queue.offer("a", bytes: 1, lane: .answer) }
        case .overflowed:
            _ = queue.offer("a", bytes: 4, lane: .log)
            _ = queue.offer("b", bytes: 7, lane: .log)
        }
        return queue
    }

    @Test(arguments: Phase.allCases, Event.allCases)
    func `every state answers an offer in every lane`(phase: Phase, event: Event) {
        var queue = Self.queue(in: phase)
        let before = (queue.count, queue.bytes)
        let lane: OutboundLane =
            switch event {
            case .log: .log
            case .answer: .answer
            case .live: .live(room: room1)
            }
        let expected: OutboundOffer =
            switch (phase, event) {
            case (.empty, _), (.waiting, .log), (.waiting, .answer): .queued
            case (.waiting, .live), (.fullOfBytes, .live), (.fullOfSlices, .live): .shed
            case (.fullOfBytes, _), (.fullOfSlices, _), (.overflowed, _): .overflow
            }
        #expect(queue.offer("x", bytes: 1, lane: lane) == expected)
        let added = expected == .queued ? 1 : 0
        #expect(queue.count == before.0 + added)
        #expect(queue.bytes == before.1 + added)
        #expect(queue.isOverflowed == (expected == .overflow))
        while queue.popFront() != nil {}
        #expect(queue.takeStaleRooms() == (expected == .shed ? [room1] : []))
    }

    @Test func `bytes and slices are accepted up to the limit and not one above`() {
        let limits = Limits()
        var queue = OutboundQueue<Int>(limits: limits)
        for number in 1...limits.queuedSlices {
            #expect(queue.offer(number, bytes: 1, lane: .log) == .queued)
        }
        #expect(queue.offer(0, bytes: 1, lane: .log) == .overflow)
        queue = OutboundQueue(limits: limits)
        #expect(queue.offer(1, bytes: limits.queuedBytes - 1, lane: .log) == .queued)
        #expect(queue.offer(2, bytes: 1, lane: .log) == .queued)
        #expect(queue.offer(3, bytes: 1, lane: .log) == .overflow)
    }

    @Test func `a payload that can never fit is an overflow in every lane`() {
        for lane in [OutboundLane.log, .answer, .live(room: room1)] {
            var queue = Self.queue()
            #expect(queue.offer("x", bytes: .max, lane: lane) == .overflow)
        }
    }

    @Test func `what waited before an overflow can still be written`() {
        var queue = Self.queue(in: .overflowed)
        #expect(queue.front == "a")
        #expect(queue.consume(4) == 1)
        #expect(queue.isEmpty)
        #expect(queue.offer("c", bytes: 1, lane: .log) == .overflow)
    }

    @Test func `each shed room is named once, in order, after the queue has drained`() {
        var queue = Self.queue()
        _ = queue.offer("a", bytes: 1, lane: .log)
        for room in [room2, room1, room2, room1] {
            #expect(queue.offer("live", bytes: 1, lane: .live(room: room)) == .shed)
        }
        #expect(queue.takeStaleRooms() == [])
        queue.consume(1)
        #expect(queue.takeStaleRooms() == [room2, room1])
        #expect(queue.takeStaleRooms() == [])
        _ = queue.offer("a", bytes: 1, lane: .log)
        #expect(queue.offer("live", bytes: 1, lane: .live(room: room1)) == .shed)
        queue.consume(1)
        #expect(queue.takeStaleRooms() == [room1])
    }

    @Test func `more stale rooms than a user can have are an overflow`() {
        var queue = Self.queue(rooms: 2)
        _ = queue.offer("a", bytes: 1, lane: .log)
        #expect(queue.offer("live", bytes: 1, lane: .live(room: room1)) == .shed)
        #expect(queue.offer("live", bytes: 1, lane: .live(room: room2)) == .shed)
        #expect(queue.offer("live", bytes: 1, lane: .live(room: room1)) == .shed)
        let room3 = RoomID(rawValue: 3)
        #expect(queue.offer("live", bytes: 1, lane: .live(room: room3)) == .overflow)
    }

    @Test func `a payload written in part keeps its place and its offset`() {
        var queue = Self.queue()
        _ = queue.offer("abcd", bytes: 4, lane: .log)
        _ = queue.offer("efg", bytes: 3, lane: .log)
        #expect(queue.consume(3) == 0)
        #expect(queue.front == "abcd")
        #expect(queue.frontOffset == 3)
        #expect(queue.bytes == 4)
        #expect(queue.consume(2) == 1)
        #expect(queue.front == "efg")
        #expect(queue.frontOffset == 1)
        #expect(queue.popFront() == "efg")
        #expect(queue.bytes == 0)
        #expect(queue.frontOffset == 0)
        #expect(queue.popFront() == nil)
        #expect(queue.highWaterBytes == 7)
    }

    @Test func `a payload without bytes does not block those behind it`() {
        var queue = Self.queue()
        _ = queue.offer("a", bytes: 1, lane: .log)
        _ = queue.offer("", bytes: 0, lane: .log)
        _ = queue.offer("b", bytes: 1, lane: .log)
        #expect(queue.consume(1) == 2)
        #expect(queue.front == "b")
    }

    @Test func `a long stream passes through in order`() {
        var queue = OutboundQueue<Int>()
        var next = 0
        for number in 0..<20_000 {
            #expect(queue.offer(number, bytes: 3, lane: .log) == .queued)
            if number % 3 != 0 || number > 10_000 {
                #expect(queue.popFront() == next)
                next += 1
            }
        }
        while let number = queue.popFront() {
            #expect(number == next)
            next += 1
        }
        #expect(next == 20_000)
        #expect(queue.bytes == 0)
    }

    @Test func `payloads are let go as soon as they are taken`() {
        final class Buffer: Sendable {}
        var queue = OutboundQueue<Buffer>()
        weak var first: Buffer?
        do {
            let buffer = Buffer()
            first = buffer
            _ = queue.offer(buffer, bytes: 1, lane: .log)
        }
        for _ in 0..<5 { _ = queue.offer(Buffer(), bytes: 1, lane: .log) }
        #expect(first != nil)
        queue.consume(1)
        #expect(first == nil)
    }

    @Test func `reporting more bytes than waited traps`() async {
        await #expect(processExitsWith: .failure) {
            var queue = OutboundQueue<Int>()
            _ = queue.offer(1, bytes: 1, lane: .log)
            queue.consume(2)
        }
    }

    @Test func `a negative length traps`() async {
        await #expect(processExitsWith: .failure) {
            var queue = OutboundQueue<Int>()
            _ = queue.offer(1, bytes: -1, lane: .log)
        }
    }
}
