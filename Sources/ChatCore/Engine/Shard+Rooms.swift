// SPDX-License-Identifier: MIT

// Commands for rooms whose home is here.
extension Shard {
    func serve(_ request: RoomRequest, in room: HostedRoom) {
        if context.hasErased, context.isErased(request.user.id) {
            return answer(request.origin, room.id, .refused(Self.erasedUser))
        }
        if !hasPolicy { return serveChecked(request, in: room) }
        var request = request
        if let refusal = applyPolicy(&request, room) {
            // What an embedder's rules say of a private room would tell that there is one.
            if room.hides(from: request.user.id) { return hide(request) }
            return answer(request.origin, room.id, .refused(refusal))
        }
        serveChecked(request, in: room)
    }

    /// What the embedder's rules have let pass.
    private func serveChecked(_ request: RoomRequest, in room: HostedRoom) {
        if case .join = request.action, room.hides(from: request.user.id) {
            return knock(request, room)
        }
        decide(request, in: room)
    }

    /// What the room's own rules say.
    func decide(_ request: RoomRequest, in room: HostedRoom) {
        let time = configuration.clock.wallTime()
        if !room.blockers.isEmpty, let refusal = blockRefusal(request, room) {
            return answer(request.origin, room.id, .refused(refusal))
        }
        switch room.machine.decide(request.action, by: request.user.id, now: now, at: time) {
        case .append(let change, let isModerator):
            store(change, isModerator: isModerator, at: time, request, room)
        case .alreadyMember:
            let info = room.info(for: request.user.id)
            var after = info.record.head
            if let position = request.action.joinsAfter { after = position }
            answer(request.origin, room.id, .joined(info, after: after))
        case .descriptionOnly:
            let info = RoomInfo(record: room.machine.record)
            answer(request.origin, room.id, .room(info, seq: nil))
        case .permitted: perform(request, room, at: time)
        case .refused(let error) where error.code == .roomNotFound: hide(request)
        case .refused(let error): answer(request.origin, room.id, .refused(error))
        }
    }

    /// The embedder's rules come before the engine's own.
    private func applyPolicy(_ request: inout RoomRequest, _ room: HostedRoom) -> WireError? {
        let policy = configuration.policy
        let record = room.machine.record
        if let refusal = policy.check(request.action, by: request.user, in: record) {
            return refusal
        }
        guard case .write(let change, let clientID) = request.action else { return nil }
        let text: String
        switch change {
        case .message(let original, _), .edit(_, let original): text = original
        case .post(let post): text = post.text
        default: return nil
        }
        switch policy.rewrite(text, by: request.user, in: record) {
        case .failure(let refusal): return refusal
        case .success(let text):
            if case .message(_, let replyTo) = change {
                request.action = .write(.message(text: text, replyTo: replyTo), clientID: clientID)
            } else if case .post(var post) = change {
                post.text = text
                request.action = .write(.post(post), clientID: clientID)
            } else if case .edit(let target, _) = change {
                request.action = .write(.edit(target: target, text: text), clientID: clientID)
            }
            return nil
        }
    }

    private func store(
        _ change: consuming LogChange, isModerator: Bool, at time: Timestamp,
        _ request: borrowing RoomRequest, _ room: HostedRoom
    ) {
        var clientID: String?
        if case .write(_, let id) = request.action { clientID = id }
        let joinsAfter = request.action.joinsAfter
        var subject: String?
        switch change {
        case .leave(let user, _, _), .role(let user, _), .mute(let user, _):
            subject = room.machine.member(user)?.user.name
        case .ban(let user, _), .unban(let user), .unmute(let user):
            guard let member = room.machine.member(user) else {
                return sanction(stranger: user, change, at: time, request, room)
            }
            subject = member.user.name
        default: break
        }
        append(
            change, in: room, by: request.user, at: time, subject: subject, clientID: clientID,
            isModerator: isModerator, joinsAfter: joinsAfter, origin: request.origin)
    }

