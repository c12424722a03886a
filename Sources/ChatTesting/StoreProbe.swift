// SPDX-License-Identifier: MIT

import ChatCore

/// A store under test, with short ways to do and to expect things.
struct StoreProbe: Sendable {
    let store: any ChatStore
    let check: String

    // One with the uppermost bit, which databases with signed numbers tend to sort first.
    static let ada = UserID(rawValue: 11)
    static let bob = UserID(rawValue: 12)
    static let cyd = UserID(rawValue: .max - 3)
    static let room = RoomID(rawValue: 21)
    static let other = RoomID(rawValue: .max - 5)

    static func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    // MARK: Doing

    /// Adds the three users.
    func addUsers() async throws {
        for (id, name) in [(Self.ada, "Ada"), (Self.bob, "Bob"), (Self.cyd, "Cyd")] {
            let user = UserRecord(id: id, name: name, token: "token-\(name)", isNameKept: false)
            try await expect(store.addUser(user), user)
        }
    }

    /// Adds the users and a room of Ada's, which Bob joins.
    ///
    /// Its head is 2.
    func prepareRoom(_ room: RoomID = Self.room, name: String = "Room") async throws {
        try await addUsers()
        let record = RoomRecord(id: room, name: name, createdAt: Self.time(1_000))
        _ = try await store.createRoom(record, owner: Self.ada)
        try await expectStored(
            entry(.join(user: Self.bob, role: .member, logged: true), by: Self.bob, in: room), 2)
    }

    func entry(
        _ change: LogChange, by sender: UserID = Self.ada, in room: RoomID = Self.room,
        at milliseconds: Int64 = 2_000, key: String? = nil, isModerator: Bool = false
    ) -> LogEntry {
        LogEntry(
            room: room, sender: sender, at: Self.time(milliseconds), clientID: key,
            isModerator: isModerator, change: change)
    }

    /// Appends one entry and gives its outcome.
    func append(_ entry: LogEntry) async throws -> AppendOutcome {
        let outcomes = try await store.append(AppendBatch(entries: [entry]))
        try expect(outcomes.count == 1, "one outcome for one entry, not \(outcomes.count)")
        return outcomes[0]
    }

    /// Appends what somebody does.
    func append(
        _ change: LogChange, by sender: UserID = Self.ada, isModerator: Bool = false
    ) async throws -> AppendOutcome {
        try await append(entry(change, by: sender, isModerator: isModerator))
    }

    /// Posts a message and gives its place.
    @discardableResult
    func post(
        _ text: String, by sender: UserID = Self.ada, replyTo: SequenceNumber? = nil,
        in room: RoomID = Self.room
    ) async throws -> SequenceNumber {
        let outcome = try await append(
            entry(.message(text: text, replyTo: replyTo), by: sender, in: room))
        guard case .stored(let seq, _) = outcome else {
            throw violation("a message was not stored but \(outcome)", #line)
        }
        return seq
    }

    func receipt(
        of user: UserID, delivered: SequenceNumber, read: SequenceNumber
    ) async throws {
        let update = ReceiptUpdate(
            room: Self.room, user: user, delivered: delivered, read: read)
        _ = try await store.append(AppendBatch(receipts: [update]))
    }

    // MARK: Looking

    func history(
        _ anchor: HistoryQuery.Anchor = .latest, limit: Int = 100
    ) async throws -> HistoryPage {
        try await store.history(HistoryQuery(room: Self.room, anchor: anchor, limit: limit))
    }

    func message(_ seq: SequenceNumber, line: UInt = #line) async throws -> Message {
        let page = try await history()
        guard let message = page.messages.first(where: { $0.seq == seq }) else {
            throw violation("message \(seq) is missing", line)
        }
        return message
    }

    func events(after: SequenceNumber = .none) async throws -> [LoggedEvent] {
        try await store.events(in: Self.room, after: after, limit: 1_000)
    }

    func snapshot(line: UInt = #line) async throws -> RoomSnapshot {
        guard let snapshot = try await store.loadRoom(Self.room) else {
            throw violation("the room is missing", line)
        }
        return snapshot
    }

    func member(_ user: UserID, line: UInt = #line) async throws -> MemberRecord {
        let members = try await snapshot(line: line).members
        guard let member = members.first(where: { $0.user == user }) else {
            throw violation("\(user) is not a member", line)
        }
        return member
    }

    func unread(_ user: UserID, line: UInt = #line) async throws -> Int {
        let rooms = try await store.memberships(of: user)
        guard let own = rooms.first(where: { $0.room.id == Self.room }) else {
            throw violation("\(user) has no such room", line)
        }
        return own.unread
    }

    // MARK: Expecting

    func expect(_ condition: Bool, _ finding: String, line: UInt = #line) throws {
        if !condition { throw violation(finding, line) }
    }

    func expect<Value: Equatable>(
        _ actual: Value, _ expected: Value, line: UInt = #line
    ) throws {
        if actual != expected {
            throw violation("expected \(expected), got \(actual)", line)
        }
    }

    /// Appends an entry that must be stored at `seq`.
    func expectStored(
        _ entry: LogEntry, _ seq: SequenceNumber, line: UInt = #line
    ) async throws {
        let outcome = try await append(entry)
        if case .stored(seq, _) = outcome { return }
        throw violation("expected a stored entry at \(seq), got \(outcome)", line)
    }

    func expectRefused(
        _ change: LogChange, by sender: UserID = Self.ada, isModerator: Bool = false,
        _ refusal: AppendRefusal, line: UInt = #line
    ) async throws {
        let outcome = try await append(change, by: sender, isModerator: isModerator)
        try expect(outcome, .refused(refusal), line: line)
    }

    private func violation(_ finding: String, _ line: UInt) -> StoreContractViolation {
        StoreContractViolation(check: check, finding: finding, line: line)
    }
}
