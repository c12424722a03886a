// SPDX-License-Identifier: MIT

import ChatCore

/// The writing connection: every change of the file is one of these calls, each in one transaction.
final class SQLiteWriter {
    let statements: SQLiteWriterStatements
    let connection: SQLiteConnection
    private let indexer: SQLiteIndexer
    let rooms: SQLiteRooms
    let rules: MessageRules
    let blocksPerUser: Int
    let invitationRules: InvitationRules
    private var purge: SQLiteClientIDPurge

    /// Opens the file, makes it if there is none, and brings its tables up to date.
    init(path: String, options: SQLiteOptions) throws(StorageError) {
        connection = try SQLiteConnection(
            path: path, mode: .write,
            busyMilliseconds: Int32(clamping: options.busyMilliseconds))
        guard !connection.isReadOnly else {
            throw StorageError(.cannotWrite, "the database file may only be read")
        }
        let synchronous = options.synchronous == .full ? "FULL" : "NORMAL"
        try connection.execute("PRAGMA synchronous = \(synchronous)")
        // A deleted message's text is overwritten, not just unlinked.
        try connection.execute("PRAGMA secure_delete = ON")
        // In KiB. A batch over many rooms dirties a page per room and sender; with SQLite's own 2
        // MiB those pages spill and are read again, which costs half of the throughput.
        try connection.execute("PRAGMA cache_size = -65536")
        try SQLiteMigrations.run(on: connection)
        statements = try SQLiteWriterStatements(connection)
        indexer = try SQLiteIndexer(connection)
        rooms = SQLiteRooms(statements, maximumRooms: options.keptRooms)
        rules = MessageRules(limits: options.limits)
        blocksPerUser = options.limits.blocksPerUser
        invitationRules = InvitationRules(limits: options.limits)
        purge = SQLiteClientIDPurge(retentionSeconds: options.idempotencySeconds)
        connection.watchLog()
    }

    /// Pages in the write-ahead log after the last commit.
    var pagesInLog: Int { connection.pagesInLog }

    /// Moves the write-ahead log into the file.
    func checkpoint() { connection.checkpoint() }

    // MARK: Logs

    func append(_ batch: AppendBatch) throws(StorageError) -> [AppendOutcome] {
        try transaction { () throws(StorageError) in
            var append = SQLiteAppend(statements, rules, rooms)
            var outcomes: [AppendOutcome] = []
            outcomes.reserveCapacity(batch.entries.count)
            for entry in batch.entries { outcomes.append(try append.append(entry)) }
            try append.finish()
            for receipt in batch.receipts { try advance(receipt) }
            if let now = batch.entries.last?.at {
                try purge.run(after: append.storedClientIDs, now: now, statements)
            }
            return outcomes
        }
    }

    /// Nobody has received or read what is not there yet; what was read was received.
    private func advance(_ receipt: ReceiptUpdate) throws(StorageError) {
        guard let head = try rooms.room(receipt.room)?.record.head else { return }
        try statements.readTimes.note(receipt, upTo: min(receipt.read, head))
        statements.advance.bind(1, receipt.room)
        statements.advance.bind(2, receipt.user)
        statements.advance.bind(3, min(max(receipt.delivered, receipt.read), head))
        statements.advance.bind(4, min(receipt.read, head))
        try statements.advance.run()
    }

    // MARK: Rooms

    func createRoom(_ room: RoomRecord, owner: UserID?) throws(StorageError) -> RoomRecord? {
        try transaction { () throws(StorageError) in
            var created = room
            created.head = .none
            created.trimmed = .none
            created.memberCount = 0
            try sweepRemains(of: room.id)
            guard try insert(created) else { return nil }
            let entries = room.openingEntries(by: owner)
            if entries.isEmpty { return created }
            var append = SQLiteAppend(statements, rules, rooms)
            for entry in entries { _ = try append.append(entry) }
            try append.finish()
            created.head = SequenceNumber(rawValue: UInt64(entries.count))
            created.memberCount = entries.count
            return created
        }
    }

