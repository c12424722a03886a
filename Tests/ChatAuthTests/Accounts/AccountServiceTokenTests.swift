// SPDX-License-Identifier: MIT

import ChatCore
import ChatSodium
import ChatStorageMemory
import ChatTesting
import Testing

@testable import ChatAuth

@Suite struct `Tokens of accounts` {
    @Test func `are exchanged with a refresh token, which is void afterwards`() async throws {
        let world = try AccountWorld()
        let first = try await world.register()
        let second = try await world.service.refresh(first.refreshToken, peer: world.peer)
        #expect(second.user == first.user)
        #expect(second.device == first.device)
        #expect(second.refreshToken != first.refreshToken)
        #expect(second.accessToken != first.accessToken)
        world.pass(seconds: 60)
        let third = try await world.service.refresh(second.refreshToken, peer: world.peer)
        #expect(try await world.who(third).device == first.device)
    }

    @Test func `are the same again when the answer was lost`() async throws {
        let world = try AccountWorld()
        let first = try await world.register()
        let second = try await world.service.refresh(first.refreshToken, peer: world.peer)
        world.pass(seconds: 10)
        let again = try await world.service.refresh(first.refreshToken, peer: world.peer)
        #expect(again.refreshToken == second.refreshToken)
        _ = try await world.service.refresh(second.refreshToken, peer: world.peer)
    }

    @Test func `are the same for many who exchange one token at once`() async throws {
        let world = try AccountWorld()
        let first = try await world.register()
        let tokens = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await world.service.refresh(first.refreshToken, peer: world.peer)
                        .refreshToken
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(tokens.count == 1)
    }

    @Test func `are void for the whole device when an old refresh token comes back`() async throws {
        let world = try AccountWorld()
        let first = try await world.register()
        let thief = try await world.service.refresh(first.refreshToken, peer: world.peer)
        world.pass(seconds: 11)
        let error = await refusal { () async throws(WireError) in
            try await world.service.refresh(first.refreshToken, peer: world.peer)
        }
        #expect(error?.code == .tokenReused)
        for token in [thief.refreshToken, first.refreshToken] {
            let error = await refusal { () async throws(WireError) in
                try await world.service.refresh(token, peer: world.peer)
            }
            #expect(error?.code == .invalidToken)
        }
        let access = await refusal { () async throws(WireError) in try await world.who(thief) }
        #expect(access?.code == .invalidToken)
    }

    @Test func `cannot be refreshed by who knows the device only`() async throws {
        let world = try AccountWorld()
        let grant = try await world.register()
        let guess = RefreshToken(device: grant.device).text
        let error = await refusal { () async throws(WireError) in
            try await world.service.refresh(guess, peer: world.peer)
        }
        #expect(error?.code == .invalidToken)
        _ = try await world.service.refresh(grant.refreshToken, peer: world.peer)
    }

    @Test func `cannot be refreshed after the refresh token has expired`() async throws {
        let world = try AccountWorld { $0.refreshSeconds = 100 }
        let grant = try await world.register()
        world.pass(seconds: 99)
        let next = try await world.service.refresh(grant.refreshToken, peer: world.peer)
        world.pass(seconds: 100)
        let error = await refusal { () async throws(WireError) in
            try await world.service.refresh(next.refreshToken, peer: world.peer)
        }
        #expect(error?.code == .tokenExpired)
    }

    @Test func `of a server whose key was changed are accepted while the old key verifies`()
        async throws
    {
        let (old, new) = (try TokenKey.random(id: "old"), try TokenKey.random(id: "new"))
        let (store, clock) = (MemoryStore(), VirtualClock())
        let before = try AccountWorld(store: store, clock: clock, key: old)
        let grant = try await before.register()
        var options = AccountOptions()
        options.password = .weakest
        let rotated = try AccountService(
            store: store, keys: TokenKeys(signing: new, verifying: [old]), options: options,
            clock: clock)
        #expect(try await rotated.authenticate(grant.accessToken).user == grant.user)
        let next = try await rotated.refresh(grant.refreshToken, peer: before.peer)
        let without = try AccountWorld(store: store, clock: clock, key: new)
        #expect(try await without.who(next).user == grant.user)
        let error = await refusal { () async throws(WireError) in try await without.who(grant) }
        #expect(error?.details.map(\.message) == ["unknown_key"])
    }

    @Test(arguments: ["", "x", "a.b.c", "rt_", String(repeating: "a", count: 100_000)])
    func `are nothing that somebody makes up`(text: String) async throws {
        let world = try AccountWorld()
        let access = await refusal { () async throws(WireError) in
            try await world.service.authenticate(text)
        }
        #expect(access?.code == .invalidToken)
        let refresh = await refusal { () async throws(WireError) in
            try await world.service.refresh(text, peer: world.peer)
        }
        #expect(refresh?.code == .invalidToken)
    }

    @Test func `hold no personal data, and the store no token`() async throws {
        let world = try AccountWorld()
        let grant = try await world.register()
        let claims = try world.service.verifier.verify(
            grant.accessToken, now: world.clock.wallTime())
        #expect(!"\(claims)".contains("ana"))
        let device = try #require(try await world.store.device(grant.device))
        let token = try #require(RefreshToken(grant.refreshToken))
        for secret in [Sodium.base64(token.secret), Sodium.base64(token.family)] {
            #expect(!"\(device)".contains(secret))
            #expect(grant.refreshToken.contains(secret))
        }
    }
}
