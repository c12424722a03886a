// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatTesting
import Foundation
import Testing

@testable import ChatActivityLog

/// Disks that are full, gone or stuck.
@Suite(.timeLimit(.minutes(3)))
struct ActivityDiskTests {
    private let folder = TemporaryFolder()
    private let clock = VirtualClock(wallTime: evening)
    private let notices = Notices()
    private let name = "activity-2026-01-02.jsonl"

    private func open(
        _ disk: ActivityDisk, _ configure: (inout ActivityLogOptions) -> Void = { _ in }
    ) async throws -> FileActivityLog {
        var options = ActivityLogOptions()
        configure(&options)
        let log = FileActivityLog(
            directory: folder.path, options: options, clock: clock, disk: disk,
            report: { [notices] in notices.add($0) })
        try await log.open()
        return log
    }

    /// A disk that takes so many more bytes, in pieces of any length.
    private final class Room: Sendable {
        private let bytes: Lock<Int>
        let pieceBytes: Int

        init(bytes: Int, pieceBytes: Int = .max) {
            self.bytes = Lock(bytes)
            self.pieceBytes = pieceBytes
        }

        func make(_ count: Int) { bytes.withLock { $0 = count } }

        var disk: ActivityDisk {
            var disk = ActivityDisk()
            let write = disk.write
            disk.write = { descriptor, bytes, from in
                let count = self.bytes.withLock { left in
                    let count = min(left, bytes.count - from, self.pieceBytes)
                    left -= count
                    return count
                }
                if count == 0 { return -Int(ENOSPC) }
                return write(descriptor, Array(bytes[..<(from + count)]), from)
            }
            return disk
        }
    }

    @Test(arguments: [1, 7, 100, 1_000])
    func `on a full disk whole lines are kept, the others are counted and told once`(
        _ pieceBytes: Int
    ) async throws {
        let line = ActivityLine(message(1, ""), at: evening).bytes.count
        let room = Room(bytes: 3 * line + line / 2, pieceBytes: pieceBytes)
        let log = try await open(room.disk)
        for _ in 0..<5 {
            log.record(message(1), at: evening)
            await log.settle()
        }
        #expect(log.counts == ActivityLogCounts(written: 3, lost: 2, waiting: 0))
        #expect(folder.lines(name).count == 3)
        #expect(folder.text(name).hasSuffix("}\n"))
        #expect(notices.all == [.losing(.diskFull)])
        room.make(.max)
        log.record(message(9), at: evening)
        await log.close()
        let lines = folder.lines(name)
        #expect(lines.map { $0["event"] }.suffix(2) == ["lines_lost", "message"])
        #expect(lines.dropLast().last?["count"] == 2)
        #expect(log.counts == ActivityLogCounts(written: 4, lost: 2, waiting: 0))
        #expect(notices.all == [.losing(.diskFull), .recovered(lostLines: 2)])
    }

    @Test func `of lines that are written together, those before the disk was full are kept`()
        async throws
    {
        let line = ActivityLine(message(1, ""), at: evening).bytes.count
        let room = Room(bytes: 10 * line + 5)
        var file = try DayFile(ActivityDay(evening), in: makeFolder(), room.disk)
        var bytes: [UInt8] = []
        for _ in 0..<20 { bytes += ActivityLine(message(1, ""), at: evening).bytes }
        let result = file.write(bytes)
        #expect(result.lines == 10)
        #expect(result.problem == .diskFull)
        #expect(file.byteCount == Int64(10 * line))
        room.make(.max)
        #expect(file.write(bytes).lines == 20)
        file.close()
        #expect(folder.lines(name).count == 30)
        #expect(folder.lines(name).allSatisfy { $0["event"] == "message" })
    }

    private func makeFolder() throws -> String {
        try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
        return folder.path
    }

    @Test func `a directory that was removed is made again`() async throws {
        let log = try await open(ActivityDisk())
        log.record(message(1), at: evening)
        await log.settle()
        try FileManager.default.removeItem(at: folder.url)
        log.record(message(2), at: evening)
        await log.settle()
        #expect(folder.lines(name).map { $0["seq"] } == [2])
        // A file that was moved away is begun anew under its name.
        try FileManager.default.moveItem(
            at: folder.url.appending(path: name), to: folder.url.appending(path: "old"))
        log.record(message(3), at: evening)
        await log.close()
        #expect(folder.lines("old").map { $0["seq"] } == [2])
        #expect(folder.lines(name).map { $0["seq"] } == [3])
        #expect(notices.all.isEmpty)
    }

    @Test func `a directory that cannot be made again costs lines and nothing else`() async throws {
        let log = try await open(ActivityDisk())
        try FileManager.default.removeItem(at: folder.url)
        // Something else has its name.
        try Data().write(to: folder.url)
        log.record(message(1), at: evening)
        await log.settle()
        log.record(message(2), at: evening)
        await log.settle()
        #expect(log.counts.lost == 2)
        #expect(notices.all == [.losing(.failed(call: "open", code: ENOTDIR))])
        try FileManager.default.removeItem(at: folder.url)
        log.record(message(3), at: evening)
        await log.close()
        #expect(folder.lines(name).map { $0["event"] } == ["lines_lost", "message"])
    }

    @Test func `a day's file has a greatest length`() async throws {
        let line = ActivityLine(message(1, ""), at: evening).bytes.count
        let log = try await open(ActivityDisk()) { $0.dayBytes = Int64(2 * line) }
        for _ in 0..<3 {
            log.record(message(1), at: evening)
            await log.settle()
        }
        #expect(folder.lines(name).count == 2)
        #expect(notices.all == [.losing(.dayFull)])
        log.record(message(4), at: evening.later(milliseconds: 86_400_000))
        await log.close()
        #expect(log.counts == ActivityLogCounts(written: 3, lost: 1, waiting: 0))
    }

    /// A disk that answers when it is told to.
    private final class Gate: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        let reached = Latch()

        var disk: ActivityDisk {
            var disk = ActivityDisk()
            let write = disk.write
            disk.write = { descriptor, bytes, from in
                self.reached.open()
                self.semaphore.wait()
                self.semaphore.signal()
                return write(descriptor, bytes, from)
            }
            return disk
        }

        func open() { semaphore.signal() }
    }

    @Test func `while the disk is stuck nobody waits, and no more than the bound is kept`()
        async throws
    {
        let gate = Gate()
        let log = try await open(gate.disk) { $0.queuedLines = 10 }
        log.record(message(0), at: evening)
        await gate.reached.wait()
        for number in 1...100_000 { log.record(message(number), at: evening) }
        #expect(log.counts == ActivityLogCounts(written: 0, lost: 99_990, waiting: 11))
        #expect(notices.all == [.losing(.tooFast)])
        gate.open()
        await log.close()
        #expect(log.counts == ActivityLogCounts(written: 11, lost: 99_990, waiting: 0))
        #expect(notices.all == [.losing(.tooFast), .recovered(lostLines: 99_990)])
        let lines = folder.lines(name)
        #expect(lines.count == 12)
        #expect(lines[1]["event"] == "lines_lost")
        #expect(lines[1]["count"] == 99_990)
    }

    @Test func `a stuck disk does not keep the process from ending`() async throws {
        let gate = Gate()
        let log = try await open(gate.disk) { $0.closeMilliseconds = 1 }
        log.record(message(0), at: evening)
        await gate.reached.wait()
        await log.close()
        #expect(log.counts.waiting == 1)
        gate.open()
        await log.settle()
    }
}
