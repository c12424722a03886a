// SPDX-License-Identifier: MIT

public import ChatCore

extension HeldStore {
    /// See ``ReadTimeStore/readTimes(of:in:)``.
    public func readTimes(
        of seq: SequenceNumber, in room: RoomID
    ) async throws(StorageError) -> [UserID: Timestamp] {
        try await inner.readTimes(of: seq, in: room)
    }

    /// See ``ReadTimeStore/readTimes(by:in:after:limit:)``.
    public func readTimes(
        by user: UserID, in room: RoomID, after seq: SequenceNumber, limit: Int
    ) async throws(StorageError) -> [ReadTime] {
        try await inner.readTimes(by: user, in: room, after: seq, limit: limit)
    }

    /// See ``ReadTimeStore/removeReadTimes(before:limit:)``.
    public func removeReadTimes(
        before time: Timestamp, limit: Int
    ) async throws(StorageError) -> Int {
        try await inner.removeReadTimes(before: time, limit: limit)
    }
}
