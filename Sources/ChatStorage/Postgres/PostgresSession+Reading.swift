// SPDX-License-Identifier: MIT

import ChatCore

/// What only looks: each call sees every transaction that was committed before it.
extension PostgresSession {
    // MARK: Rooms

    func findRoom(named name: NameKey) throws(PostgresFailure) -> RoomID? {
        try fetch(.roomNamed, [.bytes(name.folded)]).first { $0.room(0) }
    }

    func loadRoom(_ id: RoomID) throws(PostgresFailure) -> RoomSnapshot? {
        try read { session throws(PostgresFailure) in
            try session.connection.ask(.room, [.room(id)])
            try session.connection.ask(.members, [.room(id)])
            try session.connection.ask(.absentMutes, [.room(id)])
            let results = try session.connection.answers()
            guard results.count == 3, let room = results[0].first({ $0.roomRecord() }) else {
                return nil
            }
            let members = results[1].all { row in
                MemberRecord(
                    user: row.user(0), name: row.text(1), role: row.role(2) ?? .member,
                    joinedAt: row.time(3), joinedAfter: row.seq(4), delivered: row.seq(5),
                    read: row.seq(6), mutedUntil: row.optionalTime(7))
            }
            let mutes = results[2].all { ($0.user(0), $0.time(1)) }
            return RoomSnapshot(
                room: room, members: members, absentMutes: Dictionary(uniqueKeysWithValues: mutes))
        }
    }

    func listRooms(
        visibleTo user: UserID, offset: Int, limit: Int
    ) throws(PostgresFailure) -> RoomPage {
        try read { session throws(PostgresFailure) in
            try session.connection.ask(.countRooms, [.user(user)])
            try session.connection.ask(
                .rooms, [.user(user), .number(max(1, limit)), .number(max(0, offset))])
            let results = try session.connection.answers()
            let entries = results.last?.all { row in
                RoomPage.Entry(
                    room: row.roomRecord(), role: row.role(PostgresStatement.afterRoomColumns))
            }
            let total = results.first?.first { Int($0.int(0)) }
            return RoomPage(entries: entries ?? [], total: total ?? 0)
        }
    }

    func memberships(of user: UserID) throws(PostgresFailure) -> [MembershipRecord] {
        let first = PostgresStatement.afterRoomColumns
        return try fetch(.memberships, [.user(user)]).all { row in
            MembershipRecord(
                room: row.roomRecord(), role: row.role(first) ?? .member,
                joinedAfter: row.seq(first + 1), delivered: row.seq(first + 2),
                read: row.seq(first + 3), unread: Int(row.int(first + 4)))
        }
    }

    // MARK: Users

    func user(_ id: UserID) throws(PostgresFailure) -> UserRecord? {
        try fetch(.user, [.user(id)]).first { $0.userRecord() }
    }

    func user(token: String) throws(PostgresFailure) -> UserRecord? {
        try fetch(.userWithToken, [.bytes(token)]).first { $0.userRecord() }
    }

    // MARK: Logs

    func events(
        in room: RoomID, after: SequenceNumber, limit: Int
    ) throws(PostgresFailure) -> [LoggedEvent] {
        let values: [PostgresValue] = [.room(room), .seq(after), .number(max(1, limit))]
        let result = try fetch(.events, values)
        let events = result.all { $0.loggedEvent() }
        let known = events.compactMap(\.self)
        guard known.count == events.count else {
            throw PostgresFailure(
                .lasting,
                StorageError(.corrupt, "the log holds an event of a kind that is unknown"))
        }
        let hasAttachments = result.all { $0.hasAttachments }.contains(true)
        return hasAttachments ? try withAttachments(known, in: room) : known
    }

