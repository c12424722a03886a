// SPDX-License-Identifier: MIT

import ChatCore

/// A reading connection.
///
/// It sees every transaction that was committed before the call.
final class SQLiteReader {
    let statements: SQLiteReaderStatements
    let connection: SQLiteConnection
    let options: SQLiteOptions

    /// Opens a file that the writer has brought up to date.
    init(path: String, options: SQLiteOptions) throws(StorageError) {
        self.options = options
        connection = try SQLiteConnection(
            path: path, mode: .read,
            busyMilliseconds: Int32(clamping: options.busyMilliseconds))
        statements = try SQLiteReaderStatements(connection)
    }

    // MARK: Rooms

    func findRoom(named name: NameKey) throws(StorageError) -> RoomID? {
        statements.roomNamed.bind(1, name.folded)
        return try statements.roomNamed.first { $0.room(0) }
    }

    func loadRoom(_ id: RoomID) throws(StorageError) -> RoomSnapshot? {
        try transaction { () throws(StorageError) in
            statements.room.bind(1, id)
            guard let room = try statements.room.first({ $0.roomRecord() }) else { return nil }
            statements.members.bind(1, id)
            let members = try statements.members.all { row in
                MemberRecord(
                    user: row.user(0), name: row.text(1), role: row.role(2) ?? .member,
                    joinedAt: row.time(3), joinedAfter: row.seq(4), delivered: row.seq(5),
                    read: row.seq(6), mutedUntil: row.optionalTime(7))
            }
            statements.absentMutes.bind(1, id)
            let mutes = try statements.absentMutes.all { ($0.user(0), $0.time(1)) }
            return RoomSnapshot(
                room: room, members: members, absentMutes: Dictionary(uniqueKeysWithValues: mutes))
        }
    }

    func listRooms(
        visibleTo user: UserID, offset: Int, limit: Int
    ) throws(StorageError) -> RoomPage {
        try transaction { () throws(StorageError) in
            statements.countRooms.bind(1, user)
            let total = try statements.countRooms.first { Int($0.int(0)) } ?? 0
            statements.rooms.bind(1, user)
            statements.rooms.bind(2, max(1, limit))
            statements.rooms.bind(3, max(0, offset))
            let entries = try statements.rooms.all { row in
                RoomPage.Entry(
                    room: row.roomRecord(), role: row.role(SQLiteStatement.afterRoomColumns))
            }
            return RoomPage(entries: entries, total: total)
        }
    }

    // MARK: Users

    func user(_ id: UserID) throws(StorageError) -> UserRecord? {
        statements.user.bind(1, id)
        return try statements.user.first { $0.userRecord() }
    }

    func user(token: String) throws(StorageError) -> UserRecord? {
        statements.userWithToken.bind(1, token)
        return try statements.userWithToken.first { $0.userRecord() }
    }

    // MARK: Logs

    func events(
        in room: RoomID, after: SequenceNumber, limit: Int
    ) throws(StorageError) -> [LoggedEvent] {
        statements.events.bind(1, room)
        statements.events.bind(2, after)
        statements.events.bind(3, max(1, limit))
        var hasAttachments = false
        let events = try statements.events.all { row in
            hasAttachments = hasAttachments || row.hasAttachments
            return row.loggedEvent()
        }
        let known = events.compactMap(\.self)
        guard known.count == events.count else {
            throw StorageError(.corrupt, "the log holds an event of a kind that is unknown")
        }
        return hasAttachments ? try withAttachments(known, in: room) : known
    }

    func pinned(in room: RoomID) throws(StorageError) -> [Message] {
        try transaction { () throws(StorageError) in
            statements.pinned.bind(1, room)
            let messages = try statements.pinned.all { $0.message() }
            let reacted = try withReactions(messages, in: room, statements.pinnedReactions)
            return try withAttachments(reacted, in: room, statements.pinnedAttachments)
        }
    }

