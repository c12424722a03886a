// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform

/// A store that fails when told to, in front of another one: for tests of what happens then.
public final class FaultingStore: ChatStore {
    /// A call of ``ChatStore``.
    public enum Call: Sendable, Hashable, CaseIterable {
        /// `open()`.
        case open
        /// `append(_:)`.
        case append
        /// `createRoom(_:owner:)`.
        case createRoom
        /// `deleteRoom(_:)`.
        case deleteRoom
        /// `findRoom(named:)`.
        case findRoom
        /// `loadRoom(_:)`.
        case loadRoom
        /// `listRooms(visibleTo:offset:limit:)`.
        case listRooms
        /// `memberships(of:)`.
        case memberships
        /// `joinedRooms(_:)`.
        case joinedRooms
        /// `history(_:)`.
        case history
        /// `events(in:after:limit:)`.
        case events
        /// `pinned(in:)`.
        case pinned
        /// `bans(in:at:offset:limit:)`.
        case bans
        /// `invite(_:)`.
        case invite
        /// `invitation(code:)`.
        case invitation
        /// `invitations(of:at:offset:limit:)`.
        case invitations
        /// `removeInvitation(code:)` and `removeInvitation(of:to:at:)`.
        case removeInvitation
        /// `links(in:at:offset:limit:)`.
        case links
        /// `revokeLink(_:in:by:at:)`.
        case revokeLink
        /// `setPassword(_:of:by:at:)`.
        case setPassword
        /// `password(of:)`.
        case password
        /// `audit(in:before:limit:)`.
        case audit
        /// `block(_:by:at:)`.
        case block
        /// `unblock(_:by:)`.
        case unblock
        /// `blocks(of:offset:limit:)`.
        case blocks
        /// `blockers(in:)`.
        case blockers
        /// `search(_:)`.
        case search
        /// `addUser(_:)`.
        case addUser
        /// `updateUser(_:)`.
        case updateUser
        /// `updateProfile(_:of:)`.
        case updateProfile
        /// `profiles(of:)`.
        case profiles
        /// `note(_:)`.
        case noteSightings
        /// `orphanedAttachments(limit:)`.
        case orphanedAttachments
        /// `attachedFiles(_:in:)`.
        case attachedFiles
        /// `forgetOrphanedAttachments(_:)`.
        case forgetOrphanedAttachments
        /// `readTimes(of:in:)` and `readTimes(by:in:after:limit:)`.
        case readTimes
        /// `removeReadTimes(before:limit:)`.
        case removeReadTimes
        /// `user(_:)`, `user(token:)` and `user(named:)`.
        case user
        /// `rooms(after:limit:)`.
        case rooms
        /// `trimPlace(in:for:)`.
        case trimPlace
        /// `trim(_:through:limit:)`.
        case trim
        /// `sweep(limit:)`.
        case sweep
        /// `beginErasure(of:)`.
        case beginErasure
        /// `erase(limit:)`.
        case erase
        /// `pendingErasures(limit:)`.
        case pendingErasures
        /// `storageReport()`.
        case storageReport
        /// Every call of ``AccountStore`` that reads.
        case account
        /// Every call of ``AccountStore`` that writes.
        case updateAccount
    }

    /// On which side of the real call the failure lies.
    public enum Moment: Sendable {
        /// Nothing was done.
        case before
        /// All was done, but the answer was lost.
        case after
    }

    private struct Fault: Sendable {
        var number: Int
        var moment: Moment
        var error: StorageError
    }

    private struct Book: Sendable {
        var counts: [Call: Int] = [:]
        var faults: [Call: [Fault]] = [:]
    }

    let inner: any ChatStore
    private let book = Lock(Book())

    private let appendsAtOnce: Bool

