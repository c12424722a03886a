// SPDX-License-Identifier: MIT

public import ChatCore
import Synchronization

/// A store in one SQLite file.
///
/// One thread writes, others read beside it; none of them is of Swift's pool, so callers only
/// suspend. Several stores, also of several processes, may use one file: they take turns in
/// writing. With the default options a returned call is on the disk. Keep the file on a local disk:
/// a write-ahead log needs memory that is shared between processes.
public final class SQLiteStore: ChatStore {
    let path: String
    let options: SQLiteOptions
    let writer = SQLiteWorker<SQLiteWriter>()
    private let readers: [SQLiteWorker<SQLiteReader>]
    private let checkpointer = SQLiteWorker<SQLiteConnection>()
    private let nextReader = Atomic<Int>(0)
    private let isCheckpointing = Atomic<Bool>(false)
    let isIndexing = Atomic<Bool>(false)
    let appends = Atomic<Int>(0)

    /// Makes a store.
    ///
    /// Nothing is opened before ``open()``.
    ///
    /// - Parameters:
    ///   - path: of the database file; its directory must exist. SQLite puts two files beside it.
    ///     A new file gets the permissions that the process's umask leaves.
    ///   - options: how the store works.
    public init(path: String, options: SQLiteOptions = .init()) {
        self.path = path
        self.options = options
        readers = (0..<max(1, options.readers)).map { _ in SQLiteWorker<SQLiteReader>() }
    }

    /// Opens the file, makes it if there is none, and brings its tables up to date.
    ///
    /// - Throws: ``StorageError/Code/configuration`` if the directory does not exist or the file is
    ///   another program's, ``StorageError/Code/cannotWrite``, ``StorageError/Code/corrupt`` if it
    ///   is no database, ``StorageError/Code/tooNew`` if a newer release wrote it,
    ///   ``StorageError/Code/unavailable`` if another process keeps it to itself.
    public func open() async throws(StorageError) {
        let (path, options) = (path, options)
        try await writer.open { () throws(StorageError) in
            try SQLiteWriter(path: path, options: options)
        }
        do {
            for reader in readers {
                try await reader.open { () throws(StorageError) in
                    try SQLiteReader(path: path, options: options)
                }
            }
            try await checkpointer.open { () throws(StorageError) in
                let connection = try SQLiteConnection(
                    path: path, mode: .write,
                    busyMilliseconds: Int32(clamping: options.busyMilliseconds))
                try connection.openLog()
                return connection
            }
        } catch {
            await close()
            throw error
        }
        startIndexing()
    }

    /// Finishes the calls that were made before, moves the write-ahead log into the file, and
    /// closes it.
    public func close() async {
        for reader in readers { await reader.close() }
        await checkpointer.close()
        await writer.close()
    }

    // MARK: Writing

    /// See ``ChatStore/append(_:)``.
    public func append(_ batch: AppendBatch) async throws(StorageError) -> [AppendOutcome] {
        if batch.isEmpty { return [] }
        let threshold = options.checkpointPages
        let (outcomes, pages) = try await writer.perform { writer throws(StorageError) in
            (try writer.append(batch), writer.pagesInLog)
        }
        if pages / 4 >= threshold {
            // Writing is quicker than the checkpoints: it waits for one.
            await checkpoint()
        } else if pages >= threshold {
            startCheckpoint()
        }
        if !batch.entries.isEmpty {
            appends.wrappingAdd(1, ordering: .relaxed)
            startIndexing()
        }
        return outcomes
    }

    /// See ``ChatStore/createRoom(_:owner:)``.
    public func createRoom(
        _ room: RoomRecord, owner: UserID?
    ) async throws(StorageError) -> RoomRecord? {
        try await writer.perform { writer throws(StorageError) in
            try writer.createRoom(room, owner: owner)
        }
    }

    /// See ``ChatStore/deleteRoom(_:)``.
    public func deleteRoom(_ room: RoomID) async throws(StorageError) -> Bool {
        try await writer.perform { writer throws(StorageError) in try writer.deleteRoom(room) }
    }

    /// See ``ChatStore/addUser(_:)``.
    public func addUser(_ user: UserRecord) async throws(StorageError) -> UserRecord {
        try await writer.perform { writer throws(StorageError) in try writer.addUser(user) }
    }

