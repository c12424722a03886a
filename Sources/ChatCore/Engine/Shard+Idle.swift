// SPDX-License-Identifier: MIT

// Rooms that nobody subscribes to: the longest unused leave the memory and come back from the store.
extension Shard {
    /// How many rooms are looked at to find one that can go.
    private static var candidates: Int { 8 }

    /// A room was used, or its first subscriber has come or its last one gone. O(1).
    func touch(_ room: HostedRoom) {
        guard room.tails.isEmpty else { return stopIdling(room) }
        if room.idlePlace == RecencyList.nowhere {
            room.idlePlace = idleRooms.insert(room.id)
        } else {
            idleRooms.renew(room.idlePlace)
        }
    }

    /// The room is in use, or gone. O(1).
    func stopIdling(_ room: HostedRoom) {
        if room.idlePlace == RecencyList.nowhere { return }
        idleRooms.remove(room.idlePlace)
        room.idlePlace = RecencyList.nowhere
    }

    /// Lets rooms go that are over the limit. O(1) for each that is.
    ///
    /// Not while a request is served: its room might be among them.
    func trimIdleRooms() {
        let limit = max(1, limits.idleRooms)
        var tries = Self.candidates
        while idleRooms.count > limit, tries > 0, let oldest = idleRooms.oldest {
            guard case .ready(let room)? = rooms[oldest] else { return }
            if mayLeave(room, isPressed: idleRooms.count / 2 >= limit) {
                stopIdling(room)
                rooms[oldest] = nil
                roomTimers.remove(oldest)
            } else {
                // Its turn comes again; others may be able to go before.
                idleRooms.renew(room.idlePlace)
                tries -= 1
            }
        }
    }

    /// A room that has something to do later stays, unless that would keep twice as many as the limit:
    /// what it would forget is a wait of its slow mode.
    private func mayLeave(_ room: HostedRoom, isPressed: Bool) -> Bool {
        room.pins == 0 && (isPressed || room.nextDeadline == nil)
    }
}
