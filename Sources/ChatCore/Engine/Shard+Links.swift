// SPDX-License-Identifier: MIT

// Join links: codes that let a number of people into a room.
extension Shard {
    func createLink(
        _ end: EndTime, _ uses: Int, at time: Timestamp, _ request: RoomRequest,
        _ room: HostedRoom
    ) {
        guard let expires = end.time(from: time) else {
            return answer(request.origin, room.id, .refused(RoomMachine.alreadyOver))
        }
        let link = InvitationRecord(
            code: InvitationRecord.code(from: configuration.identity), room: room.id, user: nil,
            sender: request.user.id, createdAt: time, expires: expires, usesLeft: uses)
        answer(
            request,
            { store async throws(StorageError) in
                switch try await store.invite(link) {
                case .refused(let refusal): .refused(WireError(refusal))
                default: .link(link)
                }
            }, recording: .linkCreated)
    }

    func answerLinks(
        _ offset: Int, _ limit: Int, at time: Timestamp, _ request: RoomRequest, _ room: HostedRoom
    ) {
        let id = room.id
        answer(
            request,
            { store async throws(StorageError) in
                let page = try await store.links(in: id, at: time, offset: offset, limit: limit)
                return .links(page, isEnd: offset + page.entries.count >= page.total)
            })
    }

    func revokeLink(
        _ code: String, at time: Timestamp, _ request: RoomRequest, _ room: HostedRoom
    ) {
        let (id, user) = (room.id, request.user.id)
        answer(
            request,
            { store async throws(StorageError) in
                let wasThere = try await store.revokeLink(code, in: id, by: user, at: time)
                return wasThere ? .done : .refused(WireError(AppendRefusal.invitationNotFound))
            }, recording: .linkRevoked)
    }

    /// Finds the room of a code, whose home decides.
    func join(
        by code: String, after: SequenceNumber?, id: String?, _ session: ChatSession
    ) {
        guard let user = session.user else { return }
        let time = configuration.clock.wallTime()
        ask({ store async throws(StorageError) in try await store.invitation(code: code) }) {
            [self] result in
            guard !session.isEnded else { return }
            var refusal = WireError(AppendRefusal.invitationNotFound)
            switch result {
            case .success(let link?)
            where link.expires > time && (link.user ?? user.id) == user.id:
                let isNew = !session.isIn(link.room)
                if !isNew || session.roomCount < limits.roomsPerUser {
                    let request = RoomRequest(
                        origin: .session(session.id, id: id, .barrier), user: user,
                        room: link.room, action: .enter(.code(code), after: after))
                    return send(.request(request), to: context.home(of: link.room))
                }
                refusal = tooManyRooms
            case .success: break
            case .failure: refusal = .storageUnavailable
            }
            refuse(session, id: id, refusal)
            settle(session, .barrier)
        }
    }

    var tooManyRooms: WireError {
        WireError(.tooManyRooms, "one is in at most \(limits.roomsPerUser) rooms")
    }
}
