// SPDX-License-Identifier: MIT

import ChatCore

/// One batch inside its transaction.
struct SQLiteAppend {
    let statements: SQLiteWriterStatements
    let rules: MessageRules
    private let rooms: SQLiteRooms
    /// Rooms whose number of members has changed.
    private var recounted: [SQLiteRoom] = []
    /// How many client ids were stored.
    private(set) var storedClientIDs = 0

    init(_ statements: SQLiteWriterStatements, _ rules: MessageRules, _ rooms: SQLiteRooms) {
        self.statements = statements
        self.rules = rules
        self.rooms = rooms
    }

    /// Stores an entry, if the rules let it.
    mutating func append(_ entry: LogEntry) throws(StorageError) -> AppendOutcome {
        guard let room = try rooms.room(entry.room) else { return .refused(.roomNotFound) }
        let stored = try storedKey(of: entry)
        if let answer = MessageRules.repeated(entry, stored: stored) { return answer }
        let facts = SQLiteRoomFacts(
            statements: statements, room: room.record, hasMutes: room.hasMutes)
        let verdict = try rules.verdict(on: entry, facts: facts) { name throws(StorageError) in
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
            try insertEvent(entry, seq: room.record.head, at: at)
            if entry.change.isMessage { try noteAuthor(entry.sender, room) }
        }
        let memberCount = room.record.memberCount
        if !entry.change.isMessage { try noteAct(entry, facts, at: at) }
        try apply(entry, to: &room.record, at: at)
        if case .mute = entry.change { room.hasMutes = true }
        try insertKey(of: entry, seq: room.record.head, at: at)
        if room.record.memberCount != memberCount, !room.hasNewCount {
            room.hasNewCount = true
            recounted.append(room)
        }
        return .stored(seq: room.record.head, at: at)
    }

    /// Writes the numbers of members back, once per room.
    ///
    /// Once, after the last entry. A room's head is where its log ends: nothing to write.
    func finish() throws(StorageError) {
        for room in recounted {
            statements.updateMemberCount.bind(1, room.record.id)
            statements.updateMemberCount.bind(2, room.record.memberCount)
            try statements.updateMemberCount.run()
            room.hasNewCount = false
        }
    }

    // MARK: Client ids

    private func storedKey(of entry: LogEntry) throws(StorageError) -> StoredKey? {
        guard let clientID = entry.clientID else { return nil }
        statements.clientID.bind(1, entry.room)
        statements.clientID.bind(2, entry.sender)
        statements.clientID.bind(3, clientID)
        return try statements.clientID.first { row in
            StoredKey(
                seq: row.seq(0), at: row.time(1), fingerprint: UInt64(bitPattern: row.int(2)))
        }
    }

    private mutating func insertKey(
        of entry: LogEntry, seq: SequenceNumber, at: Timestamp
    ) throws(StorageError) {
        guard let clientID = entry.clientID else { return }
        statements.insertClientID.bind(1, entry.room)
        statements.insertClientID.bind(2, entry.sender)
        statements.insertClientID.bind(3, clientID)
        statements.insertClientID.bind(4, seq)
        statements.insertClientID.bind(5, at)
        statements.insertClientID.bind(6, Int64(bitPattern: entry.change.fingerprint))
        try statements.insertClientID.run()
        storedClientIDs += 1
    }

    // MARK: Events

    private func insertEvent(
        _ entry: LogEntry, seq: SequenceNumber, at: Timestamp
    ) throws(StorageError) {
        let event = StoredEvent(entry.change)
        statements.insertEvent.bind(1, entry.room)
        statements.insertEvent.bind(2, seq)
        statements.insertEvent.bind(3, at)
        statements.insertEvent.bind(4, entry.sender)
        statements.insertEvent.bind(5, event.kind.rawValue)
        statements.insertEvent.bind(6, optional: event.target.map { Int64(clamping: $0.rawValue) })
        statements.insertEvent.bind(
            7, optional: event.subject.map { Int64(bitPattern: $0.rawValue) })
        statements.insertEvent.bind(8, optional: event.detail.map { Int64($0) })
        statements.insertEvent.bind(9, optional: entry.clientID)
        statements.insertEvent.bind(10, optional: event.text)
        try statements.insertEvent.run()
    }

    /// Once per author and block of places.
    private func noteAuthor(_ user: UserID, _ room: SQLiteRoom) throws(StorageError) {
        let block = room.record.head.rawValue / SQLiteRoomList.blockEvents
        guard room.isNews(user, in: block) else { return }
        statements.insertAuthor.bind(1, room.record.id)
        statements.insertAuthor.bind(2, user)
        statements.insertAuthor.bind(3, SequenceNumber(rawValue: block))
        try statements.insertAuthor.run()
    }

