// SPDX-License-Identifier: MIT

import ChatAuth
import ChatCore
import ChatStoragePostgres
import Testing

@Suite struct PostgresAccountTests {
    @Test func `A2: of a hundred registrations at once one wins the name, in Postgres`()
        async throws
    {
        let cluster = try await PostgresCluster.shared()
        let store = cluster.store()
        try await store.open()
        var options = AccountOptions()
        options.password = .weakest
        let service = try AccountService(
            store: store, keys: TokenKeys(signing: .random(id: "k")), options: options)
        let names = ["eve", "Eve", " EVE ", "eve\u{200D}"]
        let outcomes = await withTaskGroup(of: WireError.Code?.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let request = RegistrationRequest(
                        username: names[number % names.count], password: "correct horse",
                        email: "eve\(number)@example.org")
                    do throws(WireError) {
                        _ = try await service.register(
                            request, from: PeerInfo(address: "192.0.2.1", transport: "test"))
                        return nil
                    } catch {
                        return error.code
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == nil } == 1)
        #expect(outcomes.count { $0 == .usernameTaken } == 99)
        await store.close()
    }
}
