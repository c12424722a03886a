// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform
import Synchronization

/// A store in a PostgreSQL database, version 13 or newer.
///
/// Any number of servers may use one database: the rooms of a batch are locked in the order of
/// their identities while it is stored. Connections have threads of their own, so callers only
/// suspend; an event loop sends small batches of messages itself and polls for the answer
/// (``append(_:on:)``). A call whose transaction the server undid (a deadlock, a restart) is repeated until
/// ``PostgresOptions/callMilliseconds`` are over. When a connection is lost in the middle of a
/// commit, the store looks whether it was done before it answers.
public final class PostgresStore: ChatStore {
    private let conninfo: String
    let options: PostgresOptions
    let indexing = Lock(PostgresIndexing())
    let authors = PostgresAuthors()
    private let pool = Lock<PostgresPool?>(nil)
    let rooms: PostgresRooms
    /// When old client ids are looked for next, in milliseconds since 1970.
    private let nextPurge = Atomic<Int64>(.min)

    /// Makes a store.
    ///
    /// Nothing is connected before ``open()``.
    ///
    /// - Parameters:
    ///   - conninfo: a URI (`postgres://user@host/database?sslmode=verify-full`) or keywords, as
    ///     libpq takes them. What it leaves out comes from the environment (`PGHOST` …). Through a
    ///     connection pooler only in session mode: the store prepares its statements.
    ///   - options: how the store works.
    public init(_ conninfo: String, options: PostgresOptions = .init()) {
        self.conninfo = conninfo
        self.options = options
        rooms = PostgresRooms(maximumRooms: options.keptRooms)
    }

    /// Connects, and brings the tables up to date.
    ///
    /// - Throws: ``StorageError/Code/configuration`` if the server refuses the user or the
    ///   schema is another program's, ``StorageError/Code/tooNew`` if a newer release wrote it,
    ///   ``StorageError/Code/unavailable`` if the server cannot be reached.
    public func open() async throws(StorageError) {
        let worker = PostgresWorker()
        let behind: [RoomID]
        do throws(PostgresFailure) {
            try await worker.connect(conninfo, options, migrates: true)
            let end = SystemClock().now().advanced(byMilliseconds: options.connectMilliseconds)
            behind = try await worker.perform(until: end) { session throws(PostgresFailure) in
                try session.roomsBehind()
            }
        } catch {
            throw error.error
        }
        await worker.disconnect()
        let opened = PostgresPool(conninfo: conninfo, options: options)
        let before = pool.withLock { pool in
            let before = pool
            pool = opened
            return before
        }
        await before?.close()
        startIndexing(behind)
    }

    /// Finishes the calls that were made before, and disconnects.
    public func close() async {
        let pool = pool.withLock { pool in
            let closed = pool
            pool = nil
            return closed
        }
        await pool?.close()
    }

    // MARK: Writing

    /// See ``ChatStore/createRoom(_:owner:)``.
    public func createRoom(
        _ room: RoomRecord, owner: UserID?
    ) async throws(StorageError) -> RoomRecord? {
        authors.forget(room.id)
        rooms.forget(room.id)
        return try await write { session, earlier throws(PostgresFailure) in
            try session.createRoom(room, owner: owner, earlier: earlier ?? nil)
        }
    }

    /// See ``ChatStore/deleteRoom(_:)``.
    public func deleteRoom(_ room: RoomID) async throws(StorageError) -> Bool {
        let rooms = rooms
        // Also after a failure: it may have been committed.
        defer {
            authors.forget(room)
            rooms.forget(room)
        }
        return try await call().run {
            (session, earlier: Bool?) throws(PostgresFailure) -> PostgresOutcome<Bool> in
            let outcome = try session.write { session throws(PostgresFailure) in
                try session.deleteRoom(room, earlier: earlier ?? false)
            }
            if case .committed(true) = outcome {
                rooms.noteDeletion(of: room, deletions: session.deletions)
            }
            return outcome
        }
    }

    /// See ``ChatStore/addUser(_:)``.
    public func addUser(_ user: UserRecord) async throws(StorageError) -> UserRecord {
        try await write { session, _ throws(PostgresFailure) in try session.addUser(user) }
    }

    /// See ``ChatStore/updateUser(_:)``.
    public func updateUser(_ user: UserRecord) async throws(StorageError) {
        try await write { session, _ throws(PostgresFailure) in try session.updateUser(user) }
    }

    // MARK: Reading

    /// See ``ChatStore/findRoom(named:)``.
    public func findRoom(named name: NameKey) async throws(StorageError) -> RoomID? {
        try await read { session throws(PostgresFailure) in try session.findRoom(named: name) }
    }

    /// See ``ChatStore/loadRoom(_:)``.
    public func loadRoom(_ room: RoomID) async throws(StorageError) -> RoomSnapshot? {
        try await read { session throws(PostgresFailure) in try session.loadRoom(room) }
    }

    /// See ``ChatStore/listRooms(visibleTo:offset:limit:)``.
    public func listRooms(
        visibleTo user: UserID, offset: Int, limit: Int
    ) async throws(StorageError) -> RoomPage {
        try await read { session throws(PostgresFailure) in
            try session.listRooms(visibleTo: user, offset: offset, limit: limit)
        }
    }

