// SPDX-License-Identifier: MIT

public import ChatCore

extension FaultingStore {
    /// See ``UpkeepStore/rooms(after:limit:)``.
    public func rooms(
        after room: RoomID?, limit: Int
    ) async throws(StorageError) -> [RoomRecord] {
        try await pass(.rooms) { () throws(StorageError) in
            try await inner.rooms(after: room, limit: limit)
        }
    }

    /// See ``UpkeepStore/user(named:)``.
    public func user(
        named name: NameKey
    ) async throws(StorageError) -> UserRecord? {
        try await pass(.user) { () throws(StorageError) in
            try await inner.user(named: name)
        }
    }

    /// See ``UpkeepStore/trimPlace(in:for:)``.
    public func trimPlace(
        in room: RoomID, for bound: TrimBound
    ) async throws(StorageError) -> SequenceNumber {
        try await pass(.trimPlace) { () throws(StorageError) in
            try await inner.trimPlace(in: room, for: bound)
        }
    }

    /// See ``UpkeepStore/trim(_:through:limit:)``.
    public func trim(
        _ room: RoomID, through place: SequenceNumber, limit: Int
    ) async throws(StorageError) -> TrimSlice? {
        try await pass(.trim) { () throws(StorageError) in
            try await inner.trim(room, through: place, limit: limit)
        }
    }

    /// See ``UpkeepStore/sweep(limit:)``.
    public func sweep(
        limit: Int
    ) async throws(StorageError) -> SweepSlice {
        try await pass(.sweep) { () throws(StorageError) in
            try await inner.sweep(limit: limit)
        }
    }

    /// See ``UpkeepStore/beginErasure(of:)``.
    public func beginErasure(
        of user: UserID
    ) async throws(StorageError) -> UserRecord? {
        try await pass(.beginErasure) { () throws(StorageError) in
            try await inner.beginErasure(of: user)
        }
    }

    /// See ``UpkeepStore/pendingErasures(limit:)``.
    public func pendingErasures(limit: Int) async throws(StorageError) -> [UserID] {
        try await pass(.pendingErasures) { () throws(StorageError) in
            try await inner.pendingErasures(limit: limit)
        }
    }

    /// See ``UpkeepStore/erase(limit:)``.
    public func erase(
        limit: Int
    ) async throws(StorageError) -> ErasureSlice? {
        try await pass(.erase) { () throws(StorageError) in
            try await inner.erase(limit: limit)
        }
    }

    /// See ``UpkeepStore/storageReport()``.
    public func storageReport() async throws(StorageError) -> StorageReport {
        try await pass(.storageReport) { () throws(StorageError) in
            try await inner.storageReport()
        }
    }
}
