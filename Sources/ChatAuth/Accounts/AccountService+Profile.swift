// SPDX-License-Identifier: MIT

public import ChatCore

/// An account as its owner sees it. It has no hash.
public struct AccountView: Sendable, Equatable {
    /// Id and name.
    public var user: UserReference
    /// The e-mail address, if there is one.
    public var email: String?
    /// What others see too.
    public var profile: UserProfile
    /// Whether it can be used.
    public var state: AccountState
    /// When it was registered.
    public var createdAt: Timestamp
    /// When its owner has signed in last.
    public var lastLoginAt: Timestamp?
}

// Oneself.
extension AccountService {
    /// Who somebody is.
    ///
    /// - Throws: `invalid_token` if the account is gone, `storage_unavailable`.
    public func me(_ who: AuthenticatedDevice) async throws(WireError) -> AccountView {
        let id = who.user.id
        let (account, user) = try await stored { store async throws(StorageError) in
            (try await store.account(id), try await store.user(id))
        }
        guard let account, let user else { throw Self.signedOut }
        return AccountView(
            user: account.user, email: account.email, profile: user.profile,
            state: account.state, createdAt: account.createdAt, lastLoginAt: account.lastLoginAt)
    }

    /// The account of a user; `nil` for one without.
    ///
    /// - Throws: `storage_unavailable`.
    public func account(of user: UserID) async throws(WireError) -> AccountRecord? {
        try await stored { store async throws(StorageError) in try await store.account(user) }
    }

    /// Forgets devices whose refresh token has expired, at most `limit`.
    ///
    /// - Returns: how many.
    /// - Throws: `storage_unavailable`.
    public func removeExpiredDevices(limit: Int) async throws(WireError) -> Int {
        let time = clock.wallTime()
        return try await stored { store async throws(StorageError) in
            try await store.removeExpiredDevices(at: time, limit: limit)
        }
    }

    /// Changes what somebody shows of themselves; those who share a room with them see it at once.
    ///
    /// - Parameters:
    ///   - changes: what to change; checked here.
    ///   - limits: of the engine, for the length of status and avatar.
    /// - Throws: `invalid_field` with every broken rule in `details`, `invalid_token`, `storage_unavailable`.
    public func updateProfile(
        _ changes: ProfileChanges, of who: AuthenticatedDevice, limits: Limits = Limits()
    ) async throws(WireError) -> AccountView {
        let checked = try changes.checked(limits)
        let id = who.user.id
        let record = try await stored { store async throws(StorageError) in
            try await store.updateProfile(checked, of: id)
        }
        guard let record else { throw Self.signedOut }
        let reference = UserReference(id: id, name: record.name)
        if checked.isShown {
            for engine in running { await engine.profileChanged(reference) }
        }
        return try await me(who)
    }

    /// Gives a user another name; whoever shares a room with them sees it at once. Messages that were read before keep
    /// the old one until they are read again.
    ///
    /// - Throws: `invalid_field`, `username_taken`, `invalid_token` if the account is gone, `storage_unavailable`.
    public func changeUsername(
        of user: UserID, to name: String
    ) async throws(WireError) -> AccountRecord {
        guard let clean = rules.username(name) else {
            throw WireError.invalidFields([rules.usernameRefusal(name)]) ?? Self.usernameTaken
        }
        let outcome = try await stored { store async throws(StorageError) in
            try await store.updateAccount(AccountChanges(name: clean), of: user)
        }
        let account = try Self.account(outcome)
        for engine in running { await engine.profileChanged(account.user) }
        return account
    }

