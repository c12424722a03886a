// SPDX-License-Identifier: MIT

public import ChatCore

/// Users with accounts, and guests beside them if they are let in.
///
/// `hello` takes an access token, `login` a name and a password, `register` makes an account. A guest's name is never
/// an account's: both are names of users, which are unique.
public struct AccountAuthenticator: Authenticator {
    private let service: AccountService
    private let guests: GuestAuthenticator?

    /// Makes an authenticator.
    ///
    /// - Parameters:
    ///   - service: the accounts.
    ///   - guests: who may sign in without an account; `nil` for nobody.
    public init(_ service: AccountService, guests: GuestAuthenticator? = nil) {
        self.service = service
        self.guests = guests
    }

    /// The service.
    public var accounts: (any AccountManaging)? { service }

    /// Checks a token or a password, or makes an account.
    public func signIn(
        _ credentials: Credentials, store: any ChatStore
    ) async throws(WireError) -> SignIn {
        if let request = credentials.registration {
            return SignIn(try await service.register(request, from: credentials.peer))
        }
        if let request = credentials.login {
            return SignIn(try await service.login(request, from: credentials.peer))
        }
        if let token = credentials.token, guests == nil || token.contains(".") {
            let who = try await service.authenticate(token)
            return SignIn(user: who.user, device: who.device, expires: who.expires)
        }
        guard let guests else {
            throw WireError(
                .invalidToken, "sign in with login, register, or hello with a token",
                field: "token")
        }
        return try await guests.signIn(credentials, store: store)
    }

    /// Stores what a guest's sign-in has changed.
    public func accepted(_ signIn: SignIn, store: any ChatStore) async throws(WireError) {
        try await guests?.accepted(signIn, store: store)
    }

    /// The engine's connections can be ended from now on.
    public func engineStarted(_ sessions: any SessionControl) { service.engineStarted(sessions) }
}

extension Authenticator where Self == AccountAuthenticator {
    /// Users with accounts.
    ///
    /// - Parameters:
    ///   - service: the accounts.
    ///   - allowsGuests: whether guests are let in too.
    public static func accounts(
        _ service: AccountService, allowsGuests: Bool = false
    ) -> AccountAuthenticator {
        AccountAuthenticator(service, guests: allowsGuests ? .guests : nil)
    }
}
