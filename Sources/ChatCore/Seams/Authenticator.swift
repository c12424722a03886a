// SPDX-License-Identifier: MIT

/// Who is this? Replace it to bring your own users.
///
/// ``signIn(_:store:)`` may suspend and call other services; it runs on the connection's event loop and must
/// not block it.
public protocol Authenticator: Sendable {
    /// Checks what a client presents.
    ///
    /// - Throws: the refusal as the client sees it, for example `invalid_token`.
    func signIn(
        _ credentials: Credentials, store: any ChatStore
    ) async throws(WireError) -> SignIn

    /// The engine has let the user in (an exclusive sign-in was the only one): make lasting what ``signIn(_:store:)``
    /// prepared.
    func accepted(_ signIn: SignIn, store: any ChatStore) async throws(WireError)

    /// What there is beyond signing in, if users have accounts: refreshing, signing out, passwords.
    var accounts: (any AccountManaging)? { get }

    /// An engine that uses this authenticator has started: its connections can be ended from now on. Keep no strong
    /// reference.
    func engineStarted(_ sessions: any SessionControl)
}

extension Authenticator {
    /// Nothing to make lasting.
    public func accepted(_ signIn: SignIn, store: any ChatStore) async throws(WireError) {}

    /// No accounts.
    public var accounts: (any AccountManaging)? { nil }

    /// Nothing to end.
    public func engineStarted(_ sessions: any SessionControl) {}
}

/// What a client presents in `hello`, `login` or `register`.
public struct Credentials: Sendable, Equatable {
    /// A guest's name.
    public var name: String?
    /// A token.
    public var token: String?
    /// Whether the name is to be kept for the token's holder.
    public var keepsName: Bool
    /// A name or e-mail address with its password (`login`).
    public var login: LoginRequest?
    /// An account to be made (`register`).
    public var registration: RegistrationRequest?
    /// Where the client connects from.
    public var peer: PeerInfo

    /// Makes credentials.
    public init(
        name: String?, token: String?, keepsName: Bool = false, login: LoginRequest? = nil,
        registration: RegistrationRequest? = nil, peer: PeerInfo
    ) {
        self.name = name
        self.token = token
        self.keepsName = keepsName
        self.login = login
        self.registration = registration
        self.peer = peer
    }

    /// Whether a password is among them.
    public var hasPassword: Bool { login != nil || registration != nil }
}

/// Who it is.
public struct SignIn: Sendable, Equatable {
    /// The user.
    public var user: UserReference
    /// What the client can present next time, told to it in the answer.
    public var token: String?
    /// Whether to refuse with `name_taken` while the user has another device connected.
    public var isExclusive: Bool
    /// A change of the stored user, made after the engine has let the user in.
    public var update: UserRecord?
    /// The device of an account: its connections end when it is signed out.
    public var device: DeviceID?
    /// When the connection ends unless its token is refreshed; `nil` for never.
    public var expires: Timestamp?
    /// New tokens, told to the client in the answer.
    public var grant: TokenGrant?

    /// Makes a sign-in.
    public init(
        user: UserReference, token: String? = nil, isExclusive: Bool = false,
        update: UserRecord? = nil, device: DeviceID? = nil, expires: Timestamp? = nil,
        grant: TokenGrant? = nil
    ) {
        self.user = user
        self.token = token
        self.isExclusive = isExclusive
        self.update = update
        self.device = device
        self.expires = expires
        self.grant = grant
    }

    /// Makes a sign-in by new tokens.
    public init(_ grant: TokenGrant) {
        self.init(
            user: grant.user, device: grant.device, expires: grant.expires, grant: grant)
    }
}

/// Guests: whoever gives a name that nobody is using now. A token proves the name later, and `keep_name` binds
/// the name to it. Guests are as safe as a name tag: for accounts with passwords use another authenticator.
public struct GuestAuthenticator: Authenticator {
    private let nameCharacters: Int
    private let identity: @Sendable () -> UInt64

    /// Makes an authenticator.
    ///
    /// - Parameters:
    ///   - limits: for the longest name.
    ///   - identity: where new identities and tokens come from; random by default.
    public init(
        limits: Limits = Limits(),
        identity: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 1...(.max)) }
    ) {
        nameCharacters = limits.userNameCharacters
        self.identity = identity
    }

    /// Finds the guest by token, or finds or makes the guest of that name.
    public func signIn(
        _ credentials: Credentials, store: any ChatStore
    ) async throws(WireError) -> SignIn {
        if credentials.hasPassword { throw .noAccounts }
        if let token = credentials.token {
            let user = try await Self.stored { () async throws(StorageError) in
                try await store.user(token: token)
            }
            guard !token.isEmpty, let user else {
                throw WireError(
                    .invalidToken, "nobody has this token: sign in again", field: "token")
            }
            return signIn(user, byToken: true, keepsName: credentials.keepsName)
        }
        guard let name = cleanName(credentials.name) else {
            throw WireError(
                .invalidField, "a name has 1 to \(nameCharacters) visible characters", field: "name"
            )
        }
        let guest = UserRecord(
            id: UserID(rawValue: identity()), name: name, token: newToken(),
            isNameKept: credentials.keepsName, createdAt: SystemClock().wallTime())
        let user = try await Self.stored { () async throws(StorageError) in
            try await store.addUser(guest)
        }
        if user.id == guest.id {
            return SignIn(
                user: UserReference(id: user.id, name: user.name), token: user.token,
                isExclusive: true)
        }
        guard !user.isNameKept else {
            throw WireError(.nameTaken, "this name is kept by somebody else", field: "name")
        }
        return signIn(user, byToken: false, keepsName: credentials.keepsName)
    }

    /// Stores the new token or the kept name.
    public func accepted(_ signIn: SignIn, store: any ChatStore) async throws(WireError) {
        guard let update = signIn.update else { return }
        try await Self.stored { () async throws(StorageError) in
            try await store.updateUser(update)
        }
    }

    /// Somebody who takes over a name without its token gets a new token: the old one is void.
    private func signIn(_ user: UserRecord, byToken: Bool, keepsName: Bool) -> SignIn {
        var update = user
        if !byToken { update.token = newToken() }
        if keepsName { update.isNameKept = true }
        return SignIn(
            user: UserReference(id: user.id, name: user.name), token: update.token,
            isExclusive: !byToken, update: update == user ? nil : update)
    }

    private func cleanName(_ name: String?) -> String? {
        guard let name, let clean = DisplayName.clean(name), clean.count <= nameCharacters,
            clean.utf8.count <= 4 * nameCharacters, UserID(clean) == nil
        else { return nil }
        return clean
    }

    private func newToken() -> String {
        Base32.encode(identity(), prefix: "g_") + Base32.encode(identity(), prefix: "")
    }

    /// Each of these calls may be made twice. It is, because one whose answer was lost may have been done: then a
    /// name would be kept by a token that nobody has.
    private static func stored<Value: Sendable>(
        _ call: () async throws(StorageError) -> Value
    ) async throws(WireError) -> Value {
        if let value = try? await call() { return value }
        do throws(StorageError) {
            return try await call()
        } catch {
            throw .storageUnavailable
        }
    }
}

extension Authenticator where Self == GuestAuthenticator {
    /// Guests: whoever gives a name that nobody is using now.
    public static var guests: GuestAuthenticator { GuestAuthenticator() }
}
