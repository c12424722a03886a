// SPDX-License-Identifier: MIT

public import ChatCore

extension MemoryStore {
    /// See ``ReadTimeStore/readTimes(of:in:)``.
    public func readTimes(
        of seq: SequenceNumber, in room: RoomID
    ) async throws(StorageError) -> [UserID: Timestamp] {
        try withState { $0.log(of: room)?.readTimes(of: seq) ?? [:] }
    }

    /// See ``ReadTimeStore/readTimes(by:in:after:limit:)``.
    public func readTimes(
        by user: UserID, in room: RoomID, after seq: SequenceNumber, limit: Int
    ) async throws(StorageError) -> [ReadTime] {
        try withState {
            $0.log(of: room)?.readTimes(by: user, after: seq, limit: limit) ?? []
        }
    }

    /// See ``ReadTimeStore/removeReadTimes(before:limit:)``. O(read times).
    public func removeReadTimes(
        before time: Timestamp, limit: Int
    ) async throws(StorageError) -> Int {
        try withState { $0.removeReadTimes(before: time, limit: max(1, limit)) }
    }
}

extension MemoryState {
    fileprivate mutating func removeReadTimes(before time: Timestamp, limit: Int) -> Int {
        var removed = 0
        for index in logs.indices where removed < limit {
            removed += logs[index].removeReadTimes(before: time, limit: limit - removed)
        }
        return removed
    }
}
