// SPDX-License-Identifier: MIT

import ChatCore

// Members, bans, mutes and invitations.
extension PostgresAppend {
    func add(
        _ user: UserID, _ role: Role, to room: inout Room, _ at: Timestamp
    ) throws(PostgresFailure) {
        let id = PostgresValue.room(room.record.id)
        if role == .owner { try connection.send(.demoteOwner, [id]) }
        try connection.send(
            .insertMember,
            [id, .user(user), .number(Int(role.rawValue)), .time(at), .seq(room.record.head)])
        try connection.send(.deleteInvitationOfUser, [id, .user(user)])
        room.record.memberCount += 1
    }

    /// One use less of a link; a user's own invitation goes with their joining.
    func use(_ acceptance: Acceptance) throws(PostgresFailure) {
        guard let code = acceptance.code else { return }
        try connection.send(.useInvitation, [.bytes(code)])
        try connection.send(.deleteUsedInvitation, [.bytes(code)])
    }

    /// The mutes of a room; one question per batch for a room that has any.
    func mutes(of room: inout Room) throws(PostgresFailure) -> [UserID: Timestamp] {
        if let mutes = room.mutes { return mutes }
        let rows = try connection.fetch(.mutes, [.room(room.record.id)]).all { row in
            (row.user(0), row.time(1))
        }
        let mutes = Dictionary(uniqueKeysWithValues: rows)
        room.mutes = mutes
        return mutes
    }

    func ban(
        _ user: UserID, _ ban: Ban, _ entry: LogEntry, _ room: inout Room, _ at: Timestamp
    ) throws(PostgresFailure) {
        let id = PostgresValue.room(room.record.id)
        if try connection.fetch(.role, [id, .user(user)]).count > 0 {
            try connection.send(.deleteMember, [id, .user(user)])
            room.record.memberCount -= 1
        }
        try connection.send(.deleteInvitationOfUser, [id, .user(user)])
        try connection.send(.deletePastBans, [id, .time(entry.at)])
        try connection.send(
            .insertBan,
            [
                id, .user(user), .time(ban.until), .seq(room.record.head), .time(at),
                .user(entry.sender), .bytes(ban.reason),
            ])
    }

    func mute(
        _ user: UserID, _ until: Timestamp, _ entry: LogEntry, _ room: inout Room
    ) throws(PostgresFailure) {
        let id = PostgresValue.room(room.record.id)
        var mutes = try mutes(of: &room).filter { $0.value > entry.at }
        mutes[user] = until
        room.mutes = mutes
        try connection.send(.deletePastMutes, [id, .time(entry.at)])
        try connection.send(.insertMute, [id, .user(user), .time(until)])
        try connection.send(.setHasMutes, [id, .bool(true)])
    }

    func unmute(_ user: UserID, _ room: inout Room) throws(PostgresFailure) {
        let id = PostgresValue.room(room.record.id)
        var mutes = try mutes(of: &room)
        mutes[user] = nil
        room.mutes = mutes
        try connection.send(.deleteMute, [id, .user(user)])
        try connection.send(.setHasMutes, [id, .bool(!mutes.isEmpty)])
    }
}
