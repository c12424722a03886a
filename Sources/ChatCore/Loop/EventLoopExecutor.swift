// SPDX-License-Identifier: MIT

import ChatPlatform
import Synchronization

/// The serial executor of one ``EventLoop``: a queue of jobs and whoever runs them.
///
/// Without a transport the jobs run on Swift's own pool, one drain at a time. A reactor takes the loop over
/// with ``handOver(wake:start:)`` and runs them on its thread between two polls. A test drives it by hand.
/// Only one of them runs at any time, so the loop's state needs no lock.
public final class EventLoopExecutor: SerialExecutor {
    private enum Driver {
        case pool
        case thread(wake: @Sendable () -> Void)
    }

    private struct State {
        var jobs: [UnownedJob] = []
        var driver = Driver.pool
        var isDraining = false
        var isWakePending = false
        var start: (@Sendable () -> Void)?
    }

    /// What is called at the end of each turn.
    ///
    /// In a struct: a function that goes in and out of a generic as itself is wrapped once more each time,
    /// so that the chain of wrappers grew with every turn.
    private struct TurnEnd {
        var body: (@Sendable () -> Void)?
    }

    private let state = Lock(State())
    private let owner = Atomic<UInt64>(0)
    private let turnEnd = Lock(TurnEnd())

    init() {}

    func onTurnEnd(_ body: @escaping @Sendable () -> Void) { turnEnd.withLock { $0.body = body } }

    /// Adds a job; the driver runs it in order of arrival. Any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        schedule { $0.jobs.append(unowned) }
    }

    /// Makes the loop run a turn soon, for example because a mailbox has something. Any thread.
    package func wake() { schedule { _ in } }

    private func schedule(_ change: (inout State) -> Void) {
        enum Order { case nothing, drain, wake(@Sendable () -> Void) }
        let order = state.withLock { state -> Order in
            change(&state)
            switch state.driver {
            case .pool:
                state.isWakePending = true
                if state.isDraining { return .nothing }
                state.isDraining = true
                return .drain
            case .thread(let wake):
                if isOwner || state.isWakePending {
                    state.isWakePending = true
                    return .nothing
                }
                state.isWakePending = true
                return .wake(wake)
            }
        }
        switch order {
        case .nothing: break
        case .drain: Task.detached { self.drain() }
        case .wake(let wake): wake()
        }
    }

    /// Whether the calling thread is running this loop now.
    package var isOwner: Bool { owner.load(ordering: .relaxed) == SystemSource.threadID() }

    /// Whether something waits to be run, so that the driver must not sleep.
    package var hasPending: Bool { state.withLock { $0.isWakePending } }

    // MARK: The pool as driver

    private func drain() {
        while true {
            runTurn()
            let next = state.withLock { state -> (again: Bool, start: (@Sendable () -> Void)?) in
                if case .thread = state.driver {
                    state.isDraining = false
                    let start = state.start
                    state.start = nil
                    return (false, start)
                }
                state.isDraining = state.isWakePending
                return (state.isWakePending, nil)
            }
            next.start?()
            if !next.again { return }
        }
    }

    // MARK: A thread or a test as driver

    /// Runs the jobs that wait and then the end of the turn, on the calling thread.
    package func runTurn() {
        runJobs()
        asOwner { turnEnd.withLock { $0.body }?() }
    }

    /// Runs the jobs that wait now; those they enqueue wait for the next call.
    package func runJobs() {
        let jobs = state.withLock { state -> [UnownedJob] in
            state.isWakePending = false
            let jobs = state.jobs
            state.jobs = []
            return jobs
        }
        if jobs.isEmpty { return }
        asOwner {
            for job in jobs { unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }

    /// Runs `body` as this loop: `assumeIsolated` succeeds inside. Only for the present driver.
    package func asOwner(_ body: () -> Void) {
        let previous = owner.exchange(SystemSource.threadID(), ordering: .relaxed)
        body()
        owner.store(previous, ordering: .relaxed)
    }

    /// Gives the loop to a thread: once the pool's last turn is over, `start` is called (it makes the thread).
    ///
    /// - Parameters:
    ///   - wake: interrupts the thread's poll; called from any thread.
    ///   - start: called once, from any thread.
    package func handOver(
        wake: @escaping @Sendable () -> Void, start: @escaping @Sendable () -> Void
    ) {
        let startNow = state.withLock { state -> Bool in
            state.driver = .thread(wake: wake)
            if !state.isDraining { return true }
            state.start = start
            return false
        }
        if startNow { start() }
    }

    /// Gives the loop back to the pool; the thread must not run it afterwards.
    package func handBack() {
        let drains = state.withLock { state -> Bool in
            state.driver = .pool
            let drains = state.isWakePending || !state.jobs.isEmpty
            state.isDraining = drains
            return drains
        }
        if drains { Task.detached { self.drain() } }
    }

    // MARK: SerialExecutor

    /// Traps unless the calling thread runs this loop.
    public func checkIsolated() {
        precondition(isOwner, "this must be called from the event loop that owns it")
    }

    /// Whether the calling thread runs this loop.
    public func isIsolatingCurrentContext() -> Bool? { isOwner }
}
