// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform

/// A store whose writes (and, if wanted, reads of rooms) wait until a test lets them go: for tests of what happens
/// meanwhile.
public final class HeldStore: ChatStore {
    private struct State {
        var isHolding = false
        var holdsRooms = false
        var holdsSightings = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var returning = 0
    }

    let inner: any ChatStore
    private let loop: EventLoop?
    private let state = Lock(State())

    /// Makes a store that passes every call on to `inner`.
    ///
    /// - Parameter loop: appends for every caller, as the loops of an engine do; `nil`: the caller itself.
    public init(_ inner: any ChatStore, appendingOn loop: EventLoop? = nil) {
        self.inner = inner
        self.loop = loop
    }

    /// From now on ``append(_:)`` waits before it reaches the inner store; with `rooms` so does ``loadRoom(_:)``, with
    /// `sightings` ``note(_:)``.
    public func hold(rooms: Bool = false, sightings: Bool = false) {
        state.withLock { state in
            state.isHolding = true
            state.holdsRooms = rooms
            state.holdsSightings = sightings
        }
    }

    /// Lets everything pass that waits, and what comes later. Returns when the world has come to rest.
    public func release(in world: LoopbackWorld) async {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            defer { state = State(returning: state.returning + state.waiting.count) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
        // A resumed task goes through Swift's pool before it comes back to its loop.
        while state.withLock({ $0.returning > 0 }) {
            world.settle()
            await Task.yield()
        }
        world.settle()
    }

    /// How many calls wait.
    public var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Waits if sightings are held.
    func passSightings() async {
        if state.withLock({ $0.holdsSightings }) { await pass() }
    }

    private func pass() async {
        guard state.withLock({ $0.isHolding }) else { return }
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiting.append(continuation) }
        }
        state.withLock { $0.returning -= 1 }
    }

    /// See ``ChatStore/append(_:)``.
    public func append(_ batch: AppendBatch) async throws(StorageError) -> [AppendOutcome] {
        await pass()
        guard let loop else { return try await inner.append(batch) }
        return try await inner.append(batch, on: loop)
    }

    /// See ``ChatStore/append(_:on:)``.
    public func append(
        _ batch: AppendBatch, on loop: isolated EventLoop
    ) async throws(StorageError) -> [AppendOutcome] {
        await pass()
        return try await inner.append(batch, on: loop)
    }

    /// See ``ChatStore/appendAtOnce(_:)``.
    ///
    /// Not while calls are held.
    public func appendAtOnce(_ batch: AppendBatch) throws(StorageError) -> [AppendOutcome]? {
        if state.withLock({ $0.isHolding }) { return nil }
        return try inner.appendAtOnce(batch)
    }
}

// Everything else passes.
extension HeldStore {
    /// See ``ChatStore/open()``.
    public func open() async throws(StorageError) { try await inner.open() }

    /// See ``ChatStore/close()``.
    public func close() async { await inner.close() }

    /// See ``ChatStore/createRoom(_:owner:)``.
    public func createRoom(
        _ room: RoomRecord, owner: UserID?
    ) async throws(StorageError) -> RoomRecord? {
        try await inner.createRoom(room, owner: owner)
    }

    /// See ``ChatStore/deleteRoom(_:)``.
    public func deleteRoom(_ room: RoomID) async throws(StorageError) -> Bool {
        try await inner.deleteRoom(room)
    }

    /// See ``ChatStore/findRoom(named:)``.
    public func findRoom(named name: NameKey) async throws(StorageError) -> RoomID? {
        try await inner.findRoom(named: name)
    }

    /// See ``ChatStore/loadRoom(_:)``.
    public func loadRoom(_ room: RoomID) async throws(StorageError) -> RoomSnapshot? {
        if state.withLock({ $0.holdsRooms }) { await pass() }
        return try await inner.loadRoom(room)
    }

    /// See ``ChatStore/listRooms(visibleTo:offset:limit:)``.
    public func listRooms(
        visibleTo user: UserID, offset: Int, limit: Int
    ) async throws(StorageError) -> RoomPage {
        try await inner.listRooms(visibleTo: user, offset: offset, limit: limit)
    }

    /// See ``ChatStore/memberships(of:)``.
    public func memberships(of user: UserID) async throws(StorageError) -> [MembershipRecord] {
        try await inner.memberships(of: user)
    }

    /// See ``ChatStore/joinedRooms(_:)``.
    public func joinedRooms(
        _ query: JoinedRoomQuery
    ) async throws(StorageError) -> JoinedRoomPage {
        try await inner.joinedRooms(query)
    }

    /// See ``ChatStore/history(_:)``.
    public func history(_ query: HistoryQuery) async throws(StorageError) -> HistoryPage {
        try await inner.history(query)
    }

    /// See ``ChatStore/events(in:after:limit:)``.
    public func events(
        in room: RoomID, after: SequenceNumber, limit: Int
    ) async throws(StorageError) -> [LoggedEvent] {
        try await inner.events(in: room, after: after, limit: limit)
    }

    /// See ``ChatStore/pinned(in:)``.
    public func pinned(in room: RoomID) async throws(StorageError) -> [Message] {
        try await inner.pinned(in: room)
    }

    /// See ``ChatStore/bans(in:at:offset:limit:)``.
    public func bans(
        in room: RoomID, at time: Timestamp, offset: Int, limit: Int
    ) async throws(StorageError) -> BanPage {
        try await inner.bans(in: room, at: time, offset: offset, limit: limit)
    }

    /// See ``ChatStore/search(_:)``.
    public func search(_ query: SearchQuery) async throws(StorageError) -> SearchPage {
        try await inner.search(query)
    }

    /// See ``ChatStore/addUser(_:)``.
    public func addUser(_ user: UserRecord) async throws(StorageError) -> UserRecord {
        try await inner.addUser(user)
    }

    /// See ``ChatStore/updateUser(_:)``.
    public func updateUser(_ user: UserRecord) async throws(StorageError) {
        try await inner.updateUser(user)
    }

    /// See ``ChatStore/user(_:)``.
    public func user(_ id: UserID) async throws(StorageError) -> UserRecord? {
        try await inner.user(id)
    }

    /// See ``ChatStore/user(token:)``.
    public func user(token: String) async throws(StorageError) -> UserRecord? {
        try await inner.user(token: token)
    }
}
