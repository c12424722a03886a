// SPDX-License-Identifier: MIT

// The way from hello to live events, and the commands about oneself and the list of rooms.
extension Shard {
    /// Step 1: the authenticator says who it is.
    func greet(_ hello: HelloCommand, id: String?, _ session: ChatSession) {
        let credentials = Credentials(
            name: hello.name, token: hello.token, keepsName: hello.keepsName, login: hello.login,
            registration: hello.registration, peer: session.peer)
        session.greeting = Greeting(
            id: id, resume: hello.resume, by: SignInMethod(credentials))
        let authenticator = context.authenticator
        let store = context.store
        perform(
            { () async -> Result<SignIn, WireError> in
                do throws(WireError) {
                    return .success(try await authenticator.signIn(credentials, store: store))
                } catch {
                    return .failure(error)
                }
            },
            then: { [self] result in
                guard !session.isEnded else { return }
                switch result {
                case .success(let signIn): enter(session, signIn)
                case .failure(let error): turnAway(session, error)
                }
            })
    }

    /// Step 2: the user's home lets them in.
    func enter(_ session: ChatSession, _ signIn: SignIn) {
        if session.isPassive { return enterByCommand(session, signIn) }
        send(.signIn(session.id, signIn), to: context.home(of: signIn.user.id))
    }

    /// Step 3: what the sign-in changed is stored.
    func signedIn(_ id: SessionID, _ signIn: SignIn, isAccepted: Bool) {
        guard let session = sessions[id] else {
            // The connection ended meanwhile: its user must not stay online.
            if isAccepted {
                send(
                    .signedOut(id, signIn.user, isExplicit: false),
                    to: context.home(of: signIn.user.id))
            }
            return
        }
        guard isAccepted else {
            return turnAway(
                session,
                WireError(
                    .nameTaken,
                    "somebody with this name is connected: choose another one, or present the token",
                    field: "name"))
        }
        session.greeting?.signIn = signIn
        if session.isPassive, signIn.isExclusive {
            // Nobody was there, and nobody is: the session is no device.
            send(
                .signedOut(id, signIn.user, isExplicit: true),
                to: context.home(of: signIn.user.id))
        }
        if let device = signIn.device, context.isRevoked(device) {
            return turnAway(session, Self.revokedDevice)
        }
        if signIn.device != nil || signIn.expires != nil {
            session.access = SessionAccess(device: signIn.device)
        }
        sessionsOfUser.insert(id, of: signIn.user.id)
        guard signIn.update != nil else { return loadRooms(session, signIn) }
        let authenticator = context.authenticator
        let store = context.store
        perform(
            { () async -> WireError? in
                do throws(WireError) {
                    try await authenticator.accepted(signIn, store: store)
                    return nil
                } catch {
                    return error
                }
            },
            then: { [self] error in
                guard !session.isEnded else { return }
                if let error { return turnAway(session, error) }
                loadRooms(session, signIn)
            })
    }

    /// Step 4: the user's rooms, the default room among them.
    private func loadRooms(_ session: ChatSession, _ signIn: SignIn) {
        let user = signIn.user
        ask({ store async throws(StorageError) in try await store.memberships(of: user.id) }) {
            [self] result in
            guard !session.isEnded else { return }
            switch result {
            case .failure: turnAway(session, .storageUnavailable)
            case .success(let rooms):
                guard let room = context.defaultRoom, !rooms.contains(where: { $0.room.id == room })
                else { return welcome(session, signIn, rooms) }
                let request = RoomRequest(
                    origin: .signIn(session.id), user: user, room: room, action: .join(after: nil))
                send(.request(request), to: context.home(of: room))
            }
        }
    }

    func joinedDefaultRoom(_ session: ChatSession, _ answer: RoomAnswer) {
        guard let signIn = session.greeting?.signIn else { return }
        // Who is banned from the default room may be in others.
        if case .refused(let error) = answer, error.code != .banned {
            return turnAway(session, error)
        }
        let user = signIn.user.id
        ask({ store async throws(StorageError) in try await store.memberships(of: user) }) {
            [self] result in
            guard !session.isEnded else { return }
            switch result {
            case .failure: turnAway(session, .storageUnavailable)
            case .success(let rooms): welcome(session, signIn, rooms)
            }
        }
    }

    /// Step 5: the answer, then what was missed, then live events.
    private func welcome(_ session: ChatSession, _ signIn: SignIn, _ rooms: [MembershipRecord]) {
        guard let greeting = session.greeting else { return }
        let rooms = rooms.filter { membership in
            !greeting.left.contains {
                $0.room == membership.room.id && $0.at > membership.joinedAfter
            }
        }
        session.signedIn(signIn.user, now: now)
        session.link.signedIn()
        recordSignIn(session, signIn.user)
        if session.access != nil { setExpiry(of: session, signIn.expires) }
        let payload = answers.welcome(
            greeting.id, user: signIn.user, token: signIn.token, grant: signIn.grant,
            heartbeat: configuration.heartbeat, rooms: rooms)
        session.link.send(payload.span)
        if session.isPassive { return }
        for membership in rooms {
            let after = position(of: membership, greeting, session)
            attach(session, to: membership.room.id, after: after)
        }
        session.greeting = nil
        for (info, after) in greeting.joined { joinedElsewhere(session, info, after: after) }
        send(.userRooms(signIn.user, rooms.map(\.room.id)), to: context.home(of: signIn.user.id))
        configuration.observer.connected(signIn.user, peer: session.peer)
        session.link.resumeReading()
    }

