// SPDX-License-Identifier: MIT

import ChatCore

// Bans, mutes and invitations.
extension SQLiteAppend {
    /// Takes a user out of the list of members; returns how many rows that were.
    func remove(_ user: UserID, _ room: RoomRecord) throws(StorageError) -> Int {
        statements.role.bind(1, room.id)
        statements.role.bind(2, user)
        guard try statements.role.hasRow() else { return 0 }
        statements.deleteMember.bind(1, room.id)
        statements.deleteMember.bind(2, user)
        try statements.deleteMember.run()
        try statements.readTimes.left(user, room.id)
        return 1
    }

    func insert(
        _ ban: Ban, of user: UserID, _ entry: LogEntry, _ room: RoomRecord, _ at: Timestamp
    ) throws(StorageError) {
        let statements = statements.moderation
        statements.deletePastBans.bind(1, room.id)
        statements.deletePastBans.bind(2, entry.at)
        try statements.deletePastBans.run()
        statements.insertBan.bind(1, room.id)
        statements.insertBan.bind(2, user)
        statements.insertBan.bind(3, ban.until)
        statements.insertBan.bind(4, room.head)
        statements.insertBan.bind(5, at)
        statements.insertBan.bind(6, entry.sender)
        statements.insertBan.bind(7, ban.reason)
        try statements.insertBan.run()
    }

    func insertMute(
        of user: UserID, _ until: Timestamp, _ entry: LogEntry, _ room: RoomRecord
    ) throws(StorageError) {
        let statements = statements.moderation
        statements.deletePastMutes.bind(1, room.id)
        statements.deletePastMutes.bind(2, entry.at)
        try statements.deletePastMutes.run()
        statements.insertMute.bind(1, room.id)
        statements.insertMute.bind(2, user)
        statements.insertMute.bind(3, until)
        try statements.insertMute.run()
    }

    func deleteInvitation(of user: UserID, _ room: RoomRecord) throws(StorageError) {
        try deleteSanction(statements.invitations.deleteOfUser, user, room)
    }

    /// One use less of a link; a user's own invitation goes with their joining.
    func use(_ acceptance: Acceptance) throws(StorageError) {
        guard let code = acceptance.code else { return }
        let statements = statements.invitations
        statements.use.bind(1, code)
        try statements.use.run()
        statements.deleteUsed.bind(1, code)
        try statements.deleteUsed.run()
    }

    func deleteSanction(
        _ statement: borrowing SQLiteStatement, _ user: UserID, _ room: RoomRecord
    ) throws(StorageError) {
        statement.bind(1, room.id)
        statement.bind(2, user)
        try statement.run()
    }
}
