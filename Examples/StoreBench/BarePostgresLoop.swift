// SPDX-License-Identifier: MIT

import CPostgres

/// The least work that Postgres can do for the same messages: one table, one prepared statement per transaction with
/// a column of the batch per parameter, and the transaction in one round trip (pipeline mode). No rules.
final class BarePostgresLoop: Contender {
    private static let schema = "store_bench_bare"

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let connection: OpaquePointer
    private var written = 0

    /// Makes the table and fills it.
    init(conninfo: String) throws {
        connection = try Self.connect(conninfo)
        try execute(
            """
            SET client_min_messages = error; DROP SCHEMA IF EXISTS \(Self.schema) CASCADE;
            CREATE SCHEMA \(Self.schema); SET search_path = \(Self.schema);
            CREATE TABLE events (
                room bigint NOT NULL, seq bigint NOT NULL, at bigint NOT NULL, sender bigint NOT NULL,
                kind smallint NOT NULL, text bytea, PRIMARY KEY (room, seq));
            PREPARE bare (bigint[], bigint[], bigint[], bigint[], bigint[], bytea[]) AS
                INSERT INTO events SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
            """)
        guard PQenterPipelineMode(connection) == 1 else { throw failure() }
        for _ in 0..<Sample.warmupBatches { try append(Sample.warmupBatch) }
    }

    func run(batch: Int, seconds: Double) throws -> Figures {
        let watch = Stopwatch()
        var transactions = 0
        while watch.isWithin(seconds) {
            try append(batch)
            transactions += 1
        }
        return watch.figures(transactions: transactions, batch: batch)
    }

    func close() {
        PQexitPipelineMode(connection)
        try? execute("DROP SCHEMA \(Self.schema) CASCADE")
        PQfinish(connection)
    }

    /// Removes what a store has made.
    static func remove(_ schema: String, _ conninfo: String) throws {
        let connection = try connect(conninfo)
        defer { PQfinish(connection) }
        PQclear(PQexec(connection, "SET client_min_messages = error"))
        PQclear(PQexec(connection, "DROP SCHEMA IF EXISTS \(schema) CASCADE"))
        PQclear(PQexec(connection, "CHECKPOINT"))
    }

    // MARK: One transaction

    private func append(_ count: Int) throws {
        let range = written..<written + count
        let arrays = [
            Array64(range.map { Int64($0 % Sample.roomCount) }).bytes,
            Array64(range.map { Int64($0 / Sample.roomCount) }).bytes,
            Array64(range.map { _ in Sample.startMilliseconds }).bytes,
            Array64(range.map { _ in 1 }).bytes, Array64(range.map { _ in 0 }).bytes,
            Self.texts(count),
        ]
        // Alone in the pipeline, it is a transaction.
        try send("bare", arrays)
        try sync(statements: 1)
        written += count
    }

    private func send(_ name: String, _ arrays: [[UInt8]]) throws {
        var addresses: [UnsafePointer<CChar>?] = []
        let lengths = arrays.map { Int32($0.count) }
        let formats = arrays.map { _ in Int32(1) }
        func descend(_ index: Int) -> Int32 {
            if index == arrays.count {
                return PQsendQueryPrepared(
                    connection, name, Int32(index), addresses, lengths, formats, 1)
            }
            return arrays[index].withUnsafeBytes { bytes in
                addresses.append(bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
                return descend(index + 1)
            }
        }
        guard descend(0) == 1 else { throw failure() }
    }

    private func sync(statements: Int) throws {
        guard PQpipelineSync(connection) == 1 else { throw failure() }
        for _ in 0..<statements {
            guard let result = PQgetResult(connection) else { throw failure() }
            defer { PQclear(result) }
            guard PQresultStatus(result) == PGRES_COMMAND_OK else { throw failure() }
            guard PQgetResult(connection) == nil else { throw failure() }
        }
        guard let end = PQgetResult(connection) else { throw failure() }
        defer { PQclear(end) }
        guard PQresultStatus(end) == PGRES_PIPELINE_SYNC else { throw failure() }
    }

    // MARK: Values

    /// An array in the server's binary format: dimensions, flags, type, length, first index, elements.
    private struct Array64 {
        var bytes: [UInt8] = []

        init(_ values: [Int64]) {
            bytes.reserveCapacity(20 + 12 * values.count)
            BarePostgresLoop.header(type: 20, count: values.count, &bytes)
            for value in values {
                withUnsafeBytes(of: Int32(8).bigEndian) { bytes.append(contentsOf: $0) }
                withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
            }
        }
    }

    private static func texts(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        let text = Array(Sample.text.utf8)
        header(type: 17, count: count, &bytes)
        for _ in 0..<count {
            withUnsafeBytes(of: Int32(text.count).bigEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: text)
        }
        return bytes
    }

    private static func header(type: Int32, count: Int, _ bytes: inout [UInt8]) {
        for number in [1, 0, type, Int32(count), 1] {
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        }
    }

    // MARK: The connection

    private static func connect(_ conninfo: String) throws -> OpaquePointer {
        guard let connection = PQconnectdb(conninfo), PQstatus(connection) == CONNECTION_OK else {
            throw Failure(description: "no connection to \(conninfo)")
        }
        return connection
    }

    private func execute(_ sql: String) throws {
        let result = PQexec(connection, sql)
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK else { throw failure() }
    }

    private func failure() -> Failure {
        Failure(description: PQerrorMessage(connection).map { String(cString: $0) } ?? "?")
    }
}
