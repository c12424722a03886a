// SPDX-License-Identifier: MIT

import ChatCore

/// Brings a schema's tables up to date.
enum PostgresMigrations {
    /// Settles a session's settings; every connection does so.
    static func configure(
        _ connection: PostgresConnection, _ options: PostgresOptions
    ) throws(PostgresFailure) {
        let milliseconds = max(1, options.statementMilliseconds)
        // Compiling takes longer than any of the store's statements should.
        try connection.execute(
            """
            SET client_encoding = 'UTF8'; SET client_min_messages = error; SET jit = off;
            SET default_transaction_isolation = 'read committed';
            SET statement_timeout = \(milliseconds);
            SET idle_in_transaction_session_timeout = \(milliseconds);
            SET search_path = \(quoted(options.schema))
            """, "setting the session up")
    }

    /// Runs the steps that are missing, all in one transaction and under a lock: of several
    /// processes that start at once, one does the work and the others find it done.
    ///
    /// - Throws: ``StorageError/Code/tooNew`` for a schema of a later version;
    ///   ``StorageError/Code/configuration`` for one that belongs to another program.
    static func run(
        on connection: PostgresConnection, _ options: PostgresOptions
    ) throws(PostgresFailure) {
        let activity = "bringing the tables up to date"
        // A standby or a user without rights is told by the first statement that needs more.
        if try version(connection, options) == PostgresSchema.version { return }
        // A step may take as long as the tables are large.
        try connection.execute("BEGIN; SET LOCAL statement_timeout = 0", activity)
        do {
            try connection.execute(
                "SELECT pg_advisory_xact_lock(\(PostgresSchema.lock))", activity)
            let present = try version(connection, options)
            if (present ?? 0) < PostgresSchema.version {
                try migrate(connection, from: present, options.schema)
            }
            try connection.execute("COMMIT", activity)
        } catch {
            // If that fails, the connection is closed, which undoes it as well.
            if error.kind != .lost { _ = try? connection.execute("ROLLBACK", activity) }
            throw error
        }
    }

    private static func migrate(
        _ connection: PostgresConnection, from present: Int64?, _ schema: String
    ) throws(PostgresFailure) {
        let activity = "bringing the tables up to date"
        if present == nil {
            // Not IF NOT EXISTS alone: that asks for the right to create even if it is there.
            let exists = try connection.execute(
                "SELECT count(*) FROM pg_namespace WHERE nspname = \(literal(schema))", activity)
            if exists == 0 { try connection.execute("CREATE SCHEMA \(quoted(schema))", activity) }
            try connection.execute(
                "CREATE TABLE chat_engine_schema (version bigint NOT NULL);"
                    + " INSERT INTO chat_engine_schema VALUES (0)", activity)
        }
        for step in PostgresSchema.migrations[Int(present ?? 0)...] {
            try connection.execute(step, activity)
        }
        try connection.execute(
            "UPDATE chat_engine_schema SET version = \(PostgresSchema.version)", activity)
    }

    /// The schema's version; `nil` for one that is not there or empty.
    private static func version(
        _ connection: PostgresConnection, _ options: PostgresOptions
    ) throws(PostgresFailure) -> Int64? {
        let activity = "looking at the tables"
        let schema = literal(options.schema)
        // One question: between two of them another process may make the tables.
        let own = try connection.execute(
            """
            SELECT CASE WHEN bool_or(tablename = 'chat_engine_schema') THEN 1
                WHEN count(*) = 0 THEN 0 ELSE -1 END
            FROM pg_tables WHERE schemaname = \(schema)
            """, activity)
        guard own == 1 else {
            guard own == 0 else {
                throw PostgresFailure(
                    .lasting,
                    StorageError(
                        .configuration,
                        "the database's schema \(options.schema) belongs to another program; "
                            + "choose another one"))
            }
            return nil
        }
        let present = try connection.execute("SELECT version FROM chat_engine_schema", activity)
        guard let present, present <= PostgresSchema.version else {
            throw PostgresFailure(
                .lasting,
                StorageError(
                    .tooNew,
                    "the database has schema version \(present ?? 0), this library knows versions "
                        + "up to \(PostgresSchema.version); start the newer release that wrote it"))
        }
        return present
    }

    private static func quoted(_ name: String) -> String { wrapped(name, "\"") }

    private static func literal(_ text: String) -> String {
        // Backslashes mean nothing in plain literals (standard_conforming_strings).
        wrapped(text, "'")
    }

    private static func wrapped(_ text: String, _ quote: Character) -> String {
        var result = String(quote)
        for character in text {
            result.append(character)
            if character == quote { result.append(character) }
        }
        result.append(quote)
        return result
    }
}
