// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform

/// Turns activities into lines of files, on a thread of its own.
actor ActivityWriter {
    private let directory: String
    private let options: ActivityLogOptions
    private let disk: ActivityDisk
    private let clock: any ChatClock
    private let queue: Lock<ActivityQueue>
    private let report: @Sendable (ActivityLogNotice) -> Void
    private var file: DayFile?
    /// When files that are too old were last looked for.
    private var cleanedOn: ActivityDay?
    private nonisolated let thread = BlockingThread()

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe thread.asUnownedSerialExecutor()
    }

    /// How many bytes of lines go to the disk at once.
    private static let chunkBytes = 65_536

    init(
        directory: String, options: ActivityLogOptions, disk: ActivityDisk, clock: any ChatClock,
        queue: Lock<ActivityQueue>, report: @escaping @Sendable (ActivityLogNotice) -> Void
    ) {
        self.directory = directory
        self.options = options
        self.disk = disk
        self.clock = clock
        self.queue = queue
        self.report = report
    }

    /// Finds out whether there is a place to write to.
    func open() throws(ActivityLogProblem) {
        _ = try turn(to: ActivityDay(clock.wallTime()))
    }

    /// Writes all that waits.
    func drain() {
        while true {
            let entries = queue.withLock { $0.take() }
            if entries.isEmpty { return }
            write(entries)
        }
    }

    /// Writes all that waits and closes the file.
    func finish() {
        drain()
        file?.close()
        file = nil
        thread.stop()
    }

    /// Lines of one day and at most ``chunkBytes`` (and one line) at a time.
    private func write(_ entries: [ActivityQueue.Entry]) {
        var rest = entries[...]
        while let first = rest.first {
            let day = ActivityDay(first.time)
            var chunk = Chunk(day: day, time: first.time)
            let lost = queue.withLock { $0.untold }
            if lost > 0 {
                chunk.bytes += ActivityLine(lost: lost, at: first.time).bytes
                chunk.told = lost
            }
            while let entry = rest.first, chunk.bytes.count < Self.chunkBytes,
                ActivityDay(entry.time) == day
            {
                chunk.bytes += ActivityLine(entry.activity, at: entry.time).bytes
                chunk.lineCount += 1
                rest.removeFirst()
            }
            write(chunk)
        }
    }

    private struct Chunk {
        var day: ActivityDay
        var time: Timestamp
        var bytes: [UInt8] = []
        var lineCount = 0
        /// How many lost lines the first line tells of.
        var told = 0
    }

    private func write(_ chunk: Chunk) {
        var written = 0
        var problem: ActivityLogProblem?
        var isTold = false
        do throws(ActivityLogProblem) {
            var file = try turn(to: chunk.day)
            if file.byteCount + Int64(chunk.bytes.count) > options.dayBytes {
                problem = .dayFull
            } else {
                let result = file.write(chunk.bytes)
                self.file = file
                problem = result.problem
                isTold = chunk.told > 0 && result.lines > 0
                written = result.lines - (isTold ? 1 : 0)
            }
        } catch {
            problem = error
        }
        let missing = chunk.lineCount - written
        let told = isTold ? chunk.told : 0
        let cause = problem ?? .tooFast
        let (count, time) = (written, chunk.time)
        let notices = queue.withLock { queue in
            [
                queue.wrote(count, told: told),
                queue.failed(missing, cause, at: time),
            ]
        }
        for case let notice? in notices { report(notice) }
    }

    /// The file of that day, under its name.
    private func turn(to day: ActivityDay) throws(ActivityLogProblem) -> DayFile {
        if let file, file.day == day, file.isInPlace { return file }
        file?.close()
        file = nil
        try disk.makeDirectory(directory)
        let opened = try DayFile(day, in: directory, disk)
        file = opened
        removeOld()
        return opened
    }

    /// Removes the files of days that are over for long enough. Other files are not touched.
    ///
    /// Today is what the clock says: lines of a room whose time is ahead must not remove anything.
    func removeOld() {
        let today = ActivityDay(clock.wallTime())
        if options.keptDays == 0 || cleanedOn == today { return }
        cleanedOn = today
        let first = today.back(options.keptDays - 1)
        do throws(ActivityLogProblem) {
            for name in try disk.names(in: directory) {
                guard let day = ActivityDay(fileName: name), day < first else { continue }
                try disk.remove("\(directory)/\(name)")
            }
        } catch {
            report(.notRemoved(error))
        }
    }
}
