// SPDX-License-Identifier: MIT

/// Where rooms, their logs and their members live.
///
/// The engine calls a store from many tasks at once. Every call is atomic: it happens wholly or not at all.
/// A call returns only after what it changed is durable (to the degree that the store promises), because
/// the engine acknowledges and delivers right after. All calls may suspend; none may block the caller's
/// thread on a disk or a network: a store that does blocking work has threads of its own.
///
/// The rules that must hold over all nodes (sequence numbers, idempotency, who may change which message,
/// room capacity, unique names) are checked by the store inside its transaction. ``MessageRules`` has them
/// as pure functions, so that every store decides alike. The contract suite in `ChatTesting` checks a store.
public protocol ChatStore: UpkeepStore, SafetyStore, ReadTimeStore, SightingStore {
    /// Opens files or connections and brings the schema up to date. Called once, before anything else.
    func open() async throws(StorageError)

    /// Finishes what is under way and lets go of everything. Later calls throw ``StorageError/Code/closed``.
    func close() async

    /// Stores many entries and receipts in one transaction (group commit).
    ///
    /// Entries of one room are numbered in the order given, without holes; a refused or repeated entry
    /// takes no number. Receipts are merged by maximum, capped by the head; for non-members they are ignored.
    ///
    /// - Returns: one outcome per entry, in the order given.
    /// - Throws: when the transaction did not commit; then nothing of the batch is stored.
    func append(_ batch: AppendBatch) async throws(StorageError) -> [AppendOutcome]

    /// The same for a caller on an event loop: a store may wait on it instead of on a thread of its own, which
    /// saves two hand-overs between threads, but may not block it.
    ///
    /// ``append(_:)``, unless a store has a better way.
    ///
    /// - Returns: one outcome per entry, in the order given.
    /// - Throws: as ``append(_:)`` does.
    func append(
        _ batch: AppendBatch, on loop: isolated EventLoop
    ) async throws(StorageError) -> [AppendOutcome]
    /// Does what ``append(_:)`` does without waiting for anything: for stores that have nothing to wait for.
    /// It is called on an event loop, which does nothing else meanwhile.
    ///
    /// - Returns: what `append` would return; `nil` from a store that has to wait (the default).
    func appendAtOnce(_ batch: AppendBatch) throws(StorageError) -> [AppendOutcome]?

    /// Makes a room with `owner` as its only member; the first event of its log is the owner's join.
    /// A direct room has both its users as members from the start: see ``RoomRecord/openingEntries(by:)``.
    ///
    /// - Returns: the room's record with head 1, or `nil` if the name is taken. With `owner` nil the room
    ///   has no members and head 0 (the default room).
    func createRoom(_ room: RoomRecord, owner: UserID?) async throws(StorageError) -> RoomRecord?

    /// Deletes a room: its name is free, it has no members, nothing of it can be read any more.
    ///
    /// What belongs to it may stay where it is, out of reach, until ``UpkeepStore/sweep(limit:)`` has removed it.
    ///
    /// - Returns: whether it existed.
    func deleteRoom(_ room: RoomID) async throws(StorageError) -> Bool

    /// The room of that name, ignoring case.
    func findRoom(named name: NameKey) async throws(StorageError) -> RoomID?

    /// A room's properties and members; `nil` if it does not exist.
    func loadRoom(_ room: RoomID) async throws(StorageError) -> RoomSnapshot?

    /// A page of the rooms that `user` may see (public ones and their own), newest first.
    ///
    /// - Parameters:
    ///   - offset: how many to pass over.
    ///   - limit: how many at most, at least 1.
    func listRooms(
        visibleTo user: UserID, offset: Int, limit: Int
    )
        async throws(StorageError) -> RoomPage

    /// Every room of `user` with their position and unread count, ordered by room id.
    func memberships(of user: UserID) async throws(StorageError) -> [MembershipRecord]

    /// A page of a user's rooms, the one that was active last first, with all that a list shows.
    ///
    /// Unlike ``memberships(of:)`` it reads messages and members, all in one go.
    func joinedRooms(_ query: JoinedRoomQuery) async throws(StorageError) -> JoinedRoomPage

