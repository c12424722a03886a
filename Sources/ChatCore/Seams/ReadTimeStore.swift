// SPDX-License-Identifier: MIT

/// When members read what: the part of a ``ChatStore`` that is told by ``ReceiptUpdate/readAt``.
///
/// Each advance of a read mark is kept with its time and with the mark before it (``ReadTime``), in the transaction
/// that moves the mark. So a time is either exact or not there: what was read while no times were kept is covered by
/// none of them. They are gone with their membership, with their room, with the messages that they are about, when
/// their user is erased, and when they are old (``removeReadTimes(before:limit:)``).
public protocol ReadTimeStore: Sendable {
    /// When each member first read up to `seq` or further, of those of whom that is known.
    ///
    /// - Complexity: O(members of the room · log read times).
    func readTimes(
        of seq: SequenceNumber, in room: RoomID
    ) async throws(StorageError) -> [UserID: Timestamp]

    /// A page of what is kept of one member, in ascending order, without what they read up to `seq`.
    ///
    /// - Parameter limit: how many at most, at least 1.
    func readTimes(
        by user: UserID, in room: RoomID, after seq: SequenceNumber, limit: Int
    ) async throws(StorageError) -> [ReadTime]

    /// Removes read times of all rooms that are older than `time`, `limit` at most.
    ///
    /// - Returns: how many.
    func removeReadTimes(before time: Timestamp, limit: Int) async throws(StorageError) -> Int
}
