// SPDX-License-Identifier: MIT

/// One island of state: a shard of rooms, the connections of one reactor and their sessions.
///
/// Everything on an island is plain classes that call each other directly; the actor is the wall around it.
/// A turn is: the driver polls and hands in what was read, jobs run, timers and mailboxes run, each resident
/// ends its turn (a batch goes to storage, events go to connections), the driver writes.
public actor EventLoop {
    /// The queue of jobs and its driver.
    public nonisolated let executor: EventLoopExecutor
    /// Where the loop takes its time from.
    public nonisolated let clock: any ChatClock
    /// The loop's number among its engine's.
    public nonisolated let index: Int

    private var residents: [any LoopResident] = []
    private var driver: (any LoopDriver)?
    private var armed: ChatInstant?

    /// The executor, for the runtime.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Makes a loop that runs on Swift's pool until a reactor takes it over.
    public init(index: Int = 0, clock: any ChatClock = SystemClock()) {
        self.index = index
        self.clock = clock
        executor = EventLoopExecutor()
        executor.onTurnEnd { [weak self] in self?.assumeIsolated { $0.endTurn() } }
    }

    /// Runs `body` on the loop: the way in for everybody outside.
    public func run<Result: Sendable, Failure: Error>(
        _ body: @Sendable (isolated EventLoop) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(self)
    }

    /// Adds something that lives on the loop. Call it on the loop.
    public func add(_ resident: any LoopResident) { residents.append(resident) }

    /// Removes a resident. Call it on the loop.
    public func remove(_ resident: any LoopResident) { residents.removeAll { $0 === resident } }

    /// The resident of that type.
    package func resident<Resident: LoopResident>(_ type: Resident.Type) -> Resident? {
        for resident in residents {
            if let found = resident as? Resident { return found }
        }
        return nil
    }

    /// Names what polls for this loop. Call it on the loop.
    package func attach(_ driver: (any LoopDriver)?) { self.driver = driver }

    /// What polls for this loop, if a reactor does.
    package var attachedDriver: (any LoopDriver)? { driver }

    /// The earliest point at which a resident or the driver has something to do.
    package var nextDeadline: ChatInstant? {
        var deadline = driver?.nextDeadline
        for resident in residents { deadline = deadline.earlier(of: resident.nextDeadline) }
        return deadline
    }

    /// Polls once: at most until the next deadline, not at all if jobs wait.
    package func poll() {
        guard let driver else { return }
        if executor.hasPending { return driver.poll(timeoutMilliseconds: 0) }
        guard let deadline = nextDeadline else { return driver.poll(timeoutMilliseconds: -1) }
        let rest = deadline.milliseconds(since: clock.now())
        driver.poll(timeoutMilliseconds: Int32(clamping: max(0, rest)))
    }

    private func endTurn() {
        let now = clock.now()
        for resident in residents { resident.runDue(now: now) }
        for resident in residents { resident.endTurn(now: now) }
        if let driver {
            driver.flush(now: now)
        } else {
            armPoolTimer(now: now)
        }
    }

    /// Without a driver a sleeping task stands in for the poll's timeout.
    private func armPoolTimer(now: ChatInstant) {
        guard let deadline = nextDeadline, clock.isRealTime else { return }
        if let armed, armed <= deadline, armed > now { return }
        armed = deadline
        let rest = max(0, deadline.nanoseconds - now.nanoseconds)
        let executor = executor
        Task.detached {
            do {
                try await Task.sleep(nanoseconds: UInt64(rest))
            } catch {
                return  // Cancelled with its process: nobody waits for this turn any more.
            }
            executor.wake()
        }
    }
}

/// Something that lives on an ``EventLoop``: called by the loop only, in every turn.
public protocol LoopResident: AnyObject {
    /// When it next has something to do without being asked.
    var nextDeadline: ChatInstant? { get }
    /// Takes what other loops sent and runs what is due.
    func runDue(now: ChatInstant)
    /// Hands on what the turn has gathered.
    func endTurn(now: ChatInstant)
}

/// What polls for an ``EventLoop``: a reactor.
package protocol LoopDriver: AnyObject {
    /// When it next has something to do without being asked (time-outs of connections).
    var nextDeadline: ChatInstant? { get }
    /// Waits for input at most that long (-1: without end) and hands it to its connections.
    func poll(timeoutMilliseconds: Int32)
    /// Writes what the turn has left on connections and runs due time-outs.
    func flush(now: ChatInstant)
    /// Waits once for input on a descriptor that is not the driver's.
    ///
    /// - Parameter then: called once, on the loop: in a later poll, or when the driver ends.
    /// - Returns: whether it does.
    func watch(
        _ descriptor: Int32, until deadline: ChatInstant, then: @escaping (InputWait) -> Void
    ) -> Bool
}

extension LoopDriver {
    /// A driver that polls no descriptors.
    package func watch(
        _ descriptor: Int32, until deadline: ChatInstant, then: @escaping (InputWait) -> Void
    ) -> Bool { false }
}