    /// A page costs two or three queries, whatever its size.
    func history(_ query: HistoryQuery) throws(StorageError) -> HistoryPage {
        try transaction { () throws(StorageError) in
            let page = try messages(query)
            statements.reactions.bind(2, page.messages.first?.seq ?? .none)
            statements.reactions.bind(3, page.messages.last?.seq ?? .none)
            statements.attachments.bind(2, page.messages.first?.seq ?? .none)
            statements.attachments.bind(3, page.messages.last?.seq ?? .none)
            let reacted = try withReactions(
                page.messages, in: query.room, statements.reactions)
            let messages = try withAttachments(reacted, in: query.room, statements.attachments)
            return HistoryPage(messages: messages, isEnd: page.isEnd)
        }
    }

    private func messages(_ query: HistoryQuery) throws(StorageError) -> HistoryPage {
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
            return try around(seq, limit, in: query.room)
        case .beforeTime(let time):
            return try before(try place(of: time, in: query.room), limit, in: query.room)
        case .afterTime(let time):
            return try from(try place(of: time, in: query.room), limit, in: query.room)
        case .aroundTime(let time):
            return try around(try place(of: time, in: query.room), limit, in: query.room)
        }
    }

    /// The place of the first event at a time or later.
    private func place(
        of time: Timestamp, in room: RoomID
    ) throws(StorageError) -> SequenceNumber {
        statements.places.bind(1, room)
        let places = try statements.places.first { row in
            row.isNull(0) ? nil : row.seq(0)...row.seq(1)
        }
        guard case .some(.some(let places)) = places else { return .none }
        var halving = LogHalving(for: time, in: places)
        while let seq = halving.next {
            statements.eventFrom.bind(1, room)
            statements.eventFrom.bind(2, seq)
            let found = try statements.eventFrom.first { ($0.seq(0), $0.time(1)) }
            guard let found else { break }
            halving.look(found.0, at: found.1)
        }
        return halving.result
    }

    private func around(
        _ seq: SequenceNumber, _ limit: Int, in room: RoomID
    ) throws(StorageError) -> HistoryPage {
        let past = try before(seq, limit / 2, in: room)
        let rest = try from(seq, limit - past.messages.count, in: room)
        return HistoryPage(
            messages: past.messages + rest.messages, isEnd: past.isEnd && rest.isEnd)
    }

    private func before(
        _ seq: SequenceNumber, _ limit: Int, in room: RoomID
    ) throws(StorageError) -> HistoryPage {
        let (messages, isEnd) = try page(statements.messagesBefore, seq, limit, room)
        return HistoryPage(messages: messages.reversed(), isEnd: isEnd)
    }

    private func from(
        _ seq: SequenceNumber, _ limit: Int, in room: RoomID
    ) throws(StorageError) -> HistoryPage {
        let (messages, isEnd) = try page(statements.messagesFrom, seq, limit, room)
        return HistoryPage(messages: messages, isEnd: isEnd)
    }

    /// Asks for one more than the page holds, to see whether there is more.
    private func page(
        _ statement: borrowing SQLiteStatement, _ seq: SequenceNumber, _ limit: Int, _ room: RoomID
    ) throws(StorageError) -> (messages: [Message], isEnd: Bool) {
        statement.bind(1, room)
        statement.bind(2, seq)
        statement.bind(3, limit == .max ? limit : limit + 1)
        let messages = try statement.all { $0.message() }
        return (Array(messages.prefix(limit)), messages.count <= limit)
    }

    /// Adds reactions, which come ordered by message, emoji and time.
    private func withReactions(
        _ messages: [Message], in room: RoomID, _ statement: borrowing SQLiteStatement
    ) throws(StorageError) -> [Message] {
        guard !messages.isEmpty else { return messages }
        statement.bind(1, room)
        let rows = try statement.all { row in
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

    /// Runs several queries on one state of the file.
    func transaction<Result>(
        _ body: () throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        try statements.begin.run()
        // Nothing was written: to end the transaction cannot lose anything.
        defer { connection.rollBack() }
        return try body()
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
