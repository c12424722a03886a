// SPDX-License-Identifier: MIT

/// The members of a room: highest role first, then by name, then by id. Kept in order while they come and go.
///
/// It holds ids; the members themselves are in the room's table, which comes with every call.
struct MemberOrder: Sendable {
    private var ids: [UserID]

    /// Sorts the members of `table`. O(n log n).
    init(_ table: [UserID: RoomMember]) {
        ids = table.values.sorted(by: Self.isBefore).map(\.user.id)
    }

    /// A page of ids. O(limit).
    func page(offset: Int, limit: Int) -> ArraySlice<UserID> {
        ids.dropFirst(max(0, offset)).prefix(max(0, limit))
    }

    /// Puts a member of `table` in its place. O(log n) comparisons and a move of eight bytes per member.
    mutating func insert(_ user: UserID, _ table: [UserID: RoomMember]) {
        guard let member = table[user] else { return }
        ids.insert(user, at: place(of: member, table))
    }

    /// Takes a user out who still is in `table` as when they were put in.
    mutating func remove(_ user: UserID, _ table: [UserID: RoomMember]) {
        guard let member = table[user] else { return }
        let place = place(of: member, table)
        if place < ids.count, ids[place] == user { ids.remove(at: place) }
    }

    /// How many come before `member`.
    private func place(of member: RoomMember, _ table: [UserID: RoomMember]) -> Int {
        var (low, high) = (0, ids.count)
        while low < high {
            let middle = (low + high) / 2
            if let other = table[ids[middle]], Self.isBefore(other, member) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    private static func isBefore(_ left: RoomMember, _ right: RoomMember) -> Bool {
        if left.role != right.role { return left.role > right.role }
        if left.user.name != right.user.name { return left.user.name < right.user.name }
        return left.user.id < right.user.id
    }
}
