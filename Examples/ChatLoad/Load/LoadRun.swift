// SPDX-License-Identifier: MIT

import Glibc

/// A whole run: connects, warms up, measures, waits for the rest, adds up.
struct LoadRun {
    let plan: LoadPlan
    private let board = Board()

    init(plan: LoadPlan) { self.plan = plan }

    /// - Throws: `UsageProblem` when it cannot begin.
    func run() throws(UsageProblem) -> LoadReport {
        let limit = SystemProbe.raiseDescriptorLimit()
        guard plan.slotCount + 16 <= limit else {
            throw UsageProblem(
                text:
                    "\(plan.slotCount) connections need more descriptors than the \(limit) that are allowed"
                    + " (ulimit -n)")
        }
        for process in plan.processes where !SystemProbe.isRunning(process) {
            throw UsageProblem(text: "--pid: there is no process \(process)")
        }
        let address = try Self.resolve(plan.host, port: plan.port)
        var report = LoadReport(plan: plan)
        report.beforeSetup = SystemProbe.usage(of: plan.processes)
        let kernelKB = SystemProbe.kernelTCPKB()
        let start = SystemProbe.now()
        let threads = (0..<plan.threadCount).map {
            WorkerThread(plan: plan, board: board, address: address, thread: $0)
        }
        if plan.mode == .connects {
            connectAgainAndAgain(&report)
        } else {
            waitUntilReady(since: start)
            report.isReady = board.count(board.ready) == plan.connectionCount
            report.setupSeconds = Self.seconds(since: start)
            report.afterSetup = SystemProbe.usage(of: plan.processes)
            if report.isReady { plan.mode == .idle ? hold(&report) : load(&report) }
        }
        report.kernelTCPKB = SystemProbe.kernelTCPKB() - kernelKB
        report.closed = board.count(board.closed)
        report.failed = board.count(board.failed)
        board.phase = .stop
        for thread in threads { report.result.merge(thread.join()) }
        return report
    }

    private func waitUntilReady(since start: UInt64) {
        while board.count(board.ready) + board.count(board.failed) < plan.connectionCount {
            if Self.seconds(since: start) > plan.setupTimeoutSeconds { break }
            // One that failed may be one that others wait for.
            if board.count(board.failed) > 0, plan.createsRooms { break }
            progress("connected", board.count(board.ready))
            Self.sleep(0.005)
        }
        let ready = board.count(board.ready)
        if ready < plan.connectionCount {
            StandardStream.error.write(
                "chat-load: only \(ready) of \(plan.connectionCount) connections became ready\n")
        }
    }

    private func hold(_ report: inout LoadReport) {
        Self.sleep(plan.holdSeconds)
        report.atEnd = SystemProbe.usage(of: plan.processes)
    }

    private func load(_ report: inout LoadReport) {
        board.phase = .warmup
        Self.sleep(plan.warmupSeconds)
        measure(&report) { false }
        let drainStart = SystemProbe.now()
        while board.count(board.delivered) < board.count(board.expected),
            Self.seconds(since: drainStart) < plan.drainSeconds
        {
            Self.sleep(0.01)
        }
        // What is too much shall be seen as well, not only what is too little; and slow members read to the end.
        Self.sleep(plan.slowCount > 0 ? 1 : 0.05)
    }

    private func connectAgainAndAgain(_ report: inout LoadReport) {
        measure(&report) {
            board.count(board.ready) + board.count(board.failed) >= plan.connectionCount
        }
        report.isReady = board.count(board.ready) > 0
        report.afterSetup = report.atEnd
    }

    private func measure(_ report: inout LoadReport, until isDone: () -> Bool) {
        report.atStart = SystemProbe.usage(of: plan.processes)
        let ownStart = SystemProbe.ownCPUSeconds()
        let stolenStart = SystemProbe.stolenSeconds()
        let start = SystemProbe.now()
        board.phase = .measure
        while !isDone() {
            let left = plan.durationSeconds - Self.seconds(since: start)
            guard left > 0 else { break }
            progress(
                plan.mode == .connects ? "connects" : "deliveries",
                plan.mode == .connects
                    ? board.count(board.ready) : board.count(board.delivered))
            Self.sleep(min(left, plan.mode == .connects ? 0.002 : 0.1))
        }
        board.phase = .drain
        report.elapsedSeconds = Self.seconds(since: start)
        report.atEnd = SystemProbe.usage(of: plan.processes)
        report.ownCPUSeconds = SystemProbe.ownCPUSeconds() - ownStart
        report.stolenSeconds = SystemProbe.stolenSeconds() - stolenStart
    }

    private let progressStart = SystemProbe.now()
    private let lastProgress = LastProgress()

    private func progress(_ what: String, _ count: Int) {
        guard plan.showsProgress else { return }
        let second = Int(Self.seconds(since: progressStart))
        guard second > lastProgress.second else { return }
        StandardStream.error.write(
            "chat-load: \(second) s: \(count) \(what) (+\(count - lastProgress.count))\n")
        lastProgress.second = second
        lastProgress.count = count
    }

    private final class LastProgress {
        var second = 0
        var count = 0
    }

    private static func seconds(since start: UInt64) -> Double {
        Double(SystemProbe.now() - start) / 1e9
    }

    private static func sleep(_ seconds: Double) { usleep(UInt32(max(0, seconds) * 1e6)) }

    private static func resolve(_ host: String, port: Int) throws(UsageProblem) -> ServerAddress {
        var hints = addrinfo()
        hints.ai_family = AF_INET
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &found) == 0, let found,
            let address = found.pointee.ai_addr
        else { throw UsageProblem(text: "no IPv4 address found for \(host)") }
        defer { freeaddrinfo(found) }
        let raw = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
            $0.pointee.sin_addr.s_addr
        }
        return ServerAddress(raw: UInt32(bigEndian: raw), port: UInt16(port))
    }
}

/// A thread with a `Worker` in it.
final class WorkerThread {
    private final class Box {
        let make: () -> Worker
        var result = WorkerResult()
        init(_ make: @escaping () -> Worker) { self.make = make }
    }

    private let box: Box
    private var thread = pthread_t()

    init(plan: LoadPlan, board: Board, address: ServerAddress, thread number: Int) {
        box = Box { Worker(plan: plan, board: board, address: address, thread: number) }
        let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { raw in
            guard let raw else { return nil }
            let box = Unmanaged<Box>.fromOpaque(raw).takeUnretainedValue()
            var worker = box.make()
            worker.run()
            box.result = worker.result
            return nil
        }
        let status = pthread_create(&thread, nil, start, Unmanaged.passUnretained(box).toOpaque())
        precondition(status == 0, "chat-load: no thread could be started")
    }

    func join() -> WorkerResult {
        pthread_join(thread, nil)
        return box.result
    }
}
