// SPDX-License-Identifier: MIT

public import ChatCore
import ChatSodium

// Tokens, and the end of devices.
extension AccountService {
    /// Hands out new tokens for a refresh token, which is void afterwards.
    ///
    /// For ``AccountOptions/refreshGraceSeconds`` the same refresh token gets the same answer once more. One that was
    /// replaced longer ago has been copied: its device is signed out, for whoever has the copy too.
    ///
    /// - Throws: `invalid_token`, `token_expired`, `token_reused`, `account_locked`, `storage_unavailable`.
    public func refresh(
        _ refreshToken: String, peer: PeerInfo
    ) async throws(WireError) -> TokenGrant {
        guard let token = RefreshToken(refreshToken) else { throw Self.unknownRefreshToken }
        // Again if somebody else was quicker with the same token.
        for _ in 0..<3 {
            let device = try await stored { store async throws(StorageError) in
                try await store.device(token.device)
            }
            guard let device else { throw Self.unknownRefreshToken }
            if let grant = try await refresh(token, device) { return grant }
        }
        throw .storageUnavailable
    }

    static let unknownRefreshToken = WireError(
        .invalidToken, "this refresh token is not valid: sign in again", field: "refresh_token")

    /// - Returns: `nil` if the device has changed since it was read.
    private func refresh(
        _ token: RefreshToken, _ device: DeviceRecord
    ) async throws(WireError) -> TokenGrant? {
        let now = clock.wallTime()
        let verdict = RefreshVerdict(
            token, of: device, now: now, graceSeconds: options.refreshGraceSeconds)
        switch verdict {
        case .unknown: throw Self.unknownRefreshToken
        case .expired:
            throw WireError(
                .tokenExpired, "this refresh token has expired: sign in again",
                field: "refresh_token")
        case .reused:
            try await end([device.id], of: device.user)
            throw WireError(
                .tokenReused,
                "this refresh token was used before: the device is signed out, sign in again",
                field: "refresh_token")
        case .rotate, .repeated: break
        }
        let account = try await activeAccount(device.user)
        let next = token.next(key: refreshKey)
        // A key that was changed meanwhile makes another token of the same one: it replaces that one.
        if verdict == .repeated, next.secretHash == device.currentHash {
            return await granted(account.user, next, now)
        }
        let rotation = DeviceRotation(
            id: device.id, from: verdict == .rotate ? token.secretHash : device.currentHash,
            to: next.secretHash, at: now, expires: expiryOfRefresh(now))
        let rotated = try await stored { store async throws(StorageError) in
            try await store.rotateDevice(rotation)
        }
        return rotated == nil ? nil : await granted(account.user, next, now)
    }

    private func granted(
        _ user: UserReference, _ token: RefreshToken, _ now: Timestamp
    ) async -> TokenGrant {
        let grant = grant(user, token, now)
        for engine in running {
            await engine.renewSessions(of: user.id, device: token.device, until: grant.expires)
        }
        return grant
    }

    private func activeAccount(_ user: UserID) async throws(WireError) -> AccountRecord {
        let account = try await stored { store async throws(StorageError) in
            try await store.account(user)
        }
        guard let account else { throw Self.unknownRefreshToken }
        guard account.state == .active else { throw Self.locked }
        return account
    }

    /// The tokens of a device from now on.
    func grant(_ user: UserReference, _ token: RefreshToken, _ now: Timestamp) -> TokenGrant {
        let second = now.milliseconds / 1_000
        let claims = TokenClaims(
            subject: user.id.description, issuer: options.issuer, audience: [options.audience],
            issuedAt: second, notBefore: second, expires: second + options.accessSeconds,
            id: Sodium.base64(Sodium.randomBytes(16)), device: token.device.description)
        return TokenGrant(
            user: user, device: token.device, accessToken: claims.signed(by: signingKey),
            expires: Timestamp(milliseconds: claims.expires * 1_000),
            expiresInSeconds: Int(options.accessSeconds), refreshToken: token.text)
    }

    func expiryOfRefresh(_ now: Timestamp) -> Timestamp {
        Timestamp(milliseconds: now.milliseconds + options.refreshSeconds * 1_000)
    }

    // MARK: The end of devices

    /// Signs a device out: its tokens are void, and its connections end.
    ///
    /// - Throws: `storage_unavailable`. Repeating it is safe.
    public func logout(_ who: AuthenticatedDevice) async throws(WireError) {
        try await end([who.device], of: who.user.id)
    }

    /// Signs all devices of a user out.
    ///
    /// - Throws: `storage_unavailable`. Repeating it is safe.
    public func logoutAll(_ who: AuthenticatedDevice) async throws(WireError) {
        try await end(nil, of: who.user.id)
    }

    /// Signs one device of a user out, or all of them. Called by the engine.
    ///
    /// - Throws: `storage_unavailable`.
    public func signOut(
        _ user: UserID, device: DeviceID, everywhere: Bool
    ) async throws(WireError) {
        try await end(everywhere ? nil : [device], of: user)
    }

    /// The devices of a user, the one that was used last first.
    ///
    /// - Throws: `storage_unavailable`.
    public func devices(of user: UserID) async throws(WireError) -> [DeviceRecord] {
        try await stored { store async throws(StorageError) in
            try await store.devices(of: user)
        }
    }

    /// Removes devices, and ends their connections also if an earlier call has removed them.
    func end(
        _ devices: [DeviceID]?, of user: UserID, except kept: DeviceID? = nil
    ) async throws(WireError) {
        // Read before: of a call whose answer is lost, the repetition finds nothing to remove.
        let present = try await self.devices(of: user).map(\.id)
        let removed = try await stored { store async throws(StorageError) in
            try await store.removeDevices(of: user, devices, except: kept)
        }
        let gone = (devices ?? present).filter { $0 != kept }
        await endSessions(of: user, devices: gone + removed.filter { !gone.contains($0) })
    }
}
