// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatSodium
import ChatTesting
import Foundation
import Testing

@testable import ChatFiles

/// A directory that goes with the test.
final class Folder: Sendable {
    let path: String

    init() {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("chat-files-\(UUID().uuidString)").path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The names in one of its directories.
    func names(_ directory: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path + "/" + directory)) ?? [])
            .sorted()
    }
}

struct FileStoreTests {
    static let owner = UserID(rawValue: 3)

    @Test(arguments: FileStoreContract.checks)
    func `the memory store keeps the contract`(check: FileStoreCheck) async throws {
        try await FileStoreContract { MemoryFileStore() }.run(check)
    }

    @Test(arguments: FileStoreContract.checks)
    func `the disk store keeps the contract`(check: FileStoreCheck) async throws {
        let folder = Folder()
        try await FileStoreContract { DiskFileStore(directory: folder.path) }.run(check)
    }

    private static func record(_ bytes: Int, sha256: String? = nil) -> UploadRecord {
        UploadRecord(
            file: FileDescription(
                id: FileID(), owner: owner, room: RoomID(rawValue: 4), name: "ü 🦜 a.txt",
                byteCount: Int64(bytes), width: 1, preview: "data:,x"),
            sha256: sha256, touchedAt: Timestamp(milliseconds: 1))
    }

    private static func add(_ bytes: [UInt8], to store: DiskFileStore) async throws -> FileID {
        let record = record(bytes.count)
        try await store.begin(record)
        _ = try await store.write(
            bytes, at: 0, to: record.file.id, now: Timestamp(milliseconds: 2))
        _ = try await store.finish(
            record.file.id, mediaType: "x/y", now: Timestamp(milliseconds: 3))
        return record.file.id
    }

    @Test func `F3: files and half uploads are there after a restart, byte by byte`() async throws {
        let folder = Folder()
        let first = DiskFileStore(directory: folder.path)
        _ = try await first.open()
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let file = try await Self.add(bytes, to: first)
        let half = Self.record(bytes.count, sha256: SHA256.hex(of: bytes))
        try await first.begin(half)
        let now = Timestamp(milliseconds: 5)
        _ = try await first.write(Array(bytes[..<1_000_001]), at: 0, to: half.file.id, now: now)
        let record = try await first.file(file)
        await first.close()

        let second = DiskFileStore(directory: folder.path)
        let usage = try await second.open()
        #expect(usage.count == 2 && usage.allSatisfy { $0.byteCount == 3_000_000 })
        #expect(usage.count { $0.isUpload } == 1)
        #expect(second.repairs.isEmpty)
        #expect(try await second.file(file) == record)
        #expect(try await second.read(file, from: 0, count: 4_000_000) == bytes)
        var upload = try await second.upload(half.file.id)
        #expect(upload.offset == 1_000_001)
        upload.offset = 0
        upload.touchedAt = half.touchedAt
        #expect(upload == half)
        let rest = Array(bytes[1_000_001...])
        _ = try await second.write(rest, at: 1_000_001, to: half.file.id, now: now)
        let finished = try await second.finish(half.file.id, mediaType: "x/y", now: now)
        #expect(finished.sha256 == record.sha256)
        await second.close()
    }

    @Test func `a content is stored once and goes with its last file`() async throws {
        let folder = Folder()
        let store = DiskFileStore(directory: folder.path)
        _ = try await store.open()
        let ids = [
            try await Self.add([1, 2, 3], to: store), try await Self.add([1, 2, 3], to: store),
        ]
        #expect(folder.names("contents").count == 1)
        #expect(folder.names("files").count == 4)
        #expect(folder.names("uploads").isEmpty)
        _ = try await store.remove(ids[0])
        #expect(folder.names("contents").count == 1)
        #expect(try await store.read(ids[1], from: 0, count: 9) == [1, 2, 3])
        _ = try await store.remove(ids[1])
        #expect(folder.names("contents").isEmpty && folder.names("files").isEmpty)
        await store.close()
    }

    @Test func `a content that has as many names as it may have is stored again`() async throws {
        let folder = Folder()
        let store = DiskFileStore(directory: folder.path, linksPerContent: 3)
        _ = try await store.open()
        var ids: [FileID] = []
        for _ in 0..<5 { ids.append(try await Self.add([1, 2, 3], to: store)) }
        await store.close()
        let again = DiskFileStore(directory: folder.path, linksPerContent: 3)
        #expect(try await again.open().count == 5)
        #expect(again.repairs.isEmpty)
        for id in ids.reversed() {
            #expect(try await again.read(id, from: 0, count: 9) == [1, 2, 3])
            _ = try await again.remove(id)
        }
        #expect(folder.names("contents").isEmpty && folder.names("files").isEmpty)
        await again.close()
    }

