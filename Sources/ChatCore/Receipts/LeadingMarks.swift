// SPDX-License-Identifier: MIT

/// The members with the highest marks of one kind, while marks rise and members come and go.
///
/// Two are asked for; up to ``capacity`` are kept, so that a scan of all members is only needed
/// after that many leaders have left in a row: a large room that empties costs one scan per thirty
/// leaves, not one per leave. Equal marks rank by user id, so that the answer does not depend on
/// what happened before.
struct LeadingMarks: Sendable {
    struct Leader: Sendable, Equatable {
        var user: UserID
        var mark: SequenceNumber

        func isAhead(of other: Leader) -> Bool {
            mark == other.mark ? user < other.user : mark > other.mark
        }
    }

    static let capacity = 32
    /// As many as are needed to name the highest mark of anybody but one given user.
    static let needed = 2

    /// The first so many of all members, best first: everybody else ranks behind the last of these.
    private(set) var leaders: [Leader] = []

    /// `user` has `mark` now, which is not lower than before.
    ///
    /// - Parameter others: the number of members apart from `user`.
    mutating func raise(_ user: UserID, to mark: SequenceNumber, others: Int) {
        let known = leaders.firstIndex { $0.user == user }
        if let known { leaders.remove(at: known) }
        let leader = Leader(user: user, mark: mark)
        // Behind the last leader there may be members who are not in the list but ahead of this
        // one, unless it was in the list already: then it was ahead of all of those.
        let mayBeLast = known != nil || leaders.count == others
        if !mayBeLast, let last = leaders.last, last.isAhead(of: leader) { return }
        insert(leader)
    }

    /// `user` is not a member any more.
    mutating func remove(_ user: UserID) {
        leaders.removeAll { $0.user == user }
    }

    /// Whether so many leaders have left that all `members` have to be looked at again.
    func needsRebuild(members: Int) -> Bool { leaders.count < min(Self.needed, members) }

    /// Looks at all members again.
    ///
    /// Their order does not matter.
    mutating func rebuild(from members: some Sequence<Leader>) {
        leaders.removeAll(keepingCapacity: true)
        for member in members { insert(member) }
    }

    /// The highest mark of anybody but `user`; `nil` if there is nobody else.
    func highest(excluding user: UserID) -> SequenceNumber? {
        leaders.first { $0.user != user }?.mark
    }

    private mutating func insert(_ leader: Leader) {
        var place = leaders.count
        while place > 0, leader.isAhead(of: leaders[place - 1]) { place -= 1 }
        guard place < Self.capacity else { return }
        if leaders.count == Self.capacity { leaders.removeLast() }
        leaders.insert(leader, at: place)
    }
}
