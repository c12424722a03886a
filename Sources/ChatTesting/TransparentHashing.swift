// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform

/// Hashes that hide nothing and cost nothing: for tests of what the engine does with hashes.
public final class TransparentHashing: PasswordHashing {
    private struct State: Sendable {
        var hashes = 0
        var comparisons = 0
    }

    private let state = Lock(State())

    /// Makes it.
    public init() {}

    /// How many passwords were compared.
    public var comparisons: Int { state.withLock { $0.comparisons } }

    /// How many hashes were made.
    public var hashes: Int { state.withLock { $0.hashes } }

    /// The password with a number before it, so that no two hashes are the same.
    public func hash(_ password: String) async throws(WireError) -> String {
        let number = state.withLock { state -> Int in
            state.hashes += 1
            return state.hashes
        }
        return "\(number)$\(password)"
    }

    /// Whether the password stands in the hash.
    public func verify(_ password: String, against hash: String) async throws(WireError) -> Bool {
        state.withLock { $0.comparisons += 1 }
        guard let mark = hash.utf8.firstIndex(of: UInt8(ascii: "$")) else { return false }
        return hash[hash.index(after: mark)...] == password
    }
}
