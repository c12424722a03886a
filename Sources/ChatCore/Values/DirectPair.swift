// SPDX-License-Identifier: MIT

/// The two users of a direct room.
///
/// Their room's name is made of both identities, in order: the index that makes names unique makes pairs unique too.
/// Nobody can give a room such a name, and a direct room is never renamed.
public struct DirectPair: Sendable, Hashable {
    /// The user whose identity is the lesser number.
    public let low: UserID
    /// The other one.
    public let high: UserID

    /// Makes the pair of two users in any order; `nil` if they are the same.
    public init?(_ first: UserID, _ second: UserID) {
        guard first != second else { return nil }
        (low, high) = first < second ? (first, second) : (second, first)
    }

    /// Reads the name of a direct room; `nil` for any other name.
    public init?(roomName: String) {
        guard roomName.utf8.count == 34, roomName.utf8.starts(with: "dm:".utf8) else { return nil }
        let parts = roomName.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let low = UserID(String(parts[1])),
            let high = UserID(String(parts[2])), low < high
        else { return nil }
        self.low = low
        self.high = high
    }

    /// The name of their room.
    public var roomName: String { "dm:\(low):\(high)" }

    /// The other one of the two; `nil` if `user` is none of them.
    public func other(than user: UserID) -> UserID? {
        if user == low { return high }
        return user == high ? low : nil
    }
}

extension RoomRecord {
    /// The two users of a direct room; `nil` for other rooms.
    public var directPair: DirectPair? { isPrivate ? DirectPair(roomName: name) : nil }

    /// The first entries of the room's log: the owner's join, or of a direct room those of both users.
    ///
    /// - Parameter owner: who makes the room; `nil` for a room without members.
    public func openingEntries(by owner: UserID?) -> [LogEntry] {
        func join(_ user: UserID, _ role: Role, by sender: UserID) -> LogEntry {
            LogEntry(
                room: id, sender: sender, at: createdAt,
                change: .join(user: user, role: role, logged: true))
        }
        if let pair = directPair {
            let opener = owner == pair.high ? pair.high : pair.low
            let other = opener == pair.low ? pair.high : pair.low
            return [join(opener, .member, by: opener), join(other, .member, by: opener)]
        }
        return owner.map { [join($0, .owner, by: $0)] } ?? []
    }
}
