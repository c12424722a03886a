// SPDX-License-Identifier: MIT

extension AnswerEncoder {
    /// A refusal, with the time of it, as over HTTP.
    mutating func error(
        _ id: String?, _ error: WireError, at time: Timestamp
    ) -> [UInt8] {
        writer.reset()
        writer.beginObject()
        writer.key("type")
        writer.raw("\"error\"")
        if let id {
            writer.key("id")
            writer.raw(id)
        }
        writer.key("code")
        writer.plain(error.code.rawValue)
        writer.key("message")
        writer.string(error.message)
        if let field = error.field {
            writer.key("field")
            writer.plain(field)
        }
        if !error.details.isEmpty {
            writer.key("details")
            writer.beginObject()
            for detail in error.details {
                writer.key(name: detail.field)
                writer.string(detail.message)
            }
            writer.endObject()
        }
        if let retry = error.retryAfterMilliseconds {
            writer.key("retry_after_ms")
            writer.number(Int(retry))
        }
        if let bucket = error.bucket {
            writer.key("bucket")
            writer.plain(bucket)
        }
        writer.key("time")
        writer.time(time)
        return end()
    }
}
