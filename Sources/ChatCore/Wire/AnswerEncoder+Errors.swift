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
        writer.refusal(error, details: error.details, at: time)
        return end()
    }
}

extension JSONWriter {
    /// The members of a refusal, the same in band and over HTTP: `code`, `message`, what it is about, and `time`.
    ///
    /// - Parameters:
    ///   - error: what is refused. Its field and its bucket are names of ours, without what JSON escapes.
    ///   - details: what is wrong with which field.
    ///   - time: when.
    package mutating func refusal(
        _ error: WireError, details: [FieldRefusal], at time: Timestamp
    ) {
        key("code")
        plain(error.code.rawValue)
        key("message")
        string(error.message)
        if let field = error.field {
            key("field")
            plain(field)
        }
        if !details.isEmpty {
            key("details")
            beginObject()
            for detail in details {
                key(name: detail.field)
                string(detail.message)
            }
            endObject()
        }
        if let retry = error.retryAfterMilliseconds {
            key("retry_after_ms")
            number(Int(retry))
        }
        if let bucket = error.bucket {
            key("bucket")
            plain(bucket)
        }
        key("time")
        self.time(time)
    }
}
