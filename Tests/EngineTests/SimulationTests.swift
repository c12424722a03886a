// SPDX-License-Identifier: MIT

import ChatTesting
import Foundation
import Testing

/// Random worlds, each from a seed that a failure names.
///
/// For more of them set `CHAT_SIMULATION_SEEDS` to their number, and `CHAT_SIMULATION_FIRST` to the first.
@Suite struct SimulationTests {
    /// Seeds that found something: a subscription that took the answer to an earlier one of its shard for its own.
    private static let findings = [1_584]

    @Test(arguments: [1, 3])
    func `whatever happens, the invariants hold`(_ shards: Int) async throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["CHAT_SIMULATION_SEEDS"].flatMap(Int.init) ?? 100
        let first = environment["CHAT_SIMULATION_FIRST"].flatMap(Int.init) ?? 0
        var acknowledged = 0
        for seed in Self.findings + (first..<first + count) {
            let simulator = try await Simulator(seed: UInt64(seed), shards: shards, clients: 5)
            do {
                try await simulator.run(steps: 250)
            } catch {
                Issue.record("\(error)")
                return
            }
            acknowledged += simulator.book.acknowledged.count
        }
        // In a single world it may happen that nobody gets anything through.
        #expect(acknowledged > count)
    }
}
