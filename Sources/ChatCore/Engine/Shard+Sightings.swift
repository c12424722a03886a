// SPDX-License-Identifier: MIT

// When users were last seen: noted when they come and when they are offline. The store decides whether others are told.
extension Shard {
    /// The user has had the answer to their hello.
    func came(_ user: UserID) {
        let time = configuration.clock.wallTime()
        users[user]?.seenAt = time
        sightings.came(user, at: time, now: now)
    }

    /// Nobody is told that the user is offline before the store has said what may be told with it.
    func wentOffline(_ user: UserID, _ entry: UserEntry) {
        if let time = entry.seenAt, sightings.left(user, from: entry.rooms, at: time, now: now) {
            return
        }
        tell(user, .offline, in: entry.rooms)
    }

    /// Stores what has gathered: at the end of a turn, so that those who go together are one call.
    func noteSightings() {
        guard sightings.nextDeadline != nil else { return }
        for gone in sightings.overdue(now: now) { tellDeparture(gone, nil) }
        guard let batch = sightings.begin(now: now) else { return }
        ask({ store async throws(StorageError) in try await store.note(batch) }) {
            [self] result in
            switch result {
            case .success(let times):
                for gone in sightings.stored(now: now) { tellDeparture(gone, times[gone.user]) }
            case .failure:
                for gone in sightings.failed() { tellDeparture(gone, nil) }
            }
        }
    }

    private func tellDeparture(_ gone: SightingMachine.Departure, _ lastSeen: Timestamp?) {
        // Who is back by now was never gone.
        guard presence.status(of: gone.user) == .offline else { return }
        tell(gone.user, .offline, lastSeen: lastSeen, in: gone.rooms)
    }

    /// The engine stops: whoever was here is noted.
    func noteLastSightings() {
        let time = configuration.clock.wallTime()
        for user in users.keys.sorted() {
            guard let last = users[user]?.seenAt else { continue }
            let seen = presence.isConnected(user) ? time : last
            _ = sightings.left(user, from: [], at: seen, now: now)
        }
    }

    // MARK: What a connection has missed

    /// The present live state, for a connection that has shed some: with when the members were seen who are not here.
    func refresh(_ session: SessionID, of user: UserID, _ room: HostedRoom) {
        let gone = room.machine.isSmall ? room.offlineMembers : []
        if gone.isEmpty {
            return send(.refreshed(session, liveState(of: room, for: user)), to: session.shard)
        }
        ask({ store async throws(StorageError) in try await store.profiles(of: gone) }) {
            [self] result in
            guard case .ready(let present)? = rooms[room.id], present === room else { return }
            var times: [UserID: Timestamp] = [:]
            if case .success(let profiles) = result {
                times = profiles.compactMapValues(\.lastSeen)
            }
            let state = liveState(of: room, for: user, lastSeen: times)
            send(.refreshed(session, state), to: session.shard)
        }
    }
}

extension HostedRoom {
    fileprivate var offlineMembers: [UserID] {
        machine.members(offset: 0, limit: machine.record.memberCount)
            .filter { $0.status == .offline }.map(\.user.id)
    }
}
