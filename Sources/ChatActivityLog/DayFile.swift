// SPDX-License-Identifier: MIT

import ChatCore

/// A day in UTC: what a file is named after.
struct ActivityDay: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01.
    let number: Int64

    private static let dayMilliseconds: Int64 = 86_400_000

    init(_ time: Timestamp) {
        let (quotient, rest) = time.milliseconds.quotientAndRemainder(
            dividingBy: Self.dayMilliseconds)
        number = rest < 0 ? quotient - 1 : quotient
    }

    /// The day of a file's name; `nil` for every other name, which is not ours to remove.
    init?(fileName: String) {
        let parts = fileName.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1] == "jsonl", parts[0].hasPrefix("activity-"),
            let time = Timestamp("\(parts[0].dropFirst(9))T00:00:00Z")
        else { return nil }
        self.init(time)
        if fileName != self.fileName { return nil }
    }

    private init(number: Int64) { self.number = number }

    func back(_ days: Int) -> ActivityDay { ActivityDay(number: number - Int64(days)) }

    var fileName: String {
        let time = Timestamp(milliseconds: number * Self.dayMilliseconds)
        return "activity-\(time.description.prefix { $0 != "T" }).jsonl"
    }

    static func < (left: ActivityDay, right: ActivityDay) -> Bool { left.number < right.number }
}

/// The open file of a day. Whole lines only: what was half written is cut off again.
struct DayFile {
    let day: ActivityDay
    private let path: String
    private let disk: ActivityDisk
    private let descriptor: Int32
    private let facts: ActivityDisk.Facts
    private(set) var byteCount: Int64
    /// Whether the last line has no end, of a process that was killed or of a disk that was full.
    private var isTorn: Bool

    init(
        _ day: ActivityDay, in directory: String, _ disk: ActivityDisk
    ) throws(ActivityLogProblem) {
        self.day = day
        self.disk = disk
        path = "\(directory)/\(day.fileName)"
        descriptor = try disk.open(path)
        do throws(ActivityLogProblem) {
            facts = try disk.facts(descriptor)
        } catch {
            disk.close(descriptor)
            throw error
        }
        byteCount = facts.byteCount
        isTorn = byteCount > 0 && disk.byte(before: byteCount, of: descriptor) != Self.newline
    }

    private static let newline = UInt8(ascii: "\n")

    /// Whether it is still the file under its name: somebody may have moved or removed it.
    var isInPlace: Bool { disk.facts(at: path)?.isSameFile(as: facts) ?? false }

    /// Writes lines; returns how many of them are whole, and what stopped the others.
    mutating func write(_ lines: [UInt8]) -> (lines: Int, problem: ActivityLogProblem?) {
        let bytes = isTorn ? [Self.newline] + lines : lines
        var done = 0
        var problem: ActivityLogProblem?
        while done < bytes.count, problem == nil {
            let count = disk.write(descriptor, bytes, done)
            if count > 0 {
                done += count
            } else if count != -ActivityDisk.interrupted {
                problem = ActivityDisk.problem("write", Int32(-count))
            }
        }
        let torn = isTorn ? 1 : 0
        let whole = bytes[..<done].lastIndex(of: Self.newline).map { $0 + 1 } ?? 0
        isTorn = done == 0 ? isTorn : whole < done
        byteCount += Int64(done)
        // Others may have cut the file since it was opened.
        if whole < done, let end = try? disk.facts(descriptor).byteCount {
            let rest = end - Int64(done - whole)
            if disk.truncate(descriptor, to: rest) {
                byteCount = rest
                isTorn = false
            }
        }
        let ends = bytes[..<whole].count { $0 == Self.newline }
        return (max(0, ends - torn), problem)
    }

    func close() {
        disk.sync(descriptor)
        disk.close(descriptor)
    }
}