    func pinned(in room: RoomID) throws(PostgresFailure) -> [Message] {
        try read { session throws(PostgresFailure) in
            try session.connection.ask(.pinned, [.room(room)])
            try session.connection.ask(.pinnedReactions, [.room(room)])
            try session.connection.ask(.pinnedAttachments, [.room(room)])
            let results = try session.connection.answers()
            guard results.count == 3 else { return [] }
            return Self.joined(results[0].all { $0.message() }, results[1])
                .adding(results[2].attachments)
        }
    }

    /// A page costs two round trips, whatever its size.
    func history(_ query: HistoryQuery) throws(PostgresFailure) -> HistoryPage {
        try read { session throws(PostgresFailure) in
            let page = try session.messages(query)
            guard let first = page.messages.first, let last = page.messages.last else {
                return page
            }
            let range: [PostgresValue] = [.room(query.room), .seq(first.seq), .seq(last.seq)]
            try session.connection.ask(.reactions, range)
            try session.connection.ask(.attachments, range)
            let results = try session.connection.answers()
            guard results.count == 2 else { return page }
            let messages = Self.joined(page.messages, results[0]).adding(results[1].attachments)
            return HistoryPage(messages: messages, isEnd: page.isEnd)
        }
    }

    private func messages(_ query: HistoryQuery) throws(PostgresFailure) -> HistoryPage {
        let limit = max(1, query.limit)
        switch query.anchor {
        case .latest:
            return try before(SequenceNumber(rawValue: .max), limit, in: query.room)
        case .before(let seq):
            return try before(seq, limit, in: query.room)
        case .after(let seq):
            guard seq.rawValue < Int64.max else { return HistoryPage(messages: [], isEnd: true) }
            return try from(seq.next, limit, in: query.room)
        case .around(let seq):
            let past = try before(seq, limit / 2, in: query.room)
            let rest = try from(seq, limit - past.messages.count, in: query.room)
            return HistoryPage(
                messages: past.messages + rest.messages, isEnd: past.isEnd && rest.isEnd)
        }
    }

    private func before(
        _ seq: SequenceNumber, _ limit: Int, in room: RoomID
    ) throws(PostgresFailure) -> HistoryPage {
        let (messages, isEnd) = try page(.messagesBefore, seq, limit, room)
        return HistoryPage(messages: messages.reversed(), isEnd: isEnd)
    }

    private func from(
        _ seq: SequenceNumber, _ limit: Int, in room: RoomID
    ) throws(PostgresFailure) -> HistoryPage {
        let (messages, isEnd) = try page(.messagesFrom, seq, limit, room)
        return HistoryPage(messages: messages, isEnd: isEnd)
    }

    /// Asks for one more than the page holds, to see whether there is more.
    private func page(
        _ statement: PostgresStatement, _ seq: SequenceNumber, _ limit: Int, _ room: RoomID
    ) throws(PostgresFailure) -> (messages: [Message], isEnd: Bool) {
        let asked = limit == .max ? limit : limit + 1
        let result = try connection.fetch(statement, [.room(room), .seq(seq), .number(asked)])
        let messages = result.all { $0.message() }
        return (Array(messages.prefix(limit)), messages.count <= limit)
    }

    /// Adds reactions, which come ordered by message, emoji and time.
    private static func joined(_ messages: [Message], _ reactions: PostgresResult) -> [Message] {
        let rows = reactions.all { row in
            (target: row.seq(0), emoji: row.text(1), user: row.user(2))
        }
        var messages = messages
        var index = 0
        for row in rows {
            while index < messages.count, messages[index].seq < row.target { index += 1 }
            guard index < messages.count, messages[index].seq == row.target else { continue }
            messages[index].add(row.emoji, of: row.user)
        }
        return messages
    }
}

extension Message {
    /// Adds a reaction; those of one emoji come one after the other.
    fileprivate mutating func add(_ emoji: String, of user: UserID) {
        if let last = reactions.indices.last,
            reactions[last].emoji.utf8.elementsEqual(emoji.utf8)
        {
            reactions[last].users.append(user)
        } else {
            reactions.append(Reaction(emoji: emoji, users: [user]))
        }
    }
}
