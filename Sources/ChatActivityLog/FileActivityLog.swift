// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform

/// An activity log in daily files, `activity-2026-01-02.jsonl`: one JSON object a line, a day in UTC each.
///
/// Nobody waits for the disk: lines wait in memory, within bounds, for a thread that writes them. What does not fit, or what
/// the disk does not take, is left out, counted (``counts``), told once to whoever runs the server, and said in the file
/// itself when it goes on (`lines_lost`).
///
/// ```swift
/// let log = FileActivityLog(directory: "logs")
/// try await log.open()
/// configuration.activityLog = log
/// // … and after the engine has stopped:
/// await log.close()
/// ```
public final class FileActivityLog: ActivityLog {
    /// The bounds.
    public let options: ActivityLogOptions
    private let clock: any ChatClock
    private let queue: Lock<ActivityQueue>
    private let writer: ActivityWriter
    private let report: @Sendable (ActivityLogNotice) -> Void
    private let upkeep = Lock<Task<Void, Never>?>(nil)

    /// Makes a log; ``open()`` it before it is used.
    ///
    /// - Parameters:
    ///   - directory: where the files are; made if it is missing. One server per directory.
    ///   - options: bounds.
    ///   - clock: what says which files are too old.
    ///   - report: is told, on any thread, when lines are lost and when that is over. Do not block.
    public convenience init(
        directory: String, options: ActivityLogOptions = ActivityLogOptions(),
        clock: any ChatClock = SystemClock(),
        report: @escaping @Sendable (ActivityLogNotice) -> Void = { _ in }
    ) {
        self.init(
            directory: directory, options: options, clock: clock, disk: ActivityDisk(),
            report: report)
    }

    package init(
        directory: String, options: ActivityLogOptions, clock: any ChatClock, disk: ActivityDisk,
        report: @escaping @Sendable (ActivityLogNotice) -> Void
    ) {
        self.options = options
        self.clock = clock
        self.report = report
        queue = Lock(ActivityQueue(options))
        writer = ActivityWriter(
            directory: directory, options: options, disk: disk, clock: clock, queue: queue,
            report: report)
    }

    /// Makes the directory if it is missing, opens today's file and removes those that are too old.
    ///
    /// - Throws: what is wrong with the directory.
    public func open() async throws(ActivityLogProblem) {
        try await writer.open()
        guard clock.isRealTime else { return }
        let writer = writer
        let task = Task {
            // A server on which nothing happens forgets what is too old as well.
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: .seconds(3_600))
                } catch {
                    return
                }
                await writer.removeOld()
            }
        }
        upkeep.withLock { $0 = task }
    }

    /// See ``ActivityLog/record(_:at:)``. Never waits.
    public func record(_ activity: Activity, at time: Timestamp) {
        let (wakes, notice) = queue.withLock { $0.add(activity, at: time) }
        if let notice { report(notice) }
        if wakes {
            let writer = writer
            Task { await writer.drain() }
        }
    }

    /// What has become of the lines so far.
    public var counts: ActivityLogCounts { queue.withLock { $0.counts } }

    /// Writes what waits and closes the file. What is recorded afterwards is left out.
    ///
    /// A disk that does not answer is waited for as long as ``ActivityLogOptions/closeMilliseconds``.
    public func close() async {
        upkeep.withLock { $0 }?.cancel()
        queue.withLock { $0.close() }
        let writer = writer
        let patience = options.closeMilliseconds
        let end = FirstOfTwo()
        Task {
            await writer.finish()
            end.arrive()
        }
        let alarm = Task {
            do {
                try await Task.sleep(for: .milliseconds(patience))
            } catch {
                return
            }
            end.arrive()
        }
        await end.wait()
        alarm.cancel()
    }
}

/// Lets one caller pass as soon as anybody has arrived.
private final class FirstOfTwo: Sendable {
    private struct State {
        var hasArrived = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Lock(State())

    func arrive() {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.hasArrived = true
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let hasArrived = state.withLock { state -> Bool in
                if !state.hasArrived { state.waiting = continuation }
                return state.hasArrived
            }
            if hasArrived { continuation.resume() }
        }
    }
}
