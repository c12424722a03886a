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
    case insertUser, findUser, updateUser, purgeClientIDs
    // Bans and mutes.
    case ban, banCount, insertBan, deleteBan, deletePastBans
    case mutes, muteCount, insertMute, deleteMute, deletePastMutes, setHasMutes
    case bans, absentMutes
    // Invitations.
    case invitationOfUser, invitationOfCode, invitationsInRoom, invitationsOfUser, lockUser
    case insertInvitation, deletePastInvitations, deleteInvitationOfUser, deleteInvitationOfCode
    case useInvitation, deleteUsedInvitation, deleteInvitationsOf, invitations
    case updateProfile, profiles
    // Attachments.
    case insertAttachment, adoptAttachment, orphanAttachments, deleteAttachments
    case forgetOrphans, attachments, pinnedAttachments, orphans
    // Reading.
    case room, roomNamed, members, countRooms, rooms, memberships, user, userWithToken
    case events, messagesBefore, messagesFrom, reactions, pinned, pinnedReactions
    // Upkeep.
    case roomsFrom, userNamed, eventTime, newestMessage
    case trimReactions, trimStates, trimEdits, trimChanges, trimAttachments, trimEvents
    case setTrimmed
    case bury, isBuried, buried, exhume
    case sweepEvents, sweepStates, sweepEdits, sweepReactions, sweepChanges, sweepMembers
    case sweepClientIDs, sweepBans, sweepMutes, sweepAttachments
    case eraseUser, noteErasure, nextErasure, endErasure, nextRoom, ownEvents, eraseEvents
    case ownSanctions, eraseBans, eraseMutes, eraseInvitations
    case deleteClientID, pendingErasures, tableSizes, waitingUpkeep

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
            .insertUser, .findUser, .updateUser, .purgeClientIDs:
            recordSQL
        case .room, .roomNamed, .members, .countRooms, .rooms, .memberships, .user, .userWithToken,
            .events, .messagesBefore, .messagesFrom, .reactions, .pinned, .pinnedReactions:
            readingSQL
        case .ban, .banCount, .insertBan, .deleteBan, .deletePastBans, .mutes, .muteCount,
            .insertMute, .deleteMute, .deletePastMutes, .setHasMutes, .bans, .absentMutes:
            moderationSQL
        case .invitationOfUser, .invitationOfCode, .invitationsInRoom, .invitationsOfUser,
            .lockUser, .insertInvitation, .deletePastInvitations, .deleteInvitationOfUser,
            .deleteInvitationOfCode, .useInvitation, .deleteUsedInvitation, .deleteInvitationsOf,
            .invitations, .updateProfile, .profiles:
            invitationSQL
        case .insertAttachment, .adoptAttachment, .orphanAttachments, .deleteAttachments,
            .forgetOrphans, .attachments, .pinnedAttachments, .orphans:
            attachmentSQL
        case .roomsFrom, .userNamed, .eventTime, .newestMessage, .trimReactions, .trimStates,
            .trimEdits, .trimChanges, .trimAttachments, .trimEvents, .setTrimmed:
            trimSQL
        case .bury, .isBuried, .buried, .exhume, .sweepEvents, .sweepStates, .sweepEdits,
            .sweepReactions, .sweepChanges, .sweepMembers, .sweepClientIDs, .sweepBans,
            .sweepMutes, .sweepAttachments, .tableSizes, .waitingUpkeep:
            sweepSQL
        case .eraseUser, .noteErasure, .nextErasure, .endErasure, .nextRoom, .ownEvents,
            .ownSanctions, .eraseEvents, .eraseBans, .eraseMutes, .eraseInvitations,
            .deleteClientID, .pendingErasures:
            erasureSQL
        }
    }

    // MARK: Columns that the records are read from

    static let roomColumns = """
        r.id, r.name, r.description, r.is_private, r.maximum_members, r.slow_mode_seconds, \
        r.created_at, r.head, r.trimmed, r.member_count
        """

    /// The first column after ``roomColumns``.
    static let afterRoomColumns: Int32 = 10

    static let userColumns = """
        id, name, token, is_name_kept, display_name, avatar, status_text, created_at
        """

    static let messageColumns = """
        e.seq, e.at, e.sender, u.name, e.client_id, e.text, e.target, s.text, s.edited_at, \
        coalesce(s.is_pinned, false)
        """

    static let eventColumns = """
        e.seq, e.at, e.sender, u.name, e.client_id, e.kind, e.target, e.subject, s.name, e.detail, \
        e.text, c.name, c.description, c.is_private, c.maximum_members, c.slow_mode_seconds
        """
}
