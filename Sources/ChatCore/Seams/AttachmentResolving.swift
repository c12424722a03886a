// SPDX-License-Identifier: MIT

/// Files of messages: what the engine asks of whoever keeps them. `ChatFiles` has one; without any, messages of
/// clients have no files.
public protocol AttachmentResolving: Sendable {
    /// What messages say of these files.
    ///
    /// - Parameters:
    ///   - ids: as the client has sent them.
    ///   - room: where the message is to be.
    ///   - user: who posts it: only their own files, and only those for this room.
    /// - Throws: `invalid_field` if one of them is not to be had; `storage_unavailable`.
    func attachments(
        _ ids: [String], in room: RoomID, by user: UserReference
    ) async throws(WireError) -> [MessageAttachment]

    /// Removes files that no message has any more.
    ///
    /// - Returns: whether all of them are gone; if not, they are named again.
    func removeAttachments(_ ids: [String]) async -> Bool

    /// Does what is due: removes what was never finished or never posted. Called about once a minute.
    func tidy() async

    /// Carries out a command about files.
    ///
    /// - Throws: the refusal as the client sees it.
    func answer(
        _ command: FileCommand, of user: UserReference
    ) async throws(WireError) -> FileAnswer
}

/// What a client says of a file that it is about to send.
public struct UploadDraft: Sendable, Equatable {
    /// What people call it.
    public var name: String
    /// Its length in bytes.
    public var bytes: Int64
    /// Its hash, 64 hexadecimal digits.
    public var sha256: String?
    /// The width of a picture or film, in pixels.
    public var width: Int?
    /// The height of a picture or film, in pixels.
    public var height: Int?
    /// How long it plays, in milliseconds.
    public var durationMilliseconds: Int?
    /// A small picture as a data URL.
    public var preview: String?

    /// Makes a draft.
    public init(
        name: String, bytes: Int64, sha256: String? = nil, width: Int? = nil, height: Int? = nil,
        durationMilliseconds: Int? = nil, preview: String? = nil
    ) {
        self.name = name
        self.bytes = bytes
        self.sha256 = sha256
        self.width = width
        self.height = height
        self.durationMilliseconds = durationMilliseconds
        self.preview = preview
    }
}

/// A command about files.
public enum FileCommand: Sendable, Equatable {
    /// Begin an upload.
    case begin(UploadDraft, RoomReference)
    /// Add bytes to an upload.
    case chunk(upload: String, offset: Int64, [UInt8])
    /// Make a file of an upload.
    case finish(upload: String)
    /// Where is an upload?
    case status(upload: String)
    /// Do without an upload, or a file that no message has.
    case cancel(upload: String)
    /// Bytes of a file.
    case download(file: String, RoomReference, offset: Int64, limit: Int?)
    /// An address of a file that works without a token for a while.
    case link(file: String, RoomReference)
}

/// The answer to a ``FileCommand``.
public enum FileAnswer: Sendable, Equatable {
    /// Done.
    case done
    /// How far an upload is.
    case upload(UploadStatus)
    /// How far an upload is after a chunk.
    case offset(Int64)
    /// A file.
    case file(MessageAttachment)
    /// Bytes of a file.
    case data(file: String, offset: Int64, [UInt8], isEnd: Bool)
    /// An address.
    case link(url: String, expiresAt: Timestamp)
}

/// How far an upload is.
public struct UploadStatus: Sendable, Equatable {
    /// Its id, which is that of the file too.
    public var id: String
    /// How many bytes have come.
    public var offset: Int64
    /// How many there will be.
    public var bytes: Int64
    /// How many may come at once.
    public var chunkBytes: Int
    /// When it ends if nothing comes.
    public var expiresAt: Timestamp

    /// Makes a status.
    public init(
        id: String, offset: Int64, bytes: Int64, chunkBytes: Int, expiresAt: Timestamp
    ) {
        self.id = id
        self.offset = offset
        self.bytes = bytes
        self.chunkBytes = chunkBytes
        self.expiresAt = expiresAt
    }
}

extension FileCommand {
    /// Which budget it is taken from: to begin counts as an upload, its pieces as traffic.
    var kind: CommandKind {
        if case .begin = self { .upload } else { .file }
    }
}
