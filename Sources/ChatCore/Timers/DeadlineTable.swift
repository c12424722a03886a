// SPDX-License-Identifier: MIT

/// At most one deadline per key, and the earliest of them at hand.
///
/// A binary heap that knows where each key stands, so that a deadline can be moved or taken back: a
/// heap that only forgets on expiry would grow with every reconnect. Equal deadlines come out in
/// key order. Each key has a slot that stays while it is here and holds its place in the heap, so that
/// moving through the heap hashes nothing.
package struct DeadlineTable<Key: Hashable & Comparable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var deadline: ChatInstant
        var key: Key
        var slot: Int

        func isBefore(_ other: Entry) -> Bool {
            deadline == other.deadline ? key < other.key : deadline < other.deadline
        }
    }

    private var heap: [Entry] = []
    private var slots: [Key: Int] = [:]
    /// The place in the heap by slot; of a free slot, the next free one.
    private var places: [Int] = []
    private var firstFree = -1

    /// Makes an empty table.
    package init() {}

    /// How many keys have a deadline.
    package var count: Int { heap.count }

    /// The earliest deadline.
    ///
    /// - Complexity: O(1).
    package var next: ChatInstant? { heap.first?.deadline }

    /// Gives `key` the deadline `deadline`, in place of any it had.
    ///
    /// - Complexity: O(log count).
    package mutating func set(_ key: Key, to deadline: ChatInstant) {
        guard let slot = slots[key] else {
            let slot = takeSlot()
            slots[key] = slot
            let entry = Entry(deadline: deadline, key: key, slot: slot)
            heap.append(entry)
            return siftUp(entry, from: heap.count - 1)
        }
        replace(at: places[slot], with: Entry(deadline: deadline, key: key, slot: slot))
    }

    /// Takes the deadline of `key` back, if it has one.
    ///
    /// - Complexity: O(log count).
    package mutating func remove(_ key: Key) {
        if heap.isEmpty { return }
        guard let slot = slots.removeValue(forKey: key) else { return }
        let place = places[slot]
        places[slot] = firstFree
        firstFree = slot
        let last = heap.removeLast()
        if place < heap.count { replace(at: place, with: last) }
        if heap.isEmpty { forgetSlots() }
    }

    /// Removes and returns one key whose deadline is `now` or earlier, the earliest first.
    ///
    /// - Complexity: O(log count).
    package mutating func popDue(now: ChatInstant) -> Key? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        remove(first.key)
        return first.key
    }

    private mutating func takeSlot() -> Int {
        if firstFree < 0 {
            places.append(0)
            return places.count - 1
        }
        let slot = firstFree
        firstFree = places[slot]
        return slot
    }

    private mutating func forgetSlots() {
        places.removeAll(keepingCapacity: true)
        firstFree = -1
    }

    /// Puts `entry` where another one was that may have been earlier or later.
    private mutating func replace(at place: Int, with entry: Entry) {
        if place > 0, entry.isBefore(heap[(place - 1) / 2]) {
            siftUp(entry, from: place)
        } else {
            siftDown(entry, from: place)
        }
    }

    /// Moves a hole up until `entry` fits into it.
    private mutating func siftUp(_ entry: Entry, from start: Int) {
        var hole = start
        while hole > 0 {
            let parent = (hole - 1) / 2
            guard entry.isBefore(heap[parent]) else { break }
            put(heap[parent], at: hole)
            hole = parent
        }
        put(entry, at: hole)
    }

    /// Moves a hole down until `entry` fits into it.
    private mutating func siftDown(_ entry: Entry, from start: Int) {
        var hole = start
        while true {
            var child = 2 * hole + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(entry) else { break }
            put(heap[child], at: hole)
            hole = child
        }
        put(entry, at: hole)
    }

    private mutating func put(_ entry: Entry, at place: Int) {
        heap[place] = entry
        places[entry.slot] = place
    }
}
