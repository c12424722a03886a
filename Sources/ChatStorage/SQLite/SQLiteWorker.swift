// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform

/// A connection with its statements on a thread of its own. Calls run one after the other, in
/// order.
actor SQLiteWorker<Session> {
    private nonisolated let thread = BlockingThread()
    private var session: Session?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe thread.asUnownedSerialExecutor()
    }

    deinit { thread.stop() }

    /// Opens the connection, on the thread that will use it.
    func open(_ make: @Sendable () throws(StorageError) -> Session) throws(StorageError) {
        thread.resume()
        session = try make()
    }

    /// Closes the connection after every call that was made before, and lets the thread end: whoever still has the
    /// store keeps no threads with it.
    func close() {
        session = nil
        thread.stop()
    }

    /// Runs `body` with the connection.
    ///
    /// - Throws: ``StorageError/Code/closed`` before `open` and after `close`; what `body` throws.
    func perform<Result: Sendable>(
        _ body: @Sendable (Session) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        guard let session else { throw StorageError(.closed, "the store is not open") }
        return try body(session)
    }
}