    /// See ``ChatStore/updateUser(_:)``.
    public func updateUser(_ user: UserRecord) async throws(StorageError) {
        try await writer.perform { writer throws(StorageError) in try writer.updateUser(user) }
    }

    /// Moves the write-ahead log into the file beside the writing, one at a time.
    private func startCheckpoint() {
        guard !isCheckpointing.exchange(true, ordering: .relaxed) else { return }
        Task {
            await checkpoint()
            isCheckpointing.store(false, ordering: .relaxed)
        }
    }

    /// Moves the write-ahead log into the file.
    ///
    /// What was written meanwhile, the writer moves itself: only a log that is wholly in the file is
    /// written over from its beginning, and so does not grow.
    private func checkpoint() async {
        // Either fails only when the store is closed, which moves the log as well.
        try? await checkpointer.perform { $0.checkpoint() }
        try? await writer.perform { $0.checkpoint() }
    }

    // MARK: Reading

    /// See ``ChatStore/findRoom(named:)``.
    public func findRoom(named name: NameKey) async throws(StorageError) -> RoomID? {
        try await read { reader throws(StorageError) in try reader.findRoom(named: name) }
    }

    /// See ``ChatStore/loadRoom(_:)``.
    public func loadRoom(_ room: RoomID) async throws(StorageError) -> RoomSnapshot? {
        try await read { reader throws(StorageError) in try reader.loadRoom(room) }
    }

    /// See ``ChatStore/listRooms(visibleTo:offset:limit:)``.
    public func listRooms(
        visibleTo user: UserID, offset: Int, limit: Int
    ) async throws(StorageError) -> RoomPage {
        try await read { reader throws(StorageError) in
            try reader.listRooms(visibleTo: user, offset: offset, limit: limit)
        }
    }

    /// See ``ChatStore/memberships(of:)``.
    public func memberships(of user: UserID) async throws(StorageError) -> [MembershipRecord] {
        try await read { reader throws(StorageError) in try reader.memberships(of: user) }
    }

    /// See ``ChatStore/joinedRooms(_:)``.
    public func joinedRooms(
        _ query: JoinedRoomQuery
    ) async throws(StorageError) -> JoinedRoomPage {
        try await read { reader throws(StorageError) in try reader.joinedRooms(query) }
    }

    /// See ``ChatStore/history(_:)``.
    public func history(_ query: HistoryQuery) async throws(StorageError) -> HistoryPage {
        try await read { reader throws(StorageError) in try reader.history(query) }
    }

    /// See ``ChatStore/events(in:after:limit:)``.
    public func events(
        in room: RoomID, after: SequenceNumber, limit: Int
    ) async throws(StorageError) -> [LoggedEvent] {
        try await read { reader throws(StorageError) in
            try reader.events(in: room, after: after, limit: limit)
        }
    }

    /// See ``ChatStore/pinned(in:)``.
    public func pinned(in room: RoomID) async throws(StorageError) -> [Message] {
        try await read { reader throws(StorageError) in try reader.pinned(in: room) }
    }

    /// See ``ChatStore/bans(in:at:offset:limit:)``.
    public func bans(
        in room: RoomID, at time: Timestamp, offset: Int, limit: Int
    ) async throws(StorageError) -> BanPage {
        try await read { reader throws(StorageError) in
            try reader.bans(in: room, at: time, offset: offset, limit: limit)
        }
    }

    /// See ``ChatStore/user(_:)``.
    public func user(_ id: UserID) async throws(StorageError) -> UserRecord? {
        try await read { reader throws(StorageError) in try reader.user(id) }
    }

    /// See ``ChatStore/user(token:)``.
    public func user(token: String) async throws(StorageError) -> UserRecord? {
        try await read { reader throws(StorageError) in try reader.user(token: token) }
    }

    /// The statements that readers run, for a look at their plans.
    package func readingSQL() async throws(StorageError) -> [String] {
        try await read { reader throws(StorageError) in reader.statements.texts }
    }

    /// Readers take turns: a long query holds up only those behind it on the same connection.
    func read<Result: Sendable>(
        _ body: @Sendable (SQLiteReader) throws(StorageError) -> Result
    ) async throws(StorageError) -> Result {
        let turn = nextReader.wrappingAdd(1, ordering: .relaxed).oldValue
        return try await readers[Int(UInt(bitPattern: turn) % UInt(readers.count))].perform(body)
    }
}
