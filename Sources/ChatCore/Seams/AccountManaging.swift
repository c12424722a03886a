// SPDX-License-Identifier: MIT

/// What an ``Authenticator`` with accounts offers beyond signing in: the commands `refresh`, `logout`,
/// `password.change`, `username.change`, `email.change`, `device.list` and `device.remove`, and what `whoami` says of
/// accounts.
public protocol AccountManaging: Sendable {
    /// Hands out new tokens for a refresh token.
    ///
    /// - Throws: `invalid_token`, `token_expired`, `token_reused`, `account_locked`, `storage_unavailable`.
    func refresh(_ refreshToken: String, peer: PeerInfo) async throws(WireError) -> TokenGrant

    /// Signs a device out, or all devices of the user: their tokens are void.
    ///
    /// - Throws: `storage_unavailable`.
    func signOut(
        _ user: UserID, device: DeviceID, everywhere: Bool
    )
        async throws(WireError)

    /// The devices of a user, the one that was used last first.
    ///
    /// - Throws: `storage_unavailable`.
    func devices(of user: UserID) async throws(WireError) -> [DeviceRecord]

    /// Changes a password and signs out all other devices.
    ///
    /// - Throws: `invalid_credentials`, `login_blocked`, `invalid_field`, `overloaded`, `storage_unavailable`.
    func changePassword(
        of user: UserID, from old: String, to new: String, device: DeviceID?, peer: PeerInfo
    )
        async throws(WireError)

    /// Gives a user another name; whoever shares a room with them sees it at once.
    ///
    /// - Returns: the account as it is now.
    /// - Throws: `invalid_field`, `username_taken`, `storage_unavailable`.
    func changeUsername(
        of user: UserID, to name: String
    )
        async throws(WireError) -> AccountRecord

    /// Forgets devices that have not been used for so long that their refresh token has expired, at most `limit`.
    /// The engine asks for it from time to time.
    ///
    /// - Returns: how many.
    /// - Throws: `storage_unavailable`.
    func removeExpiredDevices(limit: Int) async throws(WireError) -> Int

    /// Gives an account another e-mail address, or takes it away.
    ///
    /// - Parameters:
    ///   - email: empty for none.
    ///   - password: the present one: whoever has found an open session does not get the account.
    /// - Throws: `invalid_credentials`, `login_blocked`, `invalid_field`, `email_taken`, `overloaded`,
    ///   `storage_unavailable`.
    func changeEmail(
        of user: UserID, to email: String, password: String, peer: PeerInfo
    )
        async throws(WireError) -> AccountRecord

    /// The account of a user; `nil` for one without (a guest).
    ///
    /// - Throws: `storage_unavailable`.
    func account(of user: UserID) async throws(WireError) -> AccountRecord?
}

/// Tokens for a device.
public struct TokenGrant: Sendable, Equatable {
    /// Whose.
    public var user: UserReference
    /// For which device.
    public var device: DeviceID
    /// The access token, to present in `hello` or in an `Authorization` header.
    public var accessToken: String
    /// When the access token expires.
    public var expires: Timestamp
    /// How long that is from now, in seconds.
    public var expiresInSeconds: Int
    /// The refresh token. It replaces the one that it was got for.
    public var refreshToken: String

    /// Makes a grant.
    public init(
        user: UserReference, device: DeviceID, accessToken: String, expires: Timestamp,
        expiresInSeconds: Int, refreshToken: String
    ) {
        self.user = user
        self.device = device
        self.accessToken = accessToken
        self.expires = expires
        self.expiresInSeconds = expiresInSeconds
        self.refreshToken = refreshToken
    }
}

/// The engine's live connections, as whoever manages accounts sees them. ``ChatEngine`` is one.
public protocol SessionControl: AnyObject, Sendable {
    /// Ends the connections of some devices of a user with ``CloseCode/sessionRevoked``, also those that are just
    /// signing in. Returns when it is done.
    func endSessions(of user: UserID, devices: [DeviceID]) async

    /// The connections of a device may stay until `expires`: their token was refreshed.
    func renewSessions(of user: UserID, device: DeviceID, until expires: Timestamp) async

    /// A user has another name or shows something else of themselves: those who share a room are told.
    func profileChanged(_ user: UserReference) async
}

/// How somebody signs in with a password.
public struct LoginRequest: Sendable, Equatable {
    /// Their name or their e-mail address.
    public var login: String
    /// Their password.
    public var password: String
    /// What the client calls itself; shown in the list of devices.
    public var client: String?

    /// Makes a request.
    public init(login: String, password: String, client: String? = nil) {
        self.login = login
        self.password = password
        self.client = client
    }
}

/// How somebody gets an account. Nothing is checked yet: a missing name is an empty one.
public struct RegistrationRequest: Sendable, Equatable {
    /// Their name.
    public var username: String
    /// Their password.
    public var password: String
    /// Their e-mail address, if they give one.
    public var email: String?
    /// How they want to be called.
    public var displayName: String?
    /// What the client calls itself; shown in the list of devices.
    public var client: String?

    /// Makes a request.
    public init(
        username: String, password: String, email: String? = nil, displayName: String? = nil,
        client: String? = nil
    ) {
        self.username = username
        self.password = password
        self.email = email
        self.displayName = displayName
        self.client = client
    }
}
