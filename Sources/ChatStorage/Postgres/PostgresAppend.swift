// SPDX-License-Identifier: MIT

import ChatCore

/// One batch inside its transaction.
///
/// Two round trips for messages: the rooms are locked and read together with the client ids, then
/// all rows go out in one statement per table, with the commit behind them. Other changes are
/// decided one after the other, each with its look-ups.
struct PostgresAppend {
    struct Room {
        var record: RoomRecord
        var lastAt: Timestamp
        var isTouched = false
        var hasNewCount = false
        /// Until when who is muted; `nil` until somebody asks.
        var mutes: [UserID: Timestamp]?
    }

    /// Who sent what: client ids are compared byte by byte.
    private struct Key: Hashable {
        var room: RoomID
        var sender: UserID
        var clientID: [UInt8]

        init?(_ entry: LogEntry) {
            guard let clientID = entry.clientID else { return nil }
            room = entry.room
            sender = entry.sender
            self.clientID = Array(clientID.utf8)
        }
    }

    let connection: PostgresConnection
    let rules: MessageRules
    private let authors: PostgresAuthors
    private var posts: [PostgresAuthors.Post] = []
    /// What the table `authors` gets.
    private(set) var newPosts: Set<PostgresAuthors.Post> = []
    /// How many rooms had been deleted when it began.
    private(set) var deletions: Int64 = 0
    private var rooms: [RoomID: Room] = [:]
    private var keys: [Key: StoredKey] = [:]
    private var events = PostgresPendingEvents()
    private var clientIDs = PostgresPendingClientIDs()

    /// Begins the transaction: locks the rooms of the batch and finds which client ids are known.
    ///
    /// - Parameter isAlone: whether nobody else may append meanwhile, also those who lock no rooms.
    init(
        _ connection: PostgresConnection, _ rules: MessageRules, _ authors: PostgresAuthors,
        _ batch: AppendBatch, isAlone: Bool
    ) throws(PostgresFailure) {
        self.connection = connection
        self.rules = rules
        self.authors = authors
        let ids = Set(batch.entries.map(\.room)).union(batch.receipts.map(\.room))
        // The guard before the rooms, as whoever deletes one does.
        if isAlone { try connection.send(.lockAppends) }
        try connection.ask(.deletions)
        try connection.askLocked(ids.map { Int64(bitPattern: $0.rawValue) })
        try lockSearch(batch)
        try Self.lockFiles(batch, connection)
        let keyed = batch.entries.filter { $0.clientID != nil }
        if !keyed.isEmpty { try askClientIDs(keyed) }
        let results = try connection.answers()
        guard results.count >= 2 else { return }
        deletions = results[0].first { $0.int(0) } ?? 0
        let found =
            results[1].all { row in
                Room(
                    record: row.roomRecord(), lastAt: row.time(PostgresStatement.afterRoomColumns),
                    mutes: row.bool(PostgresStatement.afterRoomColumns + 1) ? nil : [:])
            }
        for room in found { rooms[room.record.id] = room }
        guard !keyed.isEmpty, results.count == 3 else { return }
        let stored = results[2]
        let places = stored.all { row in
            (
                Int(row.int(0)) - 1,
                StoredKey(
                    seq: row.seq(1), at: row.time(2), fingerprint: UInt64(bitPattern: row.int(3)))
            )
        }
        for (index, key) in places where keyed.indices.contains(index) {
            if let name = Key(keyed[index]) { keys[name] = key }
        }
    }

    /// Whoever deletes a message keeps others from taking its text into the index meanwhile.
    private func lockSearch(_ batch: AppendBatch) throws(PostgresFailure) {
        let rooms = Set(batch.entries.lazy.filter(\.isDeletion).map(\.room))
        if rooms.isEmpty { return }
        try connection.send(.lockSearch, [.ints(rooms.map { Int64(bitPattern: $0.rawValue) })])
    }

    private func askClientIDs(_ entries: [LogEntry]) throws(PostgresFailure) {
        try connection.ask(
            .clientIDs,
            [
                .ints(entries.map { Int64(bitPattern: $0.room.rawValue) }),
                .ints(entries.map { Int64(bitPattern: $0.sender.rawValue) }),
                .texts(entries.map(\.clientID)),
            ])
    }

