// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

@testable import ChatAuth

/// A service on a store, with hashes that cost nothing and a clock that stands still.
struct AccountWorld: Sendable {
    static let password = "correct horse"

    let clock: VirtualClock
    let store: any ChatStore & AccountStore
    let service: AccountService
    let peer = PeerInfo(address: "192.0.2.1", transport: "test")

    init(
        store: any ChatStore & AccountStore = MemoryStore(), clock: VirtualClock = VirtualClock(),
        key: TokenKey? = nil, _ configure: (inout AccountOptions) -> Void = { _ in }
    ) throws {
        var options = AccountOptions()
        options.password = .weakest
        options.hashingQueue = 1_000
        configure(&options)
        self.store = store
        self.clock = clock
        let signing = try key ?? .hs256(id: "k", secret: Array(repeating: 5, count: 32))
        service = try AccountService(
            store: store, keys: TokenKeys(signing: signing), options: options, clock: clock)
    }

    func register(
        _ name: String = "ana", email: String? = "ana@example.org",
        password: String = AccountWorld.password
    ) async throws(WireError) -> TokenGrant {
        try await service.register(
            RegistrationRequest(username: name, password: password, email: email), from: peer)
    }

    func login(
        _ login: String = "ana", password: String = AccountWorld.password,
        from address: String = "192.0.2.1"
    ) async throws(WireError) -> TokenGrant {
        try await service.login(
            LoginRequest(login: login, password: password, client: "test/1"),
            from: PeerInfo(address: address, transport: "test"))
    }

    /// Who presents the access token of a grant.
    func who(_ grant: TokenGrant) async throws(WireError) -> AuthenticatedDevice {
        try await service.authenticate(grant.accessToken)
    }

    func pass(seconds: Int64) {
        clock.advance(to: clock.now().advanced(byMilliseconds: seconds * 1_000))
    }
}

/// The refusal of a call; `nil` if there was none.
func refusal<Value>(_ call: () async throws(WireError) -> Value) async -> WireError? {
    do throws(WireError) {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}
