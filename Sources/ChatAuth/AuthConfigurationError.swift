// SPDX-License-Identifier: MIT

/// A configuration with which accounts would not be safe: the start must fail with it.
public struct AuthConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: Sendable, Equatable {
        /// The secret of a signing key has fewer than 32 bytes.
        case shortSecret
        /// A key is of the wrong length or kind.
        case badKey
        /// Two keys have the same `kid`.
        case doubleKeyID
        /// Password hashing is weaker than the least that is accepted.
        case weakPasswordHash
        /// A number is out of its range.
        case badNumber
    }

    /// What is wrong.
    public let code: Code
    /// What to do. Holds no secret.
    public let advice: String

    /// Makes an error.
    public init(_ code: Code, _ advice: String) {
        self.code = code
        self.advice = advice
    }

    /// The advice.
    public var description: String { advice }
}
