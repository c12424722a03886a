// SPDX-License-Identifier: MIT

public import ChatCore

extension HeldStore {
    /// See ``SafetyStore/links(in:at:offset:limit:)``.
    public func links(
        in room: RoomID, at time: Timestamp, offset: Int, limit: Int
    ) async throws(StorageError) -> LinkPage {
        try await inner.links(in: room, at: time, offset: offset, limit: limit)
    }

    /// See ``SafetyStore/revokeLink(_:in:by:at:)``.
    public func revokeLink(
        _ code: String, in room: RoomID, by user: UserID, at time: Timestamp
    ) async throws(StorageError) -> Bool {
        try await inner.revokeLink(code, in: room, by: user, at: time)
    }

    /// See ``SafetyStore/setPassword(_:of:by:at:)``.
    public func setPassword(
        _ hash: String?, of room: RoomID, by user: UserID, at time: Timestamp
    ) async throws(StorageError) -> Bool {
        try await inner.setPassword(hash, of: room, by: user, at: time)
    }

    /// See ``SafetyStore/password(of:)``.
    public func password(of room: RoomID) async throws(StorageError) -> String? {
        try await inner.password(of: room)
    }

    /// See ``SafetyStore/audit(in:before:limit:)``.
    public func audit(
        in room: RoomID, before number: UInt64?, limit: Int
    ) async throws(StorageError) -> AuditPage {
        try await inner.audit(in: room, before: number, limit: limit)
    }

    /// See ``SafetyStore/block(_:by:at:)``.
    public func block(
        _ user: UserID, by blocker: UserID, at time: Timestamp
    ) async throws(StorageError) -> BlockOutcome {
        try await inner.block(user, by: blocker, at: time)
    }

    /// See ``SafetyStore/unblock(_:by:)``.
    public func unblock(
        _ user: UserID, by blocker: UserID
    ) async throws(StorageError) -> Bool {
        try await inner.unblock(user, by: blocker)
    }

    /// See ``SafetyStore/blocks(of:offset:limit:)``.
    public func blocks(
        of user: UserID, offset: Int, limit: Int
    ) async throws(StorageError) -> BlockPage {
        try await inner.blocks(of: user, offset: offset, limit: limit)
    }

    /// See ``SafetyStore/blockers(in:)``.
    public func blockers(in pair: DirectPair) async throws(StorageError) -> [UserID] {
        try await inner.blockers(in: pair)
    }
}
