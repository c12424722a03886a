// SPDX-License-Identifier: MIT

/// The log of one room with all that follows from it: the reference model of the room rules.
///
/// A pure value: no clock, no I/O, no names (they belong to users, not to the log; readers hand in
/// a look-up). ``append(_:rules:isNameTaken:)`` is the one way in for events, ``advance(_:)`` the
/// one for receipts. The store in memory is a dictionary of these; the stores on disk are tested
/// against it.
package struct RoomLog: Sendable {
    /// The room's properties, with head and member count up to date.
    package internal(set) var record: RoomRecord
    /// Everybody who is a member, without their names.
    package private(set) var members: [UserID: MemberRecord] = [:]
    /// The log: the first event is the one after `record.trimmed`.
    var events: [KeptEvent] = []
    /// The places of all messages, ascending, deleted ones too.
    var messages: [SequenceNumber] = []
    /// What happened to those messages that did not stay as they were posted.
    var states: [SequenceNumber: MessageState] = [:]
    /// The places of all pinned messages.
    var pins: Set<SequenceNumber> = []
    /// Who was banned, also those whose ban is over, until the next one comes.
    var bans: [UserID: KeptBan] = [:]
    /// Until when somebody was muted, member or not; as with the bans.
    var mutes: [UserID: Timestamp] = [:]
    /// Who may join, by code; also those that are over, until the next one comes.
    private(set) var invitations: [String: InvitationRecord] = [:]
    /// The newest acts of moderators.
    var audit: [AuditChange] = []
    /// The number of the last of them.
    var auditNumber: UInt64 = 0
    /// The hash of the room's password.
    package internal(set) var passwordHash: String?
    /// When who read what, ascending; nothing of those who are no members.
    var readTimes: [UserID: [ReadTime]] = [:]
    /// Files whose messages were deleted, until somebody asks.
    private var released: [String] = []
    private var keys: [IdempotencyKey: KeptKey] = [:]
    private var lastAt: Timestamp

    /// Makes an empty log; with an owner, their join is its first event.
    ///
    /// - Parameters:
    ///   - record: the room's properties; head and member count are set here.
    ///   - owner: the first member.
    package init(_ record: RoomRecord, owner: UserID?) {
        self.record = record
        self.record.head = .none
        self.record.trimmed = .none
        self.record.memberCount = 0
        lastAt = record.createdAt
        for entry in record.openingEntries(by: owner) { _ = store(entry) }
    }

    /// Appends an entry, if the rules let it.
    ///
    /// - Parameters:
    ///   - entry: an entry of this room.
    ///   - rules: the rules, with their bounds.
    ///   - isNameTaken: whether another room has a name; asked only for a rename.
    /// - Returns: what a store answers for it.
    /// - Complexity: O(1) amortised, O(edits) for a delete.
    package mutating func append(
        _ entry: LogEntry, rules: MessageRules, isNameTaken: (NameKey) -> Bool = { _ in false }
    ) -> AppendOutcome {
        let key = entry.clientID.map { IdempotencyKey(sender: entry.sender, clientID: $0) }
        if let key, let kept = keys[key],
            let answer = MessageRules.repeated(entry, stored: stored(kept))
        {
            return answer
        }
        // Most entries are messages that answer none: in a room without mutes nothing can be wrong with them.
        if !entry.change.isPlainMessage || !mutes.isEmpty {
            switch rules.verdict(on: entry, facts: self, isNameTaken: isNameTaken) {
            case .unchanged: return .unchanged
            case .refused(let refusal): return .refused(refusal)
            case .proceed: break
            }
        }
        let author = entry.isAuditedByAuthor ? authorOfTarget(of: entry) : nil
        let (seq, at) = store(entry)
        if !entry.change.isPlainMessage, let change = entry.audit(author: author, at: at) {
            note(change, keeping: rules.auditEntriesPerRoom)
        }
        if let key {
            // Of what stands in the log the fingerprint can be told when somebody asks.
            let isAsGiven = entry.change.isLogged && !entry.change.isAcceptance
            let fingerprint = isAsGiven ? nil : entry.change.fingerprint
            keys[key] = KeptKey(seq: seq, at: at, fingerprint: fingerprint)
        }
        return .stored(seq: seq, at: at)
    }

    private func stored(_ key: KeptKey) -> StoredKey {
        let fingerprint = key.fingerprint ?? events[index(of: key.seq)].change.fingerprint
        return StoredKey(seq: key.seq, at: key.at, fingerprint: fingerprint)
    }

    /// Moves a member's watermarks forward; ignored for those who are no members.
    package mutating func advance(_ receipt: ReceiptUpdate) {
        guard var member = members[receipt.user] else { return }
        let previous = member.read
        member.advance(receipt, head: record.head)
        members[receipt.user] = member
        if let at = receipt.readAt, member.read > previous {
            noteRead(receipt.user, from: previous, to: member.read, at: at)
        }
    }

    // MARK: Applying

    private mutating func store(_ entry: LogEntry) -> (SequenceNumber, Timestamp) {
        let at = MessageRules.time(of: entry, after: lastAt)
        let isLogged = entry.change.isLogged
        let seq = isLogged ? record.head.next : record.head
        if isLogged {
            record.head = seq
            lastAt = at
            events.append(
                KeptEvent(
                    at: at, sender: entry.sender, clientID: entry.clientID,
                    change: entry.change.recorded))
        }
        apply(entry, seq: seq, at: at)
        return (seq, at)
    }

    private mutating func apply(_ entry: LogEntry, seq: SequenceNumber, at: Timestamp) {
        switch entry.change {
        case .message, .post:
            messages.append(seq)
        case .edit(let target, let text):
            states[target, default: MessageState()].edit(text, seq: seq, at: at)
        case .delete(let target):
            redact(target)
        case .react(let target, let emoji):
            states[target, default: MessageState()].add(emoji, of: entry.sender)
        case .unreact(let target, let emoji):
            states[target, default: MessageState()].remove(emoji, of: entry.sender)
        case .pin(let target):
            pins.insert(target)
        case .unpin(let target):
            pins.remove(target)
        case .join(let user, let role, _):
            if role == .owner { demoteOwner() }
            members[user] = MemberRecord(
                user: user, name: "", role: role, joinedAt: at, joinedAfter: seq)
            record.memberCount = members.count
            forgetInvitation(of: user)
        case .accept(let acceptance):
            use(acceptance)
            var join = entry
            join.change = entry.change.recorded
            apply(join, seq: seq, at: at)
        case .leave(let user, _, _):
            members[user] = nil
            readTimes[user] = nil
            record.memberCount = members.count
        case .role(let user, let role):
            if role == .owner { demoteOwner() }
            members[user]?.role = role
        case .room(let changes):
            record = changes.applied(to: record)
        case .ban(let user, let ban):
            bans = bans.filter { $0.value.ban.until > entry.at }
            bans[user] = KeptBan(ban: ban, at: at, seq: seq, sender: entry.sender)
            members[user] = nil
            readTimes[user] = nil
            record.memberCount = members.count
            forgetInvitation(of: user)
        case .unban(let user):
            bans[user] = nil
        case .mute(let user, let until):
            mutes = mutes.filter { $0.value > entry.at }
            mutes[user] = until
        case .unmute(let user):
            mutes[user] = nil
        }
    }

    /// Takes a message's text, edits, reactions and pin out of the log.
    mutating func redact(_ target: SequenceNumber) {
        let edits = states[target]?.edits ?? []
        states[target] = nil
        pins.remove(target)
        redactEvent(at: target)
        for edit in edits { redactEvent(at: edit) }
    }

    /// Takes the text out of one event; whether a retry says the same can be told afterwards, too.
    mutating func redactEvent(at seq: SequenceNumber) {
        keepFingerprint(of: events[index(of: seq)])
        release(events[index(of: seq)])
        events[index(of: seq)].redact()
    }

    /// What an event said is about to go: whoever repeats it is still to be recognised.
    mutating func keepFingerprint(of event: KeptEvent) {
        guard let clientID = event.clientID else { return }
        let key = IdempotencyKey(sender: event.sender, clientID: clientID)
        if keys[key]?.fingerprint == nil { keys[key]?.fingerprint = event.change.fingerprint }
    }

    /// Forgets a client id.
    mutating func forgetKey(of event: KeptEvent) {
        guard let clientID = event.clientID else { return }
        keys[IdempotencyKey(sender: event.sender, clientID: clientID)] = nil
    }

    /// What an event has of files is about to go.
    mutating func release(_ event: KeptEvent) {
        for attachment in event.change.attachments { released.append(attachment.id) }
    }

    /// Takes the ids of the files whose messages have lost them since the last call.
    package mutating func takeReleased() -> [String] {
        if released.isEmpty { return [] }
        defer { released = [] }
        return released
    }

    /// The ids of the files of all messages.
    package var attachmentIDs: [String] {
        messages.flatMap { events[index(of: $0)].change.attachments.map(\.id) }
    }

    /// Changes the invitations.
    mutating func setInvitations(_ body: (inout [String: InvitationRecord]) -> Void) {
        body(&invitations)
    }

    /// Where the event of a place stands in ``events``.
    func index(of seq: SequenceNumber) -> Int { Int(seq.rawValue - record.trimmed.rawValue) - 1 }

    private mutating func demoteOwner() {
        for (user, member) in members where member.role == .owner {
            members[user]?.role = .admin
        }
    }
}

