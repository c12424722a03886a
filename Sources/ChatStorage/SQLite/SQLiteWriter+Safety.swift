// SPDX-License-Identifier: MIT

import ChatCore

extension SQLiteWriter {
    func revokeLink(
        _ code: String, in room: RoomID, by user: UserID, at time: Timestamp
    ) throws(StorageError) -> Bool {
        try transaction { () throws(StorageError) in
            let invitations = statements.invitations
            invitations.ofCode.bind(1, code)
            let link = try invitations.ofCode.first { $0.invitationRecord() }
            guard let link, link.room == room, link.user == nil else { return false }
            invitations.deleteOfCode.bind(1, code)
            try invitations.deleteOfCode.run()
            try statements.audit.insert(
                link.revocation(by: user, at: time), in: room, keeping: rules.auditEntriesPerRoom)
            return true
        }
    }

    func setPassword(
        _ hash: String?, of room: RoomID, by user: UserID, at time: Timestamp
    ) throws(StorageError) -> Bool {
        try transaction { () throws(StorageError) in
            guard try rooms.room(room) != nil else { return false }
            if let hash {
                let insert = try SQLiteStatement(
                    connection, "INSERT OR REPLACE INTO room_passwords VALUES (?1, ?2)")
                insert.bind(1, room)
                insert.bind(2, hash)
                try insert.run()
            } else {
                try run("DELETE FROM room_passwords WHERE room = ?1", room)
            }
            try statements.audit.insert(
                .password(isSet: hash != nil, by: user, at: time), in: room,
                keeping: rules.auditEntriesPerRoom)
            return true
        }
    }

    // MARK: Blocks

    func block(
        _ user: UserID, by blocker: UserID, at time: Timestamp
    ) throws(StorageError) -> BlockOutcome {
        try transaction { () throws(StorageError) in
            let find = try SQLiteStatement(
                connection, "SELECT name FROM users WHERE id = ?1 AND is_erased = 0")
            find.bind(1, user)
            guard let name = try find.first({ $0.text(0) }) else { return .userNotFound }
            let reference = UserReference(id: user, name: name)
            let look = try SQLiteStatement(
                connection,
                "SELECT count(*), total(blocked = ?2) FROM blocks WHERE user = ?1")
            look.bind(1, blocker)
            look.bind(2, user)
            let (count, isPresent) = try look.first { (Int($0.int(0)), $0.bool(1)) } ?? (0, false)
            if isPresent { return .blocked(reference) }
            guard count < blocksPerUser else { return .tooManyBlocks }
            let insert = try SQLiteStatement(
                connection, "INSERT INTO blocks VALUES (?1, ?2, ?3)")
            insert.bind(1, blocker)
            insert.bind(2, user)
            insert.bind(3, time)
            try insert.run()
            return .blocked(reference)
        }
    }

    func unblock(_ user: UserID, by blocker: UserID) throws(StorageError) -> Bool {
        try transaction { () throws(StorageError) in
            let delete = try SQLiteStatement(
                connection, "DELETE FROM blocks WHERE user = ?1 AND blocked = ?2")
            delete.bind(1, blocker)
            delete.bind(2, user)
            try delete.run()
            return connection.changes > 0
        }
    }

    /// Part of the transaction that erases a user.
    func forgetBlocks(of user: UserID) throws(StorageError) {
        let delete = try SQLiteStatement(
            connection, "DELETE FROM blocks WHERE user = ?1 OR blocked = ?1")
        delete.bind(1, user)
        try delete.run()
    }
}

