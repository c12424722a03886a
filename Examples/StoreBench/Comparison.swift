// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import ChatStorageSQLite

/// The loops on one database, one after the other.
struct Comparison {
    /// Which database.
    enum Engine {
        case sqlite(directory: String)
        case postgres(conninfo: String)
    }

    let engine: Engine
    let hasClientIDs: Bool

    private var name: String {
        switch engine {
        case .sqlite: "sqlite"
        case .postgres: "postgres"
        }
    }

    /// - Parameter seconds: for each loop.
    /// - Returns: a line of JSON.
    func run(batch: Int, seconds: Double) async throws -> String {
        var loops: [(String, Figures)] = [
            ("bare", try bare(batch, seconds)),
            ("store", try await store(appenders: 1, batch, seconds)),
            ("pair", try await store(appenders: 2, batch, seconds)),
        ]
        if case .sqlite(let directory) = engine {
            loops.append(
                ("bare_unindexed", try sqlite(directory, isIndexed: false, batch, seconds)))
        }
        let fields = loops.map { name, figures in
            "\"\(name)_per_s\":\(figures.messagesPerSecond),"
                + "\"\(name)_cpu_us\":\(figures.cpuMicroseconds)"
        }
        return "{\"engine\":\"\(name)\",\"batch\":\(batch)," + fields.joined(separator: ",")
            + ",\"client_ids\":\(hasClientIDs)}"
    }

    private func bare(_ batch: Int, _ seconds: Double) throws -> Figures {
        switch engine {
        case .sqlite(let directory): return try sqlite(directory, isIndexed: true, batch, seconds)
        case .postgres(let conninfo):
            let loop = try BarePostgresLoop(conninfo: conninfo, batch: batch)
            defer { loop.close() }
            return try loop.run(seconds: seconds)
        }
    }

    private func sqlite(
        _ directory: String, isIndexed: Bool, _ batch: Int, _ seconds: Double
    ) throws -> Figures {
        let loop = try BareLoop(path: directory + "/bare-loop.sqlite", isIndexed: isIndexed)
        defer { loop.close() }
        return try loop.run(batch: batch, seconds: seconds)
    }

    private func store(appenders: Int, _ batch: Int, _ seconds: Double) async throws -> Figures {
        switch engine {
        case .sqlite(let directory):
            let path = directory + "/store-bench.sqlite"
            Sample.remove(path)
            defer { Sample.remove(path) }
            return try await run(SQLiteStore(path: path), appenders, batch, seconds)
        case .postgres(let conninfo):
            try BarePostgresLoop.empty(conninfo)
            defer { try? BarePostgresLoop.empty(conninfo) }
            var options = PostgresOptions()
            options.schema = BarePostgresLoop.storeSchema
            return try await run(
                PostgresStore(conninfo, options: options), appenders, batch, seconds)
        }
    }

    private func run(
        _ store: any ChatStore, _ appenders: Int, _ batch: Int, _ seconds: Double
    ) async throws -> Figures {
        let loop = try await StoreLoop(store, appenders: appenders, hasClientIDs: hasClientIDs)
        let figures = try await loop.run(batch: batch, seconds: seconds)
        await store.close()
        return figures
    }
}