    private func apply(
        _ entry: LogEntry, to room: inout RoomRecord, at: Timestamp
    ) throws(StorageError) {
        switch entry.change {
        case .message: break
        case .post(let post): try insert(post.attachments, room)
        case .edit(let target, let text): try edit(target, text, room, at)
        case .delete(let target): try statements.redact(target, in: room.id)
        case .react(let target, let emoji):
            statements.insertReaction.bind(1, room.id)
            statements.insertReaction.bind(2, target)
            statements.insertReaction.bind(3, emoji)
            statements.insertReaction.bind(4, entry.sender)
            statements.insertReaction.bind(5, room.head)
            try statements.insertReaction.run()
        case .unreact(let target, let emoji):
            statements.deleteReaction.bind(1, room.id)
            statements.deleteReaction.bind(2, target)
            statements.deleteReaction.bind(3, emoji)
            statements.deleteReaction.bind(4, entry.sender)
            try statements.deleteReaction.run()
        case .pin(let target): try setPinned(true, target, room)
        case .unpin(let target): try setPinned(false, target, room)
        case .join(let user, let role, _): try add(user, role, to: &room, at)
        case .accept(let acceptance):
            try use(acceptance)
            try add(acceptance.user, .member, to: &room, at)
        case .leave(let user, _, _): room.memberCount -= try remove(user, room)
        case .role(let user, let role):
            if role == .owner { try demoteOwner(of: room) }
            statements.setRole.bind(1, room.id)
            statements.setRole.bind(2, user)
            statements.setRole.bind(3, Int64(role.rawValue))
            try statements.setRole.run()
        case .room(let changes): try change(&room, changes)
        case .ban(let user, let ban):
            room.memberCount -= try remove(user, room)
            try insert(ban, of: user, entry, room, at)
            try deleteInvitation(of: user, room)
        case .unban(let user): try deleteSanction(statements.moderation.deleteBan, user, room)
        case .mute(let user, let until): try insertMute(of: user, until, entry, room)
        case .unmute(let user): try deleteSanction(statements.moderation.deleteMute, user, room)
        }
    }

    // MARK: Messages

    private func edit(
        _ target: SequenceNumber, _ text: String, _ room: RoomRecord, _ at: Timestamp
    ) throws(StorageError) {
        statements.editMessage.bind(1, room.id)
        statements.editMessage.bind(2, target)
        statements.editMessage.bind(3, at)
        statements.editMessage.bind(4, text)
        try statements.editMessage.run()
        statements.insertEdit.bind(1, room.id)
        statements.insertEdit.bind(2, target)
        statements.insertEdit.bind(3, room.head)
        try statements.insertEdit.run()
    }

    private func setPinned(
        _ isPinned: Bool, _ target: SequenceNumber, _ room: RoomRecord
    ) throws(StorageError) {
        statements.setPinned.bind(1, room.id)
        statements.setPinned.bind(2, target)
        statements.setPinned.bind(3, isPinned)
        try statements.setPinned.run()
    }

    // MARK: Members and the room

    private func add(
        _ user: UserID, _ role: Role, to room: inout RoomRecord, _ at: Timestamp
    ) throws(StorageError) {
        if role == .owner { try demoteOwner(of: room) }
        statements.insertMember.bind(1, room.id)
        statements.insertMember.bind(2, user)
        statements.insertMember.bind(3, Int64(role.rawValue))
        statements.insertMember.bind(4, at)
        statements.insertMember.bind(5, room.head)
        try statements.insertMember.run()
        try statements.readTimes.joined(user, room.id)
        room.memberCount += 1
        try deleteInvitation(of: user, room)
    }

    private func demoteOwner(of room: RoomRecord) throws(StorageError) {
        statements.demoteOwner.bind(1, room.id)
        try statements.demoteOwner.run()
    }

    private func change(
        _ room: inout RoomRecord, _ changes: RoomChanges
    ) throws(StorageError) {
        room = changes.applied(to: room)
        statements.updateRoom.bind(1, room.id)
        statements.updateRoom.bind(2, room.name)
        statements.updateRoom.bind(3, NameKey(room.name).folded)
        statements.updateRoom.bind(4, room.description)
        statements.updateRoom.bind(5, room.isPrivate)
        statements.updateRoom.bind(6, room.maximumMembers)
        statements.updateRoom.bind(7, room.slowModeSeconds)
        statements.updateRoom.bind(8, room.retention.days)
        statements.updateRoom.bind(9, room.retention.messages)
        try statements.updateRoom.run()
        statements.insertRoomChanges.bind(1, room.id)
        statements.insertRoomChanges.bind(2, room.head)
        statements.insertRoomChanges.bind(3, optional: changes.name)
        statements.insertRoomChanges.bind(4, optional: changes.description)
        statements.insertRoomChanges.bind(5, optional: changes.isPrivate.map { $0 ? 1 : 0 })
        statements.insertRoomChanges.bind(6, optional: changes.maximumMembers.map { Int64($0) })
        statements.insertRoomChanges.bind(7, optional: changes.slowModeSeconds.map { Int64($0) })
        statements.insertRoomChanges.bind(8, optional: changes.retentionDays.map { Int64($0) })
        statements.insertRoomChanges.bind(9, optional: changes.retentionMessages.map { Int64($0) })
        try statements.insertRoomChanges.run()
    }
}
