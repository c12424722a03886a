// SPDX-License-Identifier: MIT

import ChatCore

// Erasure of users: each call is one short transaction, and notes how far it has come.
extension PostgresSession {
    /// Read times of one user that go in one slice at most.
    private static var erasedReadTimes: Int { 1_000 }

    func beginErasure(of user: UserID) throws(PostgresFailure) -> UserRecord? {
        let erased = ErasedUser.record(user)
        let updated = try connection.fetch(
            .eraseUser, [.user(user), .bytes(erased.name), .bytes(NameKey(erased.name).folded)])
        guard updated.count == 1 else { return nil }
        try connection.send(.eraseBlocks, [.user(user)])
        try removeAccount(of: user)
        try connection.send(.noteErasure, [.user(user), .int(.min), .int(0)])
        return erased
    }

    func pendingErasures(limit: Int) throws(PostgresFailure) -> [UserID] {
        try fetch(.pendingErasures, [.number(max(1, limit))]).all { $0.user(0) }
    }

    func erase(
        limit: Int, earlier: ErasureSlice? = nil
    ) throws(PostgresFailure) -> ErasureSlice? {
        let found = try connection.fetch(.nextErasure, [])
        if let earlier, earlier.isDone, found.first({ $0.user(0) }) != earlier.user {
            isDoneAlready = true
            return earlier
        }
        guard let noted = found.first({ ($0.user(0), $0.int(1), $0.seq(2)) }) else { return nil }
        let user = noted.0
        var (room, seq) = (noted.1, noted.2)
        // Rooms that an earlier attempt has met may have been left behind.
        let met = earlier?.user == user ? earlier?.rooms ?? [] : []
        var slice = ErasureSlice(user: user, rooms: met, isDone: false)
        var budget = max(1, limit)
        while budget > 0 {
            let next = try connection.fetch(.nextRoom, [.int(room)])
            guard let (id, trimmed, head) = next.first({ ($0.int(0), $0.seq(1), $0.seq(2)) })
            else {
                slice.isDone = true
                try connection.send(.endErasure, [.user(user)])
                return slice
            }
            let start = max(id == room ? seq : .none, trimmed)
            let count = min(UInt64(budget), head.rawValue - min(start.rawValue, head.rawValue))
            let end = SequenceNumber(rawValue: start.rawValue + count)
            let place = RoomID(rawValue: UInt64(bitPattern: id))
            try eraseSanctions(of: user, in: place)
            if try eraseReadTimes(of: user, in: place) { break }
            budget -= Int(count) + 1
            if count > 0, let hadFiles = try erase(user, in: place, after: start, through: end) {
                if !slice.rooms.contains(place) { slice.rooms.append(place) }
                // Whoever has the lock of the files waits for no other room: who posts files there waits for it.
                if hadFiles { budget = 0 }
            }
            (room, seq) = (id, end)
            if end >= head {
                guard id < .max else { continue }
                (room, seq) = (id + 1, .none)
            }
        }
        try connection.send(.noteErasure, [.user(user), .int(room), .seq(seq)])
        return slice
    }

    /// - Returns: whether there may be more of them.
    private func eraseReadTimes(of user: UserID, in room: RoomID) throws(PostgresFailure) -> Bool {
        let limit = Self.erasedReadTimes
        let values: [PostgresValue] = [.room(room), .user(user), .number(limit)]
        return try connection.fetch(.eraseReadTimes, values).count == limit
    }

    /// What the room knows of them beside the log; that they are banned stays.
    private func eraseSanctions(of user: UserID, in room: RoomID) throws(PostgresFailure) {
        let values: [PostgresValue] = [.room(room), .user(user)]
        if try connection.fetch(.ownSanctions, values).count == 0 { return }
        // As if it were an append: joins and bans wait for it.
        try connection.send(.lockRooms, [.ints([Int64(bitPattern: room.rawValue)])])
        for step: PostgresStatement in [
            .eraseBans, .eraseMutes, .eraseInvitations, .eraseAudit,
        ] {
            try connection.send(step, values)
        }
    }

    /// - Returns: whether the lock of the files is held now; `nil` if there was nothing to erase.
    private func erase(
        _ user: UserID, in room: RoomID, after start: SequenceNumber, through end: SequenceNumber
    ) throws(PostgresFailure) -> Bool? {
        let range: [PostgresValue] = [.room(room), .seq(start), .seq(end), .user(user)]
        try connection.send(.eraseAuthors, [.room(room), .user(user), .seq(end)])
        // As if it were an append: nobody edits or reacts meanwhile.
        if try connection.fetch(.ownEvents, range).count == 0 { return nil }
        try connection.send(.lockRooms, [.ints([Int64(bitPattern: room.rawValue)])])
        // Whoever fills the index waits, and then does not find these texts.
        try connection.send(.lockSearch, [.ints([Int64(bitPattern: room.rawValue)])])
        let events = try connection.fetch(.ownEvents, range).all { row in
            (
                seq: row.seq(0), kind: StoredEventKind(rawValue: row.int(1)),
                target: row.seq(2), text: row.optionalText(3),
                clientID: row.bool(5) ? row.optionalText(4) : nil
            )
        }
        let messages = events.filter { $0.kind == .message && $0.text != nil }
        let hadFiles =
            try connection.fetch(
                .lockFilesOf, PostgresStatement.places(messages.map { (room, $0.seq) })
            ).count > 0
        let redaction: [PostgresStatement] = [
            .redactEvents, .deleteState, .deleteEdits, .deleteReactions, .unindex,
            .orphanAttachments, .deleteAttachments,
        ]
        for event in events {
            if let clientID = event.clientID {
                try connection.send(.deleteClientID, [.room(room), .user(user), .bytes(clientID)])
            }
            guard let text = event.text else { continue }
            if event.kind == .message {
                for step in redaction { try connection.send(step, [.room(room), .seq(event.seq)]) }
            }
            if event.kind == .react {
                try connection.send(
                    .deleteReaction, [.room(room), .seq(event.target), .bytes(text), .user(user)])
            }
        }
        try connection.send(.eraseEvents, range)
        return events.contains { $0.text != nil } ? hadFiles : nil
    }
}