    /// Gives an account another e-mail address, by which its owner can sign in from now on, or takes it away.
    ///
    /// - Parameters:
    ///   - email: empty for none.
    ///   - password: the present one.
    /// - Throws: `invalid_field`, `invalid_credentials`, `email_taken`, `login_blocked`, `address_blocked`, `overloaded`,
    ///   `invalid_token` if the account is gone, `storage_unavailable`.
    /// - Complexity: one password hash.
    public func changeEmail(
        of user: UserID, to email: String, password: String, peer: PeerInfo
    ) async throws(WireError) -> AccountRecord {
        let clean = email.isEmpty ? "" : EmailAddress.clean(email)
        var details: [FieldRefusal] = []
        if clean == nil { details.append(rules.emailRefusal) }
        if !rules.isPossible(password) { details.append(FieldRefusal("password", "is required")) }
        if let refusal = WireError.invalidFields(details) { throw refusal }
        guard let account = try await account(of: user) else { throw Self.signedOut }
        try await check(password, of: account, named: account.user.name, peer)
        let changes = AccountChanges(
            email: clean, expectedPasswordHash: account.passwordHash)
        let outcome = try await stored { store async throws(StorageError) in
            try await store.updateAccount(changes, of: user)
        }
        if case .outdated = outcome { throw Self.invalidCredentials }
        return try Self.account(outcome)
    }

    /// Changes a password and signs out all other devices. Repeating it with the same passwords is safe.
    ///
    /// - Throws: `invalid_field` for a new password that may not be one, `invalid_credentials` if `old` is wrong,
    ///   `login_blocked`, `address_blocked`, `overloaded`, `storage_unavailable`.
    /// - Complexity: two password hashes, three for a wrong password.
    public func changePassword(
        of who: AuthenticatedDevice, from old: String, to new: String, peer: PeerInfo
    ) async throws(WireError) {
        try await changePassword(
            of: who.user.id, from: old, to: new, device: who.device, peer: peer)
    }

    /// The same for a user and perhaps a device that stays. Called by the engine.
    ///
    /// - Throws: as ``changePassword(of:from:to:peer:)``.
    public func changePassword(
        of user: UserID, from old: String, to new: String, device: DeviceID?, peer: PeerInfo
    ) async throws(WireError) {
        var details: [FieldRefusal] = []
        if let refusal = rules.passwordRefusal(new, "new_password") { details.append(refusal) }
        if !rules.isPossible(old) { details.append(FieldRefusal("password", "is required")) }
        if let refusal = WireError.invalidFields(details) { throw refusal }
        guard let account = try await account(of: user) else { throw Self.signedOut }
        do throws(WireError) {
            try await check(old, of: account, named: account.user.name, peer)
        } catch {
            // Perhaps an earlier call did it, and its answer was lost.
            guard error.code == .invalidCredentials,
                try await hasher.verify(new, hash: account.passwordHash)
            else { throw error }
            return try await end(nil, of: user, except: device)
        }
        let hash = try await hasher.hash(new)
        let changes = AccountChanges(
            passwordHash: hash, expectedPasswordHash: account.passwordHash)
        let outcome = try await stored { store async throws(StorageError) in
            try await store.updateAccount(changes, of: user)
        }
        // A repetition inside the store finds its own hash.
        if case .outdated = outcome, try await self.account(of: user)?.passwordHash != hash {
            throw Self.invalidCredentials
        }
        try await end(nil, of: user, except: device)
    }

    // MARK: For operators

    /// Locks an account, puts it out of use, or lets it in again. What is not active has no devices: its tokens are
    /// void and its connections end.
    ///
    /// - Throws: `user_not_found`, `storage_unavailable`. Repeating it is safe.
    public func setState(_ state: AccountState, of user: UserID) async throws(WireError) {
        let outcome = try await stored { store async throws(StorageError) in
            try await store.updateAccount(AccountChanges(state: state), of: user)
        }
        guard case .stored = outcome else {
            throw WireError(.userNotFound, "there is no such account")
        }
        if state != .active { try await end(nil, of: user) }
    }

    /// Puts one's own account out of use: its devices are signed out, and nobody can sign in.
    ///
    /// - Throws: `user_not_found`, `storage_unavailable`.
    public func deactivate(_ who: AuthenticatedDevice) async throws(WireError) {
        try await setState(.deactivated, of: who.user.id)
    }
}
