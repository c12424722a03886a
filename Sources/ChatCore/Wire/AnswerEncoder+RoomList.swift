// SPDX-License-Identifier: MIT

extension AnswerEncoder {
    /// The answer to `room.joined`.
    mutating func joinedRooms(_ id: String?, _ page: JoinedRoomPage, isEnd: Bool) -> [UInt8] {
        begin(id)
        writer.key("rooms")
        writer.beginArray()
        for room in page.rooms {
            writer.beginObject()
            Self.write(room.membership, to: &writer)
            if let message = room.lastMessage {
                writer.key("last_message")
                Self.write(message, to: &writer)
            }
            writer.key("some_members")
            writer.beginArray()
            for member in room.members {
                writer.beginObject()
                writer.key("id")
                writer.user(member.user.id)
                writer.key("name")
                writer.string(member.user.name)
                writer.key("role")
                writer.plain(member.role.name)
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.key("total")
        writer.number(page.total)
        writer.key("end")
        writer.bool(isEnd)
        return end()
    }

    /// The room with one's own position in it.
    static func write(_ membership: MembershipRecord, to writer: inout JSONWriter) {
        writeProperties(RoomInfo(record: membership.room, role: membership.role), to: &writer)
        writer.key("delivered")
        writer.number(membership.delivered.rawValue)
        writer.key("read")
        writer.number(membership.read.rawValue)
        writer.key("unread")
        writer.number(membership.unread)
    }
}