    /// Makes a store that passes every call on to `inner`.
    ///
    /// - Parameters:
    ///   - inner: the store that does the work.
    ///   - appendsAtOnce: whether `appendAtOnce` is passed on as well; otherwise every append waits.
    public init(_ inner: any ChatStore, appendsAtOnce: Bool = false) {
        self.inner = inner
        self.appendsAtOnce = appendsAtOnce
    }

    /// Lets one future call fail.
    ///
    /// - Parameters:
    ///   - call: which kind of call.
    ///   - number: which of that kind from now on: 1 is the next one.
    ///   - moment: before or after the call of the inner store.
    ///   - error: what to throw.
    public func fail(
        _ call: Call, number: Int = 1, _ moment: Moment = .before,
        with error: StorageError = StorageError(.unavailable, "a test wants this call to fail")
    ) {
        book.withLock { book in
            let fault = Fault(
                number: book.counts[call, default: 0] + number, moment: moment, error: error)
            book.faults[call, default: []].append(fault)
        }
    }

    /// How many calls there were of each kind.
    public var callCounts: [Call: Int] { book.withLock { $0.counts } }

    /// Takes back every failure that has not come yet.
    public func forgetFaults() { book.withLock { $0.faults = [:] } }

    /// How many failures that were planned have not come yet.
    public var plannedFaults: Int {
        book.withLock { book in
            book.faults.reduce(0) { sum, faults in
                sum + faults.value.count { $0.number > book.counts[faults.key, default: 0] }
            }
        }
    }

    /// How many calls of this kind there were.
    public func count(of call: Call) -> Int {
        book.withLock { $0.counts[call, default: 0] }
    }

    private func nextFault(of call: Call) -> Fault? {
        book.withLock { book in
            book.counts[call, default: 0] += 1
            let number = book.counts[call, default: 0]
            return book.faults[call]?.first { $0.number == number }
        }
    }

    func pass<Result>(
        _ call: Call, _ body: () async throws(StorageError) -> Result
    ) async throws(StorageError) -> Result {
        let fault = nextFault(of: call)
        if let fault, fault.moment == .before { throw fault.error }
        let result = try await body()
        if let fault { throw fault.error }
        return result
    }
}

extension FaultingStore {
    /// See ``ChatStore/open()``.
    public func open() async throws(StorageError) {
        try await pass(.open) { () throws(StorageError) in try await inner.open() }
    }

    /// See ``ChatStore/close()``.
    ///
    /// Never fails.
    public func close() async { await inner.close() }

    /// See ``ChatStore/append(_:)``.
    public func append(_ batch: AppendBatch) async throws(StorageError) -> [AppendOutcome] {
        try await pass(.append) { () throws(StorageError) in try await inner.append(batch) }
    }

    /// See ``ChatStore/append(_:on:)``.
    ///
    /// It counts as `append`.
    public func append(
        _ batch: AppendBatch, on loop: isolated EventLoop
    ) async throws(StorageError) -> [AppendOutcome] {
        try await pass(.append) { () throws(StorageError) in
            try await inner.append(batch, on: loop)
        }
    }

    /// See ``ChatStore/appendAtOnce(_:)``.
    ///
    /// It counts as `append`; the inner store must be one that has nothing to wait for.
    public func appendAtOnce(_ batch: AppendBatch) throws(StorageError) -> [AppendOutcome]? {
        guard appendsAtOnce else { return nil }
        let fault = nextFault(of: .append)
        if let fault, fault.moment == .before { throw fault.error }
        let outcomes = try inner.appendAtOnce(batch)
        if let fault { throw fault.error }
        return outcomes
    }

    /// See ``ChatStore/createRoom(_:owner:)``.
    public func createRoom(
        _ room: RoomRecord, owner: UserID?
    ) async throws(StorageError) -> RoomRecord? {
        try await pass(.createRoom) { () throws(StorageError) in
            try await inner.createRoom(room, owner: owner)
        }
    }

    /// See ``ChatStore/deleteRoom(_:)``.
    public func deleteRoom(_ room: RoomID) async throws(StorageError) -> Bool {
        try await pass(.deleteRoom) { () throws(StorageError) in
            try await inner.deleteRoom(room)
        }
    }

