// SPDX-License-Identifier: MIT

/// Leave to join a room: for one user, or as a link for whoever has its code.
public struct InvitationRecord: Sendable, Equatable {
    /// What it is known by; nobody can guess it.
    public var code: String
    /// Where it leads.
    public var room: RoomID
    /// For whom; `nil` for a link.
    public var user: UserID?
    /// Who invites.
    public var sender: UserID
    /// Since when.
    public var createdAt: Timestamp
    /// When it is over; ``Timestamp/forever`` for never.
    public var expires: Timestamp
    /// How many can still join with it, at least 1; what is used up is gone.
    public var usesLeft: Int

    /// Makes a record.
    public init(
        code: String, room: RoomID, user: UserID?, sender: UserID, createdAt: Timestamp,
        expires: Timestamp = .forever, usesLeft: Int = 1
    ) {
        self.code = code
        self.room = room
        self.user = user
        self.sender = sender
        self.createdAt = createdAt
        self.expires = expires
        self.usesLeft = usesLeft
    }
}

/// What a store says of an invitation.
public enum InvitationOutcome: Sendable, Equatable {
    /// It is stored.
    case stored
    /// The user has one already, this one: it stays as it is.
    case present(InvitationRecord)
    /// The user is a member: nothing was stored.
    case alreadyMember
    /// It may not be; nothing was stored.
    case refused(InvitationRefusal)
}

/// Why a store refuses an invitation. Checked inside the storing transaction.
public enum InvitationRefusal: Sendable, Equatable {
    /// The room does not exist.
    case roomNotFound
    /// The user does not exist.
    case userNotFound
    /// The sender is no member.
    case notMember
    /// The room is private, or it is a link, and the sender is no moderator.
    case notModerator
    /// The user is banned.
    case banned
    /// The room or the user has its maximum of invitations.
    case tooManyInvitations
    /// Another invitation has this code.
    case codeTaken
}

/// A page of a user's invitations.
public struct InvitationPage: Sendable, Equatable {
    /// One invitation of a list.
    public struct Entry: Sendable, Equatable {
        /// The invitation.
        public var invitation: InvitationRecord
        /// The room that it leads to.
        public var room: RoomRecord
        /// Who invites, with their name now.
        public var sender: UserReference

        /// Makes an entry.
        public init(invitation: InvitationRecord, room: RoomRecord, sender: UserReference) {
            self.invitation = invitation
            self.room = room
            self.sender = sender
        }
    }

    /// The newest first.
    public var entries: [Entry]
    /// How many there are in all.
    public var total: Int

    /// Makes a page.
    public init(entries: [Entry], total: Int) {
        self.entries = entries
        self.total = total
    }
}

/// A join that needs an invitation, which it uses up.
public struct Acceptance: Sendable, Equatable {
    /// Who joins.
    public var user: UserID
    /// The code of a link; `nil` for the user's own invitation.
    public var code: String?
    /// Whether the join is an event of the log.
    public var isLogged: Bool

    /// Makes an acceptance.
    public init(user: UserID, code: String? = nil, isLogged: Bool) {
        self.user = user
        self.code = code
        self.isLogged = isLogged
    }
}

extension LogChange {
    /// The change as it stands in the log: an accepted invitation is a join, a message without files is none with.
    public var recorded: LogChange {
        switch self {
        case .accept(let acceptance):
            .join(user: acceptance.user, role: .member, logged: acceptance.isLogged)
        case .post(let post) where post.attachments.isEmpty:
            .message(text: post.text, replyTo: post.replyTo)
        default: self
        }
    }
}