    /// Whether the room's id and name were free.
    private func insert(_ room: RoomRecord) throws(StorageError) -> Bool {
        let statement = try SQLiteStatement(
            connection,
            """
            INSERT INTO rooms
                (id, created_at, member_count, is_private, maximum_members, slow_mode_seconds,
                name, name_key, description, retention_days, retention_messages)
            VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT DO NOTHING
            """)
        statement.bind(1, room.id)
        statement.bind(2, room.createdAt)
        statement.bind(3, room.isPrivate)
        statement.bind(4, room.maximumMembers)
        statement.bind(5, room.slowModeSeconds)
        statement.bind(6, room.name)
        statement.bind(7, NameKey(room.name).folded)
        statement.bind(8, room.description)
        statement.bind(9, room.retention.days)
        statement.bind(10, room.retention.messages)
        try statement.run()
        return connection.changes == 1
    }

    /// Two rows: what belongs to the room is out of reach now, and swept later.
    func deleteRoom(_ room: RoomID) throws(StorageError) -> Bool {
        try transaction { () throws(StorageError) in
            rooms.forget(room)
            try run("DELETE FROM rooms WHERE id = ?1", room)
            guard connection.changes == 1 else { return false }
            try run("INSERT OR IGNORE INTO deleted_rooms VALUES (?1)", room)
            // Few, and their codes are free at once.
            try run("DELETE FROM invitations WHERE room = ?1", room)
            try run("DELETE FROM room_passwords WHERE room = ?1", room)
            return true
        }
    }

    /// Runs a statement about a room that is not needed often.
    func run(_ sql: String, _ room: RoomID) throws(StorageError) {
        let statement = try SQLiteStatement(connection, sql)
        statement.bind(1, room)
        try statement.run()
    }

    // MARK: Search

    /// The position of the newest event.
    func lastPosition() throws(StorageError) -> Int64 { try indexer.lastPosition() }

    /// Takes the next events into the index of search.
    ///
    /// - Returns: whether there are more up to `end`.
    func index(
        _ slice: SQLiteIndexer.Slice, upTo end: Int64 = .max
    ) throws(StorageError) -> Bool {
        guard try indexer.isBehind(end) else { return false }
        return try transaction { () throws(StorageError) in
            try indexer.run(slice)
            return try indexer.isBehind(end)
        }
    }

    // MARK: Users

    func addUser(_ user: UserRecord) throws(StorageError) -> UserRecord {
        try transaction { () throws(StorageError) in
            if try insert(user) { return user }
            // The holder of the name comes first; the id may be another name's.
            let find = try SQLiteStatement(
                connection,
                """
                SELECT \(SQLiteStatement.userColumns) FROM users
                WHERE name_key = ?1 OR id = ?2 ORDER BY name_key = ?1 DESC LIMIT 1
                """)
            find.bind(1, NameKey(user.name).folded)
            find.bind(2, user.id)
            return try find.first { $0.userRecord() } ?? user
        }
    }

    /// Whether the user's id and name were free.
    func insert(_ user: UserRecord) throws(StorageError) -> Bool {
        let insert = try SQLiteStatement(
            connection,
            """
            INSERT INTO users (id, name, token, is_name_kept, name_key, display_name, avatar,
                status_text, created_at, hides_last_seen, last_seen)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            ON CONFLICT (id) DO NOTHING ON CONFLICT (name_key) DO NOTHING
            """)
        insert.bind(1, user.id)
        insert.bind(2, user.name)
        insert.bind(3, user.token)
        insert.bind(4, user.isNameKept)
        insert.bind(5, NameKey(user.name).folded)
        insert.bind(6, user.profile.displayName)
        insert.bind(7, user.profile.avatar)
        insert.bind(8, user.profile.statusText)
        insert.bind(9, user.createdAt)
        insert.bind(10, user.profile.hidesLastSeen)
        insert.bind(11, optional: user.profile.lastSeen?.milliseconds)
        try insert.run()
        return connection.changes == 1
    }

    func updateUser(_ user: UserRecord) throws(StorageError) {
        try transaction { () throws(StorageError) in
            let update = try SQLiteStatement(
                connection,
                """
                UPDATE users SET token = ?2, is_name_kept = ?3 WHERE id = ?1 AND is_erased = 0
                """)
            update.bind(1, user.id)
            update.bind(2, user.token)
            update.bind(3, user.isNameKept)
            try update.run()
        }
    }

    // MARK: Transactions

    /// Runs `body` and commits, or undoes all of it and throws.
    func transaction<Result>(
        _ body: () throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        try statements.begin.run()
        do {
            try rooms.validate()
            let result = try body()
            try statements.commit.run()
            return result
        } catch {
            connection.rollBack()
            rooms.forgetAll()
            throw error
        }
    }
}
