// SPDX-License-Identifier: MIT

/// When a member read a part of a room's log: the events after ``previous``, up to ``seq``.
public struct ReadTime: Sendable, Equatable {
    /// Up to where they had read before.
    public var previous: SequenceNumber
    /// Up to where they had read then.
    public var seq: SequenceNumber
    /// When.
    public var at: Timestamp

    /// Makes a read time.
    public init(previous: SequenceNumber, seq: SequenceNumber, at: Timestamp) {
        self.previous = previous
        self.seq = seq
        self.at = at
    }
}

extension ReceiptUpdate {
    /// Takes in a later update of the same member: both marks by maximum, and the time that belongs to the read mark.
    package mutating func merge(_ later: ReceiptUpdate) {
        delivered = max(delivered, later.delivered)
        guard later.read > read else { return }
        read = later.read
        readAt = later.readAt
    }
}

extension [ReceiptUpdate] {
    /// One update per room and user, in the order of the first ones: a transaction writes each watermark once.
    ///
    /// - Complexity: O(updates); allocates if there are two or more.
    package func merged() -> [ReceiptUpdate] {
        if count < 2 { return self }
        var places: [RoomID: [UserID: Int]] = [:]
        var result: [ReceiptUpdate] = []
        for update in self {
            if let place = places[update.room]?[update.user] {
                result[place].merge(update)
            } else {
                places[update.room, default: [:]][update.user] = result.count
                result.append(update)
            }
        }
        return result
    }
}
