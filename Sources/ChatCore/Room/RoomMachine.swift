// SPDX-License-Identifier: MIT

/// The rules of one room, as the engine ships them. See ``RoomGoverning``.
public struct RoomMachine: RoomGoverning {
    /// The room's properties, head and number of members now.
    public private(set) var record: RoomRecord
    /// The number of members who are not offline.
    public private(set) var onlineCount = 0

    private(set) var table: [UserID: RoomMember] = [:]
    /// The members of a large room in the order of their pages, once a page was asked for.
    private var order: MemberOrder?
    /// Until when those are muted who are no members.
    private var absentMutes: [UserID: Timestamp]
    private var slowMode: SlowMode
    /// The client id of each member's last message in slow mode: repeating it is no second message.
    private var lastKeys: [UserID: String] = [:]
    private let limits: Limits
    private let isDefault: Bool

    /// Makes the machine of a room as it was stored.
    ///
    /// - Parameters:
    ///   - snapshot: properties and members; everybody counts as offline until told otherwise.
    ///   - isDefault: whether this is the default room, which cannot be left or deleted.
    public init(_ snapshot: RoomSnapshot, isDefault: Bool = false, limits: Limits = Limits()) {
        record = snapshot.room
        self.limits = limits
        self.isDefault = isDefault
        absentMutes = snapshot.absentMutes
        slowMode = SlowMode()
        for member in snapshot.members {
            table[member.user] = RoomMember(
                user: UserReference(id: member.user, name: member.name), role: member.role,
                mutedUntil: member.mutedUntil)
        }
        record.memberCount = table.count
    }

    /// Whether joins, presence, receipts and typing are told one by one.
    public var isSmall: Bool { table.count <= limits.smallRoomMembers }

    /// When slow mode has something to forget.
    public var nextDeadline: ChatInstant? { slowMode.nextDeadline }

    /// The member with that id.
    public func member(_ user: UserID) -> RoomMember? { table[user] }

    /// A page of members: highest role first, then by name, then by id.
    ///
    /// - Complexity: O(n log n) in the number of members for the first page, then O(`limit`).
    public mutating func members(offset: Int, limit: Int) -> [RoomMember] {
        let order = order ?? MemberOrder(table)
        if !isSmall { self.order = order }
        return order.page(offset: offset, limit: limit).compactMap { table[$0] }
    }

    /// Whether `user` may do `action` now, and what is to be stored if so.
    public mutating func decide(
        _ action: consuming RoomAction, by user: UserID, now: ChatInstant, at time: Timestamp
    ) -> RoomDecision {
        guard let member = table[user] else { return decideForOutsider(action, user) }
        switch consume action {
        case .write(let change, let clientID):
            if let until = member.mutedUntil, until > time, change.needsVoice, clientID == nil {
                return .refused(Self.muted(until, at: time))
            }
            return decideWrite(change, clientID, by: member, now: now)
        case .join: return .alreadyMember
        case .leave: return decideLeave(member)
        case .update(let changes): return decideUpdate(changes, by: member)
        case .delete:
            if isDefault { return .refused(Self.defaultRoom) }
            return permitted(.delete, member)
        case .kick(let target): return decideKick(target, by: member)
        case .setRole(let target, let role): return decideRole(role, of: target, by: member)
        case .ban(let target, let end, let reason):
            return decideBan(target, end, reason, by: member, at: time)
        case .unban(let target): return decideUnban(target, by: member)
        case .mute(let target, let end): return decideMute(target, end, by: member, at: time)
        case .unmute(let target): return decideUnmute(target, by: member)
        case .invite:
            return permitted(record.isPrivate ? .inviteToPrivate : .inviteToPublic, member)
        case .bans: return permitted(.bans, member)
        case .createLink, .links, .revokeLink: return permitted(.link, member)
        case .setPassword: return permitted(.password, member)
        case .audit: return permitted(.audit, member)
        case .enter: return .alreadyMember
        case .typing(true):
            if let until = member.mutedUntil, until > time {
                return .refused(Self.muted(until, at: time))
            }
            return .permitted
        case .members, .get, .history, .search, .events, .typing, .receipt, .readers,
            .declineInvitation:
            return .permitted
        }
    }

