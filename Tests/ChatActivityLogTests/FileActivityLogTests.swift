// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Foundation
import Testing

@testable import ChatActivityLog

@Suite(.timeLimit(.minutes(3)))
struct FileActivityLogTests {
    private let folder = TemporaryFolder()
    private let clock = VirtualClock(wallTime: evening)
    private let notices = Notices()

    private func open(
        _ disk: ActivityDisk = ActivityDisk(),
        _ configure: (inout ActivityLogOptions) -> Void = { _ in }
    ) async throws -> FileActivityLog {
        var options = ActivityLogOptions()
        configure(&options)
        let log = FileActivityLog(
            directory: folder.path, options: options, clock: clock, disk: disk,
            report: { [notices] in notices.add($0) })
        try await log.open()
        return log
    }

    @Test func `a line stands in the file of its own day, and midnight begins another`()
        async throws
    {
        let log = try await open()
        log.record(message(1), at: evening)
        log.record(message(2), at: evening.later(milliseconds: 29_999))
        log.record(message(3), at: evening.later(milliseconds: 30_000))
        log.record(message(4), at: evening.later(milliseconds: 86_400_000))
        await log.close()
        #expect(
            folder.names == [
                "activity-2026-01-02.jsonl", "activity-2026-01-03.jsonl",
            ])
        let first = folder.lines("activity-2026-01-02.jsonl")
        #expect(first.map { $0["seq"] } == [1, 2])
        #expect(
            first.map { $0["time"] } == ["2026-01-02T23:59:30.000Z", "2026-01-02T23:59:59.999Z"])
        #expect(folder.lines("activity-2026-01-03.jsonl").map { $0["seq"] } == [3, 4])
        #expect(log.counts == ActivityLogCounts(written: 4, lost: 0, waiting: 0))
    }

    @Test func `files are kept for so many days, and other files are left alone`() async throws {
        let names = [
            "activity-2025-12-31.jsonl", "activity-2026-01-01.jsonl", "activity-1.jsonl",
            "activity-2025-12-31.jsonl.gz", "notes.txt", "activity-2025-02-30.jsonl",
        ]
        for name in names { try folder.write("{}\n", to: name) }
        let log = try await open { $0.keptDays = 2 }
        let others = Set(names.dropFirst(2))
        #expect(
            Set(folder.names)
                == others.union(["activity-2026-01-01.jsonl", "activity-2026-01-02.jsonl"]))
        // A room whose time is ahead removes nothing.
        log.record(message(1), at: evening.later(milliseconds: 400 * 86_400_000))
        await log.settle()
        #expect(folder.names.contains("activity-2026-01-01.jsonl"))
        clock.advance(milliseconds: 86_400_000)
        log.record(message(2), at: clock.wallTime())
        await log.close()
        #expect(
            Set(folder.names)
                == others.union([
                    "activity-2026-01-02.jsonl", "activity-2026-01-03.jsonl",
                    "activity-2027-02-06.jsonl",
                ]))
    }

    @Test func `with no number of days all files stay`() async throws {
        try folder.write("{}\n", to: "activity-1999-12-31.jsonl")
        let log = try await open { $0.keptDays = 0 }
        await log.close()
        #expect(folder.names.count == 2)
    }

    @Test func `a file is only for its owner, goes on after a restart, and mends a torn line`()
        async throws
    {
        let name = "activity-2026-01-02.jsonl"
        var log = try await open()
        log.record(message(1), at: evening)
        await log.close()
        let path = folder.url.appending(path: name).path
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? Int) == 0o600)
        // A process that was killed while it wrote.
        try folder.write(folder.text(name) + #"{"time":"2026-"#, to: name)
        log = try await open()
        log.record(message(2), at: evening)
        await log.close()
        #expect(folder.lines(name).map { $0["seq"] } == [1, .null, 2])
    }

    @Test func `content is off, and can be switched on`() async throws {
        let name = "activity-2026-01-02.jsonl"
        var log = try await open()
        log.record(message(1, "top secret"), at: evening)
        await log.close()
        #expect(!folder.text(name).contains("secret"))
        log = try await open { $0.includesContent = true }
        log.record(message(2, "top secret"), at: evening)
        await log.close()
        #expect(folder.lines(name).map { $0["text"] } == [.null, "top secret"])
    }

    @Test func `two servers do not share a directory`() async throws {
        let log = try await open()
        let other = FileActivityLog(directory: folder.path, clock: clock)
        await #expect(throws: ActivityLogProblem.inUse) { try await other.open() }
        await log.close()
    }

    @Test func `a directory that cannot be is told at the start`() async throws {
        try folder.write("", to: "file")
        let log = FileActivityLog(directory: "\(folder.path)/file/logs", clock: clock)
        await #expect(throws: ActivityLogProblem.failed(call: "mkdir", code: ENOTDIR)) {
            try await log.open()
        }
        // A link would lead to a file of somebody else.
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/activity-2026-01-02.jsonl", withDestinationPath: "file")
        let linked = FileActivityLog(directory: folder.path, clock: clock)
        await #expect(throws: ActivityLogProblem.failed(call: "open", code: ELOOP)) {
            try await linked.open()
        }
    }
}
