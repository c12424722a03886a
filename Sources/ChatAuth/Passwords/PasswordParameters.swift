// SPDX-License-Identifier: MIT

import ChatSodium

/// What Argon2id costs: m, t and p of a PHC string (p is always 1).
public struct PasswordParameters: Sendable, Equatable {
    /// Memory of one hash, in KiB.
    public let memoryKiB: Int
    /// Passes over that memory.
    public let passes: Int

    /// 19 MiB and two passes.
    public static let standard = PasswordParameters(uncheckedMemoryKiB: 19_456, passes: 2)

    /// Makes parameters that are as strong as ``standard`` or stronger.
    ///
    /// - Throws: ``AuthConfigurationError/Code/weakPasswordHash``, ``AuthConfigurationError/Code/badNumber`` above
    ///   4 GiB or 100 passes.
    public init(memoryKiB: Int, passes: Int) throws(AuthConfigurationError) {
        let least = Self.standard
        guard memoryKiB >= least.memoryKiB, passes >= least.passes else {
            throw AuthConfigurationError(
                .weakPasswordHash,
                "password hashing needs at least \(least.memoryKiB) KiB and \(least.passes) passes")
        }
        guard memoryKiB <= 4_194_303, passes <= 100 else {
            throw AuthConfigurationError(
                .badNumber, "password hashing takes at most 4194303 KiB and 100 passes")
        }
        self.init(uncheckedMemoryKiB: memoryKiB, passes: passes)
    }

    private init(uncheckedMemoryKiB memoryKiB: Int, passes: Int) {
        self.memoryKiB = memoryKiB
        self.passes = passes
    }

    /// The least that libsodium computes with: for tests, which hash thousands of passwords.
    package static let weakest = PasswordParameters(
        uncheckedMemoryKiB: Sodium.leastMemoryKiB, passes: 1)

    /// Parameters that may be too weak for anything but a test.
    package static func unchecked(memoryKiB: Int, passes: Int) -> PasswordParameters {
        PasswordParameters(uncheckedMemoryKiB: memoryKiB, passes: passes)
    }
}
