// SPDX-License-Identifier: MIT

public import ChatCore

// How data ends, a slice at a time.
extension SQLiteStore {
    /// See ``UpkeepStore/rooms(after:limit:)``.
    public func rooms(
        after room: RoomID?, limit: Int
    ) async throws(StorageError) -> [RoomRecord] {
        try await read { reader throws(StorageError) in try reader.rooms(after: room, limit: limit)
        }
    }

    /// See ``UpkeepStore/user(named:)``.
    public func user(named name: NameKey) async throws(StorageError) -> UserRecord? {
        try await read { reader throws(StorageError) in try reader.user(named: name) }
    }

    /// See ``UpkeepStore/trimPlace(in:for:)``.
    public func trimPlace(
        in room: RoomID, for bound: TrimBound
    ) async throws(StorageError) -> SequenceNumber {
        try await read { reader throws(StorageError) in try reader.trimPlace(in: room, for: bound) }
    }

    /// See ``UpkeepStore/trim(_:through:limit:)``.
    public func trim(
        _ room: RoomID, through place: SequenceNumber, limit: Int
    ) async throws(StorageError) -> TrimSlice? {
        try await writeSlice { writer throws(StorageError) in
            try writer.trim(room, through: place, limit: limit)
        }
    }

    /// See ``UpkeepStore/sweep(limit:)``.
    public func sweep(limit: Int) async throws(StorageError) -> SweepSlice {
        try await writeSlice { writer throws(StorageError) in try writer.sweep(limit: limit) }
    }

    /// See ``UpkeepStore/beginErasure(of:)``.
    public func beginErasure(of user: UserID) async throws(StorageError) -> UserRecord? {
        try await writer.perform { writer throws(StorageError) in
            try writer.beginErasure(of: user)
        }
    }

    /// See ``UpkeepStore/pendingErasures(limit:)``.
    public func pendingErasures(limit: Int) async throws(StorageError) -> [UserID] {
        try await read { reader throws(StorageError) in
            try reader.pendingErasures(limit: limit)
        }
    }

    /// See ``UpkeepStore/erase(limit:)``.
    public func erase(limit: Int) async throws(StorageError) -> ErasureSlice? {
        try await writeSlice { writer throws(StorageError) in try writer.erase(limit: limit) }
    }

    /// The size of the file, how much of it is free, the size of the write-ahead log, and advice.
    public func storageReport() async throws(StorageError) -> StorageReport {
        let log = try await writer.perform { $0.pagesInLog }
        return try await read { reader throws(StorageError) in
            try reader.storageReport(log: log)
        }
    }

    /// A slice writes many pages: it does not add to a log that is long already.
    private func writeSlice<Result: Sendable>(
        _ body: @Sendable (SQLiteWriter) throws(StorageError) -> Result
    ) async throws(StorageError) -> Result {
        let threshold = options.checkpointPages
        return try await writer.perform { writer throws(StorageError) in
            if writer.pagesInLog >= threshold { writer.checkpoint() }
            return try body(writer)
        }
    }
}
