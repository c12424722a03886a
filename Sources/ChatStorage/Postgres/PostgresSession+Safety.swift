// SPDX-License-Identifier: MIT

import ChatCore

extension PostgresConnection {
    /// Adds to the audit log of a room that the transaction has locked.
    func note(
        _ change: AuditChange, in room: RoomID, keeping bound: Int
    ) throws(PostgresFailure) {
        try send(
            .insertAudit,
            [
                .room(room), .time(change.at), .user(change.actor),
                .int(Int64(change.action.rawValue)),
                change.subject.map(PostgresValue.user) ?? .null,
                .optional(change.value), .bytes(change.text),
            ])
        try send(.trimAudit, [.room(room), .number(max(1, bound))])
    }
}

extension PostgresAppend {
    /// Notes an act over others; before it is done, because of a deleted message only its author is told.
    func noteAct(
        _ entry: LogEntry, _ facts: PostgresRoomFacts, at time: Timestamp
    ) throws(PostgresFailure) {
        var author: UserID?
        if entry.isAuditedByAuthor, case .delete(let target) = entry.change {
            author = try facts.message(at: target)?.author
        }
        guard let change = entry.audit(author: author, at: time) else { return }
        try connection.note(change, in: entry.room, keeping: rules.auditEntriesPerRoom)
    }
}

extension PostgresSession {
    private func lock(_ room: RoomID) throws(PostgresFailure) -> Bool {
        try connection.fetch(.lockRooms, [.ints([Int64(bitPattern: room.rawValue)])]).count == 1
    }

    func revokeLink(
        _ code: String, in room: RoomID, by user: UserID, at time: Timestamp, earlier: Bool
    ) throws(PostgresFailure) -> Bool {
        guard try lock(room) else { return earlier }
        let link = try connection.fetch(.invitationOfCode, [.bytes(code)])
            .first { $0.invitationRecord() }
        guard let link, link.room == room, link.user == nil, try removeInvitation(code: code)
        else { return earlier }
        try connection.note(
            link.revocation(by: user, at: time), in: room, keeping: rules.auditEntriesPerRoom)
        return true
    }

    func setPassword(
        _ hash: String?, of room: RoomID, by user: UserID, at time: Timestamp, earlier: Bool
    ) throws(PostgresFailure) -> Bool {
        guard try lock(room) else { return earlier }
        let change = AuditChange.password(isSet: hash != nil, by: user, at: time)
        if earlier {
            let values: [PostgresValue] = [
                .room(room), .user(user), .time(time), .int(Int64(change.action.rawValue)),
            ]
            isDoneAlready = try connection.fetch(.isAudited, values).count > 0
            if isDoneAlready { return true }
        }
        if let hash {
            try connection.send(.setPassword, [.room(room), .bytes(hash)])
        } else {
            try connection.send(.removePassword, [.room(room)])
        }
        try connection.note(change, in: room, keeping: rules.auditEntriesPerRoom)
        return true
    }

    // MARK: Blocks

    /// Both rows are locked, in the order in which all do: nobody erases them meanwhile, and of one user's blocks each
    /// waits for the one before.
    func block(
        _ user: UserID, by blocker: UserID, at time: Timestamp
    ) throws(PostgresFailure) -> BlockOutcome {
        var isThere = false
        for id in [user, blocker].sorted() {
            let found = try connection.fetch(.lockUser, [.user(id)]).count > 0
            if id == user { isThere = found }
        }
        guard isThere,
            let name = try connection.fetch(.user, [.user(user)]).first({ $0.userRecord().name })
        else { return .userNotFound }
        let found = try connection.fetch(.blockCount, [.user(blocker), .user(user)])
            .first { (Int($0.int(0)), $0.int(1) > 0) }
        if let (count, isPresent) = found, !isPresent, count >= blocksPerUser {
            return .tooManyBlocks
        }
        try connection.send(.insertBlock, [.user(blocker), .user(user), .time(time)])
        return .blocked(UserReference(id: user, name: name))
    }

    func unblock(_ user: UserID, by blocker: UserID) throws(PostgresFailure) -> Bool {
        try connection.fetch(.deleteBlock, [.user(blocker), .user(user)]).count > 0
    }

    // MARK: Reading

    func links(
        in room: RoomID, at time: Timestamp, offset: Int, limit: Int
    ) throws(PostgresFailure) -> LinkPage {
        let results = try readAtOnce { connection throws(PostgresFailure) in
            try connection.ask(.linkCount, [.room(room), .time(time)])
            try connection.ask(
                .links,
                [.room(room), .time(time), .number(max(1, limit)), .number(max(0, offset))])
        }
        let entries = results.last?.all { row in
            let link = row.invitationRecord()
            return LinkPage.Entry(
                invitation: link, sender: UserReference(id: link.sender, name: row.text(7)))
        }
        return LinkPage(
            entries: entries ?? [], total: results.first?.first { Int($0.int(0)) } ?? 0)
    }

    func password(of room: RoomID) throws(PostgresFailure) -> String? {
        try fetch(.password, [.room(room)]).first { $0.text(0) }
    }

    func audit(
        in room: RoomID, before number: UInt64?, limit: Int
    ) throws(PostgresFailure) -> AuditPage {
        let count = min(max(1, limit), .max - 1)
        let rows = try fetch(
            .audit, [.room(room), .int(Int64(clamping: number ?? .max)), .number(count + 1)]
        ).all { $0.auditEntry() }
        let entries = rows.compactMap(\.self)
        guard entries.count == rows.count else {
            throw PostgresFailure(
                .lasting,
                StorageError(.corrupt, "the audit log holds an act of a kind that is unknown"))
        }
        return AuditPage(entries: Array(entries.prefix(count)), isEnd: entries.count <= count)
    }

    func blocks(of user: UserID, offset: Int, limit: Int) throws(PostgresFailure) -> BlockPage {
        let results = try readAtOnce { connection throws(PostgresFailure) in
            try connection.ask(.blockCount, [.user(user), .user(user)])
            try connection.ask(
                .blocks, [.user(user), .number(max(1, limit)), .number(max(0, offset))])
        }
        let blocks = results.last?.all { row in
            BlockRecord(
                user: UserReference(id: row.user(0), name: row.text(1)), at: row.time(2))
        }
        return BlockPage(
            blocks: blocks ?? [], total: results.first?.first { Int($0.int(0)) } ?? 0)
    }

    func blockers(in pair: DirectPair) throws(PostgresFailure) -> [UserID] {
        try fetch(.blockers, [.user(pair.low), .user(pair.high)]).all { $0.user(0) }
    }
}

extension PostgresRow {
    /// The entry of this row; `nil` for an act that this code does not know.
    fileprivate func auditEntry() -> AuditEntry? {
        guard let action = AuditAction(rawValue: UInt8(clamping: int(3))) else { return nil }
        let change = AuditChange(
            actor: user(2), at: time(1), action: action, subject: isNull(4) ? nil : user(4),
            value: isNull(5) ? nil : int(5), text: text(6))
        return AuditEntry(
            number: UInt64(bitPattern: int(0)), change: change, actorName: text(7),
            subjectName: isNull(4) ? nil : text(8))
    }
}
