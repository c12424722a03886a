// SPDX-License-Identifier: MIT

public import ChatCore
import ChatSodium

/// Users of somebody else: whoever presents a valid token of an external issuer is let in, and is made a user here on
/// first sight. Put it before your own sign-in service.
public struct ExternalTokenAuthenticator: Authenticator {
    private let verifier: TokenVerifier
    private let issuer: String
    private let clock: any ChatClock

    /// Makes an authenticator.
    ///
    /// - Parameters:
    ///   - issuer: what `iss` of the tokens must be.
    ///   - audience: what `aud` must be or have.
    ///   - keys: the issuer's keys, by which tokens are checked; with several, each token names its own (`kid`).
    ///   - clockSkewSeconds: how far the issuer's clock may differ.
    ///   - clock: where times come from; the engine's.
    /// - Throws: ``AuthConfigurationError/Code/badKey`` without a key, ``AuthConfigurationError/Code/doubleKeyID``.
    public init(
        issuer: String, audience: String, keys: [TokenKey], clockSkewSeconds: Int64 = 30,
        clock: any ChatClock = SystemClock()
    ) throws(AuthConfigurationError) {
        guard !keys.isEmpty else {
            throw AuthConfigurationError(.badKey, "tokens of \(issuer) need a key to be checked by")
        }
        self.issuer = issuer
        self.clock = clock
        verifier = TokenVerifier(
            keys: try TokenKeys.index(keys), issuer: issuer, audience: audience,
            skewSeconds: max(0, min(clockSkewSeconds, 300)), required: [])
    }

    /// Checks a token, and makes its user if they are new.
    public func signIn(
        _ credentials: Credentials, store: any ChatStore
    ) async throws(WireError) -> SignIn {
        if credentials.hasPassword { throw .noAccounts }
        let now = clock.wallTime()
        let claims: TokenClaims
        do throws(TokenRefusal) {
            claims = try verifier.verify(credentials.token ?? "", now: now)
        } catch {
            throw error.wireError
        }
        let user = try await user(claims, now, store)
        return SignIn(
            user: UserReference(id: user.id, name: user.name),
            expires: Timestamp(milliseconds: claims.expires * 1_000))
    }

    /// The id follows from issuer and subject, so that the same person is the same user.
    private func id(of subject: String) -> UserID {
        let digest = Sodium.sha256(Array("\(issuer.utf8.count) \(issuer) \(subject)".utf8))
        let number = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return UserID(rawValue: max(1, number))
    }

    private func user(
        _ claims: TokenClaims, _ now: Timestamp, _ store: any ChatStore
    ) async throws(WireError) -> UserRecord {
        let id = id(of: claims.subject)
        do throws(StorageError) {
            if let user = try await store.user(id) { return user }
            for name in names(claims, id) {
                let record = UserRecord(
                    id: id, name: name, token: "", isNameKept: true, createdAt: now)
                let stored = try await store.addUser(record)
                if stored.id == id { return stored }
            }
        } catch {
            throw .storageUnavailable
        }
        throw WireError(.nameTaken, "somebody else has the name of this user")
    }

    /// The name in the token; with the end of the id if somebody has it; the id's digits at last.
    private func names(_ claims: TokenClaims, _ id: UserID) -> [String] {
        let digits = id.description.dropFirst(2)
        var names = ["user \(digits)"]
        if let name = claims.name.flatMap(DisplayName.clean), UserID(name) == nil {
            let short = String(name.prefix(40))
            names = [short, "\(short) \(digits.suffix(4))"] + names
        }
        return names
    }
}
