// SPDX-License-Identifier: MIT

import ChatCore

/// What came of a transaction.
enum PostgresOutcome<Value: Sendable>: Sendable {
    /// It has committed, with this value.
    case committed(Value)
    /// The connection was lost after COMMIT had been sent: whether it has committed shows where it
    /// wrote.
    case unknown(Value)
}

/// A connection that is ready for the store's calls.
final class PostgresSession {
    let connection: PostgresConnection
    let rules: MessageRules
    let invitationRules: InvitationRules
    let blocksPerUser: Int
    /// Where the rooms of the newest append stand, once it has committed.
    var positions: [RoomID: PostgresRooms.Position] = [:]
    /// What the newest append told the table `authors`.
    var posts: Set<PostgresAuthors.Post> = []
    /// How many rooms were deleted before the newest append, or with the newest deletion.
    var deletions: Int64 = 0
    /// Whether the present transaction has found that an earlier one did its work: it commits
    /// nothing, and so does not wait for a disk or a standby.
    var isDoneAlready = false

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
        invitationRules = InvitationRules(limits: options.limits)
        blocksPerUser = options.limits.blocksPerUser
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
            isDoneAlready = false
            positions = [:]
            posts = []
            try connection.send(.begin)
            value = try body(self)
        } catch {
            throw recovered(from: error)
        }
        do throws(PostgresFailure) {
            try connection.send(isDoneAlready ? .rollback : .commit)
            _ = try connection.finish()
            return .committed(value)
        } catch {
            if error.kind == .lost { return .unknown(value) }
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
    func recovered(from failure: PostgresFailure) -> PostgresFailure {
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
