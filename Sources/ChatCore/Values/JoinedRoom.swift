// SPDX-License-Identifier: MIT

/// One of a user's rooms as a list shows it.
public struct JoinedRoom: Sendable, Equatable {
    /// The room, the user's role and position, and what they have not read.
    public var membership: MembershipRecord
    /// The room's newest message as it is now, without its reactions; a deleted one as such.
    public var lastMessage: Message?
    /// The members, or the first of them by identity.
    public var members: [ListedMember]

    /// Makes an entry.
    public init(
        membership: MembershipRecord, lastMessage: Message? = nil, members: [ListedMember] = []
    ) {
        self.membership = membership
        self.lastMessage = lastMessage
        self.members = members
    }

    /// When the newest message was posted; when the room was made if there is none.
    public var activeAt: Timestamp { lastMessage?.at ?? membership.room.createdAt }

    /// The order of lists: what was active last comes first, of equal ones the greater identity.
    public static func isBefore(_ left: JoinedRoom, _ right: JoinedRoom) -> Bool {
        (left.activeAt, left.membership.room.id) > (right.activeAt, right.membership.room.id)
    }
}

/// A member as a list of rooms shows them.
public struct ListedMember: Sendable, Equatable {
    /// Who, with the name that others see.
    public var user: UserReference
    /// What they may do.
    public var role: Role

    /// Makes a member.
    public init(user: UserReference, role: Role) {
        self.user = user
        self.role = role
    }
}

/// Which of a user's rooms to list.
public struct JoinedRoomQuery: Sendable, Equatable {
    /// Whose.
    public var user: UserID
    /// How many to pass over.
    public var offset: Int
    /// How many at most, at least 1.
    public var limit: Int
    /// How many members of each at most.
    public var members: Int

    /// Makes a query.
    public init(user: UserID, offset: Int = 0, limit: Int, members: Int) {
        self.user = user
        self.offset = offset
        self.limit = limit
        self.members = members
    }
}

/// A page of a user's rooms.
public struct JoinedRoomPage: Sendable, Equatable {
    /// In the order of ``JoinedRoom/isBefore(_:_:)``.
    public var rooms: [JoinedRoom]
    /// How many rooms the user has in all.
    public var total: Int

    /// Makes a page.
    public init(rooms: [JoinedRoom], total: Int) {
        self.rooms = rooms
        self.total = total
    }
}
