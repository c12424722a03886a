// SPDX-License-Identifier: MIT

import Glibc

/// What both loops append.
enum Sample {
    static let text = String(repeating: "x", count: 128)
    static let roomCount = 100
    /// Before anything is measured: a write-ahead log that still grows makes each commit write the file's size as
    /// well. After these it is as large as it gets, and is written over.
    static let (warmupBatches, warmupBatch) = (150, 1_000)
    static let startMilliseconds: Int64 = 1_767_225_600_000

    static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    }
}

/// What a loop did in its time.
struct Figures {
    let messagesPerSecond: Int
    /// Of the whole process, per transaction.
    let cpuMicroseconds: Int
}

/// The clocks of a loop.
struct Stopwatch {
    private let start = ContinuousClock.now
    private let cpuStart = Self.cpuMicroseconds

    func isWithin(_ seconds: Double) -> Bool { ContinuousClock.now - start < .seconds(seconds) }

    func figures(transactions: Int, batch: Int) -> Figures {
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        return Figures(
            messagesPerSecond: Int(Double(transactions * batch) / elapsed),
            cpuMicroseconds: (Self.cpuMicroseconds - cpuStart) / max(1, transactions))
    }

    private static var cpuMicroseconds: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000
            + Int(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    }
}