    @Test func `many files of few contents come and go at once and nothing is left`() async throws {
        let folder = Folder()
        let store = DiskFileStore(directory: folder.path, threads: 4)
        _ = try await store.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let bytes = [UInt8](repeating: UInt8(number % 3), count: 100)
                    let id = try await Self.add(bytes, to: store)
                    #expect(try await store.read(id, from: 0, count: 200) == bytes)
                    _ = try await store.remove(id)
                }
            }
            try await group.waitForAll()
        }
        #expect(folder.names("contents").isEmpty && folder.names("files").isEmpty)
        await store.close()
    }

    @Test func `what a crash has left half done is removed by the next start`() async throws {
        let folder = Folder()
        let store = DiskFileStore(directory: folder.path)
        _ = try await store.open()
        let file = try await Self.add([1, 2, 3], to: store)
        await store.close()
        let manager = FileManager.default
        func put(_ name: String, _ text: String = "x") {
            _ = manager.createFile(atPath: "\(folder.path)/\(name)", contents: Data(text.utf8))
        }
        let (link, upload, cut) = (FileID(), FileID(), FileID())
        put("files/\(link)")
        put("contents/" + String(repeating: "0", count: 64))
        put("uploads/\(upload)")
        put("uploads/\(cut)")
        put("uploads/\(cut).meta", "chat file 1\nid \(cut)\nbytes 5")
        put("uploads/\(FileID()).meta.part")
        // The crash came after the file was there and before its upload was removed.
        let copy = "\(folder.path)/uploads/\(file)"
        try manager.copyItem(atPath: "\(folder.path)/files/\(file)", toPath: copy)
        try manager.copyItem(atPath: "\(folder.path)/files/\(file).meta", toPath: copy + ".meta")
        let again = DiskFileStore(directory: folder.path)
        let usage = try await again.open()
        #expect(usage == [FileUsage(owner: Self.owner, byteCount: 3, isUpload: false)])
        #expect(again.repairs.count == 6)
        #expect(folder.names("uploads").isEmpty)
        #expect(folder.names("files") == ["\(file)", "\(file).meta"])
        #expect(folder.names("contents").count == 1)
        #expect(try await again.read(file, from: 0, count: 9) == [1, 2, 3])
        await again.close()
    }

    @Test func `a directory belongs to one process at a time`() async throws {
        let folder = Folder()
        let store = DiskFileStore(directory: folder.path)
        _ = try await store.open()
        let other = DiskFileStore(directory: folder.path)
        await #expect(throws: FileError.inUse) { _ = try await other.open() }
        await store.close()
        _ = try await other.open()
        await other.close()
    }

    @Test func `a full disk is told and the upload goes on where it was`() async throws {
        let folder = Folder()
        let isFull = Lock(false)
        var calls = DiskCalls()
        let write = calls.write
        calls.write = { descriptor, bytes, from, offset in
            guard isFull.withLock({ $0 }) else { return write(descriptor, bytes, from, offset) }
            // As a real one does: some bytes fit.
            if from == 0, bytes.count > 1 {
                return write(descriptor, Array(bytes.prefix(1)), 0, offset)
            }
            return -Int(ENOSPC)
        }
        let store = DiskFileStore(directory: folder.path, calls: calls, linksPerContent: 9)
        _ = try await store.open()
        let record = Self.record(6)
        try await store.begin(record)
        let (id, now) = (record.file.id, Timestamp(milliseconds: 2))
        _ = try await store.write([1, 2, 3], at: 0, to: id, now: now)
        isFull.withLock { $0 = true }
        await #expect(throws: FileError.full) {
            _ = try await store.write([4, 5, 6], at: 3, to: id, now: now)
        }
        await #expect(throws: FileError.full) { try await store.begin(Self.record(3)) }
        #expect(try await store.upload(id).offset == 3)
        #expect(try await store.head(of: id, count: 9) == [1, 2, 3])
        isFull.withLock { $0 = false }
        _ = try await store.write([4, 5, 6], at: 3, to: id, now: now)
        _ = try await store.finish(id, mediaType: "x/y", now: now)
        #expect(try await store.read(id, from: 0, count: 9) == [1, 2, 3, 4, 5, 6])
        #expect(folder.names("uploads").isEmpty)
        await store.close()
    }

    @Test func `nothing on disk is named by a client`() async throws {
        let folder = Folder()
        let store = DiskFileStore(directory: folder.path)
        _ = try await store.open()
        let id = try await Self.add([7], to: store)
        #expect(folder.names("files") == ["\(id)", "\(id).meta"])
        #expect(folder.names("contents") == [SHA256.hex(of: [7])])
        #expect(folder.names("") == ["contents", "files", "lock", "uploads"])
        await store.close()
    }
}
