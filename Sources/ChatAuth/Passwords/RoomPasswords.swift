// SPDX-License-Identifier: MIT

public import ChatCore

extension PasswordHasher: PasswordHashing {
    package func verify(_ password: String, against hash: String) async throws(WireError) -> Bool {
        try await verify(password, hash: hash)
    }
}

/// Hashes for the passwords of rooms: set ``ChatConfiguration/passwords``.
public enum RoomPasswords {
    /// Argon2id on threads of its own, apart from those of the sign-ins: neither can hold up the other.
    ///
    /// - Parameters:
    ///   - parameters: memory and passes of a hash.
    ///   - threads: how many are computed at once, each in as much memory as one takes.
    ///   - maximumWaiting: how many more may wait; above it a join is refused with `overloaded`.
    /// - Throws: ``AuthConfigurationError`` for numbers out of bounds, or without memory for one hash.
    public static func argon2id(
        parameters: PasswordParameters = .standard, threads: Int = 1,
        maximumWaiting: Int = 64
    ) throws(AuthConfigurationError) -> any PasswordHashing {
        try PasswordHasher(
            parameters: parameters, threads: threads, maximumWaiting: maximumWaiting)
    }
}
