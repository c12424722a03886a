// SPDX-License-Identifier: MIT

import ChatCore

/// What the rules ask, answered from inside the writing transaction.
struct PostgresRoomFacts: RoomFacts {
    typealias Failure = PostgresFailure

    let connection: PostgresConnection
    let room: RoomRecord
    /// Until when who is muted.
    let mutes: [UserID: Timestamp]

    func message(at seq: SequenceNumber) throws(PostgresFailure) -> MessageFacts? {
        try connection.fetch(.message, [.room(room.id), .seq(seq)]).first { row in
            MessageFacts(author: row.user(0), isDeleted: row.bool(1), isPinned: row.bool(2))
        }
    }

    func reactions(
        at seq: SequenceNumber, emoji: String, user: UserID
    ) throws(PostgresFailure) -> ReactionFacts {
        let values: [PostgresValue] = [.room(room.id), .seq(seq), .bytes(emoji), .user(user)]
        let facts = try connection.fetch(.reactionFacts, values).first { row in
            ReactionFacts(
                differentEmoji: Int(row.int(0)), isPresent: row.bool(1), isOwn: row.bool(2))
        }
        return facts ?? ReactionFacts(differentEmoji: 0, isPresent: false, isOwn: false)
    }

    func pinCount() throws(PostgresFailure) -> Int {
        try connection.fetch(.pinCount, [.room(room.id)]).first { Int($0.int(0)) } ?? 0
    }

    func role(of user: UserID) throws(PostgresFailure) -> Role? {
        try connection.fetch(.role, [.room(room.id), .user(user)]).first { $0.role(0) } ?? nil
    }

    func ban(of user: UserID) throws(PostgresFailure) -> Ban? {
        try connection.fetch(.ban, [.room(room.id), .user(user)]).first { row in
            Ban(until: row.time(0), reason: row.text(1))
        }
    }

    func mute(of user: UserID) -> Timestamp? { mutes[user] }

    func invitation(
        _ code: String?, for user: UserID
    ) throws(PostgresFailure) -> InvitationRecord? {
        guard let code else {
            return try connection.fetch(.invitationOfUser, [.room(room.id), .user(user)])
                .first { $0.invitationRecord() }
        }
        let found = try connection.fetch(.invitationOfCode, [.bytes(code)])
            .first { $0.invitationRecord() }
        guard let found, found.room == room.id, found.user == nil || found.user == user else {
            return nil
        }
        return found
    }

    func banCount(after time: Timestamp) throws(PostgresFailure) -> Int {
        try connection.fetch(.banCount, [.room(room.id), .time(time)]).first { Int($0.int(0)) } ?? 0
    }

    func muteCount(after time: Timestamp) -> Int { mutes.values.count { $0 > time } }

    func properties() -> RoomRecord { room }

    func isNameTaken(_ name: NameKey) throws(PostgresFailure) -> Bool {
        try connection.fetch(.isNameTaken, [.bytes(name.folded)]).count > 0
    }
}
