// SPDX-License-Identifier: MIT

/// What the rules say of an entry.
public enum EntryVerdict: Sendable, Equatable {
    /// Store it.
    case proceed
    /// There is nothing to do: store nothing, answer ``AppendOutcome/unchanged``.
    case unchanged
    /// Store nothing, answer ``AppendOutcome/refused(_:)``.
    case refused(AppendRefusal)
}

/// The rules of a room's log that must hold over all nodes, as pure functions.
///
/// A store calls them inside the transaction that would store the entry: first
/// ``repeated(_:stored:)``, then ``verdict(on:facts:isNameTaken:)``. That the room exists is
/// checked before both. Who is allowed to post, pin or kick is the room machine's business; here is
/// what depends on the log's present state.
public struct MessageRules: Sendable {
    private let reactionsPerMessage: Int
    private let pinsPerRoom: Int
    private let membersPerRoom: Int
    let bansPerRoom: Int
    let mutesPerRoom: Int
    /// How long the audit log of a room may be.
    public let auditEntriesPerRoom: Int

    /// Makes rules with these bounds.
    public init(limits: Limits = Limits()) {
        reactionsPerMessage = limits.reactionsPerMessage
        pinsPerRoom = limits.pinsPerRoom
        membersPerRoom = limits.membersPerRoom
        bansPerRoom = limits.bansPerRoom
        mutesPerRoom = limits.mutesPerRoom
        auditEntriesPerRoom = limits.auditEntriesPerRoom
    }

    /// The answer to an entry whose client id was seen before in this room from this sender.
    ///
    /// - Parameters:
    ///   - entry: the entry.
    ///   - stored: what was kept under (room, sender, client id); `nil` if nothing.
    /// - Returns: the outcome, or `nil` if the entry is new.
    public static func repeated(_ entry: LogEntry, stored: StoredKey?) -> AppendOutcome? {
        guard let stored else { return nil }
        guard stored.fingerprint == entry.change.fingerprint else {
            return .refused(.clientIDReused)
        }
        return .duplicate(seq: stored.seq, at: stored.at)
    }

    /// Whether an entry may be stored.
    ///
    /// - Parameters:
    ///   - entry: the entry.
    ///   - facts: the room as it is now, with every earlier entry of the same batch applied.
    ///   - isNameTaken: whether another room has a name with this key. Asked only for a rename.
    /// - Throws: what `facts` throws.
    public func verdict<Facts: RoomFacts>(
        on entry: LogEntry, facts: Facts,
        isNameTaken: (NameKey) throws(Facts.Failure) -> Bool
    ) throws(Facts.Failure) -> EntryVerdict {
        if entry.change.needsVoice, try isMuted(entry, facts) { return .refused(.muted) }
        switch entry.change {
        case .message(_, let replyTo):
            return try reply(to: replyTo, facts)
        case .post(let post): return try reply(to: post.replyTo, facts)
        case .edit(let target, _):
            return Self.edit(of: try facts.message(at: target), by: entry.sender)
        case .delete(let target):
            return Self.deletion(of: try facts.message(at: target), entry)
        case .react(let target, let emoji):
            return try reaction(emoji, at: target, by: entry.sender, facts)
        case .unreact(let target, let emoji):
            return try unreaction(emoji, at: target, by: entry.sender, facts)
        case .pin(let target):
            return try pin(target, facts)
        case .unpin(let target):
            return Self.unpin(of: try facts.message(at: target))
        case .join(let user, _, _):
            return try join(of: user, at: entry.at, facts)
        case .leave(let user, _, _):
            return try facts.role(of: user) == nil ? .refused(.notMember) : .proceed
        case .role(let user, let role):
            guard let present = try facts.role(of: user) else { return .refused(.notMember) }
            return present == role ? .unchanged : .proceed
        case .room(let changes):
            return try change(of: try facts.properties(), to: changes, isNameTaken)
        case .ban(let user, let ban): return try banning(of: user, ban, entry, facts)
        case .unban(let user): return try unbanning(of: user, entry, facts)
        case .mute(let user, let until): return try muting(of: user, until, entry, facts)
        case .unmute(let user): return try unmuting(of: user, entry, facts)
        case .accept(let acceptance): return try accepting(acceptance, entry, facts)
        }
    }

    /// The time of a new event: as accepted, but never before the room's last one.
    public static func time(of entry: LogEntry, after last: Timestamp) -> Timestamp {
        max(entry.at, last)
    }

    // MARK: Messages

    private func reply<Facts: RoomFacts>(
        to target: SequenceNumber?, _ facts: Facts
    ) throws(Facts.Failure) -> EntryVerdict {
        guard let target else { return .proceed }
        guard let message = try facts.message(at: target), !message.isDeleted else {
            return .refused(.replyTargetNotFound)
        }
        return .proceed
    }

    private static func edit(of message: MessageFacts?, by user: UserID) -> EntryVerdict {
        if let refusal = refusal(of: message) { return .refused(refusal) }
        return message?.author == user ? .proceed : .refused(.notYourMessage)
    }

