// SPDX-License-Identifier: MIT

/// Turns passwords into hashes that can be stored, and compares. The engine has none of its own: set
/// ``ChatConfiguration/passwords`` to have passwords of rooms.
///
/// Both calls are expensive on purpose. They run on threads of their own, a bounded number at a time, and suspend the
/// caller meanwhile; none may block an event loop.
public protocol PasswordHashing: Sendable {
    /// A hash of `password` with a new salt and the parameters of today.
    ///
    /// - Throws: `overloaded` if too many calls wait.
    func hash(_ password: String) async throws(WireError) -> String

    /// Whether `hash` was made of `password`. Takes the same time for any password.
    ///
    /// - Returns: also `false` for what is no hash.
    /// - Throws: `overloaded` if too many calls wait.
    func verify(_ password: String, against hash: String) async throws(WireError) -> Bool
}