    /// Applies what a store has committed.
    public mutating func committed(
        _ change: LogChange, by sender: UserID, named name: String, seq: SequenceNumber,
        at: Timestamp
    ) {
        record.head = max(record.head, seq)
        switch change {
        case .accept: committed(change.recorded, by: sender, named: name, seq: seq, at: at)
        case .join(let user, let role, _):
            let status = table[user]?.status ?? .offline
            order?.remove(user, table)
            table[user] = RoomMember(
                user: UserReference(id: user, name: name), role: role, status: status,
                mutedUntil: table[user]?.mutedUntil ?? absentMutes.removeValue(forKey: user))
            order?.insert(user, table)
        case .leave(let user, _, _), .ban(let user, _): remove(user, at: at)
        case .mute(let user, let until): table[user]?.mutedUntil = until
        case .unmute(let user):
            table[user]?.mutedUntil = nil
            absentMutes[user] = nil
        case .role(let user, let role):
            if role == .owner {
                let owners = table.values.filter { $0.role == .owner }
                for owner in owners { setRole(.admin, of: owner.user.id) }
            }
            setRole(role, of: user)
        case .room(let changes): apply(changes)
        case .message, .edit, .delete, .react, .unreact, .pin, .unpin, .unban, .post: break
        }
        record.memberCount = table.count
    }

    /// Notes how reachable a member is. Returns whether that changed anything.
    public mutating func setStatus(_ status: PresenceStatus, of user: UserID) -> Bool {
        guard let member = table[user], member.status != status else { return false }
        table[user]?.status = status
        if member.status == .offline { onlineCount += 1 }
        if status == .offline { onlineCount -= 1 }
        return true
    }

    /// Takes back what ``decide(_:by:now:at:)`` has counted, because nothing was stored.
    public mutating func notStored(_ change: LogChange, by sender: UserID) {
        guard change.isMessage else { return }
        slowMode.forget(sender)
        lastKeys[sender] = nil
    }

    /// Forgets slow-mode waits that are over.
    public mutating func expire(now: ChatInstant) {
        slowMode.expire(now: now)
        if slowMode.trackedPosts == 0 { lastKeys.removeAll() }
    }

    private mutating func remove(_ user: UserID, at time: Timestamp) {
        order?.remove(user, table)
        if let member = table.removeValue(forKey: user) {
            if member.status != .offline { onlineCount -= 1 }
            if let until = member.mutedUntil, until > time { absentMutes[user] = until }
        }
        slowMode.forget(user)
        lastKeys[user] = nil
    }

    private mutating func setRole(_ role: Role, of user: UserID) {
        order?.remove(user, table)
        table[user]?.role = role
        order?.insert(user, table)
    }

    private mutating func apply(_ changes: RoomChanges) {
        if let name = changes.name { record.name = name }
        if let description = changes.description { record.description = description }
        if let isPrivate = changes.isPrivate { record.isPrivate = isPrivate }
        if let maximum = changes.maximumMembers { record.maximumMembers = maximum }
        if let seconds = changes.slowModeSeconds { record.slowModeSeconds = seconds }
        record.retention = record.retention.changed(by: changes)
    }

    // MARK: Decisions

    func permitted(_ permission: RoomPermission, _ member: RoomMember) -> RoomDecision {
        refusal(permission, member).map(RoomDecision.refused) ?? .permitted
    }

    /// Why a member may not do something; to somebody, if `other` is a member.
    func refusal(
        _ permission: RoomPermission, _ member: RoomMember, over other: RoomMember? = nil
    ) -> WireError? {
        if PermissionMatrix.allows(permission, member.role, over: other?.role) { return nil }
        let minimum = PermissionMatrix.minimumRole(permission)
        return member.role < minimum ? Self.forbidden(minimum) : Self.notAbove
    }

    private func decideForOutsider(_ action: RoomAction, _ user: UserID) -> RoomDecision {
        switch action {
        // Whether there is an invitation, the store knows.
        case .declineInvitation: return .permitted
        case .enter(.code(let code), _):
            let acceptance = Acceptance(user: user, code: code, isLogged: isSmall)
            return .append(.accept(acceptance), isModerator: false)
        // Whether the password is right, the shell finds out.
        case .enter(.password, _) where record.isPrivate: return .permitted
        case .join where record.isPrivate:
            let acceptance = Acceptance(user: user, isLogged: isSmall)
            return .append(.accept(acceptance), isModerator: false)
        case _ where record.isPrivate: return .refused(Self.notFound)
        case .join, .enter:
            return .append(.join(user: user, role: .member, logged: isSmall), isModerator: false)
        case .get: return .descriptionOnly
        default: return .refused(Self.notMember)
        }
    }

