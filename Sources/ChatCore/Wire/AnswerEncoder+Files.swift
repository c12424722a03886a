// SPDX-License-Identifier: MIT

extension AnswerEncoder {
    /// The answer to a command about files.
    mutating func file(_ id: String?, _ answer: FileAnswer) -> [UInt8] {
        begin(id)
        switch answer {
        case .done: break
        case .upload(let status):
            writer.key("upload")
            status.write(to: &writer)
        case .offset(let offset):
            writer.key("offset")
            writer.number(Int(offset))
        case .file(let attachment):
            writer.key("file")
            EventEncoder.write(attachment, to: &writer)
        case .data(let file, let offset, let bytes, let isEnd):
            writer.key("file")
            writer.string(file)
            writer.key("offset")
            writer.number(Int(offset))
            writer.key("data")
            writer.string(Base64Text.encode(bytes))
            writer.key("end")
            writer.bool(isEnd)
        case .link(let url, let expiresAt):
            writer.key("url")
            writer.string(url)
            writer.key("expires_at")
            writer.time(expiresAt)
        }
        return end()
    }
}

extension UploadStatus {
    /// Writes the object that both ways of sending files answer.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.string(id)
        writer.key("offset")
        writer.number(Int(offset))
        writer.key("bytes")
        writer.number(Int(bytes))
        writer.key("chunk_bytes")
        writer.number(chunkBytes)
        writer.key("expires_at")
        writer.time(expiresAt)
        writer.endObject()
    }
}

extension MessageAttachment {
    /// Writes what messages say of the file.
    package func write(to writer: inout JSONWriter) { EventEncoder.write(self, to: &writer) }
}