    /// Whether an earlier transaction has stored this batch, with these outcomes.
    ///
    /// It had the same locks, so it is over. One of its entries speaks for all.
    func isStored(
        _ batch: AppendBatch, as outcomes: [AppendOutcome]
    ) throws(PostgresFailure) -> Bool {
        for (entry, outcome) in zip(batch.entries, outcomes) {
            guard case .stored(let seq, let at) = outcome else { continue }
            let room = PostgresValue.room(entry.room)
            switch entry.change {
            case .join(let user, _, logged: false):
                return try connection.fetch(.role, [room, .user(user)]).count == 1
            case .leave(let user, _, logged: false):
                return try connection.fetch(.role, [room, .user(user)]).count == 0
            default:
                let event = StoredEvent(entry.change)
                let values: [PostgresValue] = [
                    room, .seq(seq), .time(at), .user(entry.sender), .int(event.kind.rawValue),
                    .optional(entry.clientID), .optional(event.text),
                ]
                return try connection.fetch(.isStored, values).count == 1
            }
        }
        // Receipts alone can be stored again.
        return false
    }

    /// Stores an entry, if the rules let it.
    mutating func append(_ entry: LogEntry) throws(PostgresFailure) -> AppendOutcome {
        guard var room = rooms[entry.room] else { return .refused(.roomNotFound) }
        let key = Key(entry)
        let stored = key.flatMap { keys[$0] }
        if let answer = MessageRules.repeated(entry, stored: stored) { return answer }
        // What is looked up must see the rows of the entries before.
        if !entry.isPlainMessage { try insertEvents() }
        let facts = PostgresRoomFacts(
            connection: connection, room: room.record, mutes: try mutes(of: &room))
        let verdict = try rules.verdict(on: entry, facts: facts) { name throws(PostgresFailure) in
            try facts.isNameTaken(name)
        }
        switch verdict {
        case .unchanged: return .unchanged
        case .refused(let refusal): return .refused(refusal)
        case .proceed: break
        }

        let at = MessageRules.time(of: entry, after: room.lastAt)
        if entry.change.isLogged {
            room.record.head = room.record.head.next
            room.lastAt = at
            events.add(entry, seq: room.record.head, at: at)
            if entry.change.isMessage {
                posts.append(
                    PostgresAuthors.Post(
                        room: entry.room, user: entry.sender, seq: room.record.head))
            }
        }
        let memberCount = room.record.memberCount
        if !entry.change.isMessage { try noteAct(entry, facts, at: at) }
        try apply(entry, to: &room, at: at)
        if room.record.memberCount != memberCount { room.hasNewCount = true }
        if let key, let clientID = entry.clientID {
            let stored = StoredKey(
                seq: room.record.head, at: at, fingerprint: entry.change.fingerprint)
            keys[key] = stored
            clientIDs.add(entry, clientID, stored)
        }
        room.isTouched = true
        rooms[entry.room] = room
        return .stored(seq: room.record.head, at: at)
    }

    /// Sends what waits: rows, numbers of members, receipts.
    ///
    /// Once, after the last entry.
    mutating func finish(_ receipts: [ReceiptUpdate]) throws(PostgresFailure) {
        try insertEvents()
        if !clientIDs.isEmpty { try connection.send(.insertClientIDs, clientIDs.values) }
        newPosts = authors.news(of: posts)
        if !newPosts.isEmpty {
            try connection.send(.insertAuthors, PostgresAuthors.values(newPosts))
        }
        let recounted = rooms.values.filter(\.hasNewCount).map(\.record)
        if !recounted.isEmpty {
            try connection.send(
                .updateMemberCounts,
                [
                    .ints(recounted.map { Int64(bitPattern: $0.id.rawValue) }),
                    .ints(recounted.map { Int64($0.memberCount) }),
                ])
        }
        if let values = Self.advances(receipts) { try connection.send(.advance, values) }
    }

    /// Where the touched rooms stand after it, without those in which somebody is muted.
    var positions: [RoomID: PostgresRooms.Position] {
        rooms.filter { $0.value.isTouched && $0.value.mutes == [:] }.mapValues {
            PostgresRooms.Position(head: $0.record.head, lastAt: $0.lastAt)
        }
    }

