// SPDX-License-Identifier: MIT

/// The statements of a connection; each is prepared with its first use, the common ones when it is made.
enum PostgresStatement: Int, CaseIterable {
    // Transactions.
    case begin, beginReading, commit, rollback
    // Look-ups of the rules.
    case deletions, lockAppends, countDeletion, lockRooms, lockedRooms
    case clientIDs, isStored, message, reactionFacts, pinCount, role, isNameTaken
    // The log.
    case insertEvents, insertMessages, insertClientIDs, insertAuthors, insertRoomChanges
    case updateMemberCounts, updateRoom, advance
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
    case updateProfile, profiles, noteSightings
    // Safety.
    case links, linkCount, setPassword, removePassword, password, insertAudit, trimAudit
    case isAudited, audit, sweepAudit, eraseAudit
    case blockCount, insertBlock, deleteBlock, blocks, blockers, eraseBlocks
    // Attachments.
    case insertAttachment, adoptAttachment, orphanAttachments, deleteAttachments
    case forgetOrphans, attachments, pinnedAttachments, orphans, attachedFiles
    case shareFiles, lockFiles, lockFilesOf, lockFilesUpTo
    // Reading.
    case room, roomNamed, members, countRooms, rooms, user, userWithToken
    case memberships, countJoined, joinedRooms, joinedMembers, joinedAttachments
    case events, pinned, pinnedReactions
    case setPlace, messagesBefore, messagesFrom, messagesBeforeTime, messagesFromTime
    case reactionsBefore, reactionsFrom, reactionsBeforeTime, reactionsFromTime
    case attachmentsBefore, attachmentsFrom, attachmentsBeforeTime, attachmentsFromTime
    // When members read what.
    case readTimes, readTimesOfUser, trimReadTimes, sweepReadTimes, eraseReadTimes, removeReadTimes
    // Search.
    case searchSettings, ownRooms, searchCandidates
    case ownRoomsBehind, roomsBehind, lockBehind, lockBehindIfFree, lockSearch, unindexed
    case index, setIndexed, unindex, insertSearchRoom, deleteSearchRoomOf, hitAttachments
    // Upkeep.
    case roomsFrom, userNamed, eventTime, newestMessage
    case trimReactions, trimStates, trimEdits, trimChanges, trimAttachments, trimEvents
    case trimSearchIndex, trimSearchRoom, trimAuthors, setTrimmed
    case bury, isBuried, buried, exhume
    case sweepEvents, sweepStates, sweepEdits, sweepReactions, sweepChanges, sweepMembers
    case sweepClientIDs, sweepBans, sweepMutes, sweepAttachments
    case sweepSearchIndex, sweepAuthors
    case eraseUser, noteErasure, nextErasure, endErasure, nextRoom, ownEvents, eraseEvents
    case ownSanctions, eraseBans, eraseMutes, eraseInvitations, eraseAuthors
    case deleteClientID, pendingErasures, tableSizes, waitingUpkeep
    // Accounts.
    case account, accountNamed, accountWithEmail, lockAccount, insertAccount, updateAccount
    case nameHolder, renameUser, insertDevice, device, lockDevice, devices, rotateDevice
    case deleteDevices, deleteExpiredDevices, eraseAccount, eraseDevices

    /// What nearly every connection needs at once: transactions, appends, rooms, a page of history.
    static let common: [PostgresStatement] = [
        .begin, .beginReading, .commit, .rollback, .lockRooms, .clientIDs, .insertEvents,
        .insertMessages, .lockedRooms, .deletions, .insertClientIDs, .insertAuthors, .advance,
        .room, .events,
        .messagesBefore, .reactionsBefore, .attachmentsBefore,
    ]

    /// What the server knows it by.
    var name: String { "chat_\(rawValue)" }

