// SPDX-License-Identifier: MIT

/// Rooms from the longest unused to the one used last.
///
/// A linked list in one array: who is in it remembers its place, so nothing is searched for and
/// nothing hashed. Its memory is that of the most rooms that were in it at once.
struct RecencyList {
    /// Where a room stands, while it is in the list.
    typealias Place = Int32

    /// The place of what is not in the list.
    static let nowhere: Place = -1

    private struct Node {
        var room: RoomID
        /// Towards the longest unused; of a free node, the next free one.
        var older: Place
        var newer: Place
    }

    private var nodes: ContiguousArray<Node> = []
    private var free = nowhere
    private var oldestPlace = nowhere
    private var newestPlace = nowhere

    /// How many rooms are in the list.
    private(set) var count = 0

    /// The room that was unused for the longest time.
    var oldest: RoomID? {
        oldestPlace == Self.nowhere ? nil : nodes[Int(oldestPlace)].room
    }

    /// Puts a room in, as the one used last. O(1), on average when the array grows.
    mutating func insert(_ room: RoomID) -> Place {
        let place: Place
        if free == Self.nowhere {
            place = Place(nodes.count)
            nodes.append(Node(room: room, older: Self.nowhere, newer: Self.nowhere))
        } else {
            place = free
            free = nodes[Int(place)].older
            nodes[Int(place)].room = room
        }
        link(place)
        count += 1
        return place
    }

    /// The room at `place` was used just now. O(1).
    mutating func renew(_ place: Place) {
        if place == newestPlace { return }
        unlink(place)
        link(place)
    }

    /// Takes a room out. O(1).
    mutating func remove(_ place: Place) {
        unlink(place)
        nodes[Int(place)].older = free
        free = place
        count -= 1
    }

    private mutating func link(_ place: Place) {
        nodes[Int(place)].older = newestPlace
        nodes[Int(place)].newer = Self.nowhere
        if newestPlace == Self.nowhere {
            oldestPlace = place
        } else {
            nodes[Int(newestPlace)].newer = place
        }
        newestPlace = place
    }

    private mutating func unlink(_ place: Place) {
        let node = nodes[Int(place)]
        if node.older == Self.nowhere {
            oldestPlace = node.newer
        } else {
            nodes[Int(node.older)].newer = node.newer
        }
        if node.newer == Self.nowhere {
            newestPlace = node.older
        } else {
            nodes[Int(node.newer)].older = node.older
        }
    }
}
