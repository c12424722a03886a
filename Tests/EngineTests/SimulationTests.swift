// SPDX-License-Identifier: MIT

import ChatTesting
import Foundation
import Testing

/// Random worlds, each from a seed that a failure names. For more of them: `CHAT_SIMULATION_SEEDS=5000`.
@Suite(.serialized) struct SimulationTests {
    @Test(arguments: [1, 3])
    func `whatever happens, the invariants hold`(_ shards: Int) async throws {
        let wanted = ProcessInfo.processInfo.environment["CHAT_SIMULATION_SEEDS"].flatMap(Int.init)
        let first = ProcessInfo.processInfo.environment["CHAT_SIMULATION_FIRST"].flatMap(Int.init) ?? 0
        for seed in first..<first + (wanted ?? 100) {
            let simulator = try await Simulator(seed: UInt64(seed), shards: shards, clients: 5)
            do {
                try await simulator.run(steps: 250)
            } catch {
                Issue.record("\(error)")
                return
            }
            #expect(simulator.book.acknowledged.count > 0)
        }
    }
}
