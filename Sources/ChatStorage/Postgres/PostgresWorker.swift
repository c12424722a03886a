// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform

/// A session on a thread of its own.
///
/// Calls run one after the other, in order.
actor PostgresWorker {
    private nonisolated let thread = BlockingThread()
    // Unsafe because an event loop may use it instead of the thread: whoever has the lease of it, which the pool
    // gives to one at a time, and the pool itself while nobody has.
    private nonisolated(unsafe) var session: PostgresSession?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe thread.asUnownedSerialExecutor()
    }

    deinit { thread.stop() }

    /// Connects.
    func connect(
        _ conninfo: String, _ options: PostgresOptions, migrates: Bool
    ) throws(PostgresFailure) {
        unsafe session = nil
        unsafe session = try PostgresSession(
            conninfo: conninfo, options: options, migrates: migrates)
    }

    /// Closes the connection, if there is one.
    func disconnect() { unsafe session = nil }

    /// Runs `body` with the session, until `deadline` at the latest.
    func perform<Result: Sendable>(
        until deadline: ChatInstant,
        _ body: @Sendable (PostgresSession) throws(PostgresFailure) -> Result
    ) throws(PostgresFailure) -> Result {
        try body(leased(until: deadline))
    }

    /// The session, for whoever has the lease and does not block: an event loop.
    nonisolated func leased(
        until deadline: ChatInstant
    ) throws(PostgresFailure) -> PostgresSession {
        guard let session = unsafe session else {
            throw PostgresFailure(.lost, StorageError(.unavailable, "there is no connection"))
        }
        session.connection.deadline = deadline
        return session
    }

    /// Rolls back; the failure, or that the connection is lost.
    func recovered(from failure: PostgresFailure) -> PostgresFailure {
        unsafe session?.recovered(from: failure) ?? failure
    }
}
