// SPDX-License-Identifier: MIT

import ChatCore

/// The statements of the writing connection about audit logs.
final class SQLiteAuditStatements {
    private let insert: SQLiteStatement
    private let trim: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StorageError) {
        insert = try SQLiteStatement(
            connection,
            """
            INSERT INTO audit (room, number, at, actor, action, subject, value, text)
            VALUES (?1, coalesce((SELECT max(number) FROM audit WHERE room = ?1), 0) + 1,
                ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        trim = try SQLiteStatement(
            connection,
            """
            DELETE FROM audit WHERE room = ?1 AND number <=
                (SELECT max(number) FROM audit WHERE room = ?1) - ?2
            """)
    }

    /// Adds an entry; the oldest beyond `bound` go.
    func insert(
        _ change: AuditChange, in room: RoomID, keeping bound: Int
    ) throws(StorageError) {
        insert.bind(1, room)
        insert.bind(2, change.at)
        insert.bind(3, change.actor)
        insert.bind(4, Int64(change.action.rawValue))
        insert.bind(5, optional: change.subject.map { Int64(bitPattern: $0.rawValue) })
        insert.bind(6, optional: change.value)
        insert.bind(7, change.text)
        try insert.run()
        trim.bind(1, room)
        trim.bind(2, max(1, bound))
        try trim.run()
    }
}

extension SQLiteAppend {
    /// Notes an act over others; before it is done, because of a deleted message only its author is told.
    func noteAct(
        _ entry: LogEntry, _ facts: SQLiteRoomFacts, at time: Timestamp
    ) throws(StorageError) {
        var author: UserID?
        if entry.isAuditedByAuthor, case .delete(let target) = entry.change {
            author = try facts.message(at: target)?.author
        }
        guard let change = entry.audit(author: author, at: time) else { return }
        try statements.audit.insert(change, in: entry.room, keeping: rules.auditEntriesPerRoom)
    }
}