    private func perform(_ request: RoomRequest, _ room: HostedRoom, at time: Timestamp) {
        switch request.action {
        case .typing(let isOn): setTyping(isOn, request, room)
        case .receipt(let delivered, let read):
            setReceipt(delivered: delivered, read: read, at: time, request, room)
        case .members(let offset, let limit):
            answerMembers(offset: offset, limit: limit, at: time, request, room)
        case .readers(let seq): answerReaders(seq, request, room)
        case .invite(let user, let end): invite(user, end, at: time, request, room)
        case .declineInvitation: declineInvitation(at: time, request, room)
        case .bans(let offset, let limit):
            let id = room.id
            answer(
                request,
                { store async throws(StorageError) in
                    let page = try await store.bans(in: id, at: time, offset: offset, limit: limit)
                    return .bans(page, isEnd: offset + page.bans.count >= page.total)
                })
        case .history(let anchor, let limit):
            let query = HistoryQuery(room: room.id, anchor: anchor, limit: limit)
            answer(
                request,
                { store async throws(StorageError) in
                    .history(try await store.history(query))
                })
        case .search(let search):
            let query = SearchQuery(search, by: request.user.id, in: [room.id], limits: limits)
            answer(
                request,
                { store async throws(StorageError) in .search(try await store.search(query)) })
        case .events(let after, let limit):
            let head = room.machine.record.head
            let id = room.id
            answer(
                request,
                { store async throws(StorageError) in
                    .events(try await store.events(in: id, after: after, limit: limit), head: head)
                })
        case .createLink(let end, let uses): createLink(end, uses, at: time, request, room)
        case .links(let offset, let limit): answerLinks(offset, limit, at: time, request, room)
        case .revokeLink(let code): revokeLink(code, at: time, request, room)
        case .setPassword(let password): setPassword(password, at: time, request, room)
        case .enter(let key, _):
            if case .password(let password) = key { enter(password, request, room) }
        case .audit(let number, let limit):
            let id = room.id
            answer(
                request,
                { store async throws(StorageError) in
                    .audit(try await store.audit(in: id, before: number, limit: limit))
                })
        case .get: answerSnapshot(request, room)
        case .delete: delete(request, room)
        case .write, .join, .leave, .update, .kick, .setRole, .ban, .unban, .mute, .unmute:
            // Permitted without anything to store: it is so already.
            answer(request.origin, room.id, .done)
        }
    }

    /// Answers with what the store says. An act is for the activity log, if it was done.
    func answer(
        _ request: RoomRequest,
        _ call: @escaping @Sendable (any ChatStore) async throws(StorageError) -> RoomAnswer,
        recording act: AuditAction? = nil
    ) {
        ask(call) { [self] result in
            switch result {
            case .success(let value):
                if let act { recordAct(act, request, value) }
                answer(request.origin, request.room, value)
            case .failure: answer(request.origin, request.room, .refused(.storageUnavailable))
            }
        }
    }

    private func answerSnapshot(_ request: RoomRequest, _ room: HostedRoom) {
        let id = room.id
        ask({ store async throws(StorageError) in try await store.pinned(in: id) }) {
            [self] result in
            switch result {
            case .success(let pinned):
                var info = room.info(for: request.user.id)
                info.online = room.machine.onlineCount
                let typists = room.typists.filter { $0.id != request.user.id }
                answer(request.origin, id, .snapshot(info, typing: typists, pinned: pinned))
            case .failure: answer(request.origin, id, .refused(.storageUnavailable))
            }
        }
    }

    func delete(_ request: RoomRequest, _ room: HostedRoom) {
        let id = room.id
        room.pins += 1
        ask({ store async throws(StorageError) in try await store.deleteRoom(id) }) {
            [self] result in
            room.pins -= 1
            switch result {
            case .success(let existed):
                answer(
                    request.origin, id, existed ? .done : .refused(RoomMachine.notFound))
                if existed {
                    record(
                        .roomDeleted(ActivityRoom(room.machine.record), by: request.user))
                    forget(room)
                    send(.roomDeleted, to: 0)
                }
            case .failure: answer(request.origin, id, .refused(.storageUnavailable))
            }
        }
    }

    /// The room is gone: subscribers are told, and nobody finds it any more.
    func forget(_ room: HostedRoom) {
        publish(.gone(events.roomDeleted(room.id)), in: room)
        for member in room.machine.members(offset: 0, limit: .max) {
            let last = SequenceNumber(rawValue: .max)
            send(
                .userLeft(member.user.id, room.id, at: last),
                to: context.home(of: member.user.id))
        }
        if !room.machine.record.isPrivate { broadcast(.listing(events.unlisted(room.id))) }
        broadcast(.forgetName(room.machine.record.name))
        stopIdling(room)
        room.isGone = true
        rooms[room.id] = nil
        roomTimers.remove(room.id)
    }
}
