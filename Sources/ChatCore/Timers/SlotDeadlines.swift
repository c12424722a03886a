// SPDX-License-Identifier: MIT

/// At most one deadline per slot, and the earliest of them at hand.
///
/// What ``DeadlineTable`` is for keys of any kind, for small numbers that are used again: an array says
/// where each stands in the heap, so an entry takes twenty bytes and nothing is hashed.
package struct SlotDeadlines: Sendable {
    private struct Entry: Sendable {
        var deadline: ChatInstant
        var slot: UInt32

        func isBefore(_ other: Entry) -> Bool {
            deadline == other.deadline ? slot < other.slot : deadline < other.deadline
        }
    }

    private static let nowhere: Int32 = -1

    private var heap: ContiguousArray<Entry> = []
    /// By slot: where it stands in the heap.
    private var places: ContiguousArray<Int32> = []

    /// Makes an empty table.
    package init() {}

    /// How many slots have a deadline.
    package var count: Int { heap.count }

    /// The earliest deadline. O(1).
    package var next: ChatInstant? { heap.first?.deadline }

    /// Gives `slot` the deadline `deadline`, in place of any it had. O(log count).
    package mutating func set(_ slot: UInt32, to deadline: ChatInstant) {
        while places.count <= Int(slot) { places.append(Self.nowhere) }
        let entry = Entry(deadline: deadline, slot: slot)
        let known = places[Int(slot)]
        let place = known == Self.nowhere ? heap.count : Int(known)
        if place == heap.count { heap.append(entry) }
        put(entry, at: place)
        siftUp(from: place)
        siftDown(from: Int(places[Int(slot)]))
    }

    /// Takes the deadline of `slot` back, if it has one. O(log count).
    package mutating func remove(_ slot: UInt32) {
        guard Int(slot) < places.count, places[Int(slot)] != Self.nowhere else { return }
        let place = Int(places[Int(slot)])
        places[Int(slot)] = Self.nowhere
        let last = heap.removeLast()
        guard place < heap.count else { return }
        put(last, at: place)
        siftUp(from: place)
        siftDown(from: Int(places[Int(last.slot)]))
    }

    /// Removes and returns one slot whose deadline is `now` or earlier, the earliest first. O(log count).
    package mutating func popDue(now: ChatInstant) -> UInt32? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        remove(first.slot)
        return first.slot
    }

    private mutating func put(_ entry: Entry, at place: Int) {
        heap[place] = entry
        places[Int(entry.slot)] = Int32(place)
    }

    private mutating func siftUp(from start: Int) {
        let entry = heap[start]
        var place = start
        while place > 0, entry.isBefore(heap[(place - 1) / 2]) {
            put(heap[(place - 1) / 2], at: place)
            place = (place - 1) / 2
        }
        put(entry, at: place)
    }

    private mutating func siftDown(from start: Int) {
        let entry = heap[start]
        var place = start
        while 2 * place + 1 < heap.count {
            var child = 2 * place + 1
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(entry) else { break }
            put(heap[child], at: place)
            place = child
        }
        put(entry, at: place)
    }
}
