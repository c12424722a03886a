// SPDX-License-Identifier: MIT

import ChatCore

/// A room as the writer knows it.
final class SQLiteRoom {
    var record: RoomRecord
    /// When its last event was.
    var lastAt: Timestamp
    /// Whether the number of members has changed in this transaction.
    var hasNewCount = false
    /// Whether anybody may be muted; if not, nobody is looked up.
    var hasMutes: Bool
    /// The newest block of places in which each of these users is known to have posted.
    private var authors: [UserID: UInt64] = [:]

    init(record: RoomRecord, lastAt: Timestamp, hasMutes: Bool) {
        self.record = record
        self.lastAt = lastAt
        self.hasMutes = hasMutes
    }

    /// Whether it is news that `user` has posted in a block; then it counts as known.
    func isNews(_ user: UserID, in block: UInt64) -> Bool {
        if authors[user] == block { return false }
        // In a room of very many the rows that are there already are found by the table.
        if authors.count >= 1_024 { authors.removeAll(keepingCapacity: true) }
        authors[user] = block
        return true
    }
}

/// The rooms that the writer has used, kept from one transaction to the next.
///
/// Another process may write between two transactions, but not during one; SQLite counts what
/// others have written. So one look at that count, inside the transaction, replaces a query per
/// room. Whoever undoes a transaction forgets the rooms.
final class SQLiteRooms {
    private let statements: SQLiteWriterStatements
    private let maximumRooms: Int
    private var rooms: [RoomID: SQLiteRoom] = [:]
    /// SQLite's count of what other connections have written.
    private var dataVersion: Int64?

    init(_ statements: SQLiteWriterStatements, maximumRooms: Int) {
        (self.statements, self.maximumRooms) = (statements, maximumRooms)
    }

    /// Forgets what others may have changed, and all when there are too many: the next ones cost a
    /// query each.
    ///
    /// First thing in each transaction: before, others may still write; later, what the batch has
    /// changed is not in the file yet.
    func validate() throws(StorageError) {
        let present = try statements.dataVersion.first { $0.int(0) }
        if present != dataVersion || rooms.count > maximumRooms { forgetAll() }
        dataVersion = present
    }

    /// A room; `nil` if there is none.
    func room(_ id: RoomID) throws(StorageError) -> SQLiteRoom? {
        if let room = rooms[id] { return room }
        statements.room.bind(1, id)
        let found = try statements.room.first { row in
            SQLiteRoom(
                record: row.roomRecord(), lastAt: row.time(SQLiteStatement.afterRoomColumns),
                hasMutes: row.bool(SQLiteStatement.afterRoomColumns + 1))
        }
        if let found { rooms[id] = found }
        return found
    }

    /// Forgets a room.
    func forget(_ id: RoomID) { rooms[id] = nil }

    /// Forgets every room.
    func forgetAll() { rooms.removeAll(keepingCapacity: true) }
}
