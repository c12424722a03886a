// SPDX-License-Identifier: MIT

/// How data ends: what a ``ChatStore`` does beside the conversation, a slice at a time.
///
/// Every slice is one short transaction, so that nobody who posts waits for long; whoever calls pauses between two
/// slices. A crash in between loses nothing: what is left to do stands in the store. Several nodes may do the same at
/// once.
public protocol UpkeepStore: Sendable {
    /// A page of all rooms, in an order of the store's own: a room that exists throughout is met exactly once.
    ///
    /// - Parameters:
    ///   - room: the last one of the page before; `nil` for the first page.
    ///   - limit: how many at most, at least 1.
    func rooms(after room: RoomID?, limit: Int) async throws(StorageError) -> [RoomRecord]

    /// The user of that name, ignoring case.
    func user(named name: NameKey) async throws(StorageError) -> UserRecord?

    // MARK: Retention

    /// Up to where a room's log is beyond `bound`. Changes nothing.
    ///
    /// - Returns: the last event to remove; none if nothing is beyond it or there is no such room.
    func trimPlace(
        in room: RoomID, for bound: TrimBound
    ) async throws(StorageError) -> SequenceNumber

    /// Removes at most `limit` of a room's oldest events, up to `place`, with all that belongs to them: edits, pins,
    /// reactions and attachments of these messages, when they were read, their words in the index of search.
    ///
    /// The rest of the log, the head, members and receipts stay. A client id is known until it expires, also when its
    /// event was removed. An event whose target was removed stays. If very many reactions or read times belong to the
    /// events, a slice may remove only these.
    ///
    /// - Returns: `nil` if there is no such room.
    func trim(
        _ room: RoomID, through place: SequenceNumber, limit: Int
    ) async throws(StorageError) -> TrimSlice?

    // MARK: Deleted rooms

    /// Removes at most `limit` rows of what deleted rooms have left behind; their attachments are orphaned then.
    func sweep(limit: Int) async throws(StorageError) -> SweepSlice

    // MARK: Erasure

    /// Takes a user's name, token and profile for good (see ``ErasedUser``), and notes that what they wrote is to be
    /// erased. Nobody can invite them any more.
    ///
    /// The old name is free. Repeating it changes nothing and begins the walk of ``erase(limit:)`` anew.
    ///
    /// - Returns: the user as they are now; `nil` if there is no such user.
    func beginErasure(of user: UserID) async throws(StorageError) -> UserRecord?

    /// Looks at the next `limit` events of all rooms for those of a user whose erasure has begun.
    ///
    /// Their messages become as if they had been deleted, and lose their client ids too; their edits and reactions lose
    /// their text, bans by or of them the reason. Mutes of them, what they read when, and
    /// invitations by or to them go. Places, times and
    /// order stay, and so does that they are banned.
    ///
    /// - Returns: `nil` if nobody is to be erased.
    func erase(limit: Int) async throws(StorageError) -> ErasureSlice?

    /// Users whose erasure has begun and not ended, at most `limit` of them.
    func pendingErasures(limit: Int) async throws(StorageError) -> [UserID]

    // MARK: Looking after the store

    /// How large the store is, and what its operator should do.
    func storageReport() async throws(StorageError) -> StorageReport
}

/// What of a room's log is to stay. Both bounds hold at once.
public struct TrimBound: Sendable, Equatable {
    /// Events before this time are to go.
    public var before: Timestamp?
    /// How many of the newest messages (deleted ones too) are to stay; with the oldest of them, all that comes after it.
    public var keepingMessages: Int?

    /// Makes a bound; without any, everything stays.
    public init(before: Timestamp? = nil, keepingMessages: Int? = nil) {
        self.before = before
        self.keepingMessages = keepingMessages
    }
}

/// What came of one slice of a trim.
public struct TrimSlice: Sendable, Equatable {
    /// The greatest place that was ever removed from the room.
    public var trimmed: SequenceNumber
    /// How many events this slice has removed.
    public var removed: Int
    /// Whether all up to the wanted place is removed.
    public var isDone: Bool

    /// Makes a result.
    public init(trimmed: SequenceNumber, removed: Int, isDone: Bool) {
        self.trimmed = trimmed
        self.removed = removed
        self.isDone = isDone
    }

    /// The last place of a slice: all places from the edge on are events, without holes.
    package static func end(
        of room: RoomRecord, through place: SequenceNumber, limit: Int
    ) -> SequenceNumber {
        let wanted = min(place, room.head)
        guard wanted > room.trimmed else { return room.trimmed }
        let count = min(UInt64(max(1, limit)), wanted.rawValue - room.trimmed.rawValue)
        return SequenceNumber(rawValue: room.trimmed.rawValue + count)
    }
}

/// What came of one slice of a sweep.
public struct SweepSlice: Sendable, Equatable {
    /// How many rows were removed.
    public var removed: Int
    /// Whether nothing is left of any deleted room.
    public var isDone: Bool

    /// Makes a result.
    public init(removed: Int, isDone: Bool) {
        self.removed = removed
        self.isDone = isDone
    }
}

/// What came of one slice of an erasure.
public struct ErasureSlice: Sendable, Equatable {
    /// Whose.
    public var user: UserID
    /// The rooms in which something was erased in this slice.
    public var rooms: [RoomID]
    /// Whether nothing is left of this user.
    public var isDone: Bool

    /// Makes a result.
    public init(user: UserID, rooms: [RoomID], isDone: Bool) {
        self.user = user
        self.rooms = rooms
        self.isDone = isDone
    }
}

/// What is left of a user who was erased.
public enum ErasedUser {
    /// The record: a name that nobody else has or can take, no token.
    public static func record(_ user: UserID) -> UserRecord {
        UserRecord(id: user, name: "deleted user \(user)", token: "", isNameKept: true)
    }
}

/// How large a store is.
public struct StorageReport: Sendable, Equatable {
    /// A part of the store: the file, a table.
    public struct Part: Sendable, Equatable {
        /// What it is called.
        public var name: String
        /// How large it is, in bytes.
        public var bytes: Int64
        /// Of these, how many could be used again, if that is known.
        public var freeBytes: Int64?
        /// Rows that were deleted or changed and not cleaned up yet, if the store has such.
        public var deadRows: Int64?

        /// Makes a part.
        public init(name: String, bytes: Int64, freeBytes: Int64? = nil, deadRows: Int64? = nil) {
            self.name = name
            self.bytes = bytes
            self.freeBytes = freeBytes
            self.deadRows = deadRows
        }
    }

    /// The parts, the most important first.
    public var parts: [Part]
    /// What the operator should do, in English; empty if nothing.
    public var advice: [String]

    /// Makes a report.
    public init(parts: [Part], advice: [String] = []) {
        self.parts = parts
        self.advice = advice
    }
}
