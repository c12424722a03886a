// SPDX-License-Identifier: MIT

/// A failure of a store. Its text is for the operator's log; users only see `storage_unavailable`.
public struct StorageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure.
    public enum Code: Sendable, Equatable {
        /// The store cannot be reached, is locked or overloaded: the same call may succeed later.
        case unavailable
        /// The disk is full or the file may not be written: succeeds after the operator acted.
        case cannotWrite
        /// The data is damaged.
        case corrupt
        /// The data was written by a newer version of this library.
        case tooNew
        /// The configuration is wrong (no such path, bad options).
        case configuration
        /// The store has been closed.
        case closed
    }

    /// What kind of failure.
    public let code: Code
    /// What to look at and what to do, for the operator. Holds no user content.
    public let advice: String

    /// Makes a failure.
    public init(_ code: Code, _ advice: String) {
        self.code = code
        self.advice = advice
    }

    /// The advice.
    public var description: String { advice }
}
