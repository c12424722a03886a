// SPDX-License-Identifier: MIT

public import ChatCore

extension FaultingStore {
    /// See ``ReadTimeStore/readTimes(of:in:)``.
    public func readTimes(
        of seq: SequenceNumber, in room: RoomID
    ) async throws(StorageError) -> [UserID: Timestamp] {
        try await pass(.readTimes) { () throws(StorageError) in
            try await inner.readTimes(of: seq, in: room)
        }
    }

    /// See ``ReadTimeStore/readTimes(by:in:after:limit:)``.
    public func readTimes(
        by user: UserID, in room: RoomID, after seq: SequenceNumber, limit: Int
    ) async throws(StorageError) -> [ReadTime] {
        try await pass(.readTimes) { () throws(StorageError) in
            try await inner.readTimes(by: user, in: room, after: seq, limit: limit)
        }
    }

    /// See ``ReadTimeStore/removeReadTimes(before:limit:)``.
    public func removeReadTimes(
        before time: Timestamp, limit: Int
    ) async throws(StorageError) -> Int {
        try await pass(.removeReadTimes) { () throws(StorageError) in
            try await inner.removeReadTimes(before: time, limit: limit)
        }
    }
}
