// SPDX-License-Identifier: MIT

extension AnswerEncoder {
    /// The answer to `room.invitations`.
    mutating func invitations(_ id: String?, _ page: InvitationPage, isEnd: Bool) -> [UInt8] {
        begin(id)
        writer.key("invitations")
        writer.beginArray()
        for entry in page.entries {
            writer.beginObject()
            Self.write(entry, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.key("total")
        writer.number(page.total)
        writer.key("end")
        writer.bool(isEnd)
        return end()
    }

    /// The keys of an invitation: of the room only what helps to decide.
    static func write(_ entry: InvitationPage.Entry, to writer: inout JSONWriter) {
        writer.key("room")
        writer.beginObject()
        writer.key("id")
        writer.room(entry.room.id)
        writer.key("name")
        writer.string(entry.room.name)
        writer.key("description")
        writer.string(entry.room.description)
        writer.key("private")
        writer.bool(entry.room.isPrivate)
        writer.key("members")
        writer.number(entry.room.memberCount)
        writer.endObject()
        writer.key("from")
        EventEncoder.user(entry.sender, to: &writer)
        writer.key("at")
        writer.time(entry.invitation.createdAt)
        EventEncoder.write(until: entry.invitation.expires, to: &writer)
    }
}
