// SPDX-License-Identifier: MIT

import ChatCore
public import ChatFiles

/// What every `FileStore` must do, as checks that any test framework can run.
///
///     @Test(arguments: FileStoreContract.checks)
///     func `my store keeps the contract`(check: FileStoreCheck) async throws {
///         try await FileStoreContract { MyFileStore() }.run(check)
///     }
public struct FileStoreContract: Sendable {
    /// All checks.
    ///
    /// Each wants a store of its own.
    public static let checks: [FileStoreCheck] = uploadChecks + fileChecks

    private let makeStore: @Sendable () async throws -> any FileStore

    /// Makes a contract.
    ///
    /// - Parameter makeStore: gives an empty store that is not open yet.
    public init(makeStore: @escaping @Sendable () async throws -> any FileStore) {
        self.makeStore = makeStore
    }

    /// Runs one check on a new store, which is opened before and closed after it.
    ///
    /// - Throws: ``StoreContractViolation``, or what the store throws.
    public func run(_ check: FileStoreCheck) async throws {
        let store = try await makeStore()
        let probe = FileStoreProbe(store: store, check: check.name)
        try probe.expect(try await store.open(), [])
        do {
            try await check.body(probe)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }
}

/// One thing that every file store must do.
public struct FileStoreCheck: Sendable, CustomStringConvertible {
    /// What it is, as a sentence.
    public let name: String
    let body: @Sendable (FileStoreProbe) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (FileStoreProbe) async throws -> Void) {
        self.name = name
        self.body = body
    }

    /// The name.
    public var description: String { name }
}

/// A file store under test, with short ways to do and to expect things.
struct FileStoreProbe: Sendable {
    let store: any FileStore
    let check: String

    static let owner = UserID(rawValue: .max - 7)
    static let room = RoomID(rawValue: 41)
    static let abcHash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    static func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    func expect<Value: Equatable>(
        _ actual: Value, _ expected: Value, line: UInt = #line
    ) throws {
        guard actual != expected else { return }
        throw StoreContractViolation(
            check: check, finding: "expected \(expected), got \(actual)", line: line)
    }

    func expect(
        _ expected: FileError, line: UInt = #line,
        _ body: () async throws(FileError) -> Void
    ) async throws {
        do throws(FileError) {
            try await body()
        } catch {
            return try expect(error, expected, line: line)
        }
        throw StoreContractViolation(
            check: check, finding: "expected \(expected), got none", line: line)
    }

    /// Begins an upload.
    func begin(
        _ bytes: Int64, sha256: String? = nil, at milliseconds: Int64 = 1_000
    ) async throws -> FileID {
        let id = FileID()
        try await store.begin(
            UploadRecord(
                file: FileDescription(
                    id: id, owner: Self.owner, room: Self.room, name: "a name: ü 🦜.txt",
                    byteCount: bytes, width: 3, height: 4, durationMilliseconds: 5,
                    preview: "data:,x"),
                sha256: sha256, touchedAt: Self.time(milliseconds)))
        return id
    }

    /// Makes a file.
    func file(
        _ text: String, type: String = "text/plain", at milliseconds: Int64 = 2_000
    ) async throws -> FileID {
        let id = try await begin(Int64(text.utf8.count))
        _ = try await store.write(
            Array(text.utf8), at: 0, to: id, now: Self.time(milliseconds))
        _ = try await store.finish(id, mediaType: type, now: Self.time(milliseconds))
        return id
    }

    func text(_ id: FileID, from offset: Int64 = 0, count: Int = 1_000) async throws -> String {
        String(decoding: try await store.read(id, from: offset, count: count), as: UTF8.self)
    }
}

