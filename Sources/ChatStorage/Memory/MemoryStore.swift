// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform

/// A store that forgets everything with the process: for tests, demonstrations and rooms that need
/// no past.
///
/// Every call completes without suspending, so the order of calls is the order of their effects.
/// A search reads all history of the searcher's rooms. What was stored stays over ``close()`` and another ``open()``, so that a test can restart an
/// engine on it. Memory grows with the log: nothing is ever dropped but by ``deleteRoom(_:)`` and retention.
public final class MemoryStore: ChatStore {
    private let state = Lock(MemoryState())
    let rules: MessageRules
    let invitationRules: InvitationRules
    let blocksPerUser: Int

    /// Makes an empty store.
    ///
    /// - Parameter limits: of these it keeps reactions, pins, members, bans, mutes, invitations, blocks and the audit log.
    public init(limits: Limits = Limits()) {
        rules = MessageRules(limits: limits)
        invitationRules = InvitationRules(limits: limits)
        blocksPerUser = limits.blocksPerUser
    }

    /// Lets calls in again after ``close()``.
    ///
    /// A new store is open already.
    public func open() async throws(StorageError) {
        state.withLock { $0.isClosed = false }
    }

    /// Lets no further call in.
    ///
    /// Keeps what was stored.
    public func close() async {
        state.withLock { $0.isClosed = true }
    }

    /// See ``ChatStore/append(_:)``.
    public func append(_ batch: AppendBatch) async throws(StorageError) -> [AppendOutcome] {
        try store(batch)
    }

    /// See ``ChatStore/appendAtOnce(_:)``.
    public func appendAtOnce(_ batch: AppendBatch) throws(StorageError) -> [AppendOutcome]? {
        try store(batch)
    }

    private func store(_ batch: AppendBatch) throws(StorageError) -> [AppendOutcome] {
        try withState { state in
            let outcomes = batch.entries.map { state.append($0, rules) }
            for receipt in batch.receipts { state.advance(receipt) }
            return outcomes
        }
    }

    /// See ``ChatStore/createRoom(_:owner:)``.
    public func createRoom(
        _ room: RoomRecord, owner: UserID?
    ) async throws(StorageError) -> RoomRecord? {
        try withState { $0.createRoom(room, owner: owner) }
    }

    /// See ``ChatStore/deleteRoom(_:)``.
    public func deleteRoom(_ room: RoomID) async throws(StorageError) -> Bool {
        try withState { $0.deleteRoom(room) }
    }

    /// See ``ChatStore/findRoom(named:)``.
    public func findRoom(named name: NameKey) async throws(StorageError) -> RoomID? {
        try withState { $0.roomNames[name] }
    }

    /// See ``ChatStore/loadRoom(_:)``.
    public func loadRoom(_ room: RoomID) async throws(StorageError) -> RoomSnapshot? {
        try withState { state in state.log(of: room)?.snapshot(name: state.name(of:)) }
    }

    /// See ``ChatStore/listRooms(visibleTo:offset:limit:)``.
    public func listRooms(
        visibleTo user: UserID, offset: Int, limit: Int
    ) async throws(StorageError) -> RoomPage {
        try withState { $0.listRooms(visibleTo: user, offset: offset, limit: limit) }
    }

    /// See ``ChatStore/memberships(of:)``.
    public func memberships(
        of user: UserID
    ) async throws(StorageError) -> [MembershipRecord] {
        try withState { $0.memberships(of: user) }
    }

    /// See ``ChatStore/joinedRooms(_:)``.
    public func joinedRooms(
        _ query: JoinedRoomQuery
    ) async throws(StorageError) -> JoinedRoomPage {
        try withState { $0.joinedRooms(query) }
    }

    /// See ``ChatStore/history(_:)``.
    public func history(_ query: HistoryQuery) async throws(StorageError) -> HistoryPage {
        try withState { state in
            state.log(of: query.room)?.history(query, name: state.name(of:))
                ?? HistoryPage(messages: [], isEnd: true)
        }
    }

    /// See ``ChatStore/events(in:after:limit:)``.
    public func events(
        in room: RoomID, after: SequenceNumber, limit: Int
    ) async throws(StorageError) -> [LoggedEvent] {
        try withState { state in
            state.log(of: room)?.events(after: after, limit: limit, name: state.name(of:)) ?? []
        }
    }

    /// See ``ChatStore/pinned(in:)``.
    public func pinned(in room: RoomID) async throws(StorageError) -> [Message] {
        try withState { state in state.log(of: room)?.pinned(name: state.name(of:)) ?? [] }
    }

    /// See ``ChatStore/bans(in:at:offset:limit:)``.
    public func bans(
        in room: RoomID, at time: Timestamp, offset: Int, limit: Int
    ) async throws(StorageError) -> BanPage {
        try withState { state in
            state.log(of: room)?.bans(
                at: time, offset: offset, limit: limit, name: state.name(of:))
                ?? BanPage(bans: [], total: 0)
        }
    }

    /// See ``ChatStore/addUser(_:)``.
    public func addUser(_ user: UserRecord) async throws(StorageError) -> UserRecord {
        try withState { $0.addUser(user) }
    }

    /// See ``ChatStore/updateUser(_:)``.
    public func updateUser(_ user: UserRecord) async throws(StorageError) {
        try withState { $0.updateUser(user) }
    }

    /// See ``ChatStore/user(_:)``.
    public func user(_ id: UserID) async throws(StorageError) -> UserRecord? {
        try withState { $0.users[id] }
    }

    /// See ``ChatStore/user(token:)``.
    public func user(token: String) async throws(StorageError) -> UserRecord? {
        try withState { state in state.tokens[token].flatMap { state.users[$0] } }
    }

    func withState<Result: Sendable>(
        _ body: (inout MemoryState) -> Result
    ) throws(StorageError) -> Result {
        try state.withLock { state throws(StorageError) in
            guard !state.isClosed else {
                throw StorageError(.closed, "the store has been closed")
            }
            return body(&state)
        }
    }
}
