// SPDX-License-Identifier: MIT

/// A file of a message, as events and history show it.
public struct ChatFile: Sendable, Hashable {
    /// The identity.
    public var id: String
    /// The name for people. The server has cleaned it; it is no path.
    public var name: String
    /// How long it is.
    public var bytes: Int64
    /// What the server found in its bytes.
    public var mediaType: String
    /// SHA-256 of its bytes, in hexadecimal digits.
    public var sha256: String
    /// Pixels, of pictures and films whose uploader told.
    public var width: Int?
    /// Pixels, of pictures and films whose uploader told.
    public var height: Int?

    /// Reads the description that messages carry; `nil` if it is none.
    public init?(_ json: JSONValue?) {
        guard let json, let id = json["id"]?.string, let bytes = json["bytes"]?.int else {
            return nil
        }
        self.id = id
        name = json["name"]?.string ?? "file"
        self.bytes = Int64(bytes)
        mediaType = json["media_type"]?.string ?? ""
        sha256 = json["sha256"]?.string ?? ""
        width = json["width"]?.int
        height = json["height"]?.int
    }
}

/// How far a file has got.
public struct ChatProgress: Sendable, Equatable {
    /// The identity of the upload or the file; an upload that was left can be gone on with under it.
    public var id: String
    /// How many bytes are there.
    public var bytes: Int64
    /// How many there will be.
    public var totalBytes: Int64

    /// Makes a progress.
    public init(id: String, bytes: Int64, totalBytes: Int64) {
        self.id = id
        self.bytes = bytes
        self.totalBytes = totalBytes
    }
}

extension ChatMessage {
    /// The files of the message, in their order.
    public var files: [ChatFile] {
        json["attachments"]?.array.compactMap { ChatFile($0) } ?? []
    }
}
