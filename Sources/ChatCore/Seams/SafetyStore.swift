// SPDX-License-Identifier: MIT

/// What a store keeps beside logs and members to keep rooms and users safe: join links, passwords of rooms, the audit
/// log, and who blocks whom. Every call is atomic, like those of ``ChatStore``.
public protocol SafetyStore: Sendable {
    /// A page of a room's join links that are not over at `time`, the newest first; of the same age, by code.
    ///
    /// - Parameters:
    ///   - offset: how many to pass over.
    ///   - limit: how many at most, at least 1.
    func links(
        in room: RoomID, at time: Timestamp, offset: Int, limit: Int
    )
        async throws(StorageError) -> LinkPage

    /// Withdraws a join link of a room and notes it in the room's audit log.
    ///
    /// - Returns: whether the room had such a link, also one that was over.
    func revokeLink(
        _ code: String, in room: RoomID, by user: UserID, at time: Timestamp
    )
        async throws(StorageError) -> Bool

    /// Sets or removes (`nil`) the hash of a room's password and notes it in the room's audit log.
    ///
    /// - Returns: whether the room exists.
    func setPassword(
        _ hash: String?, of room: RoomID, by user: UserID, at time: Timestamp
    )
        async throws(StorageError) -> Bool

    /// The hash of a room's password; `nil` if it has none, or does not exist.
    func password(of room: RoomID) async throws(StorageError) -> String?

    /// A page of a room's audit log, the newest first.
    ///
    /// ``ChatStore/append(_:)`` and ``ChatStore/invite(_:)`` write it: what ``LogEntry/audit(author:at:)`` says, in the
    /// transaction that stores the entry, and the making of join links. Beyond ``Limits/auditEntriesPerRoom`` the
    /// oldest entries go.
    ///
    /// - Parameters:
    ///   - number: only entries before this one; `nil` for the newest.
    ///   - limit: how many at most, at least 1.
    func audit(
        in room: RoomID, before number: UInt64?, limit: Int
    )
        async throws(StorageError) -> AuditPage

    /// Notes that `blocker` blocks `user`. Erasure of either removes it.
    func block(
        _ user: UserID, by blocker: UserID, at time: Timestamp
    )
        async throws(StorageError) -> BlockOutcome

    /// Lifts a block.
    ///
    /// - Returns: whether there was one.
    func unblock(_ user: UserID, by blocker: UserID) async throws(StorageError) -> Bool

    /// A page of those whom a user blocks, the newest first; of the same time, by identity, the greatest first.
    ///
    /// - Parameters:
    ///   - offset: how many to pass over.
    ///   - limit: how many at most, at least 1.
    func blocks(
        of user: UserID, offset: Int, limit: Int
    )
        async throws(StorageError) -> BlockPage

    /// Those of the two who block the other, in order.
    func blockers(in pair: DirectPair) async throws(StorageError) -> [UserID]
}
