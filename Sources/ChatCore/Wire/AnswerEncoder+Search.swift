// SPDX-License-Identifier: MIT

extension AnswerEncoder {
    /// What a search has found.
    static func write(_ page: SearchPage, to writer: inout JSONWriter) {
        writer.key("hits")
        writer.beginArray()
        for hit in page.hits { write(hit, to: &writer) }
        writer.endArray()
        writer.key("end")
        writer.bool(page.isEnd)
    }

    private static func write(_ hit: SearchHit, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("room")
        writer.room(hit.room)
        writer.key("seq")
        writer.number(hit.seq.rawValue)
        writer.key("at")
        writer.time(hit.at)
        writer.key("from")
        EventEncoder.user(hit.sender, to: &writer)
        if let editedAt = hit.editedAt {
            writer.key("edited_at")
            writer.time(editedAt)
        }
        writer.key("excerpt")
        writer.string(hit.excerpt.text)
        writer.key("highlights")
        writer.beginArray()
        for range in hit.excerpt.highlights {
            writer.beginArray()
            writer.number(range.lowerBound)
            writer.number(range.upperBound)
            writer.endArray()
        }
        writer.endArray()
        EventEncoder.write(hit.attachments, to: &writer)
        writer.endObject()
    }
}
