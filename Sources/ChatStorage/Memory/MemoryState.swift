// SPDX-License-Identifier: MIT

import ChatCore

/// What a ``MemoryStore`` holds: logs of rooms, users, and an index for each way to find them.
struct MemoryState: Sendable {
    var isClosed = false
    var rooms: [RoomID: RoomLog] = [:]
    private(set) var roomNames: [NameKey: RoomID] = [:]
    private(set) var users: [UserID: UserRecord] = [:]
    private(set) var userNames: [NameKey: UserID] = [:]
    private(set) var tokens: [String: UserID] = [:]

    /// The user's name now; empty for a user whom nobody added.
    func name(of user: UserID) -> String { users[user]?.name ?? "" }

    // MARK: Rooms

    mutating func append(_ entry: LogEntry, _ rules: MessageRules) -> AppendOutcome {
        guard let before = rooms[entry.room]?.record.name else { return .refused(.roomNotFound) }
        let names = roomNames
        let outcome = rooms[entry.room]?.append(entry, rules: rules) { names[$0] != nil }
        if case .stored = outcome, case .room(let changes) = entry.change, let name = changes.name {
            roomNames[NameKey(before)] = nil
            roomNames[NameKey(name)] = entry.room
        }
        return outcome ?? .refused(.roomNotFound)
    }

    mutating func createRoom(_ room: RoomRecord, owner: UserID?) -> RoomRecord? {
        let key = NameKey(room.name)
        guard roomNames[key] == nil, rooms[room.id] == nil else { return nil }
        let log = RoomLog(room, owner: owner)
        rooms[room.id] = log
        roomNames[key] = room.id
        return log.record
    }

    mutating func deleteRoom(_ room: RoomID) -> Bool {
        guard let log = rooms.removeValue(forKey: room) else { return false }
        roomNames[NameKey(log.record.name)] = nil
        return true
    }

    func listRooms(visibleTo user: UserID, offset: Int, limit: Int) -> RoomPage {
        let visible = rooms.values
            .filter { !$0.record.isPrivate || $0.members[user] != nil }
            .sorted { left, right in
                (left.record.createdAt, left.record.id) > (right.record.createdAt, right.record.id)
            }
        let page = visible.dropFirst(max(0, offset)).prefix(max(1, limit)).map {
            RoomPage.Entry(room: $0.record, role: $0.members[user]?.role)
        }
        return RoomPage(entries: page, total: visible.count)
    }

    func memberships(of user: UserID) -> [MembershipRecord] {
        let own = rooms.values.compactMap { log in
            log.members[user].map { member in
                MembershipRecord(
                    room: log.record, role: member.role, joinedAfter: member.joinedAfter,
                    delivered: member.delivered, read: member.read,
                    unread: log.unread(for: user) ?? 0)
            }
        }
        return own.sorted { $0.room.id < $1.room.id }
    }

    // MARK: Users

    mutating func addUser(_ user: UserRecord) -> UserRecord {
        let key = NameKey(user.name)
        if let present = (userNames[key] ?? users[user.id]?.id).flatMap({ users[$0] }) {
            return present
        }
        users[user.id] = user
        userNames[key] = user.id
        if !user.token.isEmpty { tokens[user.token] = user.id }
        return user
    }

    mutating func updateUser(_ user: UserRecord) {
        guard var present = users[user.id] else { return }
        tokens[present.token] = nil
        present.token = user.token
        present.isNameKept = user.isNameKept
        users[user.id] = present
        if !user.token.isEmpty { tokens[user.token] = user.id }
    }
}
