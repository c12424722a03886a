// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@testable import ChatFiles

struct UploadRuleTests {
    private static func time(_ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds)
    }

    private static func upload(_ bytes: Int64, offset: Int64 = 0) -> UploadMachine {
        UploadMachine(
            UploadRecord(
                file: FileDescription(
                    id: FileID(), owner: UserID(rawValue: 1), room: RoomID(rawValue: 2), name: "a",
                    byteCount: bytes),
                sha256: "aa", offset: offset, touchedAt: time(1_000)))
    }

    @Test func `bytes are admitted where the upload is, up to its length`() throws {
        var machine = Self.upload(10)
        try machine.admit(10, at: 0)
        #expect(throws: FileError.tooMany) { try machine.admit(11, at: 0) }
        #expect(throws: FileError.wrongOffset(0)) { try machine.admit(1, at: 1) }
        machine.wrote(4, now: Self.time(2_000))
        try machine.admit(6, at: 4)
        #expect(throws: FileError.tooMany) { try machine.admit(7, at: 4) }
        #expect(throws: FileError.wrongOffset(4)) { try machine.admit(1, at: 0) }
        #expect(throws: FileError.incomplete(4)) { try machine.beginFinish() }
        machine.wrote(6, now: Self.time(1_500))
        #expect(machine.record.touchedAt == Self.time(2_000))
        try machine.beginFinish()
        #expect(throws: FileError.busy) { try machine.admit(0, at: 10) }
        #expect(throws: FileError.busy) { try machine.beginFinish() }
        #expect(!machine.isStale(since: Self.time(9_000)))
        machine.finishFailed()
        #expect(
            machine.isStale(since: Self.time(2_001)) && !machine.isStale(since: Self.time(2_000)))
        #expect(machine.accepts(sha256: "aa") && !machine.accepts(sha256: "ab"))
    }

    @Test func `a quota counts what is declared, until it is gone`() throws {
        var table = QuotaTable()
        let (ana, bo) = (UserID(rawValue: 1), UserID(rawValue: 2))
        func begin(_ bytes: Int64, _ user: UserID = ana) throws {
            try table.begin(bytes, of: user, maximumBytes: 100, maximumUploads: 2)
        }
        try begin(60)
        #expect(throws: QuotaTable.Refusal.bytes(left: 40)) { try begin(41) }
        try begin(40)
        #expect(throws: QuotaTable.Refusal.uploads) { try begin(1) }
        try begin(100, bo)
        table.finish(of: ana)
        #expect(throws: QuotaTable.Refusal.bytes(left: 0)) { try begin(1) }
        table.cancel(40, of: ana)
        #expect(table.usage(of: ana) == QuotaTable.Usage(bytes: 60, uploads: 0))
        try begin(40)
        table.cancel(40, of: ana)
        table.addFile(-60, of: ana)
        table.cancel(100, of: bo)
        #expect(table.userCount == 0)
    }

    static let png =
        "data:image/png;base64," + Base64Text.encode([0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10])

    static let refusals: [(UploadDraft, WireError.Code, String)] = [
        (UploadDraft(name: "a", bytes: 0), .invalidField, "bytes"),
        (UploadDraft(name: "a", bytes: 5_000_001), .fileTooLarge, "bytes"),
        (UploadDraft(name: "a", bytes: 1, sha256: "abc"), .invalidField, "sha256"),
        (
            UploadDraft(name: "a", bytes: 1, sha256: String(repeating: "A", count: 64)),
            .invalidField, "sha256"
        ),
        (UploadDraft(name: "a", bytes: 1, width: 100_001), .invalidField, "width"),
        (UploadDraft(name: "a", bytes: 1, height: -1), .invalidField, "height"),
        (
            UploadDraft(name: "a", bytes: 1, durationMilliseconds: -1), .invalidField,
            "duration_ms"
        ),
        (UploadDraft(name: "a", bytes: 1, preview: "x"), .invalidField, "preview"),
        (
            UploadDraft(name: "a", bytes: 1, preview: "javascript:alert(1)"), .invalidField,
            "preview"
        ),
        (
            UploadDraft(name: "a", bytes: 1, preview: "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4="),
            .invalidField, "preview"
        ),
        (
            UploadDraft(
                name: "a", bytes: 1, preview: png + String(repeating: "AAAA", count: 8_192)),
            .invalidField, "preview"
        ),
    ]

    @Test(arguments: refusals)
    func `F1: a declaration that breaks a rule is refused by field`(
        draft: UploadDraft, code: WireError.Code, field: String
    ) {
        let error = #expect(throws: WireError.self) { try Self.record(draft) }
        #expect(error?.code == code)
        #expect(error?.field == field)
    }

    @Test func `a declaration at its bounds is taken`() throws {
        let draft = UploadDraft(
            name: "../x", bytes: 5_000_000, sha256: String(repeating: "a", count: 64),
            width: 100_000, height: 0, durationMilliseconds: 0, preview: Self.png)
        let record = try Self.record(draft)
        #expect(record.file.name == "x")
        #expect(record.file.preview == Self.png)
        #expect(FilePreview(Self.png)?.mediaType == "image/png")
    }

    private static func record(_ draft: UploadDraft) throws(WireError) -> UploadRecord {
        try draft.record(
            id: FileID(), owner: UserID(rawValue: 1), room: RoomID(rawValue: 2),
            options: FileOptions(), now: time(0))
    }
}
