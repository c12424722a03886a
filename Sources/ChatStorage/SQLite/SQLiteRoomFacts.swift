// SPDX-License-Identifier: MIT

import ChatCore

/// What the rules ask, answered from inside the writing transaction.
struct SQLiteRoomFacts: RoomFacts {
    typealias Failure = StorageError

    let statements: SQLiteWriterStatements
    let room: RoomRecord
    let hasMutes: Bool

    func message(at seq: SequenceNumber) throws(StorageError) -> MessageFacts? {
        statements.message.bind(1, room.id)
        statements.message.bind(2, seq)
        return try statements.message.first { row in
            MessageFacts(author: row.user(0), isDeleted: row.bool(1), isPinned: row.bool(2))
        }
    }

    func reactions(
        at seq: SequenceNumber, emoji: String, user: UserID
    ) throws(StorageError) -> ReactionFacts {
        statements.reactions.bind(1, room.id)
        statements.reactions.bind(2, seq)
        statements.reactions.bind(3, emoji)
        statements.reactions.bind(4, user)
        let facts = try statements.reactions.first { row in
            ReactionFacts(
                differentEmoji: Int(row.int(0)), isPresent: row.bool(1), isOwn: row.bool(2))
        }
        return facts ?? ReactionFacts(differentEmoji: 0, isPresent: false, isOwn: false)
    }

    func pinCount() throws(StorageError) -> Int {
        statements.pinCount.bind(1, room.id)
        return try statements.pinCount.first { Int($0.int(0)) } ?? 0
    }

    func role(of user: UserID) throws(StorageError) -> Role? {
        statements.role.bind(1, room.id)
        statements.role.bind(2, user)
        return try statements.role.first { $0.role(0) } ?? nil
    }

    func ban(of user: UserID) throws(StorageError) -> Ban? {
        let statements = statements.moderation
        statements.ban.bind(1, room.id)
        statements.ban.bind(2, user)
        return try statements.ban.first { Ban(until: $0.time(0), reason: $0.text(1)) }
    }

    func mute(of user: UserID) throws(StorageError) -> Timestamp? {
        guard hasMutes else { return nil }
        let statements = statements.moderation
        statements.mute.bind(1, room.id)
        statements.mute.bind(2, user)
        return try statements.mute.first { $0.time(0) }
    }

    func invitation(
        _ code: String?, for user: UserID
    ) throws(StorageError) -> InvitationRecord? {
        let statements = statements.invitations
        guard let code else {
            statements.ofUser.bind(1, room.id)
            statements.ofUser.bind(2, user)
            return try statements.ofUser.first { $0.invitationRecord() }
        }
        statements.ofCode.bind(1, code)
        let found = try statements.ofCode.first { $0.invitationRecord() }
        guard let found, found.room == room.id, found.user == nil || found.user == user else {
            return nil
        }
        return found
    }

    func banCount(after time: Timestamp) throws(StorageError) -> Int {
        let statements = statements.moderation
        statements.banCount.bind(1, room.id)
        statements.banCount.bind(2, time)
        return try statements.banCount.first { Int($0.int(0)) } ?? 0
    }

    func muteCount(after time: Timestamp) throws(StorageError) -> Int {
        let statements = statements.moderation
        statements.muteCount.bind(1, room.id)
        statements.muteCount.bind(2, time)
        return try statements.muteCount.first { Int($0.int(0)) } ?? 0
    }

    func properties() -> RoomRecord { room }

    func isNameTaken(_ name: NameKey) throws(StorageError) -> Bool {
        statements.roomNamed.bind(1, name.folded)
        return try statements.roomNamed.hasRow()
    }
}