    private static func deletion(of message: MessageFacts?, _ entry: LogEntry) -> EntryVerdict {
        if let refusal = refusal(of: message) { return .refused(refusal) }
        let isAllowed = entry.isModerator || message?.author == entry.sender
        return isAllowed ? .proceed : .refused(.notYourMessage)
    }

    private func reaction<Facts: RoomFacts>(
        _ emoji: String, at target: SequenceNumber, by user: UserID, _ facts: Facts
    ) throws(Facts.Failure) -> EntryVerdict {
        if let refusal = Self.refusal(of: try facts.message(at: target)) {
            return .refused(refusal)
        }
        let present = try facts.reactions(at: target, emoji: emoji, user: user)
        if present.isOwn { return .unchanged }
        let isWithin = present.isPresent || present.differentEmoji < reactionsPerMessage
        return isWithin ? .proceed : .refused(.tooManyReactions)
    }

    private func unreaction<Facts: RoomFacts>(
        _ emoji: String, at target: SequenceNumber, by user: UserID, _ facts: Facts
    ) throws(Facts.Failure) -> EntryVerdict {
        if let refusal = Self.refusal(of: try facts.message(at: target)) {
            return .refused(refusal)
        }
        let present = try facts.reactions(at: target, emoji: emoji, user: user)
        return present.isOwn ? .proceed : .unchanged
    }

    private func pin<Facts: RoomFacts>(
        _ target: SequenceNumber, _ facts: Facts
    ) throws(Facts.Failure) -> EntryVerdict {
        let message = try facts.message(at: target)
        if let refusal = Self.refusal(of: message) { return .refused(refusal) }
        if message?.isPinned == true { return .unchanged }
        return try facts.pinCount() < pinsPerRoom ? .proceed : .refused(.tooManyPins)
    }

    private static func unpin(of message: MessageFacts?) -> EntryVerdict {
        if let refusal = refusal(of: message) { return .refused(refusal) }
        return message?.isPinned == true ? .proceed : .unchanged
    }

    /// Why a message cannot be the target of anything.
    private static func refusal(of message: MessageFacts?) -> AppendRefusal? {
        guard let message else { return .messageNotFound }
        return message.isDeleted ? .messageDeleted : nil
    }

    // MARK: Members and the room

    private func accepting<Facts: RoomFacts>(
        _ acceptance: Acceptance, _ entry: LogEntry, _ facts: Facts
    ) throws(Facts.Failure) -> EntryVerdict {
        let user = acceptance.user
        if try facts.role(of: user) != nil { return .unchanged }
        if let ban = try facts.ban(of: user), ban.until > entry.at { return .refused(.banned) }
        guard let invitation = try facts.invitation(acceptance.code, for: user),
            invitation.expires > entry.at
        else { return .refused(.invitationNotFound) }
        return try join(of: user, at: entry.at, facts)
    }

    private func join<Facts: RoomFacts>(
        of user: UserID, at time: Timestamp, _ facts: Facts
    ) throws(Facts.Failure) -> EntryVerdict {
        if try facts.role(of: user) != nil { return .unchanged }
        // Before the capacity, which is no affair of theirs.
        if let ban = try facts.ban(of: user), ban.until > time { return .refused(.banned) }
        let room = try facts.properties()
        return room.memberCount < capacity(room.maximumMembers) ? .proceed : .refused(.roomFull)
    }

    private func change<Failure: Error>(
        of room: RoomRecord, to changes: RoomChanges,
        _ isNameTaken: (NameKey) throws(Failure) -> Bool
    ) throws(Failure) -> EntryVerdict {
        if let maximum = changes.maximumMembers, capacity(maximum) < room.memberCount {
            return .refused(.capacityBelowMembers)
        }
        if let name = changes.name {
            let key = NameKey(name)
            // The name of a direct room belongs to its two users, whether there is one or not.
            if DirectPair(roomName: key.folded) != nil { return .refused(.roomNameTaken) }
            // The room's own name in another spelling is no conflict, and asking would find itself.
            if key != NameKey(room.name), try isNameTaken(key) { return .refused(.roomNameTaken) }
        }
        return changes.changesNothing(in: room) ? .unchanged : .proceed
    }

    private func capacity(_ maximumMembers: Int) -> Int {
        maximumMembers > 0 ? min(maximumMembers, membersPerRoom) : membersPerRoom
    }
}

extension RoomChanges {
    /// The room with these changes made.
    public func applied(to room: RoomRecord) -> RoomRecord {
        var room = room
        room.name = name ?? room.name
        room.description = description ?? room.description
        room.isPrivate = isPrivate ?? room.isPrivate
        room.maximumMembers = maximumMembers ?? room.maximumMembers
        room.slowModeSeconds = slowModeSeconds ?? room.slowModeSeconds
        room.retention = room.retention.changed(by: self)
        return room
    }

    fileprivate func changesNothing(in room: RoomRecord) -> Bool {
        let after = applied(to: room)
        // Byte by byte: another normal form of the same name is a change that a store keeps.
        return after.name.utf8.elementsEqual(room.name.utf8)
            && after.description.utf8.elementsEqual(room.description.utf8)
            && after.isPrivate == room.isPrivate
            && after.maximumMembers == room.maximumMembers
            && after.slowModeSeconds == room.slowModeSeconds
            && after.retention == room.retention
    }
}
