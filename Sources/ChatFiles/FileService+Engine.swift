// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform

// What the engine asks.
extension FileService: AttachmentResolving {
    /// How long a file that is getting its message is kept for it, in milliseconds.
    private static let claimMilliseconds: Int64 = 600_000
    /// How many of these there may be; above it the oldest knowledge goes.
    private static let maximumClaims = 65_536
    private static let tidyFiles = 100

    /// See ``AttachmentResolving/attachments(_:in:by:)``.
    public func attachments(
        _ ids: [String], in room: RoomID, by user: UserReference
    ) async throws(WireError) -> [MessageAttachment] {
        var attachments: [MessageAttachment] = []
        for text in ids {
            guard let id = FileID(text), let record = try await found(id),
                record.file.owner == user.id, record.file.room == room
            else {
                throw WireError(
                    .invalidField,
                    "attachments names a file that is not one's own for this room: "
                        + "finish its upload there first", field: "attachments")
            }
            claim(id)
            attachments.append(record.attachment(previewBytes: options.messagePreviewBytes))
        }
        return attachments
    }

    /// From now on the file is not one that nobody posts.
    private func claim(_ id: FileID) {
        let now = clock.wallTime()
        state.withLock { state in
            if state.claims.count >= Self.maximumClaims { state.claims.removeAll() }
            state.claims[id] = now
        }
    }

    /// See ``AttachmentResolving/removeAttachments(_:)``.
    public func removeAttachments(_ ids: [String]) async -> Bool {
        var isDone = true
        for text in ids {
            // What is not of our making is the embedder's: nothing to remove here.
            guard let id = FileID(text) else { continue }
            do throws(WireError) {
                try await remove(id)
            } catch {
                isDone = false
            }
        }
        return isDone
    }

    /// See ``AttachmentResolving/tidy()``.
    public func tidy() async {
        let now = clock.wallTime()
        let limit = Timestamp(
            milliseconds: now.milliseconds - Int64(options.idleSeconds) * 1_000)
        state.withLock { state in
            let first = Timestamp(milliseconds: now.milliseconds - Self.claimMilliseconds)
            state.claims = state.claims.filter { $0.value >= first }
        }
        // What fails is due again the next time.
        let uploads = try? await store.staleUploads(since: limit, limit: Self.tidyFiles)
        for id in uploads ?? [] { try? await cancel(id) }
        let files = try? await store.unpostedFiles(before: limit, limit: Self.tidyFiles)
        for record in files ?? [] { try? await settle(record) }
    }

    /// A file that is old: either a message has it, or it goes.
    private func settle(_ record: FileRecord) async throws(WireError) {
        let id = record.file.id
        if state.withLock({ $0.claims[id] != nil }) { return }
        let posted = try await gatekeeper().posted([id], in: record.file.room)
        if posted.contains(id) {
            try await stored { store throws(FileError) in try await store.setPosted(id) }
        } else if state.withLock({ $0.claims[id] == nil }) {
            try await remove(id)
        }
    }

    // MARK: In band

    /// See ``AttachmentResolving/answer(_:of:)``.
    public func answer(
        _ command: FileCommand, of user: UserReference
    ) async throws(WireError) -> FileAnswer {
        switch command {
        case .begin(let draft, let room):
            let upload = try await begin(draft, in: room, by: user)
            return .upload(status(of: upload, chunkBytes: options.commandChunkBytes))
        case .chunk(let id, let offset, let bytes):
            guard bytes.count <= options.commandChunkBytes else {
                throw WireError(
                    .invalidField, "data has at most \(options.commandChunkBytes) bytes",
                    field: "data")
            }
            try gatekeeper().admit(user, cost: 1)
            let (upload, _) = try await progress(of: try Self.id(id), by: user)
            guard let upload else { throw Self.notFound }
            return .offset(try await append(bytes, at: offset, to: upload.file.id))
        case .finish(let id):
            let (upload, file) = try await progress(of: try Self.id(id), by: user)
            if let file { return .file(attachment(file)) }
            guard let upload else { throw Self.notFound }
            return .file(attachment(try await finish(upload)))
        case .status(let id):
            let (upload, file) = try await progress(of: try Self.id(id), by: user)
            if let upload {
                return .upload(status(of: upload, chunkBytes: options.commandChunkBytes))
            }
            return file.map { .file(attachment($0)) } ?? .done
        case .cancel(let id):
            try await cancel(try Self.id(id), by: user)
            return .done
        case .download(let id, let room, let offset, let limit):
            return try await download(try Self.id(id), room, offset, limit, user)
        case .link(let id, let room):
            let links = try await links(to: [try Self.id(id)], in: room, for: user)
            guard let link = links.urls.first else { throw Self.notFound }
            return .link(url: link.url, expiresAt: links.expiresAt)
        }
    }

    private func download(
        _ id: FileID, _ room: RoomReference, _ offset: Int64, _ limit: Int?, _ user: UserReference
    ) async throws(WireError) -> FileAnswer {
        let record = try await file(id, in: room, for: user)
        guard offset <= record.file.byteCount else {
            throw WireError(
                .invalidField, "offset is at most \(record.file.byteCount)", field: "offset")
        }
        let count = min(max(1, limit ?? options.commandChunkBytes), options.commandChunkBytes)
        let bytes = try await read(id, from: offset, count: count)
        return .data(
            file: id.description, offset: offset, bytes,
            isEnd: offset + Int64(bytes.count) >= record.file.byteCount)
    }

    // MARK: What both ways say

    static func id(_ text: String) throws(WireError) -> FileID {
        guard let id = FileID(text) else { throw notFound }
        return id
    }

    func attachment(_ record: FileRecord) -> MessageAttachment {
        record.attachment(previewBytes: options.messagePreviewBytes)
    }

    func status(of upload: UploadRecord, chunkBytes: Int) -> UploadStatus {
        UploadStatus(
            id: upload.file.id.description, offset: upload.offset, bytes: upload.file.byteCount,
            chunkBytes: chunkBytes,
            expiresAt: Timestamp(
                milliseconds: upload.touchedAt.milliseconds + Int64(options.idleSeconds) * 1_000))
    }
}
