// SPDX-License-Identifier: MIT

import ChatCore
import ChatFiles
import ChatPlatform

/// A file store in memory that counts what it is given, and fails when it is told to.
final class CountingStore: FileStore {
    private struct State {
        var largest = 0
        var written = 0
        var failure: FileError?
    }

    private let inner = MemoryFileStore()
    private let state = Lock(State())

    /// The most bytes of one write.
    var largestWriteBytes: Int { state.withLock { $0.largest } }
    /// The bytes of all writes.
    var writtenBytes: Int { state.withLock { $0.written } }

    /// From now on what writes fails.
    func fail(with error: FileError?) { state.withLock { $0.failure = error } }

    private func check() throws(FileError) {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    func open() async throws(FileError) -> [FileUsage] { try await inner.open() }
    func close() async { await inner.close() }

    func begin(_ upload: UploadRecord) async throws(FileError) {
        try check()
        try await inner.begin(upload)
    }

    func upload(_ id: FileID) async throws(FileError) -> UploadRecord { try await inner.upload(id) }

    func write(
        _ bytes: [UInt8], at offset: Int64, to id: FileID, now: Timestamp
    ) async throws(FileError) -> Int64 {
        if !bytes.isEmpty { try check() }
        state.withLock {
            $0.largest = max($0.largest, bytes.count)
            $0.written += bytes.count
        }
        return try await inner.write(bytes, at: offset, to: id, now: now)
    }

    func head(of id: FileID, count: Int) async throws(FileError) -> [UInt8] {
        try await inner.head(of: id, count: count)
    }

    func finish(
        _ id: FileID, mediaType: String, now: Timestamp
    ) async throws(FileError) -> FileRecord {
        try await inner.finish(id, mediaType: mediaType, now: now)
    }

    func cancel(_ id: FileID) async throws(FileError) -> UploadRecord? {
        try await inner.cancel(id)
    }

    func file(_ id: FileID) async throws(FileError) -> FileRecord { try await inner.file(id) }

    func read(
        _ id: FileID, from offset: Int64, count: Int
    ) async throws(FileError) -> [UInt8] {
        try await inner.read(id, from: offset, count: count)
    }

    func setPosted(_ id: FileID) async throws(FileError) { try await inner.setPosted(id) }

    func remove(_ id: FileID) async throws(FileError) -> FileRecord? {
        try check()
        return try await inner.remove(id)
    }

    func staleUploads(
        since time: Timestamp, limit: Int
    ) async throws(FileError) -> [FileID] {
        try await inner.staleUploads(since: time, limit: limit)
    }

    func unpostedFiles(
        before time: Timestamp, limit: Int
    ) async throws(FileError) -> [FileRecord] {
        try await inner.unpostedFiles(before: time, limit: limit)
    }
}
