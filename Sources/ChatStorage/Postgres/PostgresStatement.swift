// SPDX-License-Identifier: MIT

/// The statements of a connection; all are prepared when it is made.
enum PostgresStatement: Int, CaseIterable {
    // Transactions.
    case begin, beginReading, commit, rollback
    // Look-ups of the rules.
    case lockRooms, clientIDs, isStored, message, reactionFacts, pinCount, role, isNameTaken
    // The log.
    case insertEvents, insertClientIDs, insertRoomChanges, updatePositions, advanceHeads,
        updateRoom, advance
    // Messages.
    case editMessage, insertEdit, redactEvents, deleteState, deleteEdits, deleteReactions
    case insertReaction, deleteReaction, setPinned
    // Members, rooms and users.
    case insertMember, deleteMember, setRole, demoteOwner
    case insertRoom, deleteRoom
    case deleteMembersOf, deleteEventsOf, deleteChangesOf, deleteClientIDsOf, deleteStatesOf
    case deleteEditsOf, deleteReactionsOf
    case insertUser, findUser, updateUser, purgeClientIDs
    // Reading.
    case room, roomNamed, members, countRooms, rooms, memberships, user, userWithToken
    case events, messagesBefore, messagesFrom, reactions, pinned, pinnedReactions

    /// What the server knows it by.
    var name: String { "chat_\(rawValue)" }

    /// Its text.
    var sql: String {
        switch self {
        case .begin: "BEGIN"
        case .beginReading: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        case .commit: "COMMIT"
        case .rollback: "ROLLBACK"
        case .lockRooms, .clientIDs, .isStored, .message, .reactionFacts, .pinCount, .role,
            .isNameTaken:
            ruleSQL
        case .insertEvents, .insertClientIDs, .insertRoomChanges, .updatePositions, .advanceHeads,
            .updateRoom, .advance:
            logSQL
        case .editMessage, .insertEdit, .redactEvents, .deleteState, .deleteEdits,
            .deleteReactions, .insertReaction, .deleteReaction, .setPinned:
            messageSQL
        case .insertMember, .deleteMember, .setRole, .demoteOwner, .insertRoom, .deleteRoom,
            .deleteMembersOf, .deleteEventsOf, .deleteChangesOf, .deleteClientIDsOf,
            .deleteStatesOf, .deleteEditsOf, .deleteReactionsOf, .insertUser, .findUser,
            .updateUser, .purgeClientIDs:
            recordSQL
        case .room, .roomNamed, .members, .countRooms, .rooms, .memberships, .user, .userWithToken,
            .events, .messagesBefore, .messagesFrom, .reactions, .pinned, .pinnedReactions:
            readingSQL
        }
    }

    /// The statements that empty a room's tables.
    static let emptiesRoom: [PostgresStatement] = [
        .deleteMembersOf, .deleteEventsOf, .deleteChangesOf, .deleteClientIDsOf, .deleteStatesOf,
        .deleteEditsOf, .deleteReactionsOf,
    ]

    // MARK: Columns that the records are read from

    static let roomColumns = """
        r.id, r.name, r.description, r.is_private, r.maximum_members, r.slow_mode_seconds, \
        r.created_at, r.head, r.member_count
        """

    /// The first column after ``roomColumns``.
    static let afterRoomColumns: Int32 = 9

    static let userColumns = "id, name, token, is_name_kept"

    static let messageColumns = """
        e.seq, e.at, e.sender, u.name, e.client_id, e.text, e.target, s.text, s.edited_at, \
        coalesce(s.is_pinned, false)
        """

    static let eventColumns = """
        e.seq, e.at, e.sender, u.name, e.client_id, e.kind, e.target, e.subject, s.name, e.detail, \
        e.text, c.name, c.description, c.is_private, c.maximum_members, c.slow_mode_seconds
        """
}
