// SPDX-License-Identifier: MIT

// Invitations: they are no events of the log, and only whom they are for is told of them.
extension Shard {
    /// Stores an invitation and tells the devices of the invited user.
    func invite(
        _ user: UserID, _ end: EndTime, at time: Timestamp, _ request: RoomRequest,
        _ room: HostedRoom
    ) {
        guard let expires = end.time(from: time) else {
            return answer(request.origin, room.id, .refused(RoomMachine.alreadyOver))
        }
        let invitation = InvitationRecord(
            code: InvitationRecord.code(from: configuration.identity), room: room.id, user: user,
            sender: request.user.id, createdAt: time, expires: expires)
        let pair = DirectPair(user, request.user.id)
        ask({ store async throws(StorageError) -> InvitationOutcome? in
            if let pair, try await store.blockers(in: pair).contains(user) { return nil }
            return try await store.invite(invitation)
        }) { [self] result in
            switch result {
            case .success(nil): answer(request.origin, room.id, .refused(Self.userUnavailable))
            case .success(.stored):
                record(
                    .invited(user, ActivityRoom(room.machine.record), by: request.user))
                answer(request.origin, room.id, .done)
                let entry = InvitationPage.Entry(
                    invitation: invitation, room: room.machine.record, sender: request.user)
                send(.notify(user, events.invited(entry)), to: context.home(of: user))
            case .success(.present), .success(.alreadyMember):
                answer(request.origin, room.id, .done)
            case .success(.refused(let refusal)):
                answer(request.origin, room.id, .refused(WireError(refusal)))
            case .failure: answer(request.origin, room.id, .refused(.storageUnavailable))
            }
        }
    }

    /// Without an invitation there is nothing to see: not even whether there is such a room.
    func declineInvitation(at time: Timestamp, _ request: RoomRequest, _ room: HostedRoom) {
        let (user, id) = (request.user.id, room.id)
        ask({ store async throws(StorageError) in
            try await store.removeInvitation(of: user, to: id, at: time)
        }) { [self] result in
            switch result {
            case .success(true): answer(request.origin, id, .done)
            case .success(false): answer(request.origin, id, .refused(RoomMachine.notFound))
            case .failure: answer(request.origin, id, .refused(.storageUnavailable))
            }
        }
    }

    func invitations(offset: Int, limit: Int, id: String?, _ session: ChatSession) {
        guard let user = session.user?.id else { return }
        let time = configuration.clock.wallTime()
        ask({ store async throws(StorageError) in
            try await store.invitations(of: user, at: time, offset: offset, limit: limit)
        }) { [self] result in
            guard !session.isEnded else { return }
            switch result {
            case .success(let page):
                let isEnd = offset + page.entries.count >= page.total
                session.link.send(answers.invitations(id, page, isEnd: isEnd).span)
            case .failure: refuse(session, id: id, .storageUnavailable)
            }
            settle(session, .barrier)
        }
    }
}

extension InvitationRecord {
    /// A new code: 128 bits.
    static func code(from identity: () -> UInt64) -> String {
        Base32.encode(identity(), prefix: "i_") + Base32.encode(identity(), prefix: "")
    }
}

extension WireError {
    /// What a store's refusal of an invitation looks like to the client.
    init(_ refusal: InvitationRefusal) {
        switch refusal {
        case .roomNotFound: self = RoomMachine.notFound
        case .userNotFound: self.init(.userNotFound, "there is no such user", field: "user")
        case .notMember: self = RoomMachine.notMember
        case .notModerator: self = RoomMachine.forbidden(.moderator)
        case .banned: self.init(.banned, "that user is banned from this room", field: "user")
        case .tooManyInvitations:
            self.init(.tooManyInvitations, "the room or the user has its maximum of invitations")
        case .codeTaken: self = .storageUnavailable
        }
    }
}
