// SPDX-License-Identifier: MIT

import ChatCore

/// How a client signs in: first as it was told, later with what the server gave it.
struct ClientCredentials {
    private let identity: ChatIdentity
    /// A guest's proof, or an account's access token.
    private var token: String?
    private var refreshToken: String?
    /// Whether the token was refused and a new one is to be asked for first.
    private var needsRefresh = false
    /// When a new access token is to be asked for on the live connection.
    private(set) var refreshAt: ChatInstant?

    /// Whether the new account is there, was asked for, and whether nobody knows what became of that.
    private var isRegistered = false
    private var isRegistering = false
    private var isRegistrationUncertain = false

    init(_ identity: ChatIdentity) { self.identity = identity }

    /// What to send first on a new connection, and whether it only asks for a token.
    mutating func next() -> (command: JSONValue, isRefresh: Bool) {
        if needsRefresh, let refreshToken {
            return (["type": "refresh", "refresh_token": .string(refreshToken)], true)
        }
        if let token { return (["type": "hello", "token": .string(token)], false) }
        switch identity {
        case .guest(let name): return (["type": "hello", "name": .string(name)], false)
        case .token(let token): return (["type": "hello", "token": .string(token)], false)
        case .account(let login, let password):
            return (
                ["type": "login", "login": .string(login), "password": .string(password)], false
            )
        case .newAccount(let new): return (registration(new), false)
        }
    }

    private mutating func registration(_ new: ChatRegistration) -> JSONValue {
        if isRegistered {
            return [
                "type": "login", "login": .string(new.username), "password": .string(new.password),
            ]
        }
        isRegistering = true
        var command: JSONValue = [
            "type": "register", "username": .string(new.username),
            "password": .string(new.password),
        ]
        if let email = new.email { command = command.with("email", .string(email)) }
        if let name = new.displayName { command = command.with("display_name", .string(name)) }
        return command
    }

    /// The connection is gone. An account whose making was not answered may be there.
    mutating func disconnected() {
        if isRegistering { isRegistrationUncertain = true }
        isRegistering = false
    }

    /// The sign-in succeeded: keeps what it gave.
    mutating func signedIn(_ answer: JSONValue, now: ChatInstant) {
        isRegistering = false
        isRegistered = true
        if let token = answer["token"]?.string { self.token = token }
        renewed(answer, now: now)
    }

    /// A new pair of tokens came.
    mutating func renewed(_ answer: JSONValue, now: ChatInstant) {
        needsRefresh = false
        refreshAt = nil
        if let token = answer["access_token"]?.string { self.token = token }
        if let token = answer["refresh_token"]?.string { refreshToken = token }
        guard refreshToken != nil, let seconds = answer["expires_in_seconds"]?.int else { return }
        // Early enough for a second try before the connection is closed.
        refreshAt = now.advanced(byMilliseconds: Int64(seconds) * 800)
    }

    /// The command that renews the access token, once it is time; asked again after a minute.
    mutating func refresh(now: ChatInstant) -> JSONValue? {
        guard let refreshAt, refreshAt <= now, let refreshToken else { return nil }
        self.refreshAt = now.advanced(byMilliseconds: 60_000)
        return ["type": "refresh", "refresh_token": .string(refreshToken)]
    }

    /// A sign-in was refused. Returns whether another way is left.
    mutating func recover(from refusal: ChatRefusal) -> Bool {
        if isRegistering {
            isRegistering = false
            isRegistered = isRegistrationUncertain && refusal.code == "username_taken"
            return isRegistered
        }
        guard refusal.code.hasSuffix("_token") || refusal.code.hasPrefix("token_") else {
            return false
        }
        if needsRefresh {
            // The refresh token is void as well: the password, or the end.
            needsRefresh = false
            refreshToken = nil
            token = nil
            return canStartOver
        }
        guard token != nil else { return false }
        if refreshToken != nil {
            needsRefresh = true
            return true
        }
        token = nil
        return canStartOver
    }

    private var canStartOver: Bool {
        if case .token = identity { false } else { true }
    }
}
