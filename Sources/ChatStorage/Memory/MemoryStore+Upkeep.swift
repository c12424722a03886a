// SPDX-License-Identifier: MIT

public import ChatCore

// How data ends. In memory a deleted room leaves nothing to sweep.
extension MemoryStore {
    /// See ``UpkeepStore/rooms(after:limit:)``.
    public func rooms(
        after room: RoomID?, limit: Int
    ) async throws(StorageError) -> [RoomRecord] {
        try withState { $0.rooms(after: room, limit: limit) }
    }

    /// See ``UpkeepStore/user(named:)``.
    public func user(named name: NameKey) async throws(StorageError) -> UserRecord? {
        try withState { state in state.userNames[name].flatMap { state.users[$0] } }
    }

    /// See ``UpkeepStore/trimPlace(in:for:)``.
    public func trimPlace(
        in room: RoomID, for bound: TrimBound
    ) async throws(StorageError) -> SequenceNumber {
        try withState { $0.log(of: room)?.trimPlace(for: bound) ?? .none }
    }

    /// See ``UpkeepStore/trim(_:through:limit:)``.
    public func trim(
        _ room: RoomID, through place: SequenceNumber, limit: Int
    ) async throws(StorageError) -> TrimSlice? {
        try withState { $0.trim(room, through: place, limit: limit) }
    }

    /// See ``UpkeepStore/sweep(limit:)``.
    public func sweep(limit: Int) async throws(StorageError) -> SweepSlice {
        try withState { _ in SweepSlice(removed: 0, isDone: true) }
    }

    /// See ``UpkeepStore/beginErasure(of:)``.
    public func beginErasure(of user: UserID) async throws(StorageError) -> UserRecord? {
        try withState { $0.beginErasure(of: user) }
    }

    /// See ``UpkeepStore/pendingErasures(limit:)``.
    public func pendingErasures(limit: Int) async throws(StorageError) -> [UserID] {
        try withState { Array($0.erasures.keys.sorted().prefix(max(1, limit))) }
    }

    /// See ``UpkeepStore/erase(limit:)``.
    public func erase(limit: Int) async throws(StorageError) -> ErasureSlice? {
        try withState { $0.erase(limit: limit) }
    }

    /// How many events there are; in memory nothing else is known.
    public func storageReport() async throws(StorageError) -> StorageReport {
        try withState { state in
            let bytes = state.logs.reduce(0) { $0 + $1.keptBytes }
            return StorageReport(parts: [StorageReport.Part(name: "logs", bytes: Int64(bytes))])
        }
    }
}
