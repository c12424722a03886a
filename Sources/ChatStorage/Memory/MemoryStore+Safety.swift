// SPDX-License-Identifier: MIT

public import ChatCore

extension MemoryStore {
    /// See ``SafetyStore/links(in:at:offset:limit:)``.
    public func links(
        in room: RoomID, at time: Timestamp, offset: Int, limit: Int
    ) async throws(StorageError) -> LinkPage {
        try withState { state in
            state.log(of: room)?.links(
                at: time, offset: offset, limit: limit, name: state.name(of:))
                ?? LinkPage(entries: [], total: 0)
        }
    }

    /// See ``SafetyStore/revokeLink(_:in:by:at:)``.
    public func revokeLink(
        _ code: String, in room: RoomID, by user: UserID, at time: Timestamp
    ) async throws(StorageError) -> Bool {
        let rules = rules
        return try withState { $0.revokeLink(code, in: room, by: user, at: time, rules) }
    }

    /// See ``SafetyStore/setPassword(_:of:by:at:)``.
    public func setPassword(
        _ hash: String?, of room: RoomID, by user: UserID, at time: Timestamp
    ) async throws(StorageError) -> Bool {
        let rules = rules
        return try withState { $0.setPassword(hash, of: room, by: user, at: time, rules) }
    }

    /// See ``SafetyStore/password(of:)``.
    public func password(of room: RoomID) async throws(StorageError) -> String? {
        try withState { $0.log(of: room)?.passwordHash }
    }

    /// See ``SafetyStore/audit(in:before:limit:)``.
    public func audit(
        in room: RoomID, before number: UInt64?, limit: Int
    ) async throws(StorageError) -> AuditPage {
        try withState { state in
            state.log(of: room)?.audit(before: number, limit: limit, name: state.name(of:))
                ?? AuditPage(entries: [], isEnd: true)
        }
    }

    /// See ``SafetyStore/block(_:by:at:)``.
    public func block(
        _ user: UserID, by blocker: UserID, at time: Timestamp
    ) async throws(StorageError) -> BlockOutcome {
        let bound = blocksPerUser
        return try withState { $0.block(user, by: blocker, at: time, bound: bound) }
    }

    /// See ``SafetyStore/unblock(_:by:)``.
    public func unblock(
        _ user: UserID, by blocker: UserID
    ) async throws(StorageError) -> Bool {
        try withState { $0.unblock(user, by: blocker) }
    }

    /// See ``SafetyStore/blocks(of:offset:limit:)``.
    public func blocks(
        of user: UserID, offset: Int, limit: Int
    ) async throws(StorageError) -> BlockPage {
        try withState { $0.blocks(of: user, offset: offset, limit: limit) }
    }

    /// See ``SafetyStore/blockers(in:)``.
    public func blockers(in pair: DirectPair) async throws(StorageError) -> [UserID] {
        try withState { $0.blockers(in: pair) }
    }
}
