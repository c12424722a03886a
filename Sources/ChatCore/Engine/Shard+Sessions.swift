// SPDX-License-Identifier: MIT

// Connections of this loop: from their bytes to commands, and from answers to their bytes.
extension Shard {
    func accept(
        _ link: any ConnectionLink, peer: PeerInfo
    ) -> Result<ChatSession, ConnectionRefusal> {
        if context.isDraining { return .failure(ConnectionRefusal(code: .shutdown)) }
        if !peer.isCounted, let code = context.connect(peer.address) {
            configuration.observer.dropped(code, peer: peer)
            return .failure(ConnectionRefusal(code: code))
        }
        let machine = configuration.machines.session(
            now, configuration.heartbeat, peer.answersProbes, limits)
        let session = sessions.insert(shard: index) { id in
            ChatSession(id: id, link: link, peer: peer, machine: machine, shard: self)
        }
        armTimer(of: session)
        return .success(session)
    }

    func admit(_ address: String?, transport: String) -> CloseCode? {
        guard let code = context.connect(address) else { return nil }
        let peer = PeerInfo(address: address ?? "", transport: transport)
        configuration.observer.dropped(code, peer: peer)
        return code
    }

    func release(_ address: String?) { context.disconnect(address) }

    // MARK: Commands

    func receive(_ message: Span<UInt8>, on session: ChatSession) -> Bool {
        switch decoder.decode(message) {
        case .refused(let error, let id):
            heard(session, isHeartbeat: false)
            refuse(session, id: id, error)
            return true
        case .command(let command, let id):
            var isHeartbeat = false
            if case .ping = command { isHeartbeat = true }
            heard(session, isHeartbeat: isHeartbeat)
            let isTaken = run(command, id: id, on: session)
            session.isHolding = !isTaken
            return isTaken
        }
    }

    private func run(
        _ command: consuming Command, id: consuming String?, on session: ChatSession
    ) -> Bool {
        if context.isDraining {
            refuse(session, id: id, WireError(.shuttingDown, "the server restarts: reconnect"))
            return true
        }
        var room: RoomID?
        if case .room(let reference, _) = command, session.user != nil {
            switch resolve(reference, for: session) {
            case .found(let id): room = id
            case .waiting: return false
            case .refused(let error):
                // Its password is compared with none: that takes as long as with one.
                if command.triesPassword { break }
                refuse(session, id: id, error)
                return true
            }
        }
        let work = command.work
        switch session.machine.admit(work) {
        case .wait: return false
        case .refused(let code):
            refuse(session, id: id, WireError(code, Self.explanation(of: code)))
            return true
        case .run: break
        }
        if let refusal = limit(command, room: room, session)
            ?? countRooms(command, room: room, session)
        {
            if work == .hello { session.signedIn(nil, now: now) }
            settle(session, work)
            refuse(session, id: id, refusal)
            return true
        }
        execute(command, id: id, work, room: room, on: session)
        return true
    }

    private static func explanation(of code: WireError.Code) -> String {
        switch code {
        case .helloRequired: "say hello first"
        case .alreadySignedIn: "this connection has signed in: open another one"
        default: "the connection is closing"
        }
    }

    /// Takes the command's cost from the token buckets.
    private func limit(_ command: Command, room: RoomID?, _ session: ChatSession) -> WireError? {
        guard context.hasRates else { return nil }
        let request = RateRequest(
            session: session.id, user: session.user?.id, address: session.addressHash, room: room,
            kind: command.kind, cost: command.cost(limits))
        let decision = context.admit(request, now: now)
        if decision == .admitted { return nil }
        return note(decision)
    }

    /// Counts a refusal, or what would have been one.
    private func note(_ decision: RateDecision) -> WireError? {
        if case .tolerated(let scope, let kind) = decision {
            context.limitCounter.note(scope, kind, isRefused: false)
            configuration.observer.limited(decision.bucketName ?? "", isRefused: false)
        }
        guard case .refused(let scope, let kind, let wait) = decision else { return nil }
        context.limitCounter.note(scope, kind, isRefused: true)
        configuration.observer.limited(decision.bucketName ?? "", isRefused: true)
        return WireError(
            .rateLimited, "too often: wait before the next one", retryAfterMilliseconds: wait,
            bucket: decision.bucketName)
    }

