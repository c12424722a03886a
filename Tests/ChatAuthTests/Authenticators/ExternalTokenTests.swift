// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

@testable import ChatAuth

@Suite struct `Tokens of an external issuer` {
    private let clock = VirtualClock()
    private let store = MemoryStore()
    private let key: TokenKey
    private let authenticator: ExternalTokenAuthenticator

    init() throws {
        key = try .edDSA(id: "theirs", seed: Array(repeating: 2, count: 32))
        let publicKey = try #require(key.publicKey)
        authenticator = try ExternalTokenAuthenticator(
            issuer: "https://id.example.org", audience: "chat",
            keys: [.edDSA(id: "theirs", publicKey: publicKey)], clock: clock)
    }

    private func token(
        _ subject: String, name: String? = nil, issuer: String = "https://id.example.org"
    ) -> String {
        let second = clock.wallTime().milliseconds / 1_000
        return TokenClaims(
            subject: subject, issuer: issuer, audience: ["chat"], issuedAt: second,
            expires: second + 60, name: name
        ).signed(by: key)
    }

    private func signIn(_ token: String) async throws(WireError) -> SignIn {
        try await authenticator.signIn(
            Credentials(
                name: nil, token: token, peer: PeerInfo(address: "a", transport: "test")),
            store: store)
    }

    @Test func `make a user on first sight, and find the same one later`() async throws {
        let first = try await signIn(token("auth0|17", name: "Ada"))
        #expect(first.user.name == "Ada")
        #expect(first.expires != nil)
        #expect(try await store.user(first.user.id)?.isNameKept == true)
        let again = try await signIn(token("auth0|17", name: "Ada Lovelace"))
        #expect(again.user == first.user)
    }

    @Test func `give other subjects other users, also of the same name`() async throws {
        let one = try await signIn(token("1", name: "Ada"))
        let other = try await signIn(token("2", name: "ADA"))
        #expect(one.user.id != other.user.id)
        #expect(other.user.name.hasPrefix("ADA "))
        let nameless = try await signIn(token("3"))
        #expect(nameless.user.name.hasPrefix("user "))
    }

    @Test func `are refused from others, when they are old, and instead of passwords`()
        async throws
    {
        let foreign = await refusal { () async throws(WireError) in
            try await signIn(token("1", issuer: "https://evil.example.org"))
        }
        #expect(foreign?.details.map(\.message) == ["foreign_issuer"])
        let old = token("1")
        clock.advance(milliseconds: 91_000)
        let expired = await refusal { () async throws(WireError) in try await signIn(old) }
        #expect(expired?.code == .tokenExpired)
        let password = await refusal { () async throws(WireError) in
            try await authenticator.signIn(
                Credentials(
                    name: nil, token: nil, login: LoginRequest(login: "a", password: "b"),
                    peer: PeerInfo(address: "a", transport: "test")), store: store)
        }
        #expect(password?.code == .noAccounts)
    }

    @Test func `end their connection when they expire`() async throws {
        let world = try await LoopbackWorld(
            store: store, authenticator: authenticator, clock: clock)
        let client = world.connect()
        #expect(client.ask("hello", ["token": .string(token("1", name: "Ada"))]).type == "ok")
        world.advance(milliseconds: 59_000)
        #expect(client.isConnected)
        world.advance(milliseconds: 2_000)
        #expect(client.closeCode == .tokenExpired)
    }

    @Test func `need a key`() {
        #expect(throws: AuthConfigurationError.self) {
            try ExternalTokenAuthenticator(issuer: "i", audience: "a", keys: [])
        }
    }
}
