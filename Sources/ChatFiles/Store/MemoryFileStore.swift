// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform
import ChatSodium

/// Files in memory, gone with the process: for tests and for a server without a disk.
public final class MemoryFileStore: FileStore {
    private struct Blob {
        var bytes: [UInt8]
        var links: Int
    }

    private struct State {
        var uploads: [FileID: (machine: UploadMachine, bytes: [UInt8])] = [:]
        var files: [FileID: FileRecord] = [:]
        var blobs: [String: Blob] = [:]
    }

    private let state = Lock(State())

    /// Makes an empty store.
    public init() {}

    /// How many different contents there are.
    public var contentCount: Int { state.withLock { $0.blobs.count } }

    /// See ``FileStore/open()``.
    public func open() async throws(FileError) -> [FileUsage] {
        state.withLock { state in
            state.uploads.values.map {
                FileUsage(
                    owner: $0.machine.record.file.owner,
                    byteCount: $0.machine.record.file.byteCount, isUpload: true)
            }
                + state.files.values.map {
                    FileUsage(
                        owner: $0.file.owner, byteCount: $0.file.byteCount, isUpload: false)
                }
        }
    }

    /// See ``FileStore/close()``.
    public func close() async {}

    /// See ``FileStore/begin(_:)``.
    public func begin(_ upload: UploadRecord) async throws(FileError) {
        state.withLock { $0.uploads[upload.file.id] = (UploadMachine(upload), []) }
    }

    /// See ``FileStore/upload(_:)``.
    public func upload(_ id: FileID) async throws(FileError) -> UploadRecord {
        guard let upload = state.withLock({ $0.uploads[id]?.machine.record }) else {
            throw .notFound
        }
        return upload
    }

    /// See ``FileStore/write(_:at:to:now:)``.
    public func write(
        _ bytes: [UInt8], at offset: Int64, to id: FileID, now: Timestamp
    ) async throws(FileError) -> Int64 {
        try state.withLock { state throws(FileError) in
            guard let upload = state.uploads[id] else { throw .notFound }
            try upload.machine.admit(bytes.count, at: offset)
            state.uploads[id]?.bytes += bytes
            state.uploads[id]?.machine.wrote(bytes.count, now: now)
            return offset + Int64(bytes.count)
        }
    }

    /// See ``FileStore/head(of:count:)``.
    public func head(of id: FileID, count: Int) async throws(FileError) -> [UInt8] {
        guard let bytes = state.withLock({ $0.uploads[id]?.bytes.prefix(count) }) else {
            throw .notFound
        }
        return Array(bytes)
    }

    /// See ``FileStore/finish(_:mediaType:now:)``.
    public func finish(
        _ id: FileID, mediaType: String, now: Timestamp
    ) async throws(FileError) -> FileRecord {
        try state.withLock { state throws(FileError) in
            guard var upload = state.uploads[id] else { throw .notFound }
            try upload.machine.beginFinish()
            let hash = SHA256.hex(of: upload.bytes)
            state.uploads[id] = nil
            guard upload.machine.accepts(sha256: hash) else { throw .wrongHash }
            let record = FileRecord(
                file: upload.machine.record.file, mediaType: mediaType, sha256: hash,
                createdAt: now)
            state.files[id] = record
            state.blobs[hash, default: Blob(bytes: upload.bytes, links: 0)].links += 1
            return record
        }
    }

    /// See ``FileStore/cancel(_:)``.
    public func cancel(_ id: FileID) async throws(FileError) -> UploadRecord? {
        state.withLock { $0.uploads.removeValue(forKey: id)?.machine.record }
    }

    /// See ``FileStore/file(_:)``.
    public func file(_ id: FileID) async throws(FileError) -> FileRecord {
        guard let file = state.withLock({ $0.files[id] }) else { throw .notFound }
        return file
    }

    /// See ``FileStore/read(_:from:count:)``.
    public func read(
        _ id: FileID, from offset: Int64, count: Int
    ) async throws(FileError) -> [UInt8] {
        try state.withLock { state throws(FileError) in
            guard let file = state.files[id], let blob = state.blobs[file.sha256] else {
                throw .notFound
            }
            return Array(blob.bytes.dropFirst(Int(offset)).prefix(count))
        }
    }

    /// See ``FileStore/setPosted(_:)``.
    public func setPosted(_ id: FileID) async throws(FileError) {
        state.withLock { $0.files[id]?.isPosted = true }
    }

    /// See ``FileStore/remove(_:)``.
    public func remove(_ id: FileID) async throws(FileError) -> FileRecord? {
        state.withLock { state in
            guard let file = state.files.removeValue(forKey: id) else { return nil }
            state.blobs[file.sha256]?.links -= 1
            if state.blobs[file.sha256]?.links == 0 { state.blobs[file.sha256] = nil }
            return file
        }
    }

    /// See ``FileStore/staleUploads(since:limit:)``.
    public func staleUploads(
        since time: Timestamp, limit: Int
    ) async throws(FileError) -> [FileID] {
        state.withLock { state in
            StaleList.uploads(state.uploads.values.map(\.machine), since: time, limit: limit)
        }
    }

    /// See ``FileStore/unpostedFiles(before:limit:)``.
    public func unpostedFiles(
        before time: Timestamp, limit: Int
    ) async throws(FileError) -> [FileRecord] {
        state.withLock { state in
            let files = state.files.values.filter { !$0.isPosted && $0.createdAt < time }
            return Array(
                files.sorted {
                    ($0.createdAt, $0.file.id.description)
                        < ($1.createdAt, $1.file.id.description)
                }.prefix(limit))
        }
    }
}

/// Which uploads are over, for every store alike.
enum StaleList {
    static func uploads(
        _ machines: [UploadMachine], since time: Timestamp, limit: Int
    ) -> [FileID] {
        let stale = machines.filter { $0.isStale(since: time) }.map(\.record)
        let sorted = stale.sorted {
            ($0.touchedAt, $0.file.id.description) < ($1.touchedAt, $1.file.id.description)
        }
        return sorted.prefix(limit).map(\.file.id)
    }
}