    /// See ``ChatStore/findRoom(named:)``.
    public func findRoom(named name: NameKey) async throws(StorageError) -> RoomID? {
        try await pass(.findRoom) { () throws(StorageError) in
            try await inner.findRoom(named: name)
        }
    }

    /// See ``ChatStore/loadRoom(_:)``.
    public func loadRoom(_ room: RoomID) async throws(StorageError) -> RoomSnapshot? {
        try await pass(.loadRoom) { () throws(StorageError) in try await inner.loadRoom(room) }
    }

    /// See ``ChatStore/listRooms(visibleTo:offset:limit:)``.
    public func listRooms(
        visibleTo user: UserID, offset: Int, limit: Int
    ) async throws(StorageError) -> RoomPage {
        try await pass(.listRooms) { () throws(StorageError) in
            try await inner.listRooms(visibleTo: user, offset: offset, limit: limit)
        }
    }

    /// See ``ChatStore/memberships(of:)``.
    public func memberships(of user: UserID) async throws(StorageError) -> [MembershipRecord] {
        try await pass(.memberships) { () throws(StorageError) in
            try await inner.memberships(of: user)
        }
    }

    /// See ``ChatStore/joinedRooms(_:)``.
    public func joinedRooms(
        _ query: JoinedRoomQuery
    ) async throws(StorageError) -> JoinedRoomPage {
        try await pass(.joinedRooms) { () throws(StorageError) in
            try await inner.joinedRooms(query)
        }
    }

    /// See ``ChatStore/history(_:)``.
    public func history(_ query: HistoryQuery) async throws(StorageError) -> HistoryPage {
        try await pass(.history) { () throws(StorageError) in try await inner.history(query) }
    }

    /// See ``ChatStore/events(in:after:limit:)``.
    public func events(
        in room: RoomID, after: SequenceNumber, limit: Int
    ) async throws(StorageError) -> [LoggedEvent] {
        try await pass(.events) { () throws(StorageError) in
            try await inner.events(in: room, after: after, limit: limit)
        }
    }

    /// See ``ChatStore/pinned(in:)``.
    public func pinned(in room: RoomID) async throws(StorageError) -> [Message] {
        try await pass(.pinned) { () throws(StorageError) in try await inner.pinned(in: room) }
    }

    /// See ``ChatStore/bans(in:at:offset:limit:)``.
    public func bans(
        in room: RoomID, at time: Timestamp, offset: Int, limit: Int
    ) async throws(StorageError) -> BanPage {
        try await pass(.bans) { () throws(StorageError) in
            try await inner.bans(in: room, at: time, offset: offset, limit: limit)
        }
    }

    /// See ``ChatStore/search(_:)``.
    public func search(_ query: SearchQuery) async throws(StorageError) -> SearchPage {
        try await pass(.search) { () throws(StorageError) in try await inner.search(query) }
    }

    /// See ``ChatStore/addUser(_:)``.
    public func addUser(_ user: UserRecord) async throws(StorageError) -> UserRecord {
        try await pass(.addUser) { () throws(StorageError) in try await inner.addUser(user) }
    }

    /// See ``ChatStore/updateUser(_:)``.
    public func updateUser(_ user: UserRecord) async throws(StorageError) {
        try await pass(.updateUser) { () throws(StorageError) in
            try await inner.updateUser(user)
        }
    }

    /// See ``ChatStore/user(_:)``.
    public func user(_ id: UserID) async throws(StorageError) -> UserRecord? {
        try await pass(.user) { () throws(StorageError) in try await inner.user(id) }
    }

    /// See ``ChatStore/user(token:)``.
    public func user(token: String) async throws(StorageError) -> UserRecord? {
        try await pass(.user) { () throws(StorageError) in try await inner.user(token: token) }
    }
}
