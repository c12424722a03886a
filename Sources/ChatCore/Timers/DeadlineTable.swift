// SPDX-License-Identifier: MIT

/// At most one deadline per key, and the earliest of them at hand.
///
/// A binary heap that knows where each key stands, so that a deadline can be moved or taken back: a
/// heap that only forgets on expiry would grow with every reconnect. Equal deadlines come out in
/// key order.
package struct DeadlineTable<Key: Hashable & Comparable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var deadline: ChatInstant
        var key: Key

        func isBefore(_ other: Entry) -> Bool {
            deadline == other.deadline ? key < other.key : deadline < other.deadline
        }
    }

    private var heap: [Entry] = []
    private var places: [Key: Int] = [:]

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
        let entry = Entry(deadline: deadline, key: key)
        guard let place = places[key] else {
            heap.append(entry)
            places[key] = heap.count - 1
            siftUp(from: heap.count - 1)
            return
        }
        heap[place] = entry
        siftUp(from: place)
        siftDown(from: place)
    }

    /// Takes the deadline of `key` back, if it has one.
    ///
    /// - Complexity: O(log count).
    package mutating func remove(_ key: Key) {
        guard let place = places.removeValue(forKey: key) else { return }
        let last = heap.removeLast()
        guard place < heap.count else { return }
        heap[place] = last
        places[last.key] = place
        siftUp(from: place)
        siftDown(from: place)
    }

    /// Removes and returns one key whose deadline is `now` or earlier, the earliest first.
    ///
    /// - Complexity: O(log count).
    package mutating func popDue(now: ChatInstant) -> Key? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        remove(first.key)
        return first.key
    }

    private mutating func siftUp(from start: Int) {
        var place = start
        while place > 0 {
            let parent = (place - 1) / 2
            guard heap[place].isBefore(heap[parent]) else { return }
            swap(place, parent)
            place = parent
        }
    }

    private mutating func siftDown(from start: Int) {
        var place = start
        while true {
            var earliest = place
            for child in (2 * place + 1)...(2 * place + 2) where child < heap.count {
                if heap[child].isBefore(heap[earliest]) { earliest = child }
            }
            guard earliest != place else { return }
            swap(place, earliest)
            place = earliest
        }
    }

    private mutating func swap(_ left: Int, _ right: Int) {
        heap.swapAt(left, right)
        places[heap[left].key] = left
        places[heap[right].key] = right
    }
}
