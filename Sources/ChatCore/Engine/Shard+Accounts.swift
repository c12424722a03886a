// SPDX-License-Identifier: MIT

// The commands about one's own account.
extension Shard {
    static let revokedDevice = WireError(
        .invalidToken, "this device was signed out: sign in again", field: "token",
        details: [FieldRefusal("token", "signed_out")])

    /// Step 1: the user's home knows how reachable they are.
    func whoami(id: String?, _ session: ChatSession) {
        guard let user = session.user?.id else { return }
        send(.statusAsked(session.id, id: id, user), to: context.home(of: user))
    }

    /// Step 2: the rest is read.
    func tellOneself(_ status: PresenceStatus, id: String?, _ session: ChatSession) {
        guard !session.isEnded, let user = session.user else { return }
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
                        id, user: user, record: own.user, account: own.account,
                        status: status, token: nil,
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
        let (device, peer) = (session.access?.device, session.peer)
        changeAccount(id, session) { accounts, user throws(WireError) in
            try await accounts.changePassword(
                of: user, from: old, to: new, device: device, peer: peer)
        } activity: {
            .passwordChanged($0, peer: peer)
        }
    }

    func changeUsername(to name: String, id: String?, _ session: ChatSession) {
        changeAccount(id, session) { accounts, user throws(WireError) in
            _ = try await accounts.changeUsername(of: user, to: name)
        } activity: {
            .renamed($0, to: name)
        }
    }

    func changeEmail(
        to email: String, password: String, id: String?, _ session: ChatSession
    ) {
        let peer = session.peer
        changeAccount(id, session) { accounts, user throws(WireError) in
            _ = try await accounts.changeEmail(of: user, to: email, password: password, peer: peer)
        } activity: {
            .emailChanged($0, peer: peer)
        }
    }

    /// Only who is signed in with an account can change one.
    private func changeAccount(
        _ id: String?, _ session: ChatSession,
        _ change: @escaping @Sendable (any AccountManaging, UserID) async throws(WireError) -> Void,
        activity: @escaping (UserReference) -> Activity
    ) {
        guard let user = session.user, session.access?.device != nil,
            let accounts = context.authenticator.accounts
        else {
            refuse(session, id: id, .noAccounts)
            return settle(session, .barrier)
        }
        performCall(
            { () async throws(WireError) in try await change(accounts, user.id) }, session
        ) { [self] error in
            if let error {
                // A wrong password here is a guess as well as one at the door.
                if error.code == .invalidCredentials || error.code == .loginBlocked {
                    recordRefusedSignIn(session, error)
                }
                refuse(session, id: id, error)
            } else {
                record(activity(user))
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
