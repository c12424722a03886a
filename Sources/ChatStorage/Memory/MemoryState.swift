// SPDX-License-Identifier: MIT

import ChatCore

/// What a ``MemoryStore`` holds: logs of rooms, users, and an index for each way to find them.
struct MemoryState: Sendable {
    var isClosed = false
    var logs: ContiguousArray<RoomLog> = []
    /// Where a room's log stands in `logs`: what is changed in place there would be copied out of a dictionary.
    private(set) var places: [RoomID: Int] = [:]
    private(set) var roomNames: [NameKey: RoomID] = [:]
    var users: [UserID: UserRecord] = [:]
    /// How many messages have a file of that id, and the ids that none has any more.
    var attachmentUses: [String: Int] = [:]
    var orphans: Set<String> = []
    var userNames: [NameKey: UserID] = [:]
    var tokens: [String: UserID] = [:]
    /// Since when who blocks whom, by the blocker.
    var blocks: [UserID: [UserID: Timestamp]] = [:]
    /// Who was erased, or is about to be.
    var erasedUsers: Set<UserID> = []
    /// Up to where the rooms were looked at for each user who is being erased.
    var erasures: [UserID: (room: RoomID, seq: SequenceNumber)] = [:]

    /// The user's name now; empty for a user whom nobody added.
    func name(of user: UserID) -> String { users[user]?.name ?? "" }

    // MARK: Rooms

    mutating func append(_ entry: LogEntry, _ rules: MessageRules) -> AppendOutcome {
        guard let place = places[entry.room] else { return .refused(.roomNotFound) }
        if case .room(let changes) = entry.change, let name = changes.name {
            return rename(entry, to: name, at: place, rules)
        }
        let outcome = logs[place].append(entry, rules: rules) { _ in false }
        switch entry.change {
        case .post, .delete: attachmentsChanged(entry, outcome, at: place)
        default: break
        }
        return outcome
    }

    private mutating func rename(
        _ entry: LogEntry, to name: String, at place: Int, _ rules: MessageRules
    ) -> AppendOutcome {
        let before = logs[place].record.name
        let names = roomNames
        let outcome = logs[place].append(entry, rules: rules) { names[$0] != nil }
        if case .stored = outcome {
            roomNames[NameKey(before)] = nil
            roomNames[NameKey(name)] = entry.room
        }
        return outcome
    }

    mutating func advance(_ receipt: ReceiptUpdate) {
        if let place = places[receipt.room] { logs[place].advance(receipt) }
    }

    /// The log of a room, to read from.
    func log(of room: RoomID) -> RoomLog? { places[room].map { logs[$0] } }

    mutating func createRoom(_ room: RoomRecord, owner: UserID?) -> RoomRecord? {
        let key = NameKey(room.name)
        guard roomNames[key] == nil, places[room.id] == nil else { return nil }
        let log = RoomLog(room, owner: owner)
        places[room.id] = logs.count
        logs.append(log)
        roomNames[key] = room.id
        return log.record
    }

    mutating func deleteRoom(_ room: RoomID) -> Bool {
        guard let place = places.removeValue(forKey: room) else { return false }
        roomNames[NameKey(logs[place].record.name)] = nil
        release(logs[place].attachmentIDs)
        let last = logs.removeLast()
        if place < logs.count {
            logs[place] = last
            places[last.record.id] = place
        }
        return true
    }

    func listRooms(visibleTo user: UserID, offset: Int, limit: Int) -> RoomPage {
        let visible =
            logs
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
        logs.compactMap { membership(of: user, in: $0) }.sorted { $0.room.id < $1.room.id }
    }

    func joinedRooms(_ query: JoinedRoomQuery) -> JoinedRoomPage {
        let own = logs.compactMap { log in
            membership(of: query.user, in: log).map { membership in
                JoinedRoom(
                    membership: membership, lastMessage: log.lastMessage(name: name(of:)),
                    members: log.listedMembers(query.members, name: name(of:)))
            }
        }
        let page = own.sorted(by: JoinedRoom.isBefore).dropFirst(max(0, query.offset))
        return JoinedRoomPage(rooms: Array(page.prefix(max(1, query.limit))), total: own.count)
    }

    private func membership(of user: UserID, in log: RoomLog) -> MembershipRecord? {
        log.members[user].map { member in
            MembershipRecord(
                room: log.record, role: member.role, joinedAfter: member.joinedAfter,
                delivered: member.delivered, read: member.read, unread: log.unread(for: user) ?? 0)
        }
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
        guard var present = users[user.id], !erasedUsers.contains(user.id) else { return }
        tokens[present.token] = nil
        present.token = user.token
        present.isNameKept = user.isNameKept
        users[user.id] = present
        if !user.token.isEmpty { tokens[user.token] = user.id }
    }
}
