// SPDX-License-Identifier: MIT

import ChatCore

/// What only looks: each call sees every transaction that was committed before it.
extension PostgresSession {
    // MARK: Rooms

    func findRoom(named name: NameKey) throws(PostgresFailure) -> RoomID? {
        try fetch(.roomNamed, [.bytes(name.folded)]).first { $0.room(0) }
    }

    func loadRoom(_ id: RoomID) throws(PostgresFailure) -> RoomSnapshot? {
        let results = try readAtOnce { connection throws(PostgresFailure) in
            try connection.ask(.room, [.room(id)])
            try connection.ask(.members, [.room(id)])
            try connection.ask(.absentMutes, [.room(id)])
        }
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

    func listRooms(
        visibleTo user: UserID, offset: Int, limit: Int
    ) throws(PostgresFailure) -> RoomPage {
        let results = try readAtOnce { connection throws(PostgresFailure) in
            try connection.ask(.countRooms, [.user(user)])
            try connection.ask(
                .rooms, [.user(user), .number(max(1, limit)), .number(max(0, offset))])
        }
        let entries = results.last?.all { row in
            RoomPage.Entry(
                room: row.roomRecord(), role: row.role(PostgresStatement.afterRoomColumns))
        }
        let total = results.first?.first { Int($0.int(0)) }
        return RoomPage(entries: entries ?? [], total: total ?? 0)
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
        let results = try readAtOnce { connection throws(PostgresFailure) in
            try connection.ask(.pinned, [.room(room)])
            try connection.ask(.pinnedReactions, [.room(room)])
            try connection.ask(.pinnedAttachments, [.room(room)])
        }
        guard results.count == 3 else { return [] }
        return results[0].all { $0.message() }.adding(reactions: results[1])
            .adding(results[2].attachments)
    }
}
