// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatStoragePostgres
import ChatStorageSQLite
import ChatTesting
import Testing

@Suite struct ContractTests {
    @Test(arguments: StoreContract.checks)
    func `the store in memory keeps the contract`(check: StoreCheck) async throws {
        try await StoreContract { MemoryStore() }.run(check)
    }

    @Test(arguments: StoreContract.checks)
    func `the store in SQLite keeps the contract`(check: StoreCheck) async throws {
        let directory = try TemporaryDirectory()
        var options = SQLiteOptions()
        options.synchronous = .normal
        try await StoreContract { [options] in
            SQLiteStore(path: directory.file("chat.sqlite"), options: options)
        }.run(check)
    }

    @Test(arguments: StoreContract.checks)
    func `the store in Postgres keeps the contract`(check: StoreCheck) async throws {
        let cluster = try await PostgresCluster.shared()
        try await StoreContract { cluster.store() }.run(check)
    }

    @Test(arguments: StoreContract.checks)
    func `the store in Postgres keeps the contract when event loops append`(
        check: StoreCheck
    ) async throws {
        let cluster = try await PostgresCluster.shared()
        let caller = try await StoreCaller(.loop)
        try await StoreContract {
            HeldStore(cluster.store(), appendingOn: caller.loop)
        }.run(check)
        await caller.stop()
    }

    @Test func `a faulting store without faults keeps the contract`() async throws {
        try await StoreContract { FaultingStore(MemoryStore()) }.runAll()
    }

    @Test func `a store that breaks the contract is found out`() async {
        await #expect(throws: StoreContractViolation.self) {
            let limits = { () -> Limits in
                var limits = Limits()
                limits.pinsPerRoom = 1
                return limits
            }()
            try await StoreContract { MemoryStore(limits: limits) }.runAll()
        }
    }
}
