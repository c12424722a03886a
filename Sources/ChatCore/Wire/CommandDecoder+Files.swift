// SPDX-License-Identifier: MIT

// Commands about files. They are rare, and read as a whole.
extension CommandDecoder {
    /// A message with files: the change has their ids only, the shard finds out the rest.
    func sendFiles(_ fields: borrowing CommandFields) throws(WireError) -> Command {
        let room = try room(fields)
        guard case .strings(let ids)? = try fileObject(fields)["attachments"],
            ids.count <= limits.attachmentsPerMessage
        else {
            throw WireError(
                .invalidField,
                "attachments must be: at most \(limits.attachmentsPerMessage) ids of files",
                field: "attachments")
        }
        let given = try string(.text, fields) ?? ""
        let text = given.isEmpty && !ids.isEmpty ? "" : try messageText(fields)
        let attachments = ids.map {
            MessageAttachment(id: $0, name: "", byteCount: 0, mediaType: "", sha256: "")
        }
        let change = LogChange.posting(
            text: text, replyTo: try place(.replyTo, fields), attachments: attachments)
        return .room(room, .write(change, clientID: try clientID(fields)))
    }

    func fileCommand(
        _ type: String, _ fields: borrowing CommandFields
    ) throws(WireError) -> FileCommand {
        let object = try fileObject(fields)
        switch type {
        case "upload.begin":
            return .begin(try UploadDraft(object), try room(fields))
        case "upload.chunk":
            guard let offset = try object.count("offset") else { throw object.missing("offset") }
            guard let bytes = Base64Text.decode(try object.text("data")) else {
                throw WireError(.invalidField, "data must be: bytes in base 64", field: "data")
            }
            return .chunk(upload: try object.text("upload"), offset: offset, bytes)
        case "upload.finish": return .finish(upload: try object.text("upload"))
        case "upload.status": return .status(upload: try object.text("upload"))
        case "upload.cancel": return .cancel(upload: try object.text("upload"))
        case "download":
            return .download(
                file: try object.text("file"), try room(fields),
                offset: try object.count("offset") ?? 0,
                limit: try object.count("limit").map { Int($0) })
        default: return .link(file: try object.text("file"), try room(fields))
        }
    }

    private func fileObject(_ fields: borrowing CommandFields) throws(WireError) -> JSONObject {
        do throws(JSONObject.Fault) {
            return try JSONObject(
                fields.bytes, maximumMembers: .max, maximumDepth: limits.jsonDepth,
                isLenient: true)
        } catch {
            throw WireError(.badJSON, "a message must be one JSON object")
        }
    }
}

extension UploadDraft {
    /// Reads what a client says of a file; over HTTP it is the same object.
    package init(_ object: JSONObject) throws(WireError) {
        guard let bytes = try object.count("bytes") else { throw object.missing("bytes") }
        self.init(
            name: try object.text("name"), bytes: bytes, sha256: try object.optional("sha256"),
            width: try object.count("width").map { Int($0) },
            height: try object.count("height").map { Int($0) },
            durationMilliseconds: try object.count("duration_ms").map { Int($0) },
            preview: try object.optional("preview"))
    }
}

extension JSONObject {
    fileprivate func missing(_ key: String) -> WireError {
        WireError(.missingField, "\(key) is required", field: key)
    }

    fileprivate func optional(_ key: String) throws(WireError) -> String? {
        switch self[key] {
        case nil, .null?: return nil
        case .string(let text)?: return text
        default:
            throw WireError(
                .invalidField, "\(key) must be: a string of Unicode text", field: key)
        }
    }

    fileprivate func text(_ key: String) throws(WireError) -> String {
        guard let text = try optional(key) else { throw missing(key) }
        return text
    }

    fileprivate func count(_ key: String) throws(WireError) -> Int64? {
        switch self[key] {
        case nil, .null?: return nil
        case .integer(let number)? where number >= 0: return number
        default:
            throw WireError(
                .invalidField, "\(key) must be: a whole number that is not negative", field: key)
        }
    }
}
