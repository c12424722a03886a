// SPDX-License-Identifier: MIT

extension AnswerEncoder {
    /// The answer to `room.bans`.
    static func write(_ page: BanPage, isEnd: Bool, to writer: inout JSONWriter) {
        writer.key("bans")
        writer.beginArray()
        for record in page.bans {
            writer.beginObject()
            writer.key("user")
            EventEncoder.user(record.user, to: &writer)
            writer.key("at")
            writer.time(record.at)
            writer.key("from")
            EventEncoder.user(record.sender, to: &writer)
            EventEncoder.write(record.ban, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.key("total")
        writer.number(page.total)
        writer.key("end")
        writer.bool(isEnd)
    }
}