    /// See ``ChatStore/memberships(of:)``.
    public func memberships(of user: UserID) async throws(StorageError) -> [MembershipRecord] {
        try await read { session throws(PostgresFailure) in try session.memberships(of: user) }
    }

    /// See ``ChatStore/joinedRooms(_:)``.
    public func joinedRooms(
        _ query: JoinedRoomQuery
    ) async throws(StorageError) -> JoinedRoomPage {
        try await read { session throws(PostgresFailure) in try session.joinedRooms(query) }
    }

    /// See ``ChatStore/history(_:)``.
    public func history(_ query: HistoryQuery) async throws(StorageError) -> HistoryPage {
        try await read { session throws(PostgresFailure) in try session.history(query) }
    }

    /// See ``ChatStore/events(in:after:limit:)``.
    public func events(
        in room: RoomID, after: SequenceNumber, limit: Int
    ) async throws(StorageError) -> [LoggedEvent] {
        try await read { session throws(PostgresFailure) in
            try session.events(in: room, after: after, limit: limit)
        }
    }

    /// See ``ChatStore/pinned(in:)``.
    public func pinned(in room: RoomID) async throws(StorageError) -> [Message] {
        try await read { session throws(PostgresFailure) in try session.pinned(in: room) }
    }

    /// See ``ChatStore/bans(in:at:offset:limit:)``.
    public func bans(
        in room: RoomID, at time: Timestamp, offset: Int, limit: Int
    ) async throws(StorageError) -> BanPage {
        try await read { session throws(PostgresFailure) in
            try session.bans(in: room, at: time, offset: offset, limit: limit)
        }
    }

    /// See ``ChatStore/user(_:)``.
    public func user(_ id: UserID) async throws(StorageError) -> UserRecord? {
        try await read { session throws(PostgresFailure) in try session.user(id) }
    }

    /// See ``ChatStore/user(token:)``.
    public func user(token: String) async throws(StorageError) -> UserRecord? {
        try await read { session throws(PostgresFailure) in try session.user(token: token) }
    }

    /// The statements that read the tables, or take from what every advance adds to, by name, for a look at their plans.
    package static var readingSQL: [String: String] {
        let statements: [PostgresStatement] = [
            .room, .roomNamed, .members, .countRooms, .rooms, .user, .userWithToken, .memberships,
            .countJoined, .joinedRooms, .joinedMembers, .events, .pinned, .pinnedReactions,
            .setPlace, .messagesBefore, .messagesFrom, .messagesBeforeTime, .messagesFromTime,
            .reactionsBefore, .reactionsFrom, .reactionsBeforeTime, .reactionsFromTime,
            .attachmentsBefore, .attachmentsFrom, .attachmentsBeforeTime, .attachmentsFromTime,
            .attachments, .pinnedAttachments, .joinedAttachments, .hitAttachments, .ownRooms,
            .searchCandidates, .ownRoomsBehind, .unindexed,
            .readTimes, .readTimesOfUser, .trimReadTimes, .eraseReadTimes, .removeReadTimes,
        ]
        let pairs = statements.map { (String(describing: $0), $0.sql) }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    // MARK: Calls

    /// Runs `body` in a transaction; if the commit of an earlier attempt was not answered, with what
    /// that attempt returned.
    func write<Value: Sendable>(
        _ body: @Sendable (PostgresSession, Value?) throws(PostgresFailure) -> Value
    ) async throws(StorageError) -> Value {
        try await call().run { session, earlier throws(PostgresFailure) in
            try session.write { session throws(PostgresFailure) in try body(session, earlier) }
        }
    }

    func read<Value: Sendable>(
        _ body: @Sendable (PostgresSession) throws(PostgresFailure) -> Value
    ) async throws(StorageError) -> Value {
        try await call().run { session, _ throws(PostgresFailure) in
            .committed(try body(session))
        }
    }

    func call() throws(StorageError) -> PostgresCall {
        guard let pool = pool.withLock({ $0 }) else {
            throw StorageError(.closed, "the store is not open")
        }
        return PostgresCall(pool: pool, options: options)
    }

    // MARK: Housekeeping

    /// Starts a walk over old client ids beside the writing, once per 24th of the retention.
    func purgeIfDue(_ now: Timestamp) {
        let due = nextPurge.load(ordering: .relaxed)
        guard now.milliseconds >= due else { return }
        // A hundred years at most, so that sums with a time cannot overflow.
        let retention = Int64(max(0, min(options.idempotencySeconds, 3_155_760_000))) * 1_000
        let next = now.milliseconds + max(1, retention / 24)
        guard
            nextPurge.compareExchange(expected: due, desired: next, ordering: .relaxed).exchanged
        else { return }
        let oldest = Timestamp(milliseconds: now.milliseconds - retention)
        Task { await purge(before: oldest) }
    }

    private func purge(before oldest: Timestamp) async {
        let slice = 5_000
        var purged = slice
        while purged == slice {
            // A failure is met by the next call as well, and the next walk does what is left.
            purged =
                (try? await write { session, _ throws(PostgresFailure) in
                    try session.purgeClientIDs(before: oldest, limit: slice)
                }) ?? 0
        }
    }
}
