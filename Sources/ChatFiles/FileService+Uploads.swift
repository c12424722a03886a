// SPDX-License-Identifier: MIT

package import ChatCore
import ChatPlatform

// Uploads: the same rules for both ways.
extension FileService {
    /// What stands an upload at after bytes came.
    package enum Progress: Sendable, Equatable {
        case open(offset: Int64)
        case finished(FileRecord)
    }

    /// Begins an upload of a member of the room.
    package func begin(
        _ draft: UploadDraft, in reference: RoomReference, by user: UserReference
    ) async throws(WireError) -> UploadRecord {
        let gatekeeper = try gatekeeper()
        try gatekeeper.admit(user, cost: options.beginCost)
        let room = try await gatekeeper.room(reference)
        try await gatekeeper.checkMember(user, of: room)
        let upload = try draft.record(
            id: FileID(), owner: user.id, room: room, options: options, now: clock.wallTime())
        try reserve(upload)
        do throws(FileError) {
            try await store.begin(upload)
        } catch {
            release(upload)
            throw Self.wireError(error)
        }
        return upload
    }

    /// One's own upload, or the file that it has become.
    package func progress(
        of id: FileID, by user: UserReference
    ) async throws(WireError) -> (upload: UploadRecord?, file: FileRecord?) {
        do throws(FileError) {
            let upload = try await store.upload(id)
            guard upload.file.owner == user.id else { throw FileError.notFound }
            return (upload, nil)
        } catch {
            guard error == .notFound else { throw Self.wireError(error) }
        }
        let file = try await stored { store throws(FileError) in try await store.file(id) }
        guard file.file.owner == user.id else { throw Self.notFound }
        return (nil, file)
    }

    /// Adds bytes to an upload that was found to be the user's.
    package func append(
        _ bytes: [UInt8], at offset: Int64, to id: FileID
    ) async throws(WireError) -> Int64 {
        let now = clock.wallTime()
        return try await stored { store throws(FileError) in
            try await store.write(bytes, at: offset, to: id, now: now)
        }
    }

    /// Makes a file of an upload that is complete.
    package func finish(_ upload: UploadRecord) async throws(WireError) -> FileRecord {
        let id = upload.file.id
        let head = try await stored { store throws(FileError) in
            try await store.head(of: id, count: MediaTypeSniffer.headBytes)
        }
        let type = MediaTypeSniffer.mediaType(
            of: head, isWhole: Int64(head.count) == upload.file.byteCount)
        guard MediaTypeRules.isAllowed(type, by: options.allowedTypes) else {
            try await cancel(id)
            throw WireError(
                .fileTypeForbidden,
                "files of the type \(type) are not taken here: "
                    + options.allowedTypes.joined(separator: ", "), field: "type")
        }
        let now = clock.wallTime()
        do throws(FileError) {
            let record = try await store.finish(id, mediaType: type, now: now)
            state.withLock { $0.quota.finish(of: upload.file.owner) }
            activityLog?.record(
                .fileStored(
                    record.attachment(previewBytes: 0), room: record.file.room,
                    by: record.file.owner), at: now)
            return record
        } catch {
            if error == .wrongHash { release(upload) }
            throw Self.wireError(error)
        }
    }

    /// Cancels one's own upload, or removes one's own file that no message has.
    package func cancel(_ id: FileID, by user: UserReference) async throws(WireError) {
        let (upload, file) = try await progress(of: id, by: user)
        if upload != nil { return try await cancel(id) }
        guard let file else { return }
        let posted = try await gatekeeper().posted([id], in: file.file.room)
        guard posted.isEmpty else {
            throw WireError(.forbidden, "a message has this file: delete the message")
        }
        try await remove(id)
    }

    // MARK: What both do

    func cancel(_ id: FileID) async throws(WireError) {
        let gone = try await stored { store throws(FileError) in try await store.cancel(id) }
        if let gone { release(gone) }
    }

    func remove(_ id: FileID) async throws(WireError) {
        let gone = try await stored { store throws(FileError) in try await store.remove(id) }
        if let gone {
            state.withLock { $0.quota.addFile(-gone.file.byteCount, of: gone.file.owner) }
        }
    }

    private func release(_ upload: UploadRecord) {
        state.withLock { $0.quota.cancel(upload.file.byteCount, of: upload.file.owner) }
    }

    private func reserve(_ upload: UploadRecord) throws(WireError) {
        let options = options
        do throws(QuotaTable.Refusal) {
            try state.withLock { state throws(QuotaTable.Refusal) in
                try state.quota.begin(
                    upload.file.byteCount, of: upload.file.owner,
                    maximumBytes: options.quotaBytes, maximumUploads: options.uploadsPerUser)
            }
        } catch {
            switch error {
            case .uploads:
                throw WireError(
                    .tooManyUploads,
                    "one has at most \(options.uploadsPerUser) unfinished uploads: "
                        + "finish or cancel some")
            case .bytes(let left):
                throw WireError(
                    .quotaExceeded,
                    "of \(options.quotaBytes) bytes for one's files \(left) are left: "
                        + "delete messages with files", field: "bytes")
            }
        }
    }
}

extension FileOptions {
    /// What beginning takes of the budget for files; anything else takes one.
    var beginCost: Int { 20 }
}