    /// Its text.
    var sql: String {
        switch self {
        case .begin: "BEGIN"
        case .noteSightings: Self.sightingSQL
        case .beginReading: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        case .commit: "COMMIT"
        case .rollback: "ROLLBACK"
        case .deletions, .lockAppends, .countDeletion, .lockRooms, .lockedRooms, .clientIDs,
            .isStored, .message, .reactionFacts, .pinCount, .role,
            .isNameTaken:
            ruleSQL
        case .insertEvents, .insertMessages, .insertClientIDs, .insertAuthors, .insertRoomChanges,
            .updateMemberCounts, .updateRoom:
            logSQL
        case .editMessage, .insertEdit, .redactEvents, .deleteState, .deleteEdits,
            .deleteReactions, .insertReaction, .deleteReaction, .setPinned:
            messageSQL
        case .advance, .insertMember, .deleteMember, .readTimes, .readTimesOfUser, .trimReadTimes,
            .eraseReadTimes, .removeReadTimes:
            readTimeSQL
        case .setRole, .demoteOwner, .insertRoom, .deleteRoom,
            .insertUser, .findUser, .updateUser, .purgeClientIDs:
            recordSQL
        case .memberships, .countJoined, .joinedRooms, .joinedMembers, .joinedAttachments:
            roomListSQL
        case .room, .roomNamed, .members, .countRooms, .rooms, .user, .userWithToken, .events,
            .pinned, .pinnedReactions:
            readingSQL
        case .setPlace, .messagesBefore, .messagesFrom, .messagesBeforeTime, .messagesFromTime,
            .reactionsBefore, .reactionsFrom, .reactionsBeforeTime, .reactionsFromTime,
            .attachmentsBefore, .attachmentsFrom, .attachmentsBeforeTime, .attachmentsFromTime:
            historySQL
        case .searchSettings, .ownRooms, .searchCandidates, .ownRoomsBehind, .roomsBehind,
            .lockBehind, .lockBehindIfFree, .lockSearch, .unindexed, .index, .setIndexed, .unindex,
            .insertSearchRoom, .deleteSearchRoomOf, .hitAttachments:
            searchSQL
        case .ban, .banCount, .insertBan, .deleteBan, .deletePastBans, .mutes, .muteCount,
            .insertMute, .deleteMute, .deletePastMutes, .setHasMutes, .bans, .absentMutes:
            moderationSQL
        case .invitationOfUser, .invitationOfCode, .invitationsInRoom, .invitationsOfUser,
            .lockUser, .insertInvitation, .deletePastInvitations, .deleteInvitationOfUser,
            .deleteInvitationOfCode, .useInvitation, .deleteUsedInvitation, .deleteInvitationsOf,
            .invitations, .updateProfile, .profiles:
            invitationSQL
        case .links, .linkCount, .setPassword, .removePassword, .password, .insertAudit,
            .trimAudit, .isAudited, .audit, .sweepAudit, .eraseAudit, .blockCount, .insertBlock,
            .deleteBlock, .blocks, .blockers, .eraseBlocks:
            safetySQL
        case .insertAttachment, .adoptAttachment, .orphanAttachments, .deleteAttachments,
            .forgetOrphans, .attachments, .pinnedAttachments, .orphans, .shareFiles, .lockFiles,
            .lockFilesOf, .lockFilesUpTo, .attachedFiles:
            attachmentSQL
        case .roomsFrom, .userNamed, .eventTime, .newestMessage, .trimReactions, .trimStates,
            .trimEdits, .trimChanges, .trimAttachments, .trimEvents, .trimSearchIndex,
            .trimSearchRoom, .trimAuthors, .setTrimmed:
            trimSQL
        case .bury, .isBuried, .buried, .exhume, .sweepEvents, .sweepStates, .sweepEdits,
            .sweepReactions, .sweepChanges, .sweepMembers, .sweepClientIDs, .sweepBans,
            .sweepMutes, .sweepAttachments, .sweepSearchIndex, .sweepAuthors, .sweepReadTimes,
            .tableSizes, .waitingUpkeep:
            sweepSQL
        case .eraseUser, .noteErasure, .nextErasure, .endErasure, .nextRoom, .ownEvents,
            .ownSanctions, .eraseEvents, .eraseBans, .eraseMutes, .eraseInvitations,
            .eraseAuthors, .deleteClientID, .pendingErasures:
            erasureSQL
        case .account, .accountNamed, .accountWithEmail, .lockAccount, .insertAccount,
            .updateAccount, .nameHolder, .renameUser, .insertDevice, .device, .lockDevice,
            .devices, .rotateDevice, .deleteDevices, .deleteExpiredDevices, .eraseAccount,
            .eraseDevices:
            accountSQL
        }
    }

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
        r.created_at, \(head), r.trimmed, r.member_count, r.retention_days, r.retention_messages
        """

    /// The place of the newest event of room `r`.
    static let head = """
        coalesce((SELECT h.seq FROM events h WHERE h.room = r.id ORDER BY h.seq DESC LIMIT 1), \
        r.trimmed)
        """

    /// The first column after ``roomColumns``.
    static let afterRoomColumns: Int32 = 12

    static let userColumns = """
        id, name, token, is_name_kept, display_name, avatar, status_text, hides_last_seen, \
        last_seen, created_at
        """

    static let messageColumns = """
        e.seq, e.at, e.sender, u.name, e.client_id, e.text, e.target, s.text, s.edited_at, \
        coalesce(s.is_pinned, false)
        """

    static let eventColumns = """
        e.seq, e.at, e.sender, u.name, e.client_id, e.kind, e.target, e.subject, s.name, e.detail, \
        e.text, c.name, c.description, c.is_private, c.maximum_members, c.slow_mode_seconds, \
        c.retention_days, c.retention_messages
        """
}
