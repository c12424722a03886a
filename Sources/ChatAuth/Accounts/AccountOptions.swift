// SPDX-License-Identifier: MIT

import ChatPlatform

/// Everything about accounts that can be set.
public struct AccountOptions: Sendable, Equatable {
    /// What a password hash costs. Raise it, and hashes are renewed as their owners sign in.
    public var password = PasswordParameters.standard
    /// How many passwords are hashed at once, each on a thread of its own; half of the processors, at least one.
    public var hashingThreads = max(1, SystemSource.processorCount / 2)
    /// How many more may wait to be hashed; beyond that the answer is `overloaded`.
    public var hashingQueue = 256
    /// How long an access token is valid, in seconds.
    public var accessSeconds: Int64 = 900
    /// How long a refresh token is valid that nobody uses, in seconds: thirty days.
    public var refreshSeconds: Int64 = 2_592_000
    /// How long a refresh token that was replaced gets the same answer again, in seconds: for a client that has lost
    /// the answer. Later it counts as stolen.
    public var refreshGraceSeconds: Int64 = 10
    /// `iss` of access tokens, and what must stand there.
    public var issuer = "chat-engine"
    /// `aud` of access tokens, and what must stand there.
    public var audience = "chat"
    /// How far clocks may differ when times of tokens are checked, in seconds.
    public var clockSkewSeconds: Int64 = 5
    /// The most devices of an account; signing in with one more signs out the one that was used longest ago.
    public var devicesPerAccount = 50
    /// Whether anybody may register.
    public var allowsRegistration = true
    /// When failed logins are blocked.
    public var loginLimits = LoginLimits()
    /// The shortest user name, in characters.
    public var usernameMinimumCharacters = 3
    /// The longest user name, in characters.
    public var usernameCharacters = 50
    /// The shortest password, in characters.
    public var passwordMinimumCharacters = 8
    /// The longest password, in characters.
    public var passwordCharacters = 128
    /// The longest display name, in characters.
    public var displayNameCharacters = 100
    /// The longest name of a client, in bytes; what is longer is cut off.
    public var clientBytes = 100

    /// The defaults.
    public init() {}

    /// Refuses what cannot work.
    func check() throws(AuthConfigurationError) {
        let numbers: [(String, Int64, ClosedRange<Int64>)] = [
            ("accessSeconds", accessSeconds, 1...31_536_000),
            ("refreshSeconds", refreshSeconds, 1...315_360_000),
            ("refreshGraceSeconds", refreshGraceSeconds, 0...3_600),
            ("clockSkewSeconds", clockSkewSeconds, 0...300),
            ("devicesPerAccount", Int64(devicesPerAccount), 1...10_000),
            ("usernameMinimumCharacters", Int64(usernameMinimumCharacters), 1...100),
            ("usernameCharacters", Int64(usernameCharacters), 1...100),
            ("passwordMinimumCharacters", Int64(passwordMinimumCharacters), 8...128),
            ("passwordCharacters", Int64(passwordCharacters), 64...1_024),
        ]
        for (name, value, range) in numbers where !range.contains(value) {
            throw AuthConfigurationError(
                .badNumber,
                "\(name) is \(value): it must be \(range.lowerBound) to \(range.upperBound)")
        }
        try loginLimits.check()
    }
}

/// When failed logins are blocked.
public struct LoginLimits: Sendable, Equatable {
    /// Failures for one account, after which it is blocked.
    public var failuresPerAccount = 10
    /// Failures from one address, after which it is blocked.
    public var failuresPerAddress = 100
    /// Within how long these failures count, in seconds.
    public var windowSeconds: Int64 = 900
    /// How long a block lasts, in seconds.
    public var blockSeconds: Int64 = 900
    /// How many accounts and addresses are remembered at once.
    public var remembered = 100_000

    /// The defaults.
    public init() {}

    func check() throws(AuthConfigurationError) {
        guard failuresPerAccount >= 1, failuresPerAddress >= 1, remembered >= 1,
            (1...31_536_000).contains(windowSeconds), (1...31_536_000).contains(blockSeconds)
        else {
            throw AuthConfigurationError(
                .badNumber, "limits of failed logins are at least 1, and at most a year")
        }
    }
}
