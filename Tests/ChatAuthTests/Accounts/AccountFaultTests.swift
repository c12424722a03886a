// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

@testable import ChatAuth

@Suite struct `A failing store` {
    @Test func `is no wrong password and no missing user`() async throws {
        let store = FaultingStore(MemoryStore())
        let world = try AccountWorld(store: store)
        _ = try await world.register()
        for number in 1...2 { store.fail(.account, number: number) }
        let error = await refusal { () async throws(WireError) in try await world.login() }
        #expect(error?.code == .storageUnavailable)
        _ = try await world.login()
        #expect(store.plannedFaults == 0)
    }

    @Test(arguments: [FaultingStore.Moment.before, .after])
    func `that fails once harms no registration, login, refresh or logout`(
        moment: FaultingStore.Moment
    ) async throws {
        let store = FaultingStore(MemoryStore())
        let world = try AccountWorld(store: store)
        func once<Value>(
            _ call: () async throws(WireError) -> Value
        ) async throws -> Value {
            store.fail(.updateAccount, moment)
            defer { #expect(store.plannedFaults == 0) }
            return try await call()
        }
        let registered = try await once { () async throws(WireError) in try await world.register() }
        _ = try await once { () async throws(WireError) in try await world.login() }
        let grant = try await once { () async throws(WireError) in
            try await world.service.refresh(registered.refreshToken, peer: world.peer)
        }
        let who = try await world.who(grant)
        try await once { () async throws(WireError) in
            try await world.service.changePassword(
                of: who, from: AccountWorld.password, to: "battery staple", peer: world.peer)
        }
        try await once { () async throws(WireError) in try await world.service.logout(who) }
        let error = await refusal { () async throws(WireError) in try await world.who(grant) }
        #expect(error?.code == .invalidToken)
    }
}
