// SPDX-License-Identifier: MIT

/// How often a room is told who has received and read what.
public struct ReceiptTimings: Sendable, Equatable {
    /// Between two sets of changes in a small room, in milliseconds.
    public var smallRoomReceiptIntervalMilliseconds: Int64 = 100
    /// Between two summaries in a large room, in milliseconds.
    public var largeRoomReceiptIntervalMilliseconds: Int64 = 1_500

    /// The defaults.
    public init() {}

    /// Makes timings.
    public init(
        smallRoomReceiptIntervalMilliseconds: Int64, largeRoomReceiptIntervalMilliseconds: Int64
    ) {
        self.smallRoomReceiptIntervalMilliseconds = smallRoomReceiptIntervalMilliseconds
        self.largeRoomReceiptIntervalMilliseconds = largeRoomReceiptIntervalMilliseconds
    }

    /// The interval of a room with `members` members, of which up to `smallRoomMembers` make a
    /// small one.
    public func receiptIntervalMilliseconds(members: Int, smallRoomMembers: Int) -> Int64 {
        members <= smallRoomMembers
            ? smallRoomReceiptIntervalMilliseconds : largeRoomReceiptIntervalMilliseconds
    }
}
