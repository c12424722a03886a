// SPDX-License-Identifier: MIT

import ChatCore

/// What stands beside the bytes of a file or an upload on disk: a line per key.
///
/// No value has a line feed: names are clean, the rest are numbers, ids and data URLs.
enum Sidecar {
    private static let heading = "chat file 1"

    static func encode(_ upload: UploadRecord) -> [UInt8] {
        var lines = lines(upload.file)
        if let sha256 = upload.sha256 { lines.append("sha256 \(sha256)") }
        return bytes(lines)
    }

    static func encode(_ record: FileRecord) -> [UInt8] {
        var lines = lines(record.file)
        lines.append("type \(record.mediaType)")
        lines.append("sha256 \(record.sha256)")
        lines.append("created \(record.createdAt.milliseconds)")
        if record.isPosted { lines.append("posted 1") }
        return bytes(lines)
    }

    private static func lines(_ file: FileDescription) -> [String] {
        var lines = [
            heading, "id \(file.id)", "owner \(file.owner)", "room \(file.room)",
            "bytes \(file.byteCount)", "name \(file.name)",
        ]
        if let width = file.width { lines.append("width \(width)") }
        if let height = file.height { lines.append("height \(height)") }
        if let duration = file.durationMilliseconds { lines.append("duration \(duration)") }
        if !file.preview.isEmpty { lines.append("preview \(file.preview)") }
        return lines
    }

    private static func bytes(_ lines: [String]) -> [UInt8] {
        Array((lines.joined(separator: "\n") + "\nend\n").utf8)
    }

    /// An upload's; where it is and when it was touched, the bytes beside it say.
    static func upload(
        _ bytes: [UInt8], offset: Int64, touchedAt: Timestamp
    ) -> UploadRecord? {
        guard let values = values(bytes), let file = description(values) else { return nil }
        return UploadRecord(
            file: file, sha256: values["sha256"], offset: offset, touchedAt: touchedAt)
    }

    static func file(_ bytes: [UInt8]) -> FileRecord? {
        guard let values = values(bytes), let file = description(values),
            let type = values["type"], let sha256 = values["sha256"],
            let created = values["created"].flatMap(Int64.init)
        else { return nil }
        return FileRecord(
            file: file, mediaType: type, sha256: sha256,
            createdAt: Timestamp(milliseconds: created), isPosted: values["posted"] == "1")
    }

    private static func description(_ values: [String: String]) -> FileDescription? {
        guard let id = values["id"].flatMap({ FileID($0) }),
            let owner = values["owner"].flatMap({ UserID($0) }),
            let room = values["room"].flatMap({ RoomID($0) }),
            let bytes = values["bytes"].flatMap(Int64.init), bytes >= 1, let name = values["name"]
        else { return nil }
        return FileDescription(
            id: id, owner: owner, room: room, name: name, byteCount: bytes,
            width: values["width"].flatMap { Int($0) },
            height: values["height"].flatMap { Int($0) },
            durationMilliseconds: values["duration"].flatMap { Int($0) },
            preview: values["preview"] ?? "")
    }

    /// `nil` for a text that is not whole.
    private static func values(_ bytes: [UInt8]) -> [String: String]? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, lines[0] == heading, lines[lines.count - 2] == "end",
            lines[lines.count - 1].isEmpty
        else { return nil }
        var values: [String: String] = [:]
        for line in lines[1..<(lines.count - 2)] {
            guard let blank = line.firstIndex(of: " ") else { return nil }
            values[String(line[..<blank])] = String(line[line.index(after: blank)...])
        }
        return values
    }
}