    private mutating func decideWrite(
        _ change: consuming LogChange, _ clientID: String?, by member: RoomMember, now: ChatInstant
    ) -> RoomDecision {
        let isModerator = PermissionMatrix.allows(.deleteOthers, member.role)
        switch Self.permission(for: change) {
        case .moderator:
            if let refusal = refusal(.pin, member) { return .refused(refusal) }
        case .turn
        where record.slowModeSeconds > 0 && !PermissionMatrix.allows(.skipSlowMode, member.role):
            // A retry gets the first answer, which only the store knows.
            if let clientID, lastKeys[member.user.id] == clientID { break }
            let wait = slowMode.admit(member.user.id, seconds: record.slowModeSeconds, now: now)
            if let wait {
                return .refused(
                    WireError(
                        .slowMode, "this room is in slow mode: wait before the next message",
                        retryAfterMilliseconds: wait))
            }
            lastKeys[member.user.id] = clientID
        case .turn, .membership: break
        }
        return .append(change, isModerator: isModerator)
    }

    /// What a member needs for a write.
    private enum Permission {
        case membership, turn, moderator
    }

    private static func permission(for change: LogChange) -> Permission {
        switch change {
        case .message, .post: .turn
        case .pin, .unpin: .moderator
        default: .membership
        }
    }

    private func decideLeave(_ member: RoomMember) -> RoomDecision {
        if isDefault { return .refused(Self.defaultRoom) }
        if record.directPair != nil { return .refused(Self.directRoom) }
        if member.role == .owner {
            return .refused(
                WireError(.ownerMustTransfer, "hand the room over or delete it before leaving"))
        }
        let change = LogChange.leave(user: member.user.id, reason: .left, logged: isSmall)
        return .append(change, isModerator: false)
    }

    private func decideUpdate(_ changes: RoomChanges, by member: RoomMember) -> RoomDecision {
        if let refusal = refusal(.update, member) { return .refused(refusal) }
        if let maximum = changes.maximumMembers, maximum > 0, maximum < table.count {
            return .refused(
                WireError(
                    .capacityBelowMembers, "the room has \(table.count) members",
                    field: "max_members"))
        }
        if isDefault && changes.isPrivate == true { return .refused(Self.defaultRoom) }
        return .append(.room(changes), isModerator: true)
    }

    private func decideKick(_ target: UserID, by member: RoomMember) -> RoomDecision {
        if let refusal = refusal(.kick, member, over: table[target]) { return .refused(refusal) }
        guard table[target] != nil else { return .refused(Self.noSuchMember) }
        return .append(
            .leave(user: target, reason: .kicked, logged: isSmall), isModerator: true)
    }

    private func decideRole(
        _ role: Role, of target: UserID, by member: RoomMember
    ) -> RoomDecision {
        if let refusal = refusal(.role, member) { return .refused(refusal) }
        guard let other = table[target] else { return .refused(Self.noSuchMember) }
        if role == .owner {
            if let refusal = refusal(.transfer, member) { return .refused(refusal) }
        } else {
            guard PermissionMatrix.allows(.role, member.role, over: other.role),
                role < member.role
            else { return .refused(Self.notAbove) }
        }
        if other.role == role { return .permitted }
        return .append(.role(user: target, role: role), isModerator: true)
    }

    // MARK: Refusals

    static let notFound = WireError(.roomNotFound, "there is no such room", field: "room")
    static let notMember = WireError(.notMember, "join the room first", field: "room")
    static let noSuchMember = WireError(.notMember, "that user is no member", field: "user")
    private static let defaultRoom = WireError(
        .defaultRoom, "everybody is in this room: it cannot be left, hidden or deleted",
        field: "room")
    private static let directRoom = WireError(
        .directRoom, "a direct room cannot be left: block the other user instead", field: "room")
    static let notAbove = WireError(
        .forbidden, "only somebody with a higher role than theirs may do that")

    static func forbidden(_ role: Role) -> WireError {
        WireError(.forbidden, "only the room's \(role.name) or above may do that")
    }
}