extension FileStoreContract {
    static let uploadChecks: [FileStoreCheck] = [
        FileStoreCheck("an upload grows in order and becomes a file") { probe in
            let store = probe.store
            let id = try await probe.begin(3, sha256: FileStoreProbe.abcHash)
            let now = FileStoreProbe.time(2_000)
            try probe.expect(try await store.upload(id).offset, 0)
            try probe.expect(try await store.write([0x61], at: 0, to: id, now: now), 1)
            try probe.expect(try await store.write([], at: 1, to: id, now: now), 1)
            try probe.expect(try await store.write([0x62, 0x63], at: 1, to: id, now: now), 3)
            let upload = try await store.upload(id)
            try probe.expect(upload.offset, 3)
            try probe.expect(upload.touchedAt, now)
            try probe.expect(try await store.head(of: id, count: 2), [0x61, 0x62])
            let record = try await store.finish(
                id, mediaType: "text/plain", now: FileStoreProbe.time(3_000))
            try probe.expect(record.file, upload.file)
            try probe.expect(record.sha256, FileStoreProbe.abcHash)
            try probe.expect(record.mediaType, "text/plain")
            try probe.expect(record.createdAt, FileStoreProbe.time(3_000))
            try probe.expect(record.isPosted, false)
            try probe.expect(try await store.file(id), record)
            try await probe.expect(.notFound) { () throws(FileError) in
                _ = try await store.upload(id)
            }
        },
        FileStoreCheck("bytes that do not fit are refused and change nothing") { probe in
            let store = probe.store
            let id = try await probe.begin(3)
            let now = FileStoreProbe.time(2_000)
            _ = try await store.write([1, 2], at: 0, to: id, now: now)
            for offset: Int64 in [0, 1, 3, .max] {
                try await probe.expect(.wrongOffset(2)) { () throws(FileError) in
                    _ = try await store.write([3], at: offset, to: id, now: now)
                }
            }
            try await probe.expect(.tooMany) { () throws(FileError) in
                _ = try await store.write([3, 4], at: 2, to: id, now: now)
            }
            try await probe.expect(.incomplete(2)) { () throws(FileError) in
                _ = try await store.finish(id, mediaType: "x/y", now: now)
            }
            try probe.expect(try await store.upload(id).offset, 2)
            try probe.expect(try await store.write([3], at: 2, to: id, now: now), 3)
            try probe.expect(try await store.head(of: id, count: 9), [1, 2, 3])
        },
        FileStoreCheck("other bytes than declared end the upload") { probe in
            let store = probe.store
            let id = try await probe.begin(3, sha256: FileStoreProbe.abcHash)
            let now = FileStoreProbe.time(2_000)
            _ = try await store.write([1, 2, 3], at: 0, to: id, now: now)
            try await probe.expect(.wrongHash) { () throws(FileError) in
                _ = try await store.finish(id, mediaType: "x/y", now: now)
            }
            for _ in 0..<2 {
                try await probe.expect(.notFound) { () throws(FileError) in
                    _ = try await store.finish(id, mediaType: "x/y", now: now)
                }
            }
            try await probe.expect(.notFound) { () throws(FileError) in
                _ = try await store.file(id)
            }
        },
        FileStoreCheck("a cancelled upload is gone, and what is not there is not found") { probe in
            let store = probe.store
            let id = try await probe.begin(3)
            try probe.expect(try await store.cancel(id)?.file.id, id)
            try probe.expect(try await store.cancel(id), nil)
            try await probe.expect(.notFound) { () throws(FileError) in
                _ = try await store.upload(id)
            }
            try await probe.expect(.notFound) { () throws(FileError) in
                _ = try await store.write([1], at: 0, to: id, now: FileStoreProbe.time(1))
            }
            try await probe.expect(.notFound) { () throws(FileError) in
                _ = try await store.file(id)
            }
            try await probe.expect(.notFound) { () throws(FileError) in
                _ = try await store.read(id, from: 0, count: 1)
            }
            try probe.expect(try await store.remove(id), nil)
            try await store.setPosted(id)
        },
        FileStoreCheck("of two writes at one place the second is refused") { probe in
            let store = probe.store
            let id = try await probe.begin(1_000)
            let now = FileStoreProbe.time(2_000)
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let bytes = [UInt8](repeating: UInt8(number), count: 10)
                        return (try? await store.write(bytes, at: 0, to: id, now: now)) != nil
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            try probe.expect(outcomes.count { $0 }, 1)
            try probe.expect(Set(try await store.head(of: id, count: 100)).count, 1)
            try probe.expect(try await store.upload(id).offset, 10)
        },
        FileStoreCheck("uploads without progress are named, the oldest first") { probe in
            let store = probe.store
            let late = try await probe.begin(3, at: 3_000)
            let early = try await probe.begin(3, at: 1_000)
            let touched = try await probe.begin(3, at: 1_000)
            _ = try await store.write(
                [1], at: 0, to: touched, now: FileStoreProbe.time(5_000))
            func stale(_ milliseconds: Int64, _ limit: Int = 9) async throws -> [FileID] {
                try await store.staleUploads(
                    since: FileStoreProbe.time(milliseconds), limit: limit)
            }
            try probe.expect(try await stale(1_000), [])
            try probe.expect(try await stale(1_001), [early])
            try probe.expect(try await stale(3_001), [early, late])
            try probe.expect(try await stale(9_000, 2), [early, late])
        },
    ]

    static let fileChecks: [FileStoreCheck] = [
        FileStoreCheck("any part of a file can be read") { probe in
            let id = try await probe.file("0123456789")
            try probe.expect(try await probe.text(id), "0123456789")
            try probe.expect(try await probe.text(id, from: 3, count: 4), "3456")
            try probe.expect(try await probe.text(id, from: 8, count: 4), "89")
            try probe.expect(try await probe.text(id, from: 10, count: 4), "")
        },
        FileStoreCheck("files of one content go one by one") { probe in
            let ids = [
                try await probe.file("same"), try await probe.file("same", type: "x/y"),
                try await probe.file("other"),
            ]
            try probe.expect(try await probe.store.remove(ids[0])?.file.id, ids[0])
            try probe.expect(try await probe.store.remove(ids[0]), nil)
            try probe.expect(try await probe.text(ids[1]), "same")
            try probe.expect(try await probe.store.file(ids[1]).mediaType, "x/y")
            _ = try await probe.store.remove(ids[1])
            try await probe.expect(.notFound) { () throws(FileError) in
                _ = try await probe.store.read(ids[1], from: 0, count: 1)
            }
            try probe.expect(try await probe.text(ids[2]), "other")
            let again = try await probe.file("same")
            try probe.expect(try await probe.text(again), "same")
        },
        FileStoreCheck("files that nobody has posted are named until somebody says so") { probe in
            let store = probe.store
            let old = try await probe.file("1", at: 2_000)
            let posted = try await probe.file("2", at: 2_000)
            let new = try await probe.file("3", at: 4_000)
            try await store.setPosted(posted)
            try await store.setPosted(posted)
            try probe.expect(try await store.file(posted).isPosted, true)
            func unposted(_ milliseconds: Int64, _ limit: Int = 9) async throws -> [FileID] {
                try await store.unpostedFiles(
                    before: FileStoreProbe.time(milliseconds), limit: limit
                ).map(\.file.id)
            }
            try probe.expect(try await unposted(2_000), [])
            try probe.expect(try await unposted(2_001), [old])
            try probe.expect(try await unposted(9_000), [old, new])
            try probe.expect(try await unposted(9_000, 1), [old])
            _ = try await store.remove(old)
            try probe.expect(try await unposted(9_000), [new])
        },
    ]
}
