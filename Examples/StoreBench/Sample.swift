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

/// A loop over one database, which takes turns with others.
protocol Contender: AnyObject {
    /// Appends batches, one after the other, for that long.
    func run(batch: Int, seconds: Double) async throws -> Figures
    /// Waits for what it has left to do in the background: it is not to cost the others their time.
    func settle() async throws
    /// Removes what it made.
    func close() async
}

extension Contender {
    func settle() async throws {}
}

/// What a loop did in its turns.
struct Figures {
    private var (messages, transactions) = (0, 0)
    private var (seconds, cpuMicroseconds) = (0.0, 0)

    init() {}

    fileprivate init(messages: Int, transactions: Int, seconds: Double, cpuMicroseconds: Int) {
        (self.messages, self.transactions) = (messages, transactions)
        (self.seconds, self.cpuMicroseconds) = (seconds, cpuMicroseconds)
    }

    static func += (sum: inout Self, turn: Self) {
        sum.messages += turn.messages
        sum.transactions += turn.transactions
        sum.seconds += turn.seconds
        sum.cpuMicroseconds += turn.cpuMicroseconds
    }

    var messagesPerSecond: Int { Int(Double(messages) / seconds) }
    /// Of the whole process.
    var cpuMicrosecondsPerTransaction: Int { cpuMicroseconds / max(1, transactions) }
}

/// The clocks of a turn.
struct Stopwatch {
    private let start = ContinuousClock.now
    private let cpuStart = Self.cpuMicroseconds

    func isWithin(_ seconds: Double) -> Bool { ContinuousClock.now - start < .seconds(seconds) }

    func figures(transactions: Int, batch: Int) -> Figures {
        Figures(
            messages: transactions * batch, transactions: transactions,
            seconds: (ContinuousClock.now - start) / .seconds(1),
            cpuMicroseconds: Self.cpuMicroseconds - cpuStart)
    }

    private static var cpuMicroseconds: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000
            + Int(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    }
}