    /// Nobody is in more rooms than the limit.
    private func countRooms(
        _ command: Command, room: RoomID?, _ session: ChatSession
    ) -> WireError? {
        guard session.roomCount >= limits.roomsPerUser else { return nil }
        // Joining where one is already adds no room.
        if let room, session.isIn(room) { return nil }
        switch command {
        case .createRoom, .room(_, .join), .room(_, .enter):
            return WireError(.tooManyRooms, "one is in at most \(limits.roomsPerUser) rooms")
        default: return nil
        }
    }

    private func execute(
        _ command: consuming Command, id: consuming String?, _ work: SessionWork, room: RoomID?,
        on session: ChatSession
    ) {
        switch consume command {
        case .hello(let hello): greet(hello, id: id, session)
        case .ping: session.link.send(answers.ok(id).span)
        case .presence(let status):
            session.link.send(answers.ok(id).span)
            if let user = session.user {
                send(.activity(session.id, user.id, status), to: context.home(of: user.id))
            }
        case .whoami: whoami(id: id, session)
        case .logout(let everywhere): logout(everywhere: everywhere, id: id, session)
        case .refresh(let token): refresh(token, id: id, session)
        case .changeUsername(let name): changeUsername(to: name, id: id, session)
        case .changeEmail(let email, let password):
            changeEmail(to: email, password: password, id: id, session)
        case .changePassword(let old, let new):
            changePassword(from: old, to: new, id: id, session)
        case .listDevices: devices(id: id, session)
        case .removeDevice(let device): remove(device, id: id, session)
        case .createRoom(let room): create(room, id: id, session)
        case .listRooms(let offset, let limit, let watches):
            list(offset: offset, limit: limit, watches: watches, id: id, session)
        case .joinedRooms(let offset, let limit):
            joinedRooms(offset: offset, limit: limit, id: id, session)
        case .updateProfile(let changes): updateProfile(changes, id: id, session)
        case .invitations(let offset, let limit):
            invitations(offset: offset, limit: limit, id: id, session)
        case .search(let search): self.search(search, id: id, session)
        case .openDirect(let other): openDirect(other, id: id, session)
        case .joinByCode(let code, let after): join(by: code, after: after, id: id, session)
        case .block(let user): block(user, id: id, session)
        case .unblock(let user): unblock(user, id: id, session)
        case .blocks(let offset, let limit): blocks(offset, limit, id: id, session)
        case .file(let command): answer(command, id: id, session)
        case .room(_, .write(.post(let post), let clientID)):
            if let room { self.post(post, clientID: clientID, in: room, id: id, session) }
        case .room(_, let action):
            guard let user = session.user else { return }
            guard let room else { return enterNothing(action, id: id, session) }
            note(action, room, session)
            let request = RoomRequest(
                origin: .session(session.id, id: id, work), user: user, room: room, action: action)
            let home = context.home(of: room)
            if home == index { serve(request) } else { send(.request(request), to: home) }
        }
    }

    private func note(_ action: RoomAction, _ room: RoomID, _ session: ChatSession) {
        guard case .typing(true) = action, !session.typingRooms.contains(room) else { return }
        session.typingRooms.append(room)
        if session.typingRooms.count > 8 {
            let oldest = session.typingRooms.removeFirst()
            send(.typingEnded(session.id, oldest), to: context.home(of: oldest))
        }
    }

    // MARK: Answers

    /// An answer has come for somebody of this loop.
    func deliver(_ origin: RequestOrigin, _ room: RoomID, _ answer: RoomAnswer) {
        switch origin {
        case .session(let id, let request, let work):
            guard let session = sessions[id] else { return }
            let payload = answers.room(
                request, answer, in: room, at: configuration.clock.wallTime())
            session.link.send(payload.span)
            if case .joined(let info, let after) = answer { joined(info, after: after, session) }
            settle(session, work)
        case .signIn(let id):
            if let session = sessions[id] { joinedDefaultRoom(session, answer) }
        case .call(_, let ticket):
            resume(ticket, answer)
        }
    }

    /// One command less is under way.
    func settle(_ session: ChatSession, _ work: SessionWork) {
        guard session.machine.answered(work), session.isHolding else { return }
        session.isHolding = false
        session.link.resumeReading()
    }

