// SPDX-License-Identifier: MIT

/// The delivered and read marks of one room's members.
///
/// The first change after a quiet time may go out at once; later ones are gathered until the
/// interval since the last set is over. The engine bounds the number of members; everything here is
/// proportional to it.
public struct ReceiptMachine: ReceiptTracking {
    private struct Marks: Sendable, Equatable {
        var delivered: SequenceNumber
        var read: SequenceNumber

        /// Both by maximum; what is read has been delivered.
        func merged(delivered other: SequenceNumber, read otherRead: SequenceNumber) -> Marks {
            let read = max(self.read, otherRead)
            return Marks(delivered: max(delivered, other, read), read: read)
        }
    }

    private var members: [UserID: Marks] = [:]
    private var changed: Set<UserID> = []
    private var readLeaders = LeadingMarks()
    private var deliveredLeaders = LeadingMarks()
    private var intervalMilliseconds: Int64
    private var lastTaken: ChatInstant?

    /// Makes a room without members.
    ///
    /// - Parameter intervalMilliseconds: the shortest time between two sets of changes.
    public init(
        intervalMilliseconds: Int64 = ReceiptTimings().smallRoomReceiptIntervalMilliseconds
    ) {
        self.intervalMilliseconds = intervalMilliseconds
    }

    /// When changes may go out: an interval after the last ones, or the clock's start if there were
    /// none.
    public var nextDeadline: ChatInstant? {
        guard !changed.isEmpty else { return nil }
        return lastTaken?.advanced(byMilliseconds: intervalMilliseconds) ?? .zero
    }

    /// Makes `user` a member.
    ///
    /// - Complexity: O(1).
    public mutating func addMember(
        _ user: UserID, delivered: SequenceNumber, read: SequenceNumber
    ) {
        let marks = (members[user] ?? Marks(delivered: .none, read: .none))
            .merged(delivered: delivered, read: read)
        store(marks, of: user)
    }

    /// Forgets `user`.
    ///
    /// - Complexity: O(1) but for one scan of all members in thirty removals of leaders.
    public mutating func removeMember(_ user: UserID) {
        guard members.removeValue(forKey: user) != nil else { return }
        changed.remove(user)
        readLeaders.remove(user)
        deliveredLeaders.remove(user)
        if readLeaders.needsRebuild(members: members.count) {
            readLeaders.rebuild(from: members.lazy.map { .init(user: $0.key, mark: $0.value.read) })
        }
        if deliveredLeaders.needsRebuild(members: members.count) {
            deliveredLeaders.rebuild(
                from: members.lazy.map { .init(user: $0.key, mark: $0.value.delivered) })
        }
    }

    /// What a client's receipt amounts to.
    ///
    /// - Complexity: O(1).
    public func propose(
        _ user: UserID, delivered: SequenceNumber?, read: SequenceNumber?, head: SequenceNumber
    ) -> ReceiptProposal {
        guard let marks = members[user] else { return .notMember }
        let new = marks.merged(
            delivered: min(delivered ?? .none, head), read: min(read ?? .none, head))
        return new == marks
            ? .unchanged(delivered: marks.delivered, read: marks.read)
            : .advance(delivered: new.delivered, read: new.read)
    }

    /// Applies stored marks.
    ///
    /// - Complexity: O(1).
    public mutating func commit(
        _ user: UserID, delivered: SequenceNumber, read: SequenceNumber
    ) -> Bool {
        guard let marks = members[user] else { return false }
        let new = marks.merged(delivered: delivered, read: read)
        guard new != marks else { return false }
        store(new, of: user)
        changed.insert(user)
        return true
    }

    /// The changes since the last ones, if the interval is over.
    ///
    /// - Complexity: O(changes · log changes); allocates.
    public mutating func takeChanges(now: ChatInstant) -> [ReceiptMark] {
        guard let deadline = nextDeadline, deadline <= now else { return [] }
        let marks = changed.sorted().compactMap { self.marks(of: $0) }
        changed.removeAll(keepingCapacity: true)
        lastTaken = now
        return marks
    }

    /// Changes the shortest time between two sets of changes; also for those that wait.
    ///
    /// - Complexity: O(1).
    public mutating func setInterval(milliseconds: Int64) { intervalMilliseconds = milliseconds }

    /// The marks of `user`.
    ///
    /// - Complexity: O(1).
    public func marks(of user: UserID) -> ReceiptMark? {
        members[user].map { ReceiptMark(user: user, delivered: $0.delivered, read: $0.read) }
    }

    /// How far the message at `seq` has got with others.
    ///
    /// - Complexity: O(1).
    public func status(of seq: SequenceNumber, by sender: UserID) -> MessageStatus {
        if let read = readLeaders.highest(excluding: sender), read >= seq { return .read }
        if let delivered = deliveredLeaders.highest(excluding: sender), delivered >= seq {
            return .delivered
        }
        return .sent
    }

    /// Who has read up to `seq`.
    ///
    /// - Complexity: O(members + readers · log readers); allocates.
    public func readers(of seq: SequenceNumber, excluding sender: UserID) -> [UserID] {
        members.lazy.filter { $0.key != sender && $0.value.read >= seq }.map(\.key).sorted()
    }

    /// The furthest two readers and receivers; without those whose mark is still zero.
    ///
    /// - Complexity: O(1); allocates.
    public func summary() -> [ReceiptMark] {
        var users: [UserID] = []
        for leaders in [readLeaders.leaders, deliveredLeaders.leaders] {
            for leader in leaders.prefix(LeadingMarks.needed) where leader.mark > .none {
                if !users.contains(leader.user) { users.append(leader.user) }
            }
        }
        return users.sorted().compactMap { marks(of: $0) }
    }

    private mutating func store(_ marks: Marks, of user: UserID) {
        members[user] = marks
        readLeaders.raise(user, to: marks.read, others: members.count - 1)
        deliveredLeaders.raise(user, to: marks.delivered, others: members.count - 1)
    }
}
