// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

@Suite struct OutboundQueueSmallWorldTests {
    enum Event { case offer(Int, OutboundLane), consume(Int), pop, takeStale }

    /// A flat list of bytes, each marked with the step that offered it: replayed from the start
    /// each time.
    struct Model {
        var bytes: [Int] = []
        var lengths: [Int: Int] = [:]
        var stale: [RoomID] = []
        var isOverflowed = false
        var taken: [RoomID] = []
        var offer: OutboundOffer?
        var mostBytes = 0

        init(_ history: [Event]) {
            for (step, event) in history.enumerated() {
                switch event {
                case .offer(let length, let lane): accept(step, length, lane)
                case .consume(let count): bytes.removeFirst(min(count, bytes.count))
                case .pop:
                    let front = bytes.first
                    bytes.removeAll { $0 == front }
                case .takeStale:
                    taken = bytes.isEmpty ? stale : []
                    if bytes.isEmpty { stale = [] }
                }
            }
        }

        var payloads: [Int] { Set(bytes).sorted() }

        var frontOffset: Int {
            guard let front = bytes.first else { return 0 }
            return (lengths[front] ?? 0) - bytes.count { $0 == front }
        }

        private mutating func accept(_ step: Int, _ length: Int, _ lane: OutboundLane) {
            if isOverflowed {
                offer = .overflow
            } else if case .live(let room) = lane, !bytes.isEmpty {
                offer = .shed
                if !stale.contains(room) { stale.append(room) }
            } else if payloads.count + 1 > 3 || bytes.count + length > 6 {
                offer = .overflow
                isOverflowed = true
            } else {
                offer = .queued
                lengths[step] = length
                bytes += Array(repeating: step, count: length)
                mostBytes = max(mostBytes, bytes.count)
            }
        }
    }

    @Test func `the queue agrees with a flat list of bytes after every sequence of five events`()
        throws
    {
        let alphabet: [Event] = [
            .offer(2, .log), .offer(3, .answer), .offer(1, .live(room: room1)),
            .offer(1, .live(room: room2)), .consume(1), .consume(3), .consume(6), .pop,
            .takeStale,
        ]
        let empty = OutboundQueue<Int>(limits: Self.limits)
        try forEverySequence(of: alphabet, depth: 5, from: empty) { queue, history in
            let model = Model(history)
            switch history[history.count - 1] {
            case .offer(let length, let lane):
                let offer = queue.offer(history.count - 1, bytes: length, lane: lane)
                try check(offer, model.offer, "offer", after: history)
            case .consume(let count):
                let before = queue.count
                let finished = queue.consume(min(count, queue.bytes))
                try check(finished, before - model.payloads.count, "finished", after: history)
            case .pop: _ = queue.popFront()
            case .takeStale:
                try check(queue.takeStaleRooms(), model.taken, "stale rooms", after: history)
            }
            try check(queue.front, model.payloads.first, "front", after: history)
            try check(
                [queue.count, queue.bytes, queue.frontOffset, queue.highWaterBytes],
                [model.payloads.count, model.bytes.count, model.frontOffset, model.mostBytes],
                "sizes", after: history)
            try check(
                [queue.isEmpty, queue.isOverflowed], [model.bytes.isEmpty, model.isOverflowed],
                "flags", after: history)
        }
    }

    static var limits: Limits {
        var limits = Limits()
        limits.queuedBytes = 6
        limits.queuedSlices = 3
        return limits
    }
}
