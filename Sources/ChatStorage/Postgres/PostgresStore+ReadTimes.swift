// SPDX-License-Identifier: MIT

public import ChatCore

extension PostgresStore {
    /// See ``ReadTimeStore/readTimes(of:in:)``.
    public func readTimes(
        of seq: SequenceNumber, in room: RoomID
    ) async throws(StorageError) -> [UserID: Timestamp] {
        try await read { session throws(PostgresFailure) in
            let rows = try session.fetch(.readTimes, [.room(room), .seq(seq)])
                .all { ($0.user(0), $0.time(1)) }
            return Dictionary(rows, uniquingKeysWith: { first, _ in first })
        }
    }

    /// See ``ReadTimeStore/readTimes(by:in:after:limit:)``.
    public func readTimes(
        by user: UserID, in room: RoomID, after seq: SequenceNumber, limit: Int
    ) async throws(StorageError) -> [ReadTime] {
        try await read { session throws(PostgresFailure) in
            try session.fetch(
                .readTimesOfUser, [.room(room), .user(user), .seq(seq), .number(max(1, limit))]
            ).all { ReadTime(previous: $0.seq(0), seq: $0.seq(1), at: $0.time(2)) }
        }
    }

    /// See ``ReadTimeStore/removeReadTimes(before:limit:)``.
    public func removeReadTimes(
        before time: Timestamp, limit: Int
    ) async throws(StorageError) -> Int {
        // An attempt that may have been lost has removed as many, or none.
        try await write { session, earlier throws(PostgresFailure) in
            try session.connection.fetch(
                .removeReadTimes, [.time(time), .number(max(1, limit))]
            ).count + (earlier ?? 0)
        }
    }
}
