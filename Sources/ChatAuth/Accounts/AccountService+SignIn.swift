// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatSodium

// The steps of registering and signing in.
extension AccountService {
    static let invalidCredentials = WireError(
        .invalidCredentials, "the name or the password is wrong")
    static let locked = WireError(
        .accountLocked, "this account may not be used: ask whoever runs the server")
    static let signedOut = WireError(
        .invalidToken, "this device was signed out: sign in again", field: "token",
        details: [FieldRefusal("token", "signed_out")])
    static let usernameTaken = WireError(
        .usernameTaken, "somebody has this name", field: "username")
    static let emailTaken = WireError(
        .emailTaken, "there is an account with this address", field: "email")

    /// Before anything is hashed: a flood of registrations of taken names costs little.
    func refuseTaken(_ checked: AccountRules.Checked) async throws(WireError) {
        let name = NameKey(checked.username)
        let email = checked.email.map(AccountRecord.key(ofEmail:))
        let (hasName, hasEmail) = try await stored { store async throws(StorageError) in
            let user = try await store.user(named: name)
            guard let email else { return (user != nil, false) }
            return (user != nil, try await store.account(emailKey: email) != nil)
        }
        if hasName { throw Self.usernameTaken }
        if hasEmail { throw Self.emailTaken }
    }

    /// The account of a name or an e-mail address. No name has an @.
    func find(login: String) async throws(WireError) -> AccountRecord? {
        try await stored { store async throws(StorageError) in
            if login.contains("@") {
                return try await store.account(emailKey: AccountRecord.key(ofEmail: login))
            }
            return try await store.account(named: NameKey(login))
        }
    }

    /// Looks at a password under the limits of failures.
    ///
    /// - Throws: `invalid_credentials` for a wrong one, and if there is no account.
    func check(
        _ password: String, of account: AccountRecord?, named login: String, _ peer: PeerInfo
    ) async throws(WireError) {
        // A name that nobody has is blocked like one that somebody has.
        let key = account.map { Self.key($0.user.id) } ?? Self.key(NameKey(login))
        let address = Self.key(NetworkAddress.limitKey(peer.address))
        let verdict = limits.withLock {
            $0.begin(account: key, address: address, now: clock.now())
        }
        if let refusal = Self.refusal(verdict) { throw refusal }
        let isRight: Bool
        do throws(WireError) {
            isRight = try await hasher.verify(password, hash: account?.passwordHash)
        } catch {
            limits.withLock { $0.abandoned(account: key, address: address) }
            throw error
        }
        guard isRight else {
            limits.withLock { $0.failed(account: key, address: address, now: clock.now()) }
            throw Self.invalidCredentials
        }
        limits.withLock { $0.succeeded(account: key, address: address) }
    }

    private static func refusal(_ verdict: LoginLimitMachine.Verdict) -> WireError? {
        switch verdict {
        case .admitted: nil
        case .accountBlocked(let milliseconds):
            WireError(
                .loginBlocked, "too many wrong passwords for this account: wait",
                retryAfterMilliseconds: milliseconds)
        case .addressBlocked(let milliseconds):
            WireError(
                .addressBlocked, "too many wrong passwords from your address: wait",
                retryAfterMilliseconds: milliseconds)
        case .busy:
            WireError(
                .overloaded, "too many sign in now: try again soon", retryAfterMilliseconds: 1_000)
        }
    }

    private static func key(_ value: some Hashable) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(value)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    /// A new hash if its parameters rose since this one was made.
    ///
    /// If that fails the old hash stays: its owner is let in all the same.
    func renew(
        _ account: AccountRecord, _ password: String
    ) async throws(WireError) -> AccountRecord {
        var changes = AccountChanges(
            expectedPasswordHash: account.passwordHash, lastLoginAt: clock.wallTime())
        if hasher.needsRehash(account.passwordHash), let hash = try? await hasher.hash(password) {
            changes.passwordHash = hash
        }
        let (final, user) = (changes, account.user.id)
        let outcome = try await stored { store async throws(StorageError) in
            try await store.updateAccount(final, of: user)
        }
        guard case .stored(let renewed) = outcome else { return account }
        return renewed
    }

    /// Signs in whoever has just registered.
    func admit(_ account: AccountRecord, client: String) async throws(WireError) -> TokenGrant {
        guard let grant = try await signIn(account, client: client) else { throw Self.locked }
        return grant
    }

    /// Makes a device and its tokens.
    ///
    /// - Returns: `nil` if the account has been changed since it was read.
    func signIn(
        _ account: AccountRecord, client: String
    ) async throws(WireError) -> TokenGrant? {
        let now = clock.wallTime()
        let token = RefreshToken(device: DeviceID(rawValue: Sodium.randomNumber()))
        let device = DeviceRecord(
            id: token.device, user: account.user.id, client: client,
            familyHash: token.familyHash, currentHash: token.secretHash, createdAt: now,
            rotatedAt: now, expires: expiryOfRefresh(now))
        let (hash, maximum) = (account.passwordHash, options.devicesPerAccount)
        let removed = try await stored { store async throws(StorageError) in
            try await store.addDevice(device, passwordHash: hash, maximum: maximum)
        }
        guard let removed else { return nil }
        await endSessions(of: account.user.id, devices: removed)
        return grant(account.user, token, now)
    }

    /// An account that was stored, or why it was not.
    static func account(_ outcome: AccountOutcome) throws(WireError) -> AccountRecord {
        switch outcome {
        case .stored(let account): return account
        case .nameTaken: throw usernameTaken
        case .emailTaken: throw emailTaken
        case .notFound, .outdated: throw signedOut
        }
    }

    /// Each of these calls may be made twice. It is, because one whose answer was lost may have been done.
    func stored<Value: Sendable>(
        _ call: @Sendable (any ChatStore & AccountStore) async throws(StorageError) -> Value
    ) async throws(WireError) -> Value {
        if let value = try? await call(store) { return value }
        do throws(StorageError) {
            return try await call(store)
        } catch {
            throw .storageUnavailable
        }
    }
}
