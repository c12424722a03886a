// SPDX-License-Identifier: MIT

extension TrimBound {
    /// The last event before ``before``, found by bisection: time never runs backwards inside a room.
    ///
    /// - Parameters:
    ///   - room: its log has an event at every place after `trimmed` up to `head`.
    ///   - time: when the event of a place was; `nil` if it has been removed meanwhile.
    /// - Complexity: O(log n) look-ups, one if nothing is old.
    package func agePlace<Failure: Error>(
        in room: RoomRecord, _ time: (SequenceNumber) throws(Failure) -> Timestamp?
    ) throws(Failure) -> SequenceNumber {
        guard let before else { return .none }
        func isOld(_ place: UInt64) throws(Failure) -> Bool {
            guard let time = try time(SequenceNumber(rawValue: place)) else { return true }
            return time < before
        }
        var (low, high) = (room.trimmed.rawValue, room.head.rawValue)
        guard low < high, try isOld(low + 1) else { return .none }
        // What is at `low` or before is old, what is after `high` is not.
        low += 1
        while low < high {
            let middle = low + (high - low + 1) / 2
            if try isOld(middle) { low = middle } else { high = middle - 1 }
        }
        return SequenceNumber(rawValue: low)
    }

    /// Up to where all is beyond the bound.
    ///
    /// - Parameters:
    ///   - room: the room.
    ///   - time: when the event of a place was.
    ///   - newest: the place of the newest message but so many; `nil` if there are not as many.
    package func place<Failure: Error>(
        in room: RoomRecord, time: (SequenceNumber) throws(Failure) -> Timestamp?,
        newest: (Int) throws(Failure) -> SequenceNumber?
    ) throws(Failure) -> SequenceNumber {
        var place = try agePlace(in: room, time)
        if let kept = keepingMessages,
            room.head.rawValue - room.trimmed.rawValue > UInt64(max(0, kept))
        {
            if kept <= 0 {
                place = room.head
            } else if let oldest = try newest(kept - 1) {
                place = max(place, SequenceNumber(rawValue: oldest.rawValue - 1))
            }
        }
        return place > room.trimmed ? place : .none
    }
}
