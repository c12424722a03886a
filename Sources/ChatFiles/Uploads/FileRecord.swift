// SPDX-License-Identifier: MIT

public import ChatCore

/// What is known of a file besides its bytes, from the beginning of its upload on.
public struct FileDescription: Sendable, Equatable {
    /// Its identity.
    public var id: FileID
    /// Whose it is: counts towards their quota.
    public var owner: UserID
    /// The room that it was sent to.
    public var room: RoomID
    /// What people call it.
    public var name: String
    /// Its length in bytes.
    public var byteCount: Int64
    /// The width of a picture or film in pixels, as the client says.
    public var width: Int?
    /// The height of a picture or film in pixels, as the client says.
    public var height: Int?
    /// How long a film or sound plays, in milliseconds, as the client says.
    public var durationMilliseconds: Int?
    /// A small picture of it as a data URL; may be empty.
    public var preview: String

    /// Makes a description.
    public init(
        id: FileID, owner: UserID, room: RoomID, name: String, byteCount: Int64,
        width: Int? = nil, height: Int? = nil, durationMilliseconds: Int? = nil,
        preview: String = ""
    ) {
        self.id = id
        self.owner = owner
        self.room = room
        self.name = name
        self.byteCount = byteCount
        self.width = width
        self.height = height
        self.durationMilliseconds = durationMilliseconds
        self.preview = preview
    }
}

/// An upload that is not finished.
public struct UploadRecord: Sendable, Equatable {
    /// The file that it becomes, with the declared length.
    public var file: FileDescription
    /// The declared hash in 64 hexadecimal digits, if the client gave one.
    public var sha256: String?
    /// How many bytes have come.
    public var offset: Int64
    /// When the last of them came, or it began.
    public var touchedAt: Timestamp

    /// Makes a record.
    public init(
        file: FileDescription, sha256: String?, offset: Int64 = 0, touchedAt: Timestamp
    ) {
        self.file = file
        self.sha256 = sha256
        self.offset = offset
        self.touchedAt = touchedAt
    }
}

/// A file.
public struct FileRecord: Sendable, Equatable {
    /// What is known of it.
    public var file: FileDescription
    /// What its bytes say it is.
    public var mediaType: String
    /// The hash of its bytes in 64 hexadecimal digits.
    public var sha256: String
    /// When its upload was finished.
    public var createdAt: Timestamp
    /// Whether it is known that a message has it, or had.
    public var isPosted: Bool

    /// Makes a record.
    public init(
        file: FileDescription, mediaType: String, sha256: String, createdAt: Timestamp,
        isPosted: Bool = false
    ) {
        self.file = file
        self.mediaType = mediaType
        self.sha256 = sha256
        self.createdAt = createdAt
        self.isPosted = isPosted
    }

    /// What a message says of it; a preview above that many bytes is left out.
    package func attachment(previewBytes: Int) -> MessageAttachment {
        MessageAttachment(
            id: file.id.description, name: file.name, byteCount: file.byteCount,
            mediaType: mediaType, sha256: sha256, width: file.width, height: file.height,
            durationMilliseconds: file.durationMilliseconds,
            preview: file.preview.utf8.count <= previewBytes ? file.preview : "")
    }
}

/// Why a ``FileStore`` does not do something.
public enum FileError: Error, Sendable, Equatable {
    /// There is no such upload or file.
    case notFound
    /// The bytes do not begin where the upload is.
    case wrongOffset(Int64)
    /// There would be more bytes than declared.
    case tooMany
    /// Bytes are missing; so many have come.
    case incomplete(Int64)
    /// The bytes are not those that were declared: the upload is over.
    case wrongHash
    /// It is just being finished.
    case busy
    /// The disk is full.
    case full
    /// Another process uses the directory.
    case inUse
    /// The system failed; the text is for the log.
    case failed(String)
}
