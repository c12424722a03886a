// SPDX-License-Identifier: MIT

extension AnswerEncoder {
    mutating func readers(_ status: MessageStatus, _ list: [MessageReader]) {
        writer.key("status")
        writer.plain(status.name)
        writer.key("readers")
        writer.beginArray()
        for reader in list {
            writer.beginObject()
            writer.key("id")
            writer.user(reader.user.id)
            writer.key("name")
            writer.string(reader.user.name)
            if let at = reader.at {
                writer.key("at")
                writer.time(at)
            }
            writer.endObject()
        }
        writer.endArray()
    }
}
