// SPDX-License-Identifier: MIT

/// The statements of a connection; all are prepared when it is made.
enum PostgresStatement: Int, CaseIterable {
    // Transactions.
    case begin, beginReading, commit, rollback
    // Look-ups of the rules.
    case lockRooms, clientIDs, isStored, message, reactionFacts, pinCount, role, isNameTaken
    // The log.
    case insertEvents, insertClientIDs, insertAuthors, insertRoomChanges, updatePositions,
        advanceHeads, updateRoom, advance
    // Messages.
    case editMessage, insertEdit, redactEvents, deleteState, deleteEdits, deleteReactions
    case insertReaction, deleteReaction, setPinned
    // Members, rooms and users.
    case insertMember, deleteMember, setRole, demoteOwner
    case insertRoom, deleteRoom
    case deleteMembersOf, deleteEventsOf, deleteChangesOf, deleteClientIDsOf, deleteStatesOf
    case deleteEditsOf, deleteReactionsOf, deleteAuthorsOf
    case insertUser, findUser, updateUser, purgeClientIDs
    // Reading.
    case room, roomNamed, members, countRooms, rooms, user, userWithToken
    case memberships, countJoined, joinedRooms, joinedMembers
    case events, pinned, pinnedReactions
    case messagesBefore, messagesFrom, messagesBeforeTime, messagesFromTime
    case reactionsBefore, reactionsFrom, reactionsBeforeTime, reactionsFromTime
    // Search.
    case searchSettings, ownRooms, searchCandidates
    case ownRoomsBehind, roomsBehind, lockBehind, lockBehindIfFree, lockSearch, unindexed
    case index, setIndexed, unindex, insertSearchRoom, deleteSearchRoomOf, deleteSearchIndexOf

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
        case .insertEvents, .insertClientIDs, .insertAuthors, .insertRoomChanges, .updatePositions,
            .advanceHeads, .updateRoom, .advance:
            logSQL
        case .editMessage, .insertEdit, .redactEvents, .deleteState, .deleteEdits,
            .deleteReactions, .insertReaction, .deleteReaction, .setPinned:
            messageSQL
        case .insertMember, .deleteMember, .setRole, .demoteOwner, .insertRoom, .deleteRoom,
            .deleteMembersOf, .deleteEventsOf, .deleteChangesOf, .deleteClientIDsOf,
            .deleteStatesOf, .deleteEditsOf, .deleteReactionsOf, .deleteAuthorsOf, .insertUser,
            .findUser, .updateUser, .purgeClientIDs:
            recordSQL
        case .memberships, .countJoined, .joinedRooms, .joinedMembers: roomListSQL
        case .room, .roomNamed, .members, .countRooms, .rooms, .user, .userWithToken, .events,
            .pinned, .pinnedReactions:
            readingSQL
        case .messagesBefore, .messagesFrom, .messagesBeforeTime, .messagesFromTime,
            .reactionsBefore, .reactionsFrom, .reactionsBeforeTime, .reactionsFromTime:
            historySQL
        case .searchSettings, .ownRooms, .searchCandidates, .ownRoomsBehind, .roomsBehind,
            .lockBehind, .lockBehindIfFree, .lockSearch, .unindexed, .index, .setIndexed, .unindex,
            .insertSearchRoom, .deleteSearchRoomOf, .deleteSearchIndexOf:
            searchSQL
        }
    }

    /// The statements that empty a room's tables.
    ///
    /// The lock of the index first: whoever fills it sees then that there is nothing to fill.
    static let emptiesRoom: [PostgresStatement] = [
        .deleteSearchRoomOf, .deleteSearchIndexOf, .deleteMembersOf, .deleteEventsOf,
        .deleteChangesOf, .deleteClientIDsOf, .deleteStatesOf, .deleteEditsOf, .deleteReactionsOf,
        .deleteAuthorsOf,
    ]

    /// Joins the one row of a table with such a key, or none.
    ///
    /// Written so that the server looks it up for each row: when it does not know how many rows
    /// there are, it may rather read the whole table.
    static func joining(_ table: String, as alias: String, where key: String) -> String {
        "LEFT JOIN LATERAL (SELECT * FROM \(table) WHERE \(key) LIMIT 1) \(alias) ON true"
    }

    /// What messages are made of beside their events.
    static let joiningMessage = """
        \(joining("message_states", as: "s", where: "room = e.room AND seq = e.seq"))
        \(joining("users", as: "u", where: "id = e.sender"))
        """

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
