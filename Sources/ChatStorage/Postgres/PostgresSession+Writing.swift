// SPDX-License-Identifier: MIT

import ChatCore

/// Every change of the tables is one of these calls, each inside a transaction.
///
/// `earlier` is what the same call returned in a transaction whose commit was not answered. Such a
/// call first looks, under the locks that the earlier one had, whether that has committed: if so,
/// `earlier` is the result. (The server's `pg_xact_status` would not do: numbers of transactions
/// that a crash has wiped out are given away again.)
extension PostgresSession {
    func append(
        _ batch: AppendBatch, _ authors: PostgresAuthors, isAlone: Bool = false,
        earlier: [AppendOutcome]? = nil
    ) throws(PostgresFailure) -> [AppendOutcome] {
        var append = try PostgresAppend(connection, rules, authors, batch, isAlone: isAlone)
        if let earlier, try append.isStored(batch, as: earlier) {
            isDoneAlready = true
            return earlier
        }
        var outcomes: [AppendOutcome] = []
        outcomes.reserveCapacity(batch.entries.count)
        for entry in batch.entries { outcomes.append(try append.append(entry)) }
        try append.finish(batch.receipts)
        (positions, deletions) = (append.positions, append.deletions)
        posts = append.newPosts
        return outcomes
    }

    // MARK: Rooms

    func createRoom(
        _ room: RoomRecord, owner: UserID?, earlier: RoomRecord? = nil
    ) throws(PostgresFailure) -> RoomRecord? {
        var created = room
        created.head = .none
        created.trimmed = .none
        created.memberCount = 0
        try sweepRemains(of: room.id)
        let inserted = try connection.fetch(
            .insertRoom,
            [
                .room(room.id), .time(room.createdAt), .bool(room.isPrivate),
                .number(room.maximumMembers), .number(room.slowModeSeconds), .bytes(room.name),
                .bytes(NameKey(room.name).folded), .bytes(room.description),
                .number(room.retention.days), .number(room.retention.messages),
            ])
        guard inserted.count == 1 else {
            guard let earlier else { return nil }
            let present = try connection.fetch(.room, [.room(room.id)])
            isDoneAlready = true
            return present.count == 1 ? earlier : nil
        }
        try connection.send(.insertSearchRoom, [.room(room.id)])
        let entries = room.openingEntries(by: owner)
        if entries.isEmpty { return created }
        _ = try append(AppendBatch(entries: entries), PostgresAuthors())
        created.head = SequenceNumber(rawValue: UInt64(entries.count))
        created.memberCount = entries.count
        return created
    }

    func deleteRoom(_ room: RoomID, earlier: Bool) throws(PostgresFailure) -> Bool {
        // Who appends without a look at the room waits for this, and then sees the count.
        try connection.send(.lockAppends)
        // The room's own row first: who appends waits for it, and then finds no room.
        let deleted = try connection.fetch(.deleteRoom, [.room(room)])
        guard deleted.count == 1 else { return earlier }
        deletions = try connection.fetch(.countDeletion).first { $0.int(0) } ?? 0
        try connection.send(.bury, [.room(room)])
        // Whoever fills the index sees then that there is nothing to fill.
        try connection.send(.deleteSearchRoomOf, [.room(room)])
        // Few, and their codes are free at once.
        try connection.send(.deleteInvitationsOf, [.room(room)])
        try connection.send(.removePassword, [.room(room)])
        return true
    }

    // MARK: Users

    func addUser(_ user: UserRecord) throws(PostgresFailure) -> UserRecord {
        let key = PostgresValue.bytes(NameKey(user.name).folded)
        let inserted = try connection.fetch(
            .insertUser,
            [
                .user(user.id), .bytes(user.name), .bytes(user.token), .bool(user.isNameKept), key,
                .bytes(user.profile.displayName), .bytes(user.profile.avatar),
                .bytes(user.profile.statusText), .time(user.createdAt),
                .bool(user.profile.hidesLastSeen),
                .optional(user.profile.lastSeen?.milliseconds),
            ])
        if inserted.count == 1 { return user }
        let found = try connection.fetch(.findUser, [key, .user(user.id)])
        guard let present = found.first({ $0.userRecord() }) else {
            throw PostgresFailure(
                .lasting, StorageError(.corrupt, "another user has the token of a new one"))
        }
        return present
    }

    func updateUser(_ user: UserRecord) throws(PostgresFailure) {
        try connection.send(
            .updateUser, [.user(user.id), .bytes(user.token), .bool(user.isNameKept)])
    }

    // MARK: Housekeeping

    /// Forgets client ids that are older than `oldest`, `limit` at most.
    ///
    /// - Returns: how many.
    func purgeClientIDs(
        before oldest: Timestamp, limit: Int
    ) throws(PostgresFailure) -> Int {
        try connection.fetch(.purgeClientIDs, [.time(oldest), .number(limit)]).count
    }
}
