// SPDX-License-Identifier: MIT

// Single commands without a connection. Each has a session of its own, which is passive: it is nobody's device, is
// subscribed to nothing, has no time-outs and ends with its answer.
extension Shard {
    func start(
        _ command: [UInt8], by source: CommandSource, from peer: PeerInfo,
        reply: @escaping ([UInt8]) -> Void
    ) {
        let machine = configuration.machines.session(
            now, configuration.heartbeat, peer.answersProbes, limits)
        let link = CommandLink(command, clock: configuration.clock, reply: reply) {
            [unowned self] in endCommand(of: $0)
        }
        let session = sessions.insert(shard: index) { id in
            ChatSession(
                id: id, link: link, peer: peer, machine: machine, shard: self, isPassive: true)
        }
        link.session = session
        if context.isDraining {
            let refusal = WireError(.shuttingDown, "the server restarts: try again")
            return refuse(session, id: nil, refusal)
        }
        switch source {
        case .nobody: admit(command, session, link)
        case .user(let user):
            enterPassively(session, SignIn(user: user))
            admit(command, session, link)
        case .token(let token):
            authenticate(token, session) { [self] in admit(command, session, link) }
        }
    }

    /// Finds out who has a token.
    private func authenticate(
        _ token: String, _ session: ChatSession, then body: @escaping () -> Void
    ) {
        let credentials = Credentials(name: nil, token: token, peer: session.peer)
        let (authenticator, store) = (context.authenticator, context.store)
        perform(
            { () async -> Result<SignIn, WireError> in
                do throws(WireError) {
                    let signIn = try await authenticator.signIn(credentials, store: store)
                    if signIn.update != nil {
                        try await authenticator.accepted(signIn, store: store)
                    }
                    return .success(signIn)
                } catch {
                    return .failure(error)
                }
            },
            then: { [self] result in
                guard !session.isEnded else { return }
                switch result {
                case .success(let signIn):
                    if let refusal = refusal(of: signIn) {
                        return refuse(session, id: nil, refusal)
                    }
                    enterPassively(session, signIn)
                    body()
                case .failure(let error):
                    let answer = failed(error, session)
                    recordRefusedSignIn(session, answer)
                    refuse(session, id: nil, answer)
                }
            })
    }

    /// A token that nobody has is paid for like a sign-in.
    private func failed(_ error: WireError, _ session: ChatSession) -> WireError {
        let request = RateRequest(
            session: session.id, user: nil, address: session.addressHash, kind: .signIn)
        let decision = context.admit(request, now: now)
        guard case .refused(_, _, let wait) = decision else { return error }
        return WireError(
            .rateLimited, "too often: wait before the next one", retryAfterMilliseconds: wait,
            bucket: decision.bucketName)
    }

    private func refusal(of signIn: SignIn) -> WireError? {
        if context.hasErased, context.isErased(signIn.user.id) {
            return WireError(.invalidToken, "nobody has this token: sign in again", field: "token")
        }
        if let device = signIn.device, context.isRevoked(device) { return Self.revokedDevice }
        // What may only be done by somebody's one connection needs one.
        return signIn.isExclusive
            ? WireError(.invalidToken, "this sign-in needs a connection", field: "token") : nil
    }

    private func enterPassively(_ session: ChatSession, _ signIn: SignIn) {
        _ = session.machine.admit(.hello)
        session.signedIn(signIn.user, now: now)
        if signIn.device != nil { session.access = SessionAccess(device: signIn.device) }
        // So that it ends with the user's other sessions when they are signed out or erased.
        sessionsOfUser.insert(session.id, of: signIn.user.id)
    }

    /// What a connection knows of itself must be looked up here; what only a connection can do is refused.
    private func admit(_ command: [UInt8], _ session: ChatSession, _ link: CommandLink) {
        var addsRoom = false
        if case .command(let decoded, _) = decoder.decode(command.span) {
            switch decoded {
            case .presence, .room(_, .typing):
                return refuse(
                    session, id: nil,
                    WireError(.unknownCommand, "this command needs a connection", field: "type"))
            case .createRoom, .openDirect, .joinByCode, .room(_, .join), .room(_, .enter):
                addsRoom = true
            default: break
            }
        }
        guard addsRoom, let user = session.user?.id else { return link.resumeReading() }
        ask({ store async throws(StorageError) in try await store.memberships(of: user) }) {
            [self] result in
            guard !session.isEnded else { return }
            switch result {
            case .success(let rooms):
                link.rooms = Set(rooms.map(\.room.id))
                link.resumeReading()
            case .failure: refuse(session, id: nil, .storageUnavailable)
            }
        }
    }

    /// Lets a passive session in that has signed in by its own command.
    ///
    /// An exclusive sign-in asks the user's home whether anybody is there; the others need no home.
    func enterByCommand(_ session: ChatSession, _ signIn: SignIn) {
        let user = signIn.user.id
        if signIn.isExclusive {
            return send(.signIn(session.id, signIn), to: context.home(of: user))
        }
        let isErased = context.hasErased && context.isErased(user)
        signedIn(session.id, signIn, isAccepted: !isErased)
    }

    /// The command was answered. Called again for one that ends its session itself.
    func endCommand(of session: ChatSession) {
        if session.isEnded { return }
        session.isEnded = true
        let user = session.user ?? session.greeting?.signIn?.user
        session.greeting = nil
        session.close()
        sessions.remove(session.id)
        if let user { sessionsOfUser.remove(session.id, of: user.id) }
        context.sessionEnded(session.id)
    }
}
