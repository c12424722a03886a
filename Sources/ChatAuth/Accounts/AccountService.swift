// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform
import ChatSodium

/// Accounts: registering, signing in, tokens, passwords. One service serves engine and REST alike.
///
/// ```swift
/// let keys = try TokenKeys(signing: .hs256(id: "2026-11", secret: secret))
/// let service = try AccountService(store: store, keys: keys)
/// let engine = try await ChatEngine(store: store, authenticator: .accounts(service))
/// ```
public final class AccountService: AccountManaging {
    /// What the service was made with.
    public let options: AccountOptions
    let store: any ChatStore & AccountStore
    let hasher: PasswordHasher
    let rules: AccountRules
    let verifier: TokenVerifier
    let signingKey: TokenKey
    let refreshKey: [UInt8]
    let clock: any ChatClock
    let limits: Lock<LoginLimitMachine>
    private let engines = Lock<[WeakSessions]>([])

    /// Makes a service.
    ///
    /// - Parameters:
    ///   - store: the store of the engine.
    ///   - keys: of access tokens.
    ///   - options: how it works.
    ///   - clock: where times come from; the engine's.
    /// - Throws: ``AuthConfigurationError`` for a configuration that cannot work or is not safe.
    public init(
        store: any ChatStore & AccountStore, keys: TokenKeys,
        options: AccountOptions = AccountOptions(), clock: any ChatClock = SystemClock()
    ) throws(AuthConfigurationError) {
        guard Sodium.isReady else {
            throw AuthConfigurationError(.badKey, "libsodium cannot be started")
        }
        try options.check()
        self.store = store
        self.options = options
        self.clock = clock
        rules = AccountRules(options: options)
        hasher = try PasswordHasher(
            parameters: options.password, threads: options.hashingThreads,
            maximumWaiting: options.hashingQueue)
        verifier = TokenVerifier(
            keys: keys.byID, issuer: options.issuer, audience: options.audience,
            skewSeconds: options.clockSkewSeconds)
        signingKey = keys.signing
        // A key of its own, so that nothing that is signed is ever a refresh token too.
        refreshKey = keys.signing.sign(Array("chat-engine refresh tokens".utf8))
        limits = Lock(LoginLimitMachine(limits: options.loginLimits))
    }

    /// Makes an account and signs its owner in.
    ///
    /// - Parameters:
    ///   - request: what they want; checked here.
    ///   - peer: where they come from.
    /// - Returns: tokens for a new device.
    /// - Throws: `invalid_field` with every broken rule in `details`, `username_taken`, `email_taken`, `forbidden` if
    ///   nobody may register, `overloaded`, `storage_unavailable`.
    /// - Complexity: one password hash.
    public func register(
        _ request: RegistrationRequest, from peer: PeerInfo
    ) async throws(WireError) -> TokenGrant {
        guard options.allowsRegistration else {
            throw WireError(.forbidden, "nobody can register here: ask for an account")
        }
        let checked = try rules.check(request)
        try await refuseTaken(checked)
        let hash = try await hasher.hash(request.password)
        let now = clock.wallTime()
        let user = UserReference(
            id: UserID(rawValue: Sodium.randomNumber()), name: checked.username)
        let account = AccountRecord(
            user: user, email: checked.email, passwordHash: hash, createdAt: now,
            lastLoginAt: now)
        let profile = UserProfile(displayName: checked.displayName)
        let outcome = try await stored { store async throws(StorageError) in
            try await store.addAccount(account, profile: profile)
        }
        _ = try Self.account(outcome)
        return try await admit(account, client: checked.client)
    }

    /// Signs somebody in with a password.
    ///
    /// Whoever does not exist costs as much as a wrong password, and gets the same answer.
    ///
    /// - Parameters:
    ///   - request: the name or e-mail address, and the password.
    ///   - peer: where they come from; failures are counted by its address.
    /// - Returns: tokens for a new device.
    /// - Throws: `invalid_credentials`, `login_blocked` and `address_blocked` with the time to wait, `account_locked`
    ///   (after the right password only), `overloaded`, `storage_unavailable`.
    /// - Complexity: one password hash; two if its parameters were raised since the last time.
    public func login(
        _ request: LoginRequest, from peer: PeerInfo
    ) async throws(WireError) -> TokenGrant {
        guard !request.login.isEmpty, rules.isPossible(request.password) else {
            throw Self.invalidCredentials
        }
        // Twice at most: a password that is rehashed meanwhile makes what was read outdated.
        for _ in 0..<2 {
            let account = try await find(login: request.login)
            try await check(request.password, of: account, named: request.login, peer)
            guard var account else { throw Self.invalidCredentials }
            guard account.state == .active else { throw Self.locked }
            account = try await renew(account, request.password)
            let client = rules.client(request.client)
            if let grant = try await signIn(account, client: client) { return grant }
        }
        throw .storageUnavailable
    }

    /// Who presents an access token, and with which device.
    ///
    /// - Returns: the user, as their account is now.
    /// - Throws: `token_expired`, `invalid_token` (with the reason in `details`; also for a device that was signed
    ///   out), `account_locked`, `storage_unavailable`.
    public func authenticate(
        _ accessToken: String
    ) async throws(WireError) -> AuthenticatedDevice {
        let claims: TokenClaims
        do throws(TokenRefusal) {
            claims = try verifier.verify(accessToken, now: clock.wallTime())
        } catch {
            throw error.wireError
        }
        guard let user = UserID(claims.subject), let id = claims.device.flatMap(DeviceID.init)
        else { throw TokenRefusal.invalidClaim("sub").wireError }
        let (account, device) = try await stored { store async throws(StorageError) in
            (try await store.account(user), try await store.device(id))
        }
        guard let account, device?.user == user else { throw Self.signedOut }
        guard account.state == .active else { throw Self.locked }
        return AuthenticatedDevice(
            user: account.user, device: id,
            expires: Timestamp(milliseconds: claims.expires * 1_000))
    }

    // MARK: Engines

    /// An engine that uses this service has started. Called by the engine.
    public func engineStarted(_ sessions: any SessionControl) {
        engines.withLock { engines in
            engines.removeAll { $0.sessions == nil }
            engines.append(WeakSessions(sessions))
        }
    }

    /// The engines that run now.
    var running: [any SessionControl] { engines.withLock { $0.compactMap(\.sessions) } }

    func endSessions(of user: UserID, devices: [DeviceID]) async {
        if devices.isEmpty { return }
        for engine in running { await engine.endSessions(of: user, devices: devices) }
    }
}

/// Who has presented a valid access token.
public struct AuthenticatedDevice: Sendable, Equatable {
    /// The user.
    public var user: UserReference
    /// The device.
    public var device: DeviceID
    /// When the token expires.
    public var expires: Timestamp

    /// Makes a description.
    public init(user: UserReference, device: DeviceID, expires: Timestamp) {
        self.user = user
        self.device = device
        self.expires = expires
    }
}

private struct WeakSessions: Sendable {
    weak let sessions: (any SessionControl)?

    init(_ sessions: any SessionControl) { self.sessions = sessions }
}
