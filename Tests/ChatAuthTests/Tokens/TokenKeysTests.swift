// SPDX-License-Identifier: MIT

import Testing

@testable import ChatAuth

@Suite struct `A token key` {
    private static func code<Value>(_ body: () throws -> Value) -> AuthConfigurationError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? AuthConfigurationError)?.code
        }
    }

    @Test func `has 32 bytes of secret or more`() {
        #expect(
            Self.code { try TokenKey.hs256(id: "a", secret: Array(repeating: 1, count: 31)) }
                == .shortSecret)
        #expect(
            Self.code { try TokenKey.hs256(id: "a", secret: Array(repeating: 1, count: 32)) } == nil
        )
    }

    @Test func `of Ed25519 has 32 bytes`() {
        for count in [0, 31, 33, 64] {
            let bytes = [UInt8](repeating: 1, count: count)
            #expect(Self.code { try TokenKey.edDSA(id: "a", seed: bytes) } == .badKey)
            #expect(Self.code { try TokenKey.edDSA(id: "a", publicKey: bytes) } == .badKey)
        }
    }

    @Test func `has an id`() {
        #expect(Self.code { try TokenKey.random(id: "") } == .badKey)
        #expect(Self.code { try TokenKey.random(id: String(repeating: "a", count: 65)) } == .badKey)
    }

    @Test func `that is public cannot sign`() throws {
        let pair = try TokenKey.edDSA(id: "a", seed: TokenKey.randomSecret())
        let key = try TokenKey.edDSA(id: "a", publicKey: #require(pair.publicKey))
        #expect(Self.code { try TokenKeys(signing: key) } == .badKey)
        #expect(Self.code { try TokenKeys(signing: pair) } == nil)
    }

    @Test func `shares its id with no other`() throws {
        let (one, other) = (try TokenKey.random(id: "a"), try TokenKey.random(id: "a"))
        #expect(Self.code { try TokenKeys(signing: one, verifying: [other]) } == .doubleKeyID)
    }

    @Test func `never shows its secret`() throws {
        let key = try TokenKey.hs256(id: "a", secret: Array(repeating: 65, count: 32))
        #expect("\(key)" == "a (HS256)")
    }
}
