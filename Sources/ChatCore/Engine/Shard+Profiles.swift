// SPDX-License-Identifier: MIT

// What users show of themselves. It is not kept in memory: pages of members read it, changes are told once.
extension Shard {
    func updateProfile(_ changes: ProfileChanges, id: String?, _ session: ChatSession) {
        guard let user = session.user else { return }
        ask({ store async throws(StorageError) in
            try await store.updateProfile(changes, of: user.id)
        }) { [self] result in
            if case .success(let record?) = result {
                send(.profileChanged(user, record.profile), to: context.home(of: user.id))
            }
            guard !session.isEnded else { return }
            switch result {
            case .success(let record?): session.link.send(answers.profile(id, record).span)
            case .success(nil):
                // Users of an embedder's own sign-in need not be stored.
                refuse(session, id: id, WireError(.userNotFound, "you are not a stored user"))
            case .failure: refuse(session, id: id, .storageUnavailable)
            }
            settle(session, .barrier)
        }
    }

    /// O(1) for each room of the user.
    func profileChanged(_ user: UserReference, _ profile: UserProfile) {
        guard let entry = users[user.id] else { return }
        users[user.id]?.user = user
        forEachHome(of: entry.rooms) { shard, rooms in
            send(.profile(user, profile, rooms), to: shard)
        }
    }

    /// In large rooms nobody is told: the next page of members has it.
    func tell(_ profile: UserProfile, of user: UserReference, in id: RoomID) {
        guard case .ready(let room)? = rooms[id], let member = room.machine.member(user.id) else {
            return
        }
        if member.user.name != user.name { room.machine.renamed(user.id, to: user.name) }
        guard room.machine.isSmall, !room.tails.isEmpty else { return }
        publish(.live(events.profile(user, profile, room: id)), in: room)
    }

    /// Answers with a page of members; the store adds what they show of themselves.
    func answerMembers(
        offset: Int, limit: Int, at time: Timestamp, _ request: RoomRequest, _ room: HostedRoom
    ) {
        let members = room.members(offset: offset, limit: limit, at: time)
        let (total, online) = (room.machine.record.memberCount, room.machine.onlineCount)
        if members.isEmpty {
            return answer(request.origin, room.id, .members([], total: total, online: online))
        }
        answer(
            request,
            { store async throws(StorageError) in
                let profiles = try await store.profiles(of: members.map(\.user.id))
                let shown = members.map { member in
                    var member = member
                    member.profile = profiles[member.user.id] ?? UserProfile()
                    return member
                }
                return .members(shown, total: total, online: online)
            })
    }
}
