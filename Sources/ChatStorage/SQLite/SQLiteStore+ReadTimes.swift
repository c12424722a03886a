// SPDX-License-Identifier: MIT

public import ChatCore

extension SQLiteStore {
    /// See ``ReadTimeStore/readTimes(of:in:)``.
    public func readTimes(
        of seq: SequenceNumber, in room: RoomID
    ) async throws(StorageError) -> [UserID: Timestamp] {
        try await read { reader throws(StorageError) in try reader.readTimes(of: seq, in: room) }
    }

    /// See ``ReadTimeStore/readTimes(by:in:after:limit:)``.
    public func readTimes(
        by user: UserID, in room: RoomID, after seq: SequenceNumber, limit: Int
    ) async throws(StorageError) -> [ReadTime] {
        try await read { reader throws(StorageError) in
            try reader.readTimes(by: user, in: room, after: seq, limit: limit)
        }
    }

    /// See ``ReadTimeStore/removeReadTimes(before:limit:)``.
    public func removeReadTimes(
        before time: Timestamp, limit: Int
    ) async throws(StorageError) -> Int {
        try await writer.perform { writer throws(StorageError) in
            try writer.removeReadTimes(before: time, limit: limit)
        }
    }
}
