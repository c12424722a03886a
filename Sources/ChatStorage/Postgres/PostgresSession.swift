// SPDX-License-Identifier: MIT

import ChatCore

/// What came of a transaction.
enum PostgresOutcome<Value: Sendable>: Sendable {
    /// It has committed, with this value.
    case committed(Value)
    /// The connection was lost after COMMIT had been sent: the server knows under the
    /// transaction's number whether it has committed.
    case unknown(Value, transaction: Int64)
}

/// A connection that is ready for the store's calls.
final class PostgresSession {
    let connection: PostgresConnection
    let rules: MessageRules

    /// Connects; with `migrates`, brings the tables up to date.
    init(
        conninfo: String, options: PostgresOptions, migrates: Bool
    ) throws(PostgresFailure) {
        func deadline(_ milliseconds: Int64) -> ChatInstant {
            SystemClock().now().advanced(byMilliseconds: milliseconds)
        }
        connection = try PostgresConnection(
            conninfo: conninfo, deadline: deadline(options.connectMilliseconds))
        rules = MessageRules(limits: options.limits)
        try PostgresMigrations.configure(connection, options)
        if migrates {
            connection.deadline = deadline(options.migrateMilliseconds)
            try PostgresMigrations.run(on: connection, options)
            connection.deadline = deadline(options.connectMilliseconds)
        }
        try connection.prepare()
    }

    // MARK: Transactions

    /// Runs `body` in a transaction and commits.
    ///
    /// - Throws: when nothing of it is stored. The connection can be used again unless it is lost.
    func write<Value: Sendable>(
        _ body: (PostgresSession) throws(PostgresFailure) -> Value
    ) throws(PostgresFailure) -> PostgresOutcome<Value> {
        let value: Value
        do throws(PostgresFailure) {
            try connection.begin()
            value = try body(self)
            // Without its number nobody could find out what became of it.
            if connection.transactionID == nil { _ = try connection.answers() }
        } catch {
            throw recovered(from: error)
        }
        do throws(PostgresFailure) {
            try connection.send(.commit)
            _ = try connection.finish()
            return .committed(value)
        } catch {
            if error.kind == .lost {
                return .unknown(value, transaction: connection.transactionID ?? 0)
            }
            throw recovered(from: error)
        }
    }

    /// Runs `body` on one state of the tables.
    func read<Value>(
        _ body: (PostgresSession) throws(PostgresFailure) -> Value
    ) throws(PostgresFailure) -> Value {
        do throws(PostgresFailure) {
            try connection.send(.beginReading)
            let value = try body(self)
            try connection.send(.commit)
            _ = try connection.finish()
            return value
        } catch {
            throw recovered(from: error)
        }
    }

    /// Asks several things about one state of the tables, with one wait for all answers.
    func readAtOnce(
        _ ask: (PostgresConnection) throws(PostgresFailure) -> Void
    ) throws(PostgresFailure) -> [PostgresResult] {
        do throws(PostgresFailure) {
            try connection.send(.beginReading)
            try ask(connection)
            try connection.send(.commit)
            return try connection.finish()
        } catch {
            throw recovered(from: error)
        }
    }

    /// One question that needs no transaction.
    func fetch(
        _ statement: PostgresStatement, _ values: [PostgresValue]
    ) throws(PostgresFailure) -> PostgresResult {
        do throws(PostgresFailure) {
            try connection.ask(statement, values)
            guard let result = try connection.finish().last else {
                throw PostgresFailure(SQLState(""), "an answer is missing", statement.name)
            }
            return result
        } catch {
            throw recovered(from: error)
        }
    }

    /// Rolls back; the failure, or that the connection is lost.
    private func recovered(from failure: PostgresFailure) -> PostgresFailure {
        if failure.kind == .lost { return failure }
        do throws(PostgresFailure) {
            try connection.recover()
            return failure
        } catch {
            // What the server said first tells more, but the connection is of no use.
            return PostgresFailure(.lost, failure.error)
        }
    }
}
