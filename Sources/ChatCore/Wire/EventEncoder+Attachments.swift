// SPDX-License-Identifier: MIT

extension EventEncoder {
    /// The files of a message; nothing if there are none.
    static func write(_ attachments: [MessageAttachment], to writer: inout JSONWriter) {
        if attachments.isEmpty { return }
        writer.key("attachments")
        writer.beginArray()
        for attachment in attachments { write(attachment, to: &writer) }
        writer.endArray()
    }

    static func write(_ attachment: MessageAttachment, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.string(attachment.id)
        writer.key("name")
        writer.string(attachment.name)
        writer.key("bytes")
        writer.number(Int(clamping: attachment.byteCount))
        writer.key("media_type")
        writer.string(attachment.mediaType)
        writer.key("sha256")
        writer.string(attachment.sha256)
        if let width = attachment.width {
            writer.key("width")
            writer.number(width)
        }
        if let height = attachment.height {
            writer.key("height")
            writer.number(height)
        }
        if let duration = attachment.durationMilliseconds {
            writer.key("duration_ms")
            writer.number(duration)
        }
        if !attachment.preview.isEmpty {
            writer.key("preview")
            writer.string(attachment.preview)
        }
        writer.endObject()
    }
}
