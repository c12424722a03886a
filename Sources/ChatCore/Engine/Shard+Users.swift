// SPDX-License-Identifier: MIT

// Users whose home is here: which devices they have, and how reachable that makes them.
extension Shard {
    /// Lets a user in, unless the sign-in is exclusive and they are here already.
    func signIn(_ session: SessionID, _ signIn: SignIn) {
        let user = signIn.user
        if context.hasErased, context.isErased(user.id) {
            return send(.signedIn(session, signIn, isAccepted: false), to: session.shard)
        }
        if signIn.isExclusive && presence.isConnected(user.id) {
            let patience = configuration.signInPatienceMilliseconds
            waitingSignIns.append(
                WaitingSignIn(
                    deadline: now.advanced(byMilliseconds: patience), session: session,
                    signIn: signIn))
            return refuseWaitingSignIns(now: now)
        }
        var entry = users[user.id] ?? UserEntry(user: user)
        entry.user = user
        users[user.id] = entry
        announce(presence.connect(user.id, session: session, now: now))
        send(.signedIn(session, signIn, isAccepted: true), to: session.shard)
    }

    /// The user's rooms, once they are known: each learns that the user is here.
    func userRooms(_ user: UserReference, _ list: [RoomID]) {
        guard let entry = users[user.id] else { return }
        // Rooms joined since the list was read are known here already.
        users[user.id]?.rooms = list + entry.rooms.filter { !list.contains($0) }
        came(user.id)
        announce(PresenceChange(user: user.id, status: presence.status(of: user.id)))
    }

    func signedOut(_ session: SessionID, _ user: UserReference, isExplicit: Bool) {
        let change = presence.disconnect(
            user.id, session: session, isExplicit: isExplicit, now: now)
        if !presence.isConnected(user.id), users[user.id]?.seenAt != nil {
            users[user.id]?.seenAt = configuration.clock.wallTime()
        }
        announce(change)
        configuration.observer.disconnected(user, isLast: !presence.isConnected(user.id))
        forgetIfGone(user.id)
        if presence.isConnected(user.id) { return }
        if let place = waitingSignIns.firstIndex(where: { $0.signIn.user.id == user.id }) {
            let waiting = waitingSignIns.remove(at: place)
            signIn(waiting.session, waiting.signIn)
        }
    }

    func refuseWaitingSignIns(now: ChatInstant) {
        while let first = waitingSignIns.first, first.deadline <= now {
            waitingSignIns.removeFirst()
            send(.signedIn(first.session, first.signIn, isAccepted: false), to: first.session.shard)
        }
    }

    func activity(_ session: SessionID, _ user: UserID, _ status: PresenceStatus) {
        let at = now
        switch status {
        case .busy: announce(presence.setBusy(user, true, now: at))
        case .away: announce(presence.setActivity(user, session: session, isIdle: true, now: at))
        case .online, .offline:
            // In this order nobody is told of a state in between.
            announce(presence.setActivity(user, session: session, isIdle: false, now: at))
            announce(presence.setBusy(user, false, now: at))
        }
    }

    /// Every device of a new member subscribes; the one that asked does so by its answer.
    func userJoined(
        _ user: UserReference, _ info: RoomInfo, after: SequenceNumber, by origin: SessionID?
    ) {
        guard var entry = users[user.id] else { return }
        let room = info.record.id
        if !entry.rooms.contains(room) { entry.rooms.append(room) }
        users[user.id] = entry
        for session in presence.sessions(of: user.id) where session != origin {
            send(.entered(session, info, after: after), to: session.shard)
        }
        let status = presence.status(of: user.id)
        send(.presence(user.id, status, lastSeen: nil, [room]), to: context.home(of: room))
    }

    /// The room's tails have let the user's sessions go; a sign-in under way must know too, because it has
    /// read the list of rooms before.
    func userLeft(_ user: UserID, _ room: RoomID, at seq: SequenceNumber) {
        users[user]?.rooms.removeAll { $0 == room }
        for session in presence.sessions(of: user) {
            send(.left(session, room, at: seq), to: session.shard)
        }
    }

    func presenceDue(now: ChatInstant) {
        for change in presence.expire(now: now) {
            announce(change)
            forgetIfGone(change.user)
        }
    }

    private func forgetIfGone(_ user: UserID) {
        guard presence.status(of: user) == .offline, !presence.isConnected(user) else { return }
        users[user] = nil
    }

    private func announce(_ change: PresenceChange?) {
        guard let change, let entry = users[change.user] else { return }
        if change.status == .offline { return wentOffline(change.user, entry) }
        tell(change.user, change.status, in: entry.rooms)
    }

    /// Tells the homes of some rooms how reachable a user is.
    func tell(
        _ user: UserID, _ status: PresenceStatus, lastSeen: Timestamp? = nil, in rooms: [RoomID]
    ) {
        forEachHome(of: rooms) { shard, rooms in
            send(.presence(user, status, lastSeen: lastSeen, rooms), to: shard)
        }
    }

    /// Sorts rooms by their home.
    func forEachHome(of rooms: [RoomID], _ body: (Int, [RoomID]) -> Void) {
        if context.mailboxes.count == 1 { return body(index, rooms) }
        var byShard: [[RoomID]] = Array(repeating: [], count: context.mailboxes.count)
        for room in rooms { byShard[context.home(of: room)].append(room) }
        for shard in byShard.indices where !byShard[shard].isEmpty { body(shard, byShard[shard]) }
    }
}
