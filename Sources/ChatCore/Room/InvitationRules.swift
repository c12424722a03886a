// SPDX-License-Identifier: MIT

/// What matters of an invitation that is to be stored, read in the transaction that would store it.
public struct InvitationFacts: Sendable {
    /// The room; `nil` if there is none.
    public var room: RoomRecord?
    /// Whether there is a user of the invitation's id (`true` for links).
    public var isUserKnown: Bool
    /// The sender's role in the room.
    public var senderRole: Role?
    /// The user's role in the room.
    public var userRole: Role?
    /// The user's ban, also one that is over.
    public var ban: Ban?
    /// The user's invitation to this room, also one that is over.
    public var present: InvitationRecord?
    /// How many invitations of the room are not over.
    public var countInRoom: Int
    /// How many of the user are not over.
    public var countOfUser: Int
    /// Whether another invitation has the code.
    public var isCodeTaken: Bool

    /// Makes facts.
    public init(
        room: RoomRecord?, isUserKnown: Bool, senderRole: Role?, userRole: Role?, ban: Ban?,
        present: InvitationRecord?, countInRoom: Int, countOfUser: Int, isCodeTaken: Bool
    ) {
        self.room = room
        self.isUserKnown = isUserKnown
        self.senderRole = senderRole
        self.userRole = userRole
        self.ban = ban
        self.present = present
        self.countInRoom = countInRoom
        self.countOfUser = countOfUser
        self.isCodeTaken = isCodeTaken
    }
}

/// Who may invite whom, as a pure function that every store asks inside its transaction.
public struct InvitationRules: Sendable {
    private let perRoom: Int
    private let perUser: Int
    /// How long the audit log of a room may be.
    public let auditEntriesPerRoom: Int

    /// Makes rules with these bounds.
    public init(limits: Limits = Limits()) {
        perRoom = limits.invitationsPerRoom
        perUser = limits.invitationsPerUser
        auditEntriesPerRoom = limits.auditEntriesPerRoom
    }

    /// Whether an invitation may be stored. The time at which it was made decides what is over.
    public func outcome(
        of invitation: InvitationRecord, facts: InvitationFacts
    ) -> InvitationOutcome {
        guard let room = facts.room else { return .refused(.roomNotFound) }
        guard let role = facts.senderRole else { return .refused(.notMember) }
        let permission: RoomPermission =
            invitation.user == nil ? .link : room.isPrivate ? .inviteToPrivate : .inviteToPublic
        guard PermissionMatrix.allows(permission, role) else { return .refused(.notModerator) }
        guard facts.isUserKnown else { return .refused(.userNotFound) }
        if facts.userRole != nil { return .alreadyMember }
        let now = invitation.createdAt
        if let ban = facts.ban, ban.until > now { return .refused(.banned) }
        if let present = facts.present, present.expires > now { return .present(present) }
        if facts.isCodeTaken { return .refused(.codeTaken) }
        guard facts.countInRoom < perRoom, facts.countOfUser < perUser else {
            return .refused(.tooManyInvitations)
        }
        return .stored
    }
}
