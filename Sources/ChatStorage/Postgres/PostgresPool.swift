// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform

/// The connections of a store, and the calls that wait for one: carries out what
/// ``PostgresPoolMachine`` decides.
final class PostgresPool: Sendable {
    private struct State: Sendable {
        var machine: PostgresPoolMachine
        var nextTicket: PostgresPoolMachine.Ticket = 0
        var calls: [PostgresPoolMachine.Ticket: CheckedContinuation<Grant, Never>] = [:]
        var closers: [CheckedContinuation<Void, Never>] = []
        /// When the timer goes off that is set.
        var alarm: ChatInstant?
        /// Why the last attempt to connect failed.
        var lastFailure: StorageError?
    }

    private typealias Grant = Result<Int, StorageError>

    /// What a lock's holder has to do once it has let go of it.
    private struct Work {
        var actions: [PostgresPoolMachine.Action]
        var resumed: [(CheckedContinuation<Grant, Never>, Grant)] = []
        var closers: [CheckedContinuation<Void, Never>] = []
        var alarm: ChatInstant?
    }

    private let conninfo: String
    private let options: PostgresOptions
    private let workers: [PostgresWorker]
    private let state: Lock<State>

    init(conninfo: String, options: PostgresOptions) {
        self.conninfo = conninfo
        self.options = options
        workers = (0..<max(1, options.connections)).map { _ in PostgresWorker() }
        let machine = PostgresPoolMachine(
            slots: workers.count, maximumWaiting: options.waitingCalls,
            maximumBackoffMilliseconds: options.backoffMilliseconds)
        state = Lock(State(machine: machine))
    }

    // MARK: Calls

    /// Runs `body` on a connection as soon as one is free.
    ///
    /// - Throws: when there is none until `deadline`, or what `body` throws. A connection that
    ///   `body` has lost is replaced.
    func perform<Value: Sendable>(
        until deadline: ChatInstant,
        _ body: @Sendable (PostgresSession) throws(PostgresFailure) -> PostgresOutcome<Value>
    ) async throws(PostgresFailure) -> PostgresOutcome<Value> {
        try await withWorker(until: deadline) { worker throws(PostgresFailure) in
            try await worker.perform(until: deadline, body)
        }
    }

    /// Leases a connection to `body` as soon as one is free.
    ///
    /// - Throws: when there is none until `deadline`, or what `body` throws. A connection that
    ///   `body` has lost is replaced.
    func withWorker<Value: Sendable>(
        until deadline: ChatInstant,
        _ body: (PostgresWorker) async throws(PostgresFailure) -> PostgresOutcome<Value>
    ) async throws(PostgresFailure) -> PostgresOutcome<Value> {
        let slot: Int
        do throws(StorageError) {
            slot = try await lease(until: deadline)
        } catch {
            throw PostgresFailure(.lasting, error)
        }
        do throws(PostgresFailure) {
            let outcome = try await body(workers[slot])
            if case .unknown = outcome { release(slot, isLost: true) } else { release(slot) }
            return outcome
        } catch {
            release(slot, isLost: error.endsConnection)
            throw error
        }
    }

    private func lease(until deadline: ChatInstant) async throws(StorageError) -> Int {
        let grant = await withCheckedContinuation { continuation in
            update { state, now in
                let ticket = state.nextTicket
                state.nextTicket += 1
                state.calls[ticket] = continuation
                return state.machine.lease(ticket, until: deadline, now: now)
            }
        }
        return try grant.get()
    }

    private func release(_ slot: Int, isLost: Bool = false) {
        update { $0.machine.release(slot: slot, isLost: isLost, now: $1) }
    }

    /// Lets no further call in, and waits until those under way are over.
    func close() async {
        await withCheckedContinuation { continuation in
            update { state, _ in
                state.closers.append(continuation)
                return state.machine.close()
            }
        }
    }

    // MARK: What the machine decides

    private func update(
        _ body: (inout State, ChatInstant) -> [PostgresPoolMachine.Action]
    ) {
        let now = SystemClock().now()
        let work = state.withLock { state in
            let actions = body(&state, now)
            return settle(actions, &state)
        }
        perform(work)
    }

    private func settle(
        _ actions: [PostgresPoolMachine.Action], _ state: inout State
    ) -> Work {
        var work = Work(actions: actions)
        for action in actions {
            switch action {
            case .connect, .disconnect: break
            case .grant(let ticket, let slot):
                if let call = state.calls.removeValue(forKey: ticket) {
                    work.resumed.append((call, .success(slot)))
                }
            case .refuse(let ticket, let refusal):
                if let call = state.calls.removeValue(forKey: ticket) {
                    work.resumed.append((call, .failure(error(refusal, state.lastFailure))))
                }
            }
        }
        if state.machine.isDrained {
            work.closers = state.closers
            state.closers = []
        }
        if let deadline = state.machine.nextDeadline, state.alarm.map({ deadline < $0 }) ?? true {
            state.alarm = deadline
            work.alarm = deadline
        }
        return work
    }

    /// Outside the lock.
    private func perform(_ work: Work) {
        for action in work.actions {
            switch action {
            case .connect(let slot): Task { await connect(slot) }
            case .disconnect(let slot):
                let worker = workers[slot]
                Task { await worker.disconnect() }
            case .grant, .refuse: break
            }
        }
        for (call, grant) in work.resumed { call.resume(returning: grant) }
        for closer in work.closers { closer.resume() }
        if let alarm = work.alarm { Task { await wake(at: alarm) } }
    }

    private func connect(_ slot: Int) async {
        do throws(PostgresFailure) {
            try await workers[slot].connect(conninfo, options, migrates: false)
            update { state, now in
                state.lastFailure = nil
                return state.machine.connected(slot: slot, now: now)
            }
        } catch {
            let failure = error.error
            update { state, now in
                state.lastFailure = failure
                return state.machine.connectFailed(
                    slot: slot, random: .random(in: 0...(.max)), now: now)
            }
        }
    }

    /// An alarm that a later one has overtaken does no harm.
    private func wake(at alarm: ChatInstant) async {
        let pause = max(1, alarm.milliseconds(since: SystemClock().now()))
        try? await Task.sleep(for: .milliseconds(pause))
        update { state, now in
            if state.alarm == alarm { state.alarm = nil }
            return state.machine.expire(now: now)
        }
    }

    private func error(
        _ refusal: PostgresPoolMachine.Refusal, _ last: StorageError?
    ) -> StorageError {
        switch refusal {
        case .closed: StorageError(.closed, "the store has been closed")
        case .tooManyWaiting:
            StorageError(
                .unavailable,
                "\(options.waitingCalls) calls wait for a connection to Postgres already; see "
                    + "whether the server is overloaded, or allow more connections")
        case .timedOut:
            last
                ?? StorageError(
                    .unavailable,
                    "no connection to Postgres was free in time; see whether the server is "
                        + "overloaded, or allow more connections")
        }
    }
}