    /// The parameters of `advance`; `nil` if there is nothing to do.
    ///
    /// One row per member: an update that meets a row twice would take either.
    static func advances(_ receipts: [ReceiptUpdate]) -> [PostgresValue]? {
        if receipts.isEmpty { return nil }
        let updates = receipts.merged()
        return [
            .ints(updates.map { Int64(bitPattern: $0.room.rawValue) }),
            .ints(updates.map { Int64(bitPattern: $0.user.rawValue) }),
            .ints(updates.map { Int64(clamping: $0.delivered.rawValue) }),
            .ints(updates.map { Int64(clamping: $0.read.rawValue) }),
            .ints(updates.map { $0.readAt?.milliseconds }),
        ]
    }

    private mutating func insertEvents() throws(PostgresFailure) {
        if events.isEmpty { return }
        try connection.send(.insertEvents, events.values)
        events = PostgresPendingEvents()
    }

    // MARK: What an entry changes beside the log

    private func apply(
        _ entry: LogEntry, to state: inout Room, at: Timestamp
    ) throws(PostgresFailure) {
        let room = state.record
        let id = PostgresValue.room(room.id)
        switch entry.change {
        case .message: break
        case .post(let post): try insert(post.attachments, room)
        case .edit(let target, let text):
            try connection.send(
                .editMessage, [id, .seq(target), .time(at), .bytes(text)])
            try connection.send(.insertEdit, [id, .seq(target), .seq(room.head)])
        case .delete(let target):
            // The order matters: the edits' table names the events to redact.
            let steps: [PostgresStatement] = [
                .redactEvents, .deleteState, .deleteEdits, .deleteReactions, .unindex,
                .orphanAttachments, .deleteAttachments,
            ]
            for step in steps { try connection.send(step, [id, .seq(target)]) }
        case .react(let target, let emoji):
            try connection.send(
                .insertReaction,
                [id, .seq(target), .bytes(emoji), .user(entry.sender), .seq(room.head)])
        case .unreact(let target, let emoji):
            try connection.send(
                .deleteReaction, [id, .seq(target), .bytes(emoji), .user(entry.sender)])
        case .pin(let target):
            try connection.send(.setPinned, [id, .seq(target), .bool(true)])
        case .unpin(let target):
            try connection.send(.setPinned, [id, .seq(target), .bool(false)])
        case .join(let user, let role, _):
            try add(user, role, to: &state, at)
        case .accept(let acceptance):
            try use(acceptance)
            try add(acceptance.user, .member, to: &state, at)
        case .leave(let user, _, _):
            try connection.send(.deleteMember, [id, .user(user)])
            state.record.memberCount -= 1
        case .role(let user, let role):
            if role == .owner { try connection.send(.demoteOwner, [id]) }
            try connection.send(.setRole, [id, .user(user), .number(Int(role.rawValue))])
        case .room(let changes): try change(&state.record, changes)
        case .ban(let user, let ban): try self.ban(user, ban, entry, &state, at)
        case .unban(let user): try connection.send(.deleteBan, [id, .user(user)])
        case .mute(let user, let until): try mute(user, until, entry, &state)
        case .unmute(let user): try unmute(user, &state)
        }
    }

    private func change(
        _ room: inout RoomRecord, _ changes: RoomChanges
    ) throws(PostgresFailure) {
        room = changes.applied(to: room)
        try connection.send(
            .updateRoom,
            [
                .room(room.id), .bytes(room.name), .bytes(NameKey(room.name).folded),
                .bytes(room.description), .bool(room.isPrivate), .number(room.maximumMembers),
                .number(room.slowModeSeconds), .number(room.retention.days),
                .number(room.retention.messages),
            ])
        try connection.send(
            .insertRoomChanges,
            [
                .room(room.id), .seq(room.head), .optional(changes.name),
                .optional(changes.description), changes.isPrivate.map(PostgresValue.bool) ?? .null,
                .optional(changes.maximumMembers.map { Int64($0) }),
                .optional(changes.slowModeSeconds.map { Int64($0) }),
                .optional(changes.retentionDays.map { Int64($0) }),
                .optional(changes.retentionMessages.map { Int64($0) }),
            ])
    }
}

extension LogEntry {
    /// Whether the rules ask nothing about it.
    var isPlainMessage: Bool {
        if case .message(_, nil) = change { true } else { false }
    }

    fileprivate var isDeletion: Bool { if case .delete = change { true } else { false } }
}