extension SQLiteReader {
    func links(
        in room: RoomID, at time: Timestamp, offset: Int, limit: Int
    ) throws(StorageError) -> LinkPage {
        try transaction { () throws(StorageError) in
            let condition = "WHERE i.room = ?1 AND i.user IS NULL AND i.expires > ?2"
            let count = try SQLiteStatement(
                connection, "SELECT count(*) FROM invitations i \(condition)")
            count.bind(1, room)
            count.bind(2, time)
            let total = try count.first { Int($0.int(0)) } ?? 0
            let page = try SQLiteStatement(
                connection,
                """
                SELECT \(SQLiteStatement.invitationColumns), u.name FROM invitations i
                LEFT JOIN users u ON u.id = i.sender \(condition)
                ORDER BY i.created_at DESC, i.code LIMIT ?3 OFFSET ?4
                """)
            page.bind(1, room)
            page.bind(2, time)
            page.bind(3, max(1, limit))
            page.bind(4, max(0, offset))
            let entries = try page.all { row in
                let link = row.invitationRecord()
                return LinkPage.Entry(
                    invitation: link,
                    sender: UserReference(id: link.sender, name: row.text(7)))
            }
            return LinkPage(entries: entries, total: total)
        }
    }

    func password(of room: RoomID) throws(StorageError) -> String? {
        let find = try SQLiteStatement(
            connection, "SELECT hash FROM room_passwords WHERE room = ?1")
        find.bind(1, room)
        return try find.first { $0.text(0) }
    }

    func audit(
        in room: RoomID, before number: UInt64?, limit: Int
    ) throws(StorageError) -> AuditPage {
        let page = try SQLiteStatement(
            connection,
            """
            SELECT a.number, a.at, a.actor, a.action, a.subject, a.value, a.text, u.name, s.name
            FROM audit a LEFT JOIN users u ON u.id = a.actor LEFT JOIN users s ON s.id = a.subject
            WHERE a.room = ?1 AND a.number < ?2 AND EXISTS (SELECT 1 FROM rooms WHERE id = ?1)
            ORDER BY a.number DESC LIMIT ?3
            """)
        let count = min(max(1, limit), .max - 1)
        page.bind(1, room)
        page.bind(2, Int64(clamping: number ?? .max))
        page.bind(3, count + 1)
        let rows = try page.all { $0.auditEntry() }
        let entries = rows.compactMap(\.self)
        guard entries.count == rows.count else {
            throw StorageError(.corrupt, "the audit log holds an act of a kind that is unknown")
        }
        return AuditPage(entries: Array(entries.prefix(count)), isEnd: entries.count <= count)
    }

    func blocks(of user: UserID, offset: Int, limit: Int) throws(StorageError) -> BlockPage {
        try transaction { () throws(StorageError) in
            let count = try SQLiteStatement(
                connection, "SELECT count(*) FROM blocks WHERE user = ?1")
            count.bind(1, user)
            let total = try count.first { Int($0.int(0)) } ?? 0
            let page = try SQLiteStatement(
                connection,
                """
                SELECT b.blocked, u.name, b.at FROM blocks b
                LEFT JOIN users u ON u.id = b.blocked WHERE b.user = ?1
                ORDER BY b.at DESC, b.blocked < 0 DESC, b.blocked DESC LIMIT ?2 OFFSET ?3
                """)
            page.bind(1, user)
            page.bind(2, max(1, limit))
            page.bind(3, max(0, offset))
            let blocks = try page.all { row in
                BlockRecord(
                    user: UserReference(id: row.user(0), name: row.text(1)), at: row.time(2))
            }
            return BlockPage(blocks: blocks, total: total)
        }
    }

    func blockers(in pair: DirectPair) throws(StorageError) -> [UserID] {
        let find = try SQLiteStatement(
            connection,
            """
            SELECT user FROM blocks WHERE user = ?1 AND blocked = ?2
            UNION ALL SELECT user FROM blocks WHERE user = ?2 AND blocked = ?1
            """)
        find.bind(1, pair.low)
        find.bind(2, pair.high)
        return try find.all { $0.user(0) }
    }
}

extension SQLiteStatement {
    /// The entry of the present row; `nil` for an act that this code does not know.
    fileprivate func auditEntry() -> AuditEntry? {
        guard let action = AuditAction(rawValue: UInt8(clamping: int(3))) else { return nil }
        let change = AuditChange(
            actor: user(2), at: time(1), action: action, subject: isNull(4) ? nil : user(4),
            value: optionalInt(5), text: text(6))
        return AuditEntry(
            number: UInt64(bitPattern: int(0)), change: change, actorName: text(7),
            subjectName: isNull(4) ? nil : text(8))
    }
}
