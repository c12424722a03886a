// SPDX-License-Identifier: MIT

/// What came of waiting for input.
package enum InputWait: Sendable {
    /// There is some, or the other side is gone: a read tells.
    case ready
    /// The time is over.
    case timedOut
    /// Nobody polls for this loop, or nobody does any more.
    case unpolled
}

extension EventLoop {
    /// Waits for input on somebody else's descriptor, as a database's connection is: the loop goes on meanwhile.
    ///
    /// Call it on the loop, and do not close the descriptor before it returns.
    package func input(on descriptor: Int32, until deadline: ChatInstant) async -> InputWait {
        guard let driver = attachedDriver else { return .unpolled }
        let gate = InputGate()
        let isWatched = driver.watch(descriptor, until: deadline) { gate.executor.open($0) }
        return isWatched ? await gate.pass() : .unpolled
    }
}

/// Where a task of a loop waits until the loop's driver opens.
///
/// Not a continuation: what it resumes goes by way of Swift's pool, so that a thread of the pool is woken only to
/// wake the loop (two thirds of what a hand-over to a thread costs).
private actor InputGate {
    nonisolated let executor = InputGateExecutor()

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    func pass() -> InputWait { executor.outcome }
}

/// Keeps the one job of a gate until it is opened, and then runs it where it is opened.
///
/// Unchecked: only the thread of the loop touches it, in the turn that begins to wait and in a later poll.
private final class InputGateExecutor: SerialExecutor, @unchecked Sendable {
    private var job: UnownedJob?
    private(set) var outcome = InputWait.unpolled

    func enqueue(_ job: consuming ExecutorJob) { self.job = UnownedJob(job) }

    func open(_ outcome: InputWait) {
        self.outcome = outcome
        let job = job
        self.job = nil
        if let job { unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
}
