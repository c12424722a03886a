// SPDX-License-Identifier: MIT

import ChatCore

/// A user's own rooms.
extension PostgresSession {
    func memberships(of user: UserID) throws(PostgresFailure) -> [MembershipRecord] {
        try fetch(.memberships, [.user(user)]).all { $0.membershipRecord() }
    }

    func joinedRooms(_ query: JoinedRoomQuery) throws(PostgresFailure) -> JoinedRoomPage {
        let values: [PostgresValue] = [
            .user(query.user), .number(max(1, query.limit)), .number(max(0, query.offset)),
        ]
        let results = try readAtOnce { connection throws(PostgresFailure) in
            try connection.ask(.countJoined, [.user(query.user)])
            try connection.ask(.joinedMembers, values + [.number(max(0, query.members))])
            try connection.ask(.joinedAttachments, values)
            try connection.ask(.joinedRooms, values)
        }
        guard results.count == 4 else { return JoinedRoomPage(rooms: [], total: 0) }
        var members: [RoomID: [ListedMember]] = [:]
        for row in results[1].all({ $0 }) {
            members[row.room(0), default: []].append(
                ListedMember(
                    user: UserReference(id: row.user(1), name: row.text(2)),
                    role: row.role(3) ?? .member))
        }
        var files: [RoomID: [MessageAttachment]] = [:]
        for row in results[2].all({ $0 }) {
            files[row.room(10), default: []].append(row.attachment())
        }
        let first = PostgresStatement.afterRoomColumns + 5
        let rooms = results[3].all { row in
            var last = row.isNull(first) ? nil : row.message(from: first)
            last?.attachments = files[row.room(0)] ?? []
            return JoinedRoom(
                membership: row.membershipRecord(),
                lastMessage: last,
                members: (members[row.room(0)] ?? []).sorted { $0.user.id < $1.user.id })
        }
        return JoinedRoomPage(
            rooms: rooms.sorted(by: JoinedRoom.isBefore),
            total: results[0].first { Int($0.int(0)) } ?? 0)
    }
}

extension PostgresRow {
    fileprivate func membershipRecord() -> MembershipRecord {
        let first = PostgresStatement.afterRoomColumns
        return MembershipRecord(
            room: roomRecord(), role: role(first) ?? .member, joinedAfter: seq(first + 1),
            delivered: seq(first + 2), read: seq(first + 3), unread: Int(int(first + 4)))
    }
}