extension MemberRecord {
    /// Moves the watermarks forward: merged by maximum, read implies delivered, neither passes
    /// `head`.
    public mutating func advance(_ receipt: ReceiptUpdate, head: SequenceNumber) {
        read = max(read, min(receipt.read, head))
        delivered = max(delivered, min(receipt.delivered, head), read)
    }
}

extension LogChange {
    /// Whether the change is an event of the log; `false` for unlogged membership changes.
    public var isLogged: Bool {
        switch self {
        case .join(_, _, let logged), .leave(_, _, let logged): logged
        case .message, .post, .edit, .delete, .react, .unreact, .pin, .unpin, .role, .room, .ban,
            .unban,
            .mute, .unmute:
            true
        case .accept(let acceptance): acceptance.isLogged
        }
    }
}

extension LogChange {
    fileprivate var isAcceptance: Bool { if case .accept = self { true } else { false } }

    /// Whether it is a message that answers none.
    fileprivate var isPlainMessage: Bool {
        if case .message(_, nil) = self { true } else { false }
    }
}

/// What is kept of an entry that had a client id.
private struct KeptKey: Sendable {
    var seq: SequenceNumber
    var at: Timestamp
    /// `nil` as long as the event in the log is as it was posted.
    var fingerprint: UInt64?
}

/// A client id of one sender, compared byte by byte, as databases do (text would compare by meaning).
private struct IdempotencyKey: Hashable, Sendable {
    private let sender: UserID
    private let clientID: String
    /// Of both: most keys that share a place in the table are told apart by it.
    private let digest: Int

    init(sender: UserID, clientID: String) {
        self.sender = sender
        self.clientID = clientID
        var hasher = Hasher()
        hasher.combine(sender)
        let isContiguous: Void? = unsafe clientID.utf8.withContiguousStorageIfAvailable {
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if isContiguous == nil {
            let bytes = Array(clientID.utf8)
            unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        }
        digest = hasher.finalize()
    }

    static func == (left: IdempotencyKey, right: IdempotencyKey) -> Bool {
        left.digest == right.digest && left.sender == right.sender
            && left.clientID.utf8.elementsEqual(right.clientID.utf8)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(digest) }

    /// The digest is a hash already, with the seed of this process: to hash it again would add nothing.
    func _rawHashValue(seed: Int) -> Int { digest ^ seed }
}