    /// A page of messages as they are now, in ascending order.
    ///
    /// Times never decrease along a room's log, so a store finds the place of a time by halving:
    /// see ``LogHalving``.
    func history(_ query: HistoryQuery) async throws(StorageError) -> HistoryPage

    /// Up to `limit` events of a room's log after `after`, in ascending order, without holes.
    func events(
        in room: RoomID, after: SequenceNumber, limit: Int
    )
        async throws(StorageError) -> [LoggedEvent]

    /// The pinned messages of a room, in ascending order.
    func pinned(in room: RoomID) async throws(StorageError) -> [Message]

    /// A page of a room's bans that are not over at `time`, the newest first.
    ///
    /// - Parameters:
    ///   - offset: how many to pass over.
    ///   - limit: how many at most, at least 1.
    func bans(
        in room: RoomID, at time: Timestamp, offset: Int, limit: Int
    )
        async throws(StorageError) -> BanPage

    /// Ids of attachments that no message has any more, because it was deleted, trimmed or erased, or its room was swept:
    /// their files can go.
    ///
    /// An id stays until ``forgetOrphanedAttachments(_:)``, or until a new message has it.
    func orphanedAttachments(limit: Int) async throws(StorageError) -> [String]

    /// Which of these attachments messages of the room have.
    func attachedFiles(
        _ ids: [String], in room: RoomID
    ) async throws(StorageError) -> Set<String>

    /// The files of these ids are gone.
    func forgetOrphanedAttachments(_ ids: [String]) async throws(StorageError)

    /// Stores an invitation, if ``InvitationRules`` let it. Those of the room and of the user that are over by its
    /// ``InvitationRecord/createdAt`` are removed.
    ///
    /// A join of the user and a ban remove their invitation to the room; ``LogChange/accept(_:)`` uses one up.
    func invite(_ invitation: InvitationRecord) async throws(StorageError) -> InvitationOutcome

    /// The invitation of that code, also one that is over.
    func invitation(code: String) async throws(StorageError) -> InvitationRecord?

    /// A page of a user's invitations that are not over at `time`, the newest first.
    ///
    /// - Parameters:
    ///   - offset: how many to pass over.
    ///   - limit: how many at most, at least 1.
    func invitations(
        of user: UserID, at time: Timestamp, offset: Int, limit: Int
    )
        async throws(StorageError) -> InvitationPage

    /// Withdraws the invitation of that code.
    ///
    /// - Returns: whether there was one.
    func removeInvitation(code: String) async throws(StorageError) -> Bool

    /// Takes away the user's own invitation to a room.
    ///
    /// - Returns: whether there was one that was not over at `time`.
    func removeInvitation(
        of user: UserID, to room: RoomID, at time: Timestamp
    )
        async throws(StorageError) -> Bool

    /// A page of the messages that match, of rooms of which the searcher is a member.
    ///
    /// Every message whose storing was acknowledged before the call is found, by its present text; deleted ones are
    /// not. ``SearchCollector`` decides what matches, ranks and cuts: a store hands it candidates, the newest first.
    /// The default reads all history of the rooms: a store on a disk has an index instead.
    func search(_ query: SearchQuery) async throws(StorageError) -> SearchPage

    /// Adds a user if neither their id nor their name (by ``NameKey``) exists.
    ///
    /// - Returns: the user who has that name now: the new one, or the one who had it before.
    func addUser(_ user: UserRecord) async throws(StorageError) -> UserRecord

    /// Changes a user's token and whether the name is kept, and nothing else.
    func updateUser(_ user: UserRecord) async throws(StorageError)

    /// Changes a user's profile.
    ///
    /// - Returns: the user as they are now; `nil` if there is none.
    func updateProfile(
        _ changes: ProfileChanges, of user: UserID
    )
        async throws(StorageError) -> UserRecord?

    /// The profiles of those of some users of whom there is anything to show, or to hide.
    func profiles(of users: [UserID]) async throws(StorageError) -> [UserID: UserProfile]

    /// The user with that id.
    func user(_ id: UserID) async throws(StorageError) -> UserRecord?

    /// The user with that token.
    func user(token: String) async throws(StorageError) -> UserRecord?
}

