// SPDX-License-Identifier: MIT

import ChatCore
import Testing

/// What of several updates of one member is stored.
@Suite struct ReceiptMergingTests {
    private static let (room, other) = (RoomID(rawValue: 1), RoomID(rawValue: 2))

    private func update(
        _ user: UInt64, _ delivered: SequenceNumber, _ read: SequenceNumber, at time: Int64? = nil,
        in room: RoomID = room
    ) -> ReceiptUpdate {
        ReceiptUpdate(
            room: room, user: UserID(rawValue: user), delivered: delivered, read: read,
            readAt: time.map { Timestamp(milliseconds: $0) })
    }

    @Test func `one update per member is left, with both marks by maximum`() {
        let updates = [
            update(1, 5, 2), update(2, 3, 3), update(1, 4, 4), update(1, 1, 1, in: Self.other),
        ]
        #expect(
            updates.merged() == [update(1, 5, 4), update(2, 3, 3), update(1, 1, 1, in: Self.other)])
        #expect([ReceiptUpdate]().merged() == [])
    }

    @Test func `the time is that of the read mark that is left`() {
        #expect(
            [update(1, 5, 2, at: 10), update(1, 5, 4, at: 20)].merged() == [update(1, 5, 4, at: 20)]
        )
        #expect(
            [update(1, 5, 4, at: 10), update(1, 9, 2, at: 20)].merged() == [update(1, 9, 4, at: 10)]
        )
        #expect(
            [update(1, 5, 4, at: 10), update(1, 5, 4, at: 20)].merged() == [update(1, 5, 4, at: 10)]
        )
        #expect([update(1, 5, 2, at: 10), update(1, 5, 4)].merged() == [update(1, 5, 4)])
    }
}
