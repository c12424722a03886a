// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform

/// A session on a thread of its own.
///
/// Calls run one after the other, in order.
actor PostgresWorker {
    private nonisolated let thread = BlockingThread()
    private var session: PostgresSession?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe thread.asUnownedSerialExecutor()
    }

    deinit { thread.stop() }

    /// Connects.
    func connect(
        _ conninfo: String, _ options: PostgresOptions, migrates: Bool
    ) throws(PostgresFailure) {
        session = nil
        session = try PostgresSession(conninfo: conninfo, options: options, migrates: migrates)
    }

    /// Closes the connection, if there is one.
    func disconnect() { session = nil }

    /// Runs `body` with the session, until `deadline` at the latest.
    func perform<Result: Sendable>(
        until deadline: ChatInstant,
        _ body: @Sendable (PostgresSession) throws(PostgresFailure) -> Result
    ) throws(PostgresFailure) -> Result {
        guard let session else {
            throw PostgresFailure(.lost, StorageError(.unavailable, "there is no connection"))
        }
        session.connection.deadline = deadline
        return try body(session)
    }
}
