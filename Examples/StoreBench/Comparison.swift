// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import ChatStorageSQLite

/// The loops on one database, which take turns: what disturbs the machine for a while disturbs all of them.
final class Comparison {
    /// Which database.
    enum Engine {
        case sqlite(directory: String)
        case postgres(conninfo: String)
    }

    private let name: String
    private let contenders: [(name: String, loop: any Contender)]
    private let hasClientIDs: Bool

    /// Makes the databases and fills them.
    init(_ engine: Engine, hasClientIDs: Bool) async throws {
        self.hasClientIDs = hasClientIDs
        switch engine {
        case .sqlite(let directory):
            name = "sqlite"
            contenders = [
                ("bare", try BareLoop(path: directory + "/bare-loop.sqlite", isIndexed: true)),
                (
                    "store",
                    try await Self.sqlite(directory + "/store-bench.sqlite", 1, hasClientIDs)
                ),
                ("pair", try await Self.sqlite(directory + "/pair-bench.sqlite", 2, hasClientIDs)),
                (
                    "bare_unindexed",
                    try BareLoop(path: directory + "/unindexed-loop.sqlite", isIndexed: false)
                ),
            ]
        case .postgres(let conninfo):
            name = "postgres"
            contenders = [
                ("bare", try BarePostgresLoop(conninfo: conninfo)),
                ("store", try await Self.postgres(conninfo, "store_bench_store", 1, hasClientIDs)),
                ("pair", try await Self.postgres(conninfo, "store_bench_pair", 2, hasClientIDs)),
            ]
        }
    }

    /// Has each loop append batches of that size.
    ///
    /// - Parameters:
    ///   - seconds: for each loop, in `turns` parts.
    /// - Returns: a line of JSON.
    func run(batch: Int, seconds: Double, turns: Int) async throws -> String {
        var sums = contenders.map { _ in Figures() }
        for _ in 0..<turns {
            for (index, contender) in contenders.enumerated() {
                sums[index] += try await contender.loop.run(
                    batch: batch, seconds: seconds / Double(turns))
                try await contender.loop.settle()
            }
        }
        let fields = zip(contenders, sums).map { contender, sum in
            "\"\(contender.name)_per_s\":\(sum.messagesPerSecond),"
                + "\"\(contender.name)_cpu_us\":\(sum.cpuMicrosecondsPerTransaction)"
        }
        return "{\"engine\":\"\(name)\",\"batch\":\(batch)," + fields.joined(separator: ",")
            + ",\"client_ids\":\(hasClientIDs)}"
    }

    /// Removes the databases.
    func close() async {
        for contender in contenders { await contender.loop.close() }
    }

    private static func sqlite(
        _ path: String, _ appenders: Int, _ hasClientIDs: Bool
    ) async throws -> StoreLoop {
        Sample.remove(path)
        return try await StoreLoop(
            SQLiteStore(path: path), appenders: appenders, hasClientIDs: hasClientIDs
        ) { Sample.remove(path) }
    }

    private static func postgres(
        _ conninfo: String, _ schema: String, _ appenders: Int, _ hasClientIDs: Bool
    ) async throws -> StoreLoop {
        try BarePostgresLoop.remove(schema, conninfo)
        var options = PostgresOptions()
        options.schema = schema
        return try await StoreLoop(
            PostgresStore(conninfo, options: options), appenders: appenders,
            hasClientIDs: hasClientIDs
        ) { try? BarePostgresLoop.remove(schema, conninfo) }
    }
}