extension ChatStore {
    /// This store has to wait: ``append(_:)`` is called.
    public func appendAtOnce(_ batch: AppendBatch) throws(StorageError) -> [AppendOutcome]? { nil }

    /// Suspends the caller: ``append(_:)``.
    public func append(
        _ batch: AppendBatch, on loop: isolated EventLoop
    ) async throws(StorageError) -> [AppendOutcome] { try await append(batch) }

    /// Reads the history of the searcher's rooms, the newest page first.
    ///
    /// - Complexity: O(messages) of the rooms, unless the page is full before.
    public func search(_ query: SearchQuery) async throws(StorageError) -> SearchPage {
        try await SearchScan(store: self, query: query).run()
    }
}

/// What one transaction of ``ChatStore/append(_:)`` stores.
public struct AppendBatch: Sendable {
    /// Entries, in the order in which they are to be numbered.
    public var entries: [LogEntry]
    /// Receipts: after the entries. One per member of a room.
    public var receipts: [ReceiptUpdate]

    /// Makes a batch.
    public init(entries: [LogEntry] = [], receipts: [ReceiptUpdate] = []) {
        self.entries = entries
        self.receipts = receipts
    }

    /// Whether there is nothing to store.
    public var isEmpty: Bool { entries.isEmpty && receipts.isEmpty }
}

/// A member's new watermarks. They only move forward: a store merges them by maximum.
public struct ReceiptUpdate: Sendable, Equatable {
    /// Where.
    public var room: RoomID
    /// Whose.
    public var user: UserID
    /// Up to where a device has received the log.
    public var delivered: SequenceNumber
    /// Up to where they have seen the log.
    public var read: SequenceNumber
    /// When they saw it; kept if their mark advances: see ``ReadTimeStore``. `nil`: no time is kept.
    public var readAt: Timestamp?

    /// Makes an update.
    public init(
        room: RoomID, user: UserID, delivered: SequenceNumber, read: SequenceNumber,
        readAt: Timestamp? = nil
    ) {
        self.room = room
        self.user = user
        self.delivered = delivered
        self.read = read
        self.readAt = readAt
    }
}

/// Which messages of a room to read.
public struct HistoryQuery: Sendable, Equatable {
    /// Where a page lies.
    public enum Anchor: Sendable, Equatable {
        /// The last messages of the room.
        case latest
        /// The last messages before this place.
        case before(SequenceNumber)
        /// The first messages after this place.
        case after(SequenceNumber)
        /// This message in the middle: half of the page before it, itself, the rest after it.
        case around(SequenceNumber)
        /// The last messages that were posted before this time.
        case beforeTime(Timestamp)
        /// The first messages that were posted at this time or later.
        case afterTime(Timestamp)
        /// The first message that was posted at this time or later in the middle.
        case aroundTime(Timestamp)
    }

    /// Where.
    public var room: RoomID
    /// Where in the room.
    public var anchor: Anchor
    /// How many messages at most, at least 1.
    public var limit: Int

    /// Makes a query.
    public init(room: RoomID, anchor: Anchor, limit: Int) {
        self.room = room
        self.anchor = anchor
        self.limit = limit
    }
}

/// A page of messages.
public struct HistoryPage: Sendable, Equatable {
    /// In ascending order. Deleted messages are there, as tombstones.
    public var messages: [Message]
    /// Whether there is nothing further in the direction of reading (both directions for `around`).
    public var isEnd: Bool

    /// Makes a page.
    public init(messages: [Message], isEnd: Bool) {
        self.messages = messages
        self.isEnd = isEnd
    }
}

/// A page of rooms.
public struct RoomPage: Sendable, Equatable {
    /// One room of a list.
    public struct Entry: Sendable, Equatable {
        /// The room.
        public var room: RoomRecord
        /// The asking user's role there; `nil` if they are no member.
        public var role: Role?

        /// Makes an entry.
        public init(room: RoomRecord, role: Role?) {
            self.room = room
            self.role = role
        }
    }

    /// The rooms of this page, newest first.
    public var entries: [Entry]
    /// How many rooms the user may see in all.
    public var total: Int

    /// Makes a page.
    public init(entries: [Entry], total: Int) {
        self.entries = entries
        self.total = total
    }
}
