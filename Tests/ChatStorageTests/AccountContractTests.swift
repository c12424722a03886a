// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatStoragePostgres
import ChatStorageSQLite
import ChatTesting
import Testing

@Suite struct AccountContractTests {
    @Test(arguments: AccountStoreContract.checks)
    func `the store in memory keeps the contract of accounts`(check: AccountCheck) async throws {
        try await AccountStoreContract { MemoryStore() }.run(check)
    }

    @Test(arguments: AccountStoreContract.checks)
    func `the store in SQLite keeps the contract of accounts`(check: AccountCheck) async throws {
        let directory = try TemporaryDirectory()
        var options = SQLiteOptions()
        options.synchronous = .normal
        try await AccountStoreContract { [options] in
            SQLiteStore(path: directory.file("chat.sqlite"), options: options)
        }.run(check)
    }

    @Test(arguments: AccountStoreContract.checks)
    func `the store in Postgres keeps the contract of accounts`(check: AccountCheck) async throws {
        let cluster = try await PostgresCluster.shared()
        try await AccountStoreContract { cluster.store() }.run(check)
    }

    @Test(arguments: AccountStoreContract.checks)
    func `a faulting store without faults keeps the contract of accounts`(
        check: AccountCheck
    ) async throws {
        try await AccountStoreContract { FaultingStore(MemoryStore()) }.run(check)
    }
}
