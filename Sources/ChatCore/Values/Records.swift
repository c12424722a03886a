// SPDX-License-Identifier: MIT

/// A user as stored.
public struct UserRecord: Sendable, Equatable {
    /// Who.
    public var id: UserID
    /// The name that others see.
    public var name: String
    /// A guest's secret: whoever presents it is this guest. Never sent to anybody else.
    public var token: String
    /// Whether the name may be taken over without the token while its holder is away.
    public var isNameKept: Bool
    /// What they show of themselves.
    public var profile: UserProfile
    /// When they were added; 1970 if that is not known.
    public var createdAt: Timestamp

    /// Makes a record.
    public init(
        id: UserID, name: String, token: String, isNameKept: Bool,
        profile: UserProfile = UserProfile(), createdAt: Timestamp = Timestamp(milliseconds: 0)
    ) {
        self.id = id
        self.name = name
        self.token = token
        self.isNameKept = isNameKept
        self.profile = profile
        self.createdAt = createdAt
    }
}

/// A room's properties as stored.
public struct RoomRecord: Sendable, Equatable {
    /// Which room.
    public var id: RoomID
    /// Its name, as written by whoever named it; unique under ``NameKey``.
    public var name: String
    /// What it is about; may be empty.
    public var description: String
    /// Whether only members can see it.
    public var isPrivate: Bool
    /// The most members; 0 for the engine's own limit.
    public var maximumMembers: Int
    /// Seconds between two messages of one member; 0 for no slow mode.
    public var slowModeSeconds: Int
    /// How long it keeps its events, if that is less than the engine's own policy says.
    public var retention: RoomRetention
    /// When it was made.
    public var createdAt: Timestamp
    /// The place of the last event of its log.
    public var head: SequenceNumber
    /// The greatest place that retention has removed from the log; none if all of it is there.
    public var trimmed: SequenceNumber
    /// How many members it has.
    public var memberCount: Int

    /// Makes a record.
    public init(
        id: RoomID, name: String, description: String = "", isPrivate: Bool = false,
        maximumMembers: Int = 0, slowModeSeconds: Int = 0,
        retention: RoomRetention = RoomRetention(), createdAt: Timestamp,
        head: SequenceNumber = .none, trimmed: SequenceNumber = .none, memberCount: Int = 0
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.isPrivate = isPrivate
        self.maximumMembers = maximumMembers
        self.slowModeSeconds = slowModeSeconds
        self.retention = retention
        self.createdAt = createdAt
        self.head = head
        self.trimmed = trimmed
        self.memberCount = memberCount
    }
}

/// One member of a room as stored.
public struct MemberRecord: Sendable, Equatable {
    /// Who.
    public var user: UserID
    /// The name that others see.
    public var name: String
    /// What they may do.
    public var role: Role
    /// Since when.
    public var joinedAt: Timestamp
    /// The room's head when they joined: what is older is never unread for them, and nobody's ticks say
    /// that they have seen it until their client says so.
    public var joinedAfter: SequenceNumber
    /// Up to where a device of theirs has received the log; none until a client says so.
    public var delivered: SequenceNumber
    /// Up to where they have seen the log. At most `delivered`.
    public var read: SequenceNumber
    /// Until when they may not write, if they were muted: a time that is past counts for nothing.
    public var mutedUntil: Timestamp?

    /// Makes a record.
    public init(
        user: UserID, name: String, role: Role, joinedAt: Timestamp,
        joinedAfter: SequenceNumber = .none, delivered: SequenceNumber = .none,
        read: SequenceNumber = .none, mutedUntil: Timestamp? = nil
    ) {
        self.user = user
        self.name = name
        self.role = role
        self.joinedAt = joinedAt
        self.joinedAfter = joinedAfter
        self.delivered = delivered
        self.read = read
        self.mutedUntil = mutedUntil
    }
}

/// All that the room's machine needs to start: read in one transaction.
public struct RoomSnapshot: Sendable, Equatable {
    /// The room's properties and head.
    public var room: RoomRecord
    /// Its members, ordered by user id.
    public var members: [MemberRecord]
    /// Until when those are muted who are no members: it waits for their return.
    public var absentMutes: [UserID: Timestamp]

    /// Makes a snapshot.
    public init(
        room: RoomRecord, members: [MemberRecord], absentMutes: [UserID: Timestamp] = [:]
    ) {
        self.room = room
        self.members = members
        self.absentMutes = absentMutes
    }
}

/// One of a user's rooms with their own position in it.
public struct MembershipRecord: Sendable, Equatable {
    /// The room's properties and head.
    public var room: RoomRecord
    /// The user's role there.
    public var role: Role
    /// The room's head when they joined.
    public var joinedAfter: SequenceNumber
    /// Up to where a device of theirs has received the log.
    public var delivered: SequenceNumber
    /// Up to where they have seen the log.
    public var read: SequenceNumber
    /// Messages of others after `read` that are not deleted: counted, never incremented.
    public var unread: Int

    /// Makes a record.
    public init(
        room: RoomRecord, role: Role, joinedAfter: SequenceNumber = .none,
        delivered: SequenceNumber, read: SequenceNumber, unread: Int
    ) {
        self.room = room
        self.role = role
        self.joinedAfter = joinedAfter
        self.delivered = delivered
        self.read = read
        self.unread = unread
    }
}
