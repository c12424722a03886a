// SPDX-License-Identifier: MIT

import ChatCore
import Synchronization
import Testing

@testable import ChatAuth

@Suite struct `A password hasher` {
    static func weak(threads: Int = 1, waiting: Int = 100) throws -> PasswordHasher {
        try PasswordHasher(parameters: .weakest, threads: threads, maximumWaiting: waiting)
    }

    @Test func `writes Argon2id PHC strings with 19 MiB and two passes by default`() async throws {
        let hasher = try PasswordHasher(
            parameters: .standard, threads: 1, maximumWaiting: 1)
        let hash = try await hasher.hash("correct horse")
        #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(try await hasher.verify("correct horse", hash: hash))
        #expect(try await !hasher.verify("correct horsf", hash: hash))
        #expect(!hasher.needsRehash(hash))
    }

    @Test func `salts every hash by itself`() async throws {
        let hasher = try Self.weak()
        let hashes = [try await hasher.hash("same"), try await hasher.hash("same")]
        #expect(hashes[0] != hashes[1])
        for hash in hashes { #expect(try await hasher.verify("same", hash: hash)) }
    }

    @Test func `compares a password with nobody's hash, and it is wrong`() async throws {
        let hasher = try Self.weak()
        #expect(try await !hasher.verify("anything", hash: nil))
        #expect(try await !hasher.verify("", hash: nil))
    }

    @Test func `takes what is no hash for a wrong password`() async throws {
        let hasher = try Self.weak()
        for hash in ["", "plain", "$argon2id$", String(repeating: "a", count: 500), "a\0b"] {
            #expect(try await !hasher.verify("plain", hash: hash))
        }
    }

    @Test func `wants a new hash when the parameters rose`() async throws {
        let (old, new) = (
            try Self.weak(),
            try PasswordHasher(
                parameters: .unchecked(memoryKiB: 16, passes: 2), threads: 1, maximumWaiting: 1)
        )
        let hash = try await old.hash("p")
        #expect(!old.needsRehash(hash))
        #expect(new.needsRehash(hash))
        #expect(new.needsRehash("no hash"))
        #expect(try await new.verify("p", hash: hash))
    }

    @Test func `refuses what its queue does not hold, and forgets it`() async throws {
        let hasher = try PasswordHasher(
            parameters: .unchecked(memoryKiB: 1_024, passes: 1), threads: 1, maximumWaiting: 2)
        let outcomes = await withTaskGroup(of: WireError.Code?.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    do throws(WireError) {
                        _ = try await hasher.hash("p")
                        return nil
                    } catch {
                        return error.code
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.contains(nil))
        #expect(outcomes.allSatisfy { $0 == nil || $0 == .overloaded })
        #expect(hasher.pendingCount == 0)
        #expect(try await hasher.hash("p").isEmpty == false)
    }

    @Test func `refuses parameters below the standard`() {
        #expect(throws: AuthConfigurationError.self) {
            try PasswordParameters(memoryKiB: 19_455, passes: 2)
        }
        #expect(throws: AuthConfigurationError.self) {
            try PasswordParameters(memoryKiB: 19_456, passes: 1)
        }
        #expect(throws: AuthConfigurationError.self) {
            try PasswordParameters(memoryKiB: 4_194_304, passes: 2)
        }
        #expect(throws: AuthConfigurationError.self) {
            try PasswordHasher(parameters: .weakest, threads: 0, maximumWaiting: 1)
        }
    }

    @Test func `takes parameters above the standard`() throws {
        let parameters = try PasswordParameters(memoryKiB: 65_536, passes: 3)
        #expect(parameters.memoryKiB == 65_536)
        #expect(try PasswordParameters(memoryKiB: 19_456, passes: 2) == .standard)
    }
}
