// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform

/// Where the logs of rooms stood when this store last wrote to them.
///
/// Only a hint: a transaction that builds on it is undone if another server has written meanwhile. A room that several servers write is left out for a while, so that this stays the exception.
final class PostgresRooms: Sendable {
    /// A room's newest event.
    struct Position: Sendable {
        var head: SequenceNumber
        var lastAt: Timestamp

        fileprivate mutating func advance(to later: Self) { if later.head > head { self = later } }
    }

    private struct State: Sendable {
        var positions: [RoomID: Position] = [:]
        /// How many rooms had been deleted when these were there.
        var deletions: Int64 = 0
        /// Rooms that others write too, and until when they are left out.
        var shared: [RoomID: ChatInstant] = [:]
    }

    private static let sharedMilliseconds: Int64 = 10_000
    private let maximumRooms: Int
    private let state = Lock(State())

    init(maximumRooms: Int) { self.maximumRooms = maximumRooms }

    /// A room and where its log stands.
    typealias Place = (key: RoomID, value: Position)

    /// The positions of these rooms, and the number of deletions that they go with; `nil` if one is not known.
    func positions(of rooms: [RoomID]) -> (places: [Place], deletions: Int64)? {
        state.withLock { state in
            var places: [Place] = []
            places.reserveCapacity(rooms.count)
            for room in rooms {
                guard let position = state.positions[room] else { return nil }
                places.append((room, position))
            }
            return (places, state.deletions)
        }
    }

    /// Notes what a transaction that has committed left.
    func note(_ positions: some Collection<Place>, deletions: Int64) {
        state.withLock { state in
            // Of what was there before a deletion nobody knows whether it still is.
            guard deletions >= state.deletions else { return }
            if deletions > state.deletions {
                state.positions.removeAll(keepingCapacity: true)
                state.deletions = deletions
            }
            if state.positions.count + positions.count > maximumRooms {
                state.positions.removeAll(keepingCapacity: true)
            }
            if !state.shared.isEmpty {
                let now = SystemClock().now()
                state.shared = state.shared.filter { $0.value > now }
            }
            let isShared = !state.shared.isEmpty
            for (room, position) in positions {
                if isShared, state.shared[room] != nil { continue }
                // Two connections may tell in another order than they have committed.
                state.positions[room, default: position].advance(to: position)
            }
        }
    }

    /// This store has deleted a room, as the last of so many.
    func noteDeletion(of room: RoomID, deletions: Int64) {
        state.withLock { state in
            state.positions[room] = nil
            // Else others have deleted rooms as well: the next append will tell.
            if state.deletions + 1 == deletions { state.deletions = deletions }
        }
    }

    /// Rooms were deleted since there had been so many deletions.
    func forgetAll(deletions: Int64) {
        state.withLock { state in
            if state.deletions == deletions { state.positions.removeAll(keepingCapacity: true) }
        }
    }

    /// The room is made or deleted: its identity may be used again, with another log.
    func forget(_ room: RoomID) { state.withLock { $0.positions[room] = nil } }

    /// The hint was wrong for one of these rooms.
    func leaveOut(_ rooms: some Sequence<RoomID>) {
        let until = SystemClock().now().advanced(byMilliseconds: Self.sharedMilliseconds)
        state.withLock { state in
            for room in rooms {
                state.positions[room] = nil
                state.shared[room] = until
            }
        }
    }
}
