// SPDX-License-Identifier: MIT

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A thread of its own for calls that block on a disk or a database, as the executor of an actor.
///
/// Swift's shared pool has a thread per core: one `fsync` on it stops other tasks. The thread
/// starts with the first job and ends after ``stop()``, when nothing waits; a job that comes later
/// still starts it again, so that no task hangs.
package final class BlockingThread: SerialExecutor, Sendable {
    private let queue = JobQueue()
    private let givesWay: Bool

    /// Makes a thread that is not started yet.
    ///
    /// - Parameter givesWay: whether threads that wait for events come before it: for work that takes milliseconds of a
    ///   core at a time.
    package init(givesWay: Bool = false) { self.givesWay = givesWay }

    /// Queues a job for the thread.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if queue.add(job) { start() }
    }

    /// Lets the thread end when it has nothing to do.
    package func stop() { queue.setStopped(true) }

    /// Lets the thread wait for jobs again, after ``stop()``.
    package func resume() { queue.setStopped(false) }

    private func start() {
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        #if canImport(Glibc)
            var thread = pthread_t()
        #else
            var thread: pthread_t?
        #endif
        let result = unsafe pthread_create(
            &thread, nil,
            { context in
                #if canImport(Darwin)
                    let start = unsafe context
                #else
                    guard let start = unsafe context else { return nil }
                #endif
                let owner = unsafe Unmanaged<BlockingThread>.fromOpaque(start)
                unsafe owner.takeRetainedValue().runJobs()
                return nil
            }, context)
        precondition(result == 0, "no thread can be made for the database")
        // Nobody waits for its end.
        #if canImport(Darwin)
            if let thread = unsafe thread { unsafe pthread_detach(thread) }
        #else
            pthread_detach(thread)
        #endif
    }

    private func runJobs() {
        if givesWay { SystemSource.giveWay() }
        while let job = queue.next() {
            unsafe job.runSynchronously(on: asUnownedSerialExecutor())
        }
    }
}

/// Jobs that wait for a thread, and the condition on which it waits for them.
@safe
private final class JobQueue: @unchecked Sendable {
    // Unchecked because a condition needs the bare mutex: every property below is only reached with
    // `mutex` held.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var waiting: [UnownedJob] = []
    private var taken: [UnownedJob] = []
    private var isRunning = false
    private var isStopped = false

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition.initialize(to: pthread_cond_t())
        let results = unsafe (pthread_mutex_init(mutex, nil), pthread_cond_init(condition, nil))
        precondition(results == (0, 0), "no lock can be made")
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Adds a job.
    ///
    /// Returns whether a thread has to be started for it.
    func add(_ job: UnownedJob) -> Bool {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        waiting.append(job)
        defer { isRunning = true }
        if isRunning { unsafe pthread_cond_signal(condition) }
        return !isRunning
    }

    /// Ends the thread once nothing waits, or lets it wait again.
    func setStopped(_ isStopped: Bool) {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        self.isStopped = isStopped
        unsafe pthread_cond_signal(condition)
    }

    /// The next job, in order; waits for one.
    ///
    /// `nil` when the thread shall end.
    func next() -> UnownedJob? {
        // `taken` belongs to the thread alone: it takes the lock once for all jobs that wait.
        if let job = taken.popLast() { return job }
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while waiting.isEmpty {
            if isStopped {
                isRunning = false
                return nil
            }
            unsafe pthread_cond_wait(condition, mutex)
        }
        taken = waiting.reversed()
        waiting.removeAll(keepingCapacity: true)
        return taken.popLast()
    }
}
