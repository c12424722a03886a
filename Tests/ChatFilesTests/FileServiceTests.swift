// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatTesting
import Testing

@testable import ChatFiles

/// Lets everybody in, and knows what is posted.
private final class OpenGate: FileGatekeeper {
    let posted = Lock<Set<FileID>>([])

    func user(token: String, peer: PeerInfo) async throws(WireError) -> UserReference {
        UserReference(id: UserID(rawValue: 1), name: token)
    }

    func room(_ reference: RoomReference) async throws(WireError) -> RoomID {
        RoomID(rawValue: 2)
    }

    func checkMember(_ user: UserReference, of room: RoomID) async throws(WireError) {}

    func posted(
        _ files: [FileID], in room: RoomID
    ) async throws(WireError) -> Set<FileID> {
        posted.withLock { $0.intersection(files) }
    }

    func admit(_ user: UserReference, cost: Int) throws(WireError) {}
}

struct FileServiceTests {
    private let clock = VirtualClock()
    private let gate = OpenGate()
    private let store = MemoryFileStore()
    private let service: FileService
    private let log = ActivityRecorder()
    private let ana = UserReference(id: UserID(rawValue: 1), name: "ana")
    private let room = RoomReference("tea")

    init() {
        service = FileService(store: store, clock: clock, activityLog: log)
        service.serve(gate)
    }

    private func begin(_ bytes: Int64 = 3) async throws -> UploadRecord {
        try await service.begin(UploadDraft(name: "a", bytes: bytes), in: room, by: ana)
    }

    private func file() async throws -> FileID {
        let upload = try await begin()
        _ = try await service.append([1, 2, 3], at: 0, to: upload.file.id)
        return try await service.finish(upload).file.id
    }

    private var day: Int64 { Int64(service.options.idleSeconds) * 1_000 }

    @Test func `O5: a file that is complete is recorded, once, and none of its bytes`() async throws
    {
        let upload = try await begin()
        _ = try await service.append([1, 2, 3], at: 0, to: upload.file.id)
        #expect(log.activities.isEmpty)
        _ = try await service.finish(upload)
        let activity = try #require(log.activities.first)
        guard case .fileStored(let file, let room, let owner) = activity else {
            Issue.record("not a file: \(activity)")
            return
        }
        #expect(log.activities.count == 1)
        #expect(file.id == upload.file.id.description)
        #expect(file.byteCount == 3 && file.preview.isEmpty)
        #expect(room == RoomID(rawValue: 2) && owner == ana.id)
    }

    @Test func `an upload that makes no progress for a day goes, and its quota with it`()
        async throws
    {
        let upload = try await begin()
        clock.advance(milliseconds: day - 1)
        _ = try await service.append([1], at: 0, to: upload.file.id)
        clock.advance(milliseconds: day)
        await service.tidy()
        #expect(try await service.progress(of: upload.file.id, by: ana).upload?.offset == 1)
        clock.advance(milliseconds: 1)
        await service.tidy()
        await #expect(throws: FileError.notFound) { _ = try await store.upload(upload.file.id) }
        #expect(service.usedBytes(of: ana.id) == 0)
    }

    @Test func `F6: a file that nobody has posted for a day goes, a posted one stays`()
        async throws
    {
        let (lost, posted, claimed) = (try await file(), try await file(), try await file())
        gate.posted.withLock { $0 = [posted] }
        clock.advance(milliseconds: day + 1)
        // Just now somebody posts it; the message is not stored yet.
        _ = try await service.attachments(
            [claimed.description], in: RoomID(rawValue: 2), by: ana)
        await service.tidy()
        #expect(try await service.found(lost) == nil)
        #expect(try await service.found(posted)?.isPosted == true)
        #expect(try await service.found(claimed) != nil)
        #expect(service.usedBytes(of: ana.id) == 6)
        clock.advance(milliseconds: 600_001)
        await service.tidy()
        #expect(try await service.found(claimed) == nil)
        #expect(try await service.found(posted) != nil)
    }

    @Test func `orphans are removed, and ids that are not of our making are somebody else's`()
        async throws
    {
        let id = try await file()
        #expect(await service.removeAttachments([id.description, "s3-key-of-the-embedder"]))
        #expect(try await service.found(id) == nil)
        #expect(await service.removeAttachments([id.description]))
        #expect(service.usedBytes(of: ana.id) == 0)
        #expect(store.contentCount == 0)
    }

    @Test func `what cannot be removed now is named again`() async throws {
        let counting = CountingStore()
        let service = FileService(store: counting, clock: clock)
        service.serve(gate)
        let upload = try await service.begin(
            UploadDraft(name: "a", bytes: 1), in: room, by: ana)
        _ = try await service.append([1], at: 0, to: upload.file.id)
        let id = try await service.finish(upload).file.id
        counting.fail(with: .failed("disk"))
        #expect(await service.removeAttachments([id.description]) == false)
        #expect(service.usedBytes(of: ana.id) == 1)
        counting.fail(with: nil)
        #expect(await service.removeAttachments([id.description]))
        #expect(service.usedBytes(of: ana.id) == 0)
    }

    @Test func `before an engine is there nobody gets in`() async throws {
        let service = FileService(store: store, clock: clock)
        let error = await #expect(throws: WireError.self) {
            _ = try await service.begin(UploadDraft(name: "a", bytes: 1), in: room, by: ana)
        }
        #expect(error?.code == .shuttingDown)
    }

    @Test func `every error of a store is one that a client understands`() {
        let codes: [(FileError, WireError.Code)] = [
            (.notFound, .fileNotFound), (.wrongOffset(3), .offsetMismatch),
            (.tooMany, .sizeMismatch), (.incomplete(1), .offsetMismatch),
            (.wrongHash, .hashMismatch), (.busy, .overloaded), (.full, .diskFull),
            (.inUse, .storageUnavailable), (.failed("secret"), .storageUnavailable),
        ]
        for (error, code) in codes {
            let wire = FileService.wireError(error)
            #expect(wire.code == code)
            #expect(!wire.message.contains("secret"))
        }
    }
}
