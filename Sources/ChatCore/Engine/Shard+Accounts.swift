// SPDX-License-Identifier: MIT

// The commands about one's own account.
extension Shard {
    static let revokedDevice = WireError(
        .invalidToken, "this device was signed out: sign in again", field: "token",
        details: [FieldRefusal("token", "signed_out")])

    func whoami(id: String?, _ session: ChatSession) {
        guard let user = session.user else { return }
        let (store, accounts) = (context.store, context.authenticator.accounts)
        perform(
            { () async -> Result<OwnRecords, WireError> in
                do throws(StorageError) {
                    var own = OwnRecords()
                    own.user = try await store.user(user.id)
                    own.rooms = try await store.memberships(of: user.id)
                    do throws(WireError) {
                        own.account = try await accounts?.account(of: user.id)
                    } catch {
                        return .failure(error)
                    }
                    return .success(own)
                } catch {
                    return .failure(.storageUnavailable)
                }
            },
            then: { [self] result in
                guard !session.isEnded else { return }
                switch result {
                case .success(let own):
                    let payload = answers.welcome(
                        id, user: user, record: own.user, account: own.account, token: nil,
                        heartbeat: nil, rooms: own.rooms)
                    session.link.send(payload.span)
                case .failure(let error): refuse(session, id: id, error)
                }
                settle(session, .barrier)
            })
    }

    /// New tokens, before signing in or for a live connection: that one may stay until they expire.
    func refresh(_ token: String, id: String?, _ session: ChatSession) {
        guard let accounts = context.authenticator.accounts else {
            refuse(session, id: id, .noAccounts)
            return settle(session, .credentials)
        }
        let (peer, user, device) = (session.peer, session.user, session.access?.device)
        perform(
            { () async -> Result<TokenGrant, WireError> in
                do throws(WireError) {
                    return .success(try await accounts.refresh(token, peer: peer))
                } catch {
                    return .failure(error)
                }
            },
            then: { [self] result in
                guard !session.isEnded else { return }
                switch result {
                case .success(let grant):
                    session.link.send(answers.granted(id, grant).span)
                    if user?.id == grant.user.id, device == grant.device {
                        setExpiry(of: session, grant.expires)
                    }
                case .failure(let error):
                    recordRefusedSignIn(session, error)
                    refuse(session, id: id, error)
                }
                settle(session, .credentials)
            })
    }

    /// Guests have nothing that could be void: their connection ends.
    func logout(everywhere: Bool, id: String?, _ session: ChatSession) {
        guard let user = session.user?.id, let device = session.access?.device,
            let accounts = context.authenticator.accounts
        else { return loggedOut(id: id, session) }
        // This connection gets its answer first; the device's others end with it.
        session.access?.device = nil
        performCall(
            { () async throws(WireError) in
                try await accounts.signOut(user, device: device, everywhere: everywhere)
            }, session
        ) { [self] error in
            guard let error else { return loggedOut(id: id, session) }
            session.access?.device = device
            refuse(session, id: id, error)
            settle(session, .barrier)
        }
    }

    private func loggedOut(id: String?, _ session: ChatSession) {
        if session.isPassive { recordSignOut(session, isExplicit: true) }
        session.link.send(answers.ok(id).span)
        session.link.close(.loggedOut)
        ended(session, isExplicit: true)
    }

    func changePassword(
        from old: String, to new: String, id: String?, _ session: ChatSession
    ) {
        guard let user = session.user, let device = session.access?.device,
            let accounts = context.authenticator.accounts
        else {
            refuse(session, id: id, .noAccounts)
            return settle(session, .barrier)
        }
        let peer = session.peer
        performCall(
            { () async throws(WireError) in
                try await accounts.changePassword(
                    of: user.id, from: old, to: new, device: device, peer: peer)
            }, session
        ) { [self] error in
            if let error {
                recordRefusedSignIn(session, error)
                refuse(session, id: id, error)
            } else {
                record(.passwordChanged(user, peer: peer))
                session.link.send(answers.ok(id).span)
            }
            settle(session, .barrier)
        }
    }

    func changeUsername(to name: String, id: String?, _ session: ChatSession) {
        guard let user = session.user, session.access?.device != nil,
            let accounts = context.authenticator.accounts
        else {
            refuse(session, id: id, .noAccounts)
            return settle(session, .barrier)
        }
        performCall(
            { () async throws(WireError) in
                _ = try await accounts.changeUsername(of: user.id, to: name)
            }, session
        ) { [self] error in
            if let error {
                refuse(session, id: id, error)
            } else {
                record(.renamed(user, to: name))
                session.link.send(answers.ok(id).span)
            }
            settle(session, .barrier)
        }
    }

    /// Runs a call for a session, and `body` with what it threw, if the session is still there.
    func performCall(
        _ call: @escaping @Sendable () async throws(WireError) -> Void, _ session: ChatSession,
        then body: @escaping (WireError?) -> Void
    ) {
        perform(
            { () async -> WireError? in
                do throws(WireError) {
                    try await call()
                    return nil
                } catch {
                    return error
                }
            },
            then: { error in
                if !session.isEnded { body(error) }
            })
    }
}

/// What `whoami` shows.
private struct OwnRecords: Sendable {
    var user: UserRecord?
    var account: AccountRecord?
    var rooms: [MembershipRecord] = []
}
