// SPDX-License-Identifier: MIT

public import ChatCore

// How data ends, a slice at a time.
extension PostgresStore {
    /// See ``UpkeepStore/rooms(after:limit:)``.
    public func rooms(
        after room: RoomID?, limit: Int
    ) async throws(StorageError) -> [RoomRecord] {
        try await read { session throws(PostgresFailure) in
            try session.rooms(after: room, limit: limit)
        }
    }

    /// See ``UpkeepStore/user(named:)``.
    public func user(named name: NameKey) async throws(StorageError) -> UserRecord? {
        try await read { session throws(PostgresFailure) in try session.user(named: name) }
    }

    /// See ``UpkeepStore/trimPlace(in:for:)``.
    public func trimPlace(
        in room: RoomID, for bound: TrimBound
    ) async throws(StorageError) -> SequenceNumber {
        try await read { session throws(PostgresFailure) in
            try session.trimPlace(in: room, for: bound)
        }
    }

    /// See ``UpkeepStore/trim(_:through:limit:)``.
    public func trim(
        _ room: RoomID, through place: SequenceNumber, limit: Int
    ) async throws(StorageError) -> TrimSlice? {
        try await write { session, _ throws(PostgresFailure) in
            try session.trim(room, through: place, limit: limit)
        }
    }

    /// See ``UpkeepStore/sweep(limit:)``.
    public func sweep(limit: Int) async throws(StorageError) -> SweepSlice {
        try await write { session, _ throws(PostgresFailure) in try session.sweep(limit: limit) }
    }

    /// See ``UpkeepStore/beginErasure(of:)``.
    public func beginErasure(of user: UserID) async throws(StorageError) -> UserRecord? {
        try await write { session, _ throws(PostgresFailure) in
            try session.beginErasure(of: user)
        }
    }

    /// See ``UpkeepStore/pendingErasures(limit:)``.
    public func pendingErasures(limit: Int) async throws(StorageError) -> [UserID] {
        try await read { session throws(PostgresFailure) in
            try session.pendingErasures(limit: limit)
        }
    }

    /// See ``UpkeepStore/erase(limit:)``.
    public func erase(limit: Int) async throws(StorageError) -> ErasureSlice? {
        try await write { session, earlier throws(PostgresFailure) in
            try session.erase(limit: limit, earlier: earlier ?? nil)
        }
    }

    /// The size of each table with its indexes, its dead rows, and advice.
    public func storageReport() async throws(StorageError) -> StorageReport {
        try await read { session throws(PostgresFailure) in try session.storageReport() }
    }
}