    func refuse(_ session: ChatSession, id: String?, _ error: WireError) {
        let payload = answers.error(id, error, at: configuration.clock.wallTime())
        session.link.send(payload.span)
    }

    // MARK: Names of rooms

    enum Resolution {
        case found(RoomID)
        case waiting
        case refused(WireError)
    }

    private func resolve(_ reference: RoomReference, for session: ChatSession) -> Resolution {
        let name: String
        switch reference {
        case .id(let id): return .found(id)
        case .name(let text): name = text
        }
        if let id = names[name] { return .found(id) }
        if let lookup = session.lookup {
            guard let result = lookup.result else { return .waiting }
            session.lookup = nil
            if lookup.reference == reference {
                switch result {
                case .success(let id): return .found(id)
                case .failure(let error): return .refused(error)
                }
            }
        }
        let lookup = RoomLookup(reference)
        session.lookup = lookup
        let key = NameKey(name)
        ask({ store async throws(StorageError) in try await store.findRoom(named: key) }) {
            [self] result in
            switch result {
            case .success(let id?):
                remember(name, id)
                lookup.result = .success(id)
            case .success(nil): lookup.result = .failure(RoomMachine.notFound)
            case .failure: lookup.result = .failure(.storageUnavailable)
            }
            if !session.isEnded { session.link.resumeReading() }
        }
        return .waiting
    }

    private func remember(_ name: String, _ id: RoomID) {
        if names.count >= limits.rememberedNames { names.removeAll() }
        names[name] = id
    }

    // MARK: Time

    func heard(_ session: ChatSession, isHeartbeat: Bool) {
        session.machine.heard(isHeartbeat: isHeartbeat, now: now)
        if !session.hasTimer { armTimer(of: session) }
    }

    /// The timer may be early: it is set anew when it comes, so that hearing something costs nothing.
    func armTimer(of session: ChatSession) {
        session.hasTimer = false
        if session.isPassive { return }
        let expiry = session.user == nil ? nil : session.access?.expires
        guard let deadline = session.machine.nextDeadline.earlier(of: expiry) else { return }
        session.hasTimer = true
        sessionTimers.set(SessionTable<ChatSession>.slot(of: session.id), to: deadline)
    }

    func sessionDue(_ slot: UInt32, now: ChatInstant) {
        guard let session = sessions[slot: slot] else { return }
        if let expires = session.access?.expires, expires <= now, session.user != nil {
            return close(session, .tokenExpired)
        }
        switch session.machine.expire(now: now) {
        case .nothing: break
        case .probe: session.link.probe()
        case .close(let code): return close(session, code)
        }
        armTimer(of: session)
    }

    // MARK: The end

    func close(_ session: ChatSession, _ code: CloseCode) {
        configuration.observer.dropped(code, peer: session.peer)
        session.link.close(code)
        ended(session, isExplicit: false)
    }

    func ended(_ session: ChatSession, isExplicit: Bool) {
        if session.isPassive { return endCommand(of: session) }
        session.isEnded = true
        recordSignOut(session, isExplicit: isExplicit)
        let user = session.user ?? session.greeting?.signIn?.user
        session.greeting = nil
        session.close()
        sessionTimers.remove(SessionTable<ChatSession>.slot(of: session.id))
        sessions.remove(session.id)
        for room in session.typingRooms {
            send(.typingEnded(session.id, room), to: context.home(of: room))
        }
        for subscription in session.subscriptions.all {
            detach(subscription, flushing: false)
        }
        if let user {
            sessionsOfUser.remove(session.id, of: user.id)
            send(
                .signedOut(session.id, user, isExplicit: isExplicit),
                to: context.home(of: user.id))
        }
        if !session.peer.isCounted { context.disconnect(session.peer.address) }
        context.sessionEnded(session.id)
    }

    func caughtUp(_ session: ChatSession, staleRooms: [RoomID]) {
        if let user = session.user {
            for room in staleRooms where session.subscriptions[room] != nil {
                send(.refresh(session.id, room, user.id), to: context.home(of: room))
            }
        }
        let stalled = session.stalled
        session.stalled = []
        for subscription in stalled {
            if let tail = tails[subscription.room] { advance(subscription, in: tail) }
        }
    }
}