    /// The user joined a room on another device. A session that has had no answer to its hello yet waits for
    /// that: the answer comes first, and its own positions count.
    func joinedElsewhere(_ session: ChatSession, _ info: RoomInfo, after: SequenceNumber) {
        let room = info.record.id
        if session.user == nil {
            session.greeting?.joined.append((info, after))
        } else if session.subscriptions[room] == nil {
            var info = info
            info.record.head = after
            session.link.send(events.entered(info).span)
            attach(session, to: room, after: after)
        }
    }

    /// The user is no longer a member since `at`: a subscription that is older ends.
    func leftElsewhere(_ session: ChatSession, _ room: RoomID, at seq: SequenceNumber) {
        if session.user == nil {
            session.greeting?.joined.removeAll { $0.info.record.id == room && $0.after <= seq }
            session.greeting?.left.append((room, seq))
        } else if let subscription = session.subscriptions[room], subscription.after < seq {
            detach(subscription, flushing: true)
        }
    }

    /// The session's own join was answered.
    func joined(_ info: RoomInfo, after: SequenceNumber, _ session: ChatSession) {
        let head = info.record.head
        if after > head {
            let gap = events.gap(room: info.record.id, from: head.next, to: after, isAhead: true)
            session.link.send(gap.span)
        }
        attach(session, to: info.record.id, after: min(after, head))
    }

    private func position(
        of membership: MembershipRecord, _ greeting: Greeting, _ session: ChatSession
    ) -> SequenceNumber {
        let head = membership.room.head
        if greeting.resume.isEmpty { return head }
        let key = NameKey(membership.room.name)
        let wanted = greeting.resume.first { entry in
            switch RoomReference(entry.room) {
            case .id(let id): id == membership.room.id
            case .name(let name): NameKey(name) == key
            }
        }
        guard let wanted else { return head }
        if wanted.seq <= head { return wanted.seq }
        let gap = events.gap(
            room: membership.room.id, from: head.next, to: wanted.seq, isAhead: true)
        session.link.send(gap.span)
        return head
    }

    private func turnAway(_ session: ChatSession, _ error: WireError) {
        recordRefusedSignIn(session, error)
        let id = session.greeting?.id
        if let user = session.greeting?.signIn?.user, !session.isPassive {
            sessionsOfUser.remove(session.id, of: user.id)
            send(
                .signedOut(session.id, user, isExplicit: true), to: context.home(of: user.id))
        }
        session.greeting = nil
        session.access = nil
        session.signedIn(nil, now: now)
        refuse(session, id: id, error)
        session.link.resumeReading()
    }

    // MARK: Oneself and the list of rooms

    func list(offset: Int, limit: Int, watches: Bool, id: String?, _ session: ChatSession) {
        guard let user = session.user?.id else { return }
        if watches { session.watchesRooms = true }
        ask({ store async throws(StorageError) in
            try await store.listRooms(visibleTo: user, offset: offset, limit: limit)
        }) { [self] result in
            guard !session.isEnded else { return }
            switch result {
            case .success(let page):
                let isEnd = offset + page.entries.count >= page.total
                session.link.send(answers.list(id, page, isEnd: isEnd).span)
            case .failure: refuse(session, id: id, .storageUnavailable)
            }
            settle(session, .barrier)
        }
    }

    func create(_ new: NewRoom, id: String?, _ session: ChatSession) {
        guard let user = session.user else { return }
        if let refusal = configuration.policy.check(new, by: user) {
            refuse(session, id: id, refusal)
            return settle(session, .barrier)
        }
        let record = RoomRecord(
            id: RoomID(rawValue: configuration.identity()), name: new.name,
            description: new.description, isPrivate: new.isPrivate,
            maximumMembers: new.maximumMembers, slowModeSeconds: new.slowModeSeconds,
            retention: new.retention,
            createdAt: configuration.clock.wallTime())
        ask({ store async throws(StorageError) in
            try await store.createRoom(record, owner: user.id)
        }) { [self] result in
            guard !session.isEnded else { return }
            switch result {
            case .success(let room?): created(room, user, id: id, session)
            case .success(nil): refuse(session, id: id, WireError(AppendRefusal.roomNameTaken))
            case .failure: refuse(session, id: id, .storageUnavailable)
            }
            settle(session, .barrier)
        }
    }

    private func created(
        _ room: RoomRecord, _ user: UserReference, id: String?, _ session: ChatSession
    ) {
        record(.roomCreated(ActivityRoom(room), by: user))
        let info = RoomInfo(record: room, role: .owner)
        session.link.send(
            answers.room(id, .room(info, seq: nil), in: room.id, at: room.createdAt).span)
        attach(session, to: room.id, after: room.head)
        send(
            .userJoined(user, info, after: .none, by: session.id), to: context.home(of: user.id))
        if !room.isPrivate { broadcast(.listing(events.listed(RoomInfo(record: room)))) }
        if !room.retention.isUnlimited { send(.retentionChanged(room.id, room.retention), to: 0) }
    }
}
