// SPDX-License-Identifier: MIT

/// The four loops, one after the other.
struct Comparison {
    let directory: String
    let hasClientIDs: Bool

    /// - Parameter seconds: for each loop.
    /// - Returns: a line of JSON.
    func run(batch: Int, seconds: Double) async throws -> String {
        let loops = [
            ("bare", try bare(isIndexed: true, batch, seconds)),
            ("store", try await store(appenders: 1, batch, seconds)),
            ("pair", try await store(appenders: 2, batch, seconds)),
            ("bare_unindexed", try bare(isIndexed: false, batch, seconds)),
        ]
        let fields = loops.map { name, figures in
            "\"\(name)_per_s\":\(figures.messagesPerSecond),"
                + "\"\(name)_cpu_us\":\(figures.cpuMicroseconds)"
        }
        return "{\"batch\":\(batch)," + fields.joined(separator: ",")
            + ",\"client_ids\":\(hasClientIDs)}"
    }

    private func bare(isIndexed: Bool, _ batch: Int, _ seconds: Double) throws -> Figures {
        let loop = try BareLoop(path: directory + "/bare-loop.sqlite", isIndexed: isIndexed)
        defer { loop.close() }
        return try loop.run(batch: batch, seconds: seconds)
    }

    private func store(appenders: Int, _ batch: Int, _ seconds: Double) async throws -> Figures {
        let loop = try await StoreLoop(
            path: directory + "/store-bench.sqlite", appenders: appenders,
            hasClientIDs: hasClientIDs)
        let figures = try await loop.run(batch: batch, seconds: seconds)
        await loop.close()
        return figures
    }
}
