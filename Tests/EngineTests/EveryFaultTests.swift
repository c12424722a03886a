// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatStorageSQLite
import ChatTesting
import Foundation
import Testing

/// Every call of the store fails once, before it was done or after: the conversation goes on, and is whole.
@Suite struct EveryFaultTests {
    /// A call, by its kind and its number in a run without faults.
    struct Place: CustomStringConvertible {
        var call: FaultingStore.Call
        var number: Int
        var moment: FaultingStore.Moment
        var description: String { "\(call) \(number) \(moment)" }
    }

    private static let reads: Set<FaultingStore.Call> = [
        .findRoom, .loadRoom, .listRooms, .memberships, .history, .events, .pinned, .search, .user,
        .joinedRooms, .blocks, .blockers, .links, .invitation, .audit,
    ]

    @Test(arguments: [1, 2], [false, true])
    func `a fault at any call leaves the conversation whole, in memory`(
        _ shards: Int, _ appendsAtOnce: Bool
    ) async throws {
        try await failEverywhere(shards: shards, appendsAtOnce: appendsAtOnce) { MemoryStore() }
    }

    @Test func `a fault at any call leaves the conversation whole, in SQLite`() async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("chat-faults-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: directory) }
        var files = 0
        try await failEverywhere(shards: 1, appendsAtOnce: false) {
            files += 1
            var options = SQLiteOptions()
            options.synchronous = .normal
            return SQLiteStore(
                path: directory.appendingPathComponent("\(files).sqlite").path, options: options)
        }
    }

    private func failEverywhere(
        shards: Int, appendsAtOnce: Bool, _ makeStore: () -> any ChatStore
    ) async throws {
        let calm = makeStore()
        let counting = FaultingStore(calm, appendsAtOnce: appendsAtOnce)
        let scenario = try await FaultScenario(faults: counting, store: calm, shards: shards)
        try await scenario.run()
        await calm.close()
        var places: [Place] = []
        for call in FaultingStore.Call.allCases where counting.count(of: call) > 0 {
            for number in 1...counting.count(of: call) {
                // Nothing is different after a call that only reads.
                let moments: [FaultingStore.Moment] =
                    Self.reads.contains(call) ? [.before] : [.before, .after]
                places += moments.map { Place(call: call, number: number, moment: $0) }
            }
        }
        #expect(places.count > 100)
        for place in places {
            let store = makeStore()
            let faults = FaultingStore(store, appendsAtOnce: appendsAtOnce)
            faults.fail(place.call, number: place.number, place.moment)
            do {
                let scenario = try await FaultScenario(
                    faults: faults, store: store, shards: shards)
                try await scenario.run()
                #expect(faults.plannedFaults == 0, "\(place) did not come")
            } catch {
                Issue.record("\(place): \(error)")
            }
            await store.close()
        }
    }
}
