// SPDX-License-Identifier: MIT

import ChatCore

/// Deadlines by slot, earliest first.
///
/// An entry is never taken out early: whoever has a new deadline looks again when the old one
/// comes, which costs a connection one entry instead of one per change.
struct DeadlineHeap {
    struct Entry {
        let deadline: ChatInstant
        let token: UInt64
    }

    private var entries: [Entry] = []

    /// The earliest deadline.
    var earliest: ChatInstant? { entries.first?.deadline }

    /// Adds an entry.
    ///
    /// O(log n).
    mutating func insert(_ deadline: ChatInstant, token: UInt64) {
        entries.append(Entry(deadline: deadline, token: token))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if entries[parent].deadline <= entries[child].deadline { return }
            entries.swapAt(parent, child)
            child = parent
        }
    }

    /// Takes the earliest entry if it is due.
    ///
    /// O(log n).
    mutating func popDue(now: ChatInstant) -> Entry? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        let last = entries.removeLast()
        if entries.isEmpty { return first }
        entries[0] = last
        sink()
        return first
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
                if entries[child].deadline < entries[smallest].deadline { smallest = child }
            }
            if smallest == parent { return }
            entries.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
