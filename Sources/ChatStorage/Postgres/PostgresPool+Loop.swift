// SPDX-License-Identifier: MIT

import ChatCore

extension PostgresPool {
    /// Sends a pipeline that is a transaction from an event loop, and lets the loop wait for its end.
    ///
    /// - Parameter send: sends the statements; the end is sent here.
    /// - Throws: when nothing of it is stored.
    func commit(
        on loop: isolated EventLoop, until deadline: ChatInstant,
        _ send: (PostgresConnection) throws(PostgresFailure) -> Void
    ) async throws(PostgresFailure) -> PostgresOutcome<Void> {
        try await withWorker(until: deadline) { worker throws(PostgresFailure) in
            let connection = try worker.leased(until: deadline).connection
            do throws(PostgresFailure) {
                // What is lost before the end of the pipeline was sent is undone.
                try send(connection)
            } catch {
                throw await worker.recovered(from: error)
            }
            do throws(PostgresFailure) {
                try connection.beginEnd("sending")
                try await Self.awaitEnd(of: connection, worker, on: loop, until: deadline)
                return .committed(())
            } catch {
                if error.kind == .lost { return .unknown(()) }
                throw await worker.recovered(from: error)
            }
        }
    }

    private static func awaitEnd(
        of connection: PostgresConnection, _ worker: PostgresWorker, on loop: isolated EventLoop,
        until deadline: ChatInstant
    ) async throws(PostgresFailure) {
        while try connection.takeEnd() == nil {
            // A server that does not read: the thread waits for both directions.
            let wait =
                connection.unsent > 0
                ? .unpolled : await loop.input(on: connection.descriptor, until: deadline)
            switch wait {
            case .ready: try connection.takeInput()
            case .timedOut: throw PostgresConnection.late("waiting")
            case .unpolled:
                return try await worker.perform(until: deadline) {
                    session throws(PostgresFailure) in
                    _ = try session.connection.awaitEnd()
                }
            }
        }
    }
}
