// SPDX-License-Identifier: MIT

/// A session's subscriptions, by room. The first needs no memory of its own; others are in a sorted array.
struct SubscriptionSet {
    private var first: Subscription?
    /// Ascending by room.
    private var others: [Subscription] = []

    /// Makes an empty set.
    init() {}

    /// How many there are.
    var count: Int { (first == nil ? 0 : 1) + others.count }

    /// All of them.
    var all: [Subscription] { (first.map { [$0] } ?? []) + others }

    /// The subscription of `room`. Reading is O(log rooms), changing O(rooms).
    subscript(room: RoomID) -> Subscription? {
        get {
            if let first, first.room == room { return first }
            let place = place(of: room)
            return place < others.count && others[place].room == room ? others[place] : nil
        }
        set {
            if first?.room == room {
                first = newValue
                return
            }
            let place = place(of: room)
            let isThere = place < others.count && others[place].room == room
            switch (newValue, isThere) {
            case (let subscription?, true): others[place] = subscription
            case (let subscription?, false):
                if first == nil {
                    first = subscription
                } else {
                    others.insert(subscription, at: place)
                }
            case (nil, true):
                others.remove(at: place)
                if others.isEmpty { others = [] }
            case (nil, false): break
            }
        }
    }

    /// Where `room` is in `others`, or would be.
    private func place(of room: RoomID) -> Int {
        var (low, high) = (0, others.count)
        while low < high {
            let middle = (low + high) / 2
            if others[middle].room < room { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
