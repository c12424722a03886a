// SPDX-License-Identifier: MIT

/// The newest events of a room, encoded, for clients that were away for a moment. Bounded in count and bytes.
struct EventRing {
    private struct Entry {
        var seq: SequenceNumber
        var payload: [UInt8]
    }

    private var entries: [Entry] = []
    private var head = 0
    private var bytes = 0
    private let maximumEvents: Int
    private let maximumBytes: Int

    init(limits: Limits) {
        maximumEvents = limits.ringEvents
        maximumBytes = limits.ringBytes
    }

    var count: Int { entries.count - head }

    /// Adds the next event and forgets the oldest ones that are over the bounds. O(1) amortised.
    mutating func append(_ seq: SequenceNumber, _ payload: [UInt8]) {
        entries.append(Entry(seq: seq, payload: payload))
        bytes += payload.count
        while count > maximumEvents || (bytes > maximumBytes && count > 0) {
            bytes -= entries[head].payload.count
            entries[head].payload = []
            head += 1
        }
        if head > maximumEvents {
            entries.removeFirst(head)
            head = 0
        }
    }

    /// Forgets the events up to `seq`.
    mutating func removeFirst(through seq: SequenceNumber) {
        while count > 0, entries[head].seq <= seq {
            bytes -= entries[head].payload.count
            entries[head].payload = []
            head += 1
        }
    }

    /// Whether every event after `seq` is here, given that the newest of the room is `newest`.
    func covers(after seq: SequenceNumber, newest: SequenceNumber) -> Bool {
        if seq >= newest { return true }
        guard count > 0, entries[entries.count - 1].seq == newest else { return false }
        return entries[head].seq <= seq.next
    }

    /// Calls `body` with every event after `seq`, in order.
    func forEach(after seq: SequenceNumber, _ body: (SequenceNumber, [UInt8]) -> Void) {
        for index in head..<entries.count where entries[index].seq > seq {
            body(entries[index].seq, entries[index].payload)
        }
    }
}
