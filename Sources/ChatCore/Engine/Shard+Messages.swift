// SPDX-License-Identifier: MIT

// Where each message goes.
extension Shard {
    func handle(_ message: ShardMessage) {
        switch message {
        case .request(let request): serve(request)
        case .openTail(let room, _, _), .refresh(_, let room, _):
            withRoom(room, message) { handle(message, in: $0) }
        case .expel(let expulsion): withRoom(expulsion.room, message) { expel(expulsion, from: $0) }
        case .erased(let user, let list, let isDone): erased(user, in: list, isDone: isDone)
        case .trimmed(let room, let place): trimmed(room, through: place)
        case .roomDeleted: upkeep.roomDeleted(now: now)
        case .retentionChanged(let room, let retention):
            upkeep.retentionChanged(retention, of: room, now: now)
        case .filesReleased: orphans.released(now: now)
        case .closeTail(let id, _), .typingEnded(_, let id):
            // Behind what waits for the room; one that is not in memory has nothing to end.
            if rooms[id] != nil { withRoom(id, message) { handle(message, in: $0) } }
        case .presence(let user, let status, let lastSeen, let list):
            for room in list { presence(of: user, status, lastSeen, in: room) }
        case .answer(let origin, let room, let answer): deliver(origin, room, answer)
        case .tail(let room, let event): apply(event, to: room)
        case .tailOpened(let room, let tail, let head): tailOpened(room, tail, head: head)
        case .tailFailed(let room, let tail): tailFailed(room, tail)
        case .entered(let session, let info, let after):
            if let session = sessions[session] { joinedElsewhere(session, info, after: after) }
        case .left(let session, let room, let at):
            if let session = sessions[session] { leftElsewhere(session, room, at: at) }
        case .refreshed(let session, let payloads):
            if let session = sessions[session] {
                for payload in payloads { session.link.send(payload.span) }
            }
        case .signIn(let session, let signIn): self.signIn(session, signIn)
        case .signedIn(let session, let signIn, let isAccepted):
            signedIn(session, signIn, isAccepted: isAccepted)
        case .userRooms(let user, let list): userRooms(user, list)
        case .signedOut(let session, let user, let isExplicit):
            signedOut(session, user, isExplicit: isExplicit)
        case .activity(let session, let user, let status): activity(session, user, status)
        case .userJoined(let user, let info, let after, let session):
            userJoined(user, info, after: after, by: session)
        case .userLeft(let user, let room, let at): userLeft(user, room, at: at)
        case .profileChanged(let user): profileChanged(user)
        case .profile(let user, let profile, let list):
            for room in list { tell(profile, of: user, in: room) }
        case .notify(let user, let payload):
            for session in presence.sessions(of: user) {
                send(.notified(session, payload), to: session.shard)
            }
        case .statusAsked(let session, let id, let user):
            send(.statusTold(session, id: id, presence.status(of: user)), to: session.shard)
        case .statusTold(let session, let id, let status):
            if let session = sessions[session] { tellOneself(status, id: id, session) }
        case .notified(let session, let payload):
            // Who is just signing in asks for it afterwards.
            if let session = sessions[session], session.user != nil {
                session.link.send(payload.span)
            }
        case .blockChanged(let room, let user, let isBlocked):
            if rooms[room] != nil {
                withRoom(room, message) { setBlock(isBlocked, by: user, in: $0) }
            }
        case .forgetName: names.removeAll()
        case .listing(let payload):
            for session in sessions.values where session.watchesRooms {
                session.link.send(payload.span)
            }
        }
    }

    private func handle(_ message: ShardMessage, in room: HostedRoom) {
        switch message {
        case .openTail(_, let shard, let tail):
            room.addTail(shard)
            touch(room)
            send(.tailOpened(room.id, tail: tail, head: room.machine.record.head), to: shard)
        case .closeTail(_, let shard):
            room.removeTail(shard)
            touch(room)
            trimIdleRooms()
        case .typingEnded(let session, _):
            if room.typing.sessionEnded(session, now: now) == .changed { typingChanged(room) }
            arm(room)
        case .refresh(let session, _, let user):
            refresh(session, of: user, room)
        default: break
        }
    }

    /// Serves a command, once its room has been read from the store.
    func serve(_ request: RoomRequest) {
        if case .ready(let room)? = rooms[request.room] {
            touch(room)
            serve(request, in: room)
        } else {
            withRoom(request.room, .request(request)) { serve(request, in: $0) }
        }
    }

    /// Runs `body` with the room, once it has been read from the store.
    private func withRoom(_ id: RoomID, _ message: ShardMessage, _ body: (HostedRoom) -> Void) {
        switch rooms[id] {
        case .ready(let room)?:
            touch(room)
            body(room)
        case .loading(var waiting)?:
            guard waiting.count < limits.queuedEntries else {
                return turnAway(message, .overloaded)
            }
            rooms[id] = nil  // So that the array is not copied.
            waiting.append(message)
            rooms[id] = .loading(waiting)
        case nil:
            rooms[id] = .loading([message])
            load(id)
        }
    }

    private func load(_ id: RoomID) {
        ask({ store async throws(StorageError) -> (RoomSnapshot, [UserID])? in
            guard let snapshot = try await store.loadRoom(id) else { return nil }
            guard let pair = snapshot.room.directPair else { return (snapshot, []) }
            return (snapshot, try await store.blockers(in: pair))
        }) { [self] result in
            guard case .loading(let waiting)? = rooms.removeValue(forKey: id) else { return }
            switch result {
            case .success((let snapshot, let blockers)?):
                let room = HostedRoom(
                    snapshot, isDefault: id == context.defaultRoom, configuration: configuration)
                room.blockers = blockers
                rooms[id] = .ready(room)
                touch(room)
                for message in waiting { handle(message) }
                trimIdleRooms()
            case .success(nil):
                for message in waiting { turnAway(message, RoomMachine.notFound) }
            case .failure:
                for message in waiting { turnAway(message, .storageUnavailable) }
            }
        }
    }

    /// A room that could not be had: whoever waits is told.
    private func turnAway(_ message: ShardMessage, _ error: WireError) {
        switch message {
        case .request(let request): turnAway(request, error)
        case .expel(let expulsion): answer(expulsion.origin, expulsion.room, .refused(error))
        case .openTail(let room, let shard, let tail):
            let isGone = error.code == .roomNotFound
            send(
                isGone
                    ? .tailOpened(room, tail: tail, head: nil) : .tailFailed(room, tail: tail),
                to: shard)
        default: break
        }
    }

    /// Tells the shards with subscribers.
    func publish(_ event: TailEvent, in room: HostedRoom) {
        for shard in room.tails {
            if shard == index {
                apply(event, to: room.id)
            } else {
                send(.tail(room.id, event), to: shard)
            }
        }
    }

    /// Answers whoever asked.
    func answer(_ origin: RequestOrigin, _ room: RoomID, _ answer: RoomAnswer) {
        let shard = origin.shard
        if shard == index {
            deliver(origin, room, answer)
        } else {
            send(.answer(origin, room, answer), to: shard)
        }
    }
}
