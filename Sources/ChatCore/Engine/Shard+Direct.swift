// SPDX-License-Identifier: MIT

// Direct rooms, and users who want to have nothing to do with each other.
extension Shard {
    static let userUnavailable = WireError(
        .userUnavailable, "this user cannot be reached", field: "user")
    private static let notOneself = WireError(
        .invalidField, "user must be: somebody else", field: "user")

    private enum Opening: Sendable {
        case made(RoomRecord, with: UserReference)
        case found(RoomRecord, with: UserReference?)
        case refused(WireError)
    }

    /// Opens the room of two, whoever of them asks first.
    func openDirect(_ other: UserID, id: String?, _ session: ChatSession) {
        guard let user = session.user else { return }
        func refuse(_ error: WireError) {
            self.refuse(session, id: id, error)
            settle(session, .barrier)
        }
        guard let pair = DirectPair(user.id, other) else { return refuse(Self.notOneself) }
        let new = NewRoom(name: pair.roomName, isPrivate: true, maximumMembers: 2)
        if let refusal = configuration.policy.check(new, by: user) { return refuse(refusal) }
        let record = RoomRecord(
            id: RoomID(rawValue: configuration.identity()), name: new.name, isPrivate: true,
            maximumMembers: 2, createdAt: configuration.clock.wallTime())
        let bound = limits.roomsPerUser
        let tooMany = session.roomCount >= bound ? tooManyRooms : nil
        ask({ store async throws(StorageError) in
            try await Self.open(record, pair, by: user.id, with: other, tooMany, bound, store)
        }) { [self] result in
            defer {
                // Also if the other one's devices should know of it already: who made it may have had no answer.
                switch result {
                case .success(.made(let room, let other)):
                    context.record(.roomCreated(ActivityRoom(room), by: user))
                    enter(room, user, by: session.id, after: .none)
                    enter(room, other, by: nil, after: .none)
                case .success(.found(let room, let other?)):
                    enter(room, other, by: nil, after: room.head)
                default: break
                }
            }
            guard !session.isEnded else { return }
            switch result {
            case .success(.made(let room, _)): made(room, id: id, session)
            case .success(.found(let room, _)):
                let request = RoomRequest(
                    origin: .session(session.id, id: id, .barrier), user: user, room: room.id,
                    action: .join(after: nil))
                send(.request(request), to: context.home(of: room.id))
            case .success(.refused(let error)): refuse(error)
            case .failure: refuse(.storageUnavailable)
            }
        }
    }

    private static func open(
        _ record: RoomRecord, _ pair: DirectPair, by user: UserID, with other: UserID,
        _ tooMany: WireError?, _ bound: Int, _ store: any ChatStore
    ) async throws(StorageError) -> Opening {
        guard let present = try await store.user(other),
            present.name != ErasedUser.record(other).name
        else {
            return .refused(WireError(.userNotFound, "there is no such user", field: "user"))
        }
        guard try await store.blockers(in: pair).isEmpty else { return .refused(userUnavailable) }
        let name = NameKey(record.name)
        let reference = UserReference(id: other, name: present.name)
        if let found = try await find(name, reference, store) { return found }
        if let tooMany { return .refused(tooMany) }
        // Nobody is brought over the limit by strangers.
        let theirs = JoinedRoomQuery(user: other, offset: 0, limit: 1, members: 0)
        guard try await store.joinedRooms(theirs).total < bound else {
            return .refused(userUnavailable)
        }
        if let made = try await store.createRoom(record, owner: user) {
            return .made(made, with: reference)
        }
        // The other one was quicker.
        return try await find(name, reference, store) ?? .refused(.storageUnavailable)
    }

    private static func find(
        _ name: NameKey, _ other: UserReference, _ store: any ChatStore
    ) async throws(StorageError) -> Opening? {
        guard let room = try await store.findRoom(named: name),
            let snapshot = try await store.loadRoom(room)
        else { return nil }
        let isMember = snapshot.members.contains { $0.user == other.id }
        return .found(snapshot.room, with: isMember ? other : nil)
    }

    private func made(_ room: RoomRecord, id: String?, _ session: ChatSession) {
        let info = RoomInfo(record: room, role: .member)
        session.link.send(
            answers.room(id, .room(info, seq: nil), in: room.id, at: room.createdAt).span)
        attach(session, to: room.id, after: room.head)
        settle(session, .barrier)
    }

    /// Lets the devices of a member subscribe that do not yet.
    private func enter(
        _ room: RoomRecord, _ user: UserReference, by session: SessionID?, after: SequenceNumber
    ) {
        let info = RoomInfo(record: room, role: .member)
        send(.userJoined(user, info, after: after, by: session), to: context.home(of: user.id))
    }

    // MARK: Blocks

    func block(_ other: UserID, id: String?, _ session: ChatSession) {
        guard let user = session.user else { return }
        guard let pair = DirectPair(user.id, other) else {
            refuse(session, id: id, Self.notOneself)
            return settle(session, .barrier)
        }
        let (name, time) = (NameKey(pair.roomName), configuration.clock.wallTime())
        ask({ store async throws(StorageError) -> (BlockOutcome, RoomID?) in
            let outcome = try await store.block(other, by: user.id, at: time)
            return (outcome, try await store.findRoom(named: name))
        }) { [self] result in
            defer {
                if case .success((.blocked(let other), let room)) = result {
                    blockChanged(true, by: user.id, of: other, room)
                }
            }
            guard !session.isEnded else { return }
            switch result {
            case .success((.blocked(let other), _)):
                session.link.send(answers.user(id, other).span)
            case .success((.userNotFound, _)):
                let error = WireError(.userNotFound, "there is no such user", field: "user")
                refuse(session, id: id, error)
            case .success((.tooManyBlocks, _)):
                refuse(session, id: id, WireError(.tooManyBlocks, "lift some blocks first"))
            case .failure: refuse(session, id: id, .storageUnavailable)
            }
            settle(session, .barrier)
        }
    }

    func unblock(_ other: UserID, id: String?, _ session: ChatSession) {
        guard let user = session.user else { return }
        let name = DirectPair(user.id, other).map { NameKey($0.roomName) }
        ask({ store async throws(StorageError) -> (UserReference?, RoomID?) in
            let wasBlocked = try await store.unblock(other, by: user.id)
            let stranger = wasBlocked ? try await store.user(other) : nil
            let reference = stranger.map { UserReference(id: other, name: $0.name) }
            guard let name else { return (reference, nil) }
            return (reference, try await store.findRoom(named: name))
        }) { [self] result in
            defer {
                if case .success((let reference, let room)) = result {
                    let known = reference ?? UserReference(id: other, name: "")
                    blockChanged(false, by: user.id, of: known, room, isTold: reference != nil)
                }
            }
            guard !session.isEnded else { return }
            switch result {
            case .success: session.link.send(answers.ok(id).span)
            case .failure: refuse(session, id: id, .storageUnavailable)
            }
            settle(session, .barrier)
        }
    }

    func blocks(_ offset: Int, _ limit: Int, id: String?, _ session: ChatSession) {
        guard let user = session.user?.id else { return }
        ask({ store async throws(StorageError) in
            try await store.blocks(of: user, offset: offset, limit: limit)
        }) { [self] result in
            guard !session.isEnded else { return }
            switch result {
            case .success(let page):
                let isEnd = offset + page.blocks.count >= page.total
                session.link.send(answers.blocks(id, page, isEnd: isEnd).span)
            case .failure: refuse(session, id: id, .storageUnavailable)
            }
            settle(session, .barrier)
        }
    }

    /// The user's devices hide messages, or show them again; their direct room is closed, or open again.
    private func blockChanged(
        _ isBlocked: Bool, by user: UserID, of other: UserReference, _ room: RoomID?,
        isTold: Bool = true
    ) {
        if let room {
            send(.blockChanged(room, by: user, isBlocked: isBlocked), to: context.home(of: room))
        }
        guard isTold else { return }
        send(.notify(user, events.block(other, isBlocked: isBlocked)), to: context.home(of: user))
    }

    func setBlock(_ isBlocked: Bool, by user: UserID, in room: HostedRoom) {
        room.blockers.removeAll { $0 == user }
        if isBlocked { room.blockers.append(user) }
    }

    /// While either of the two blocks the other, neither writes; both read what there is.
    func blockRefusal(_ request: RoomRequest, _ room: HostedRoom) -> WireError? {
        guard room.machine.member(request.user.id) != nil else { return nil }
        switch request.action {
        case .write(let change, _) where change.needsVoice: return Self.userUnavailable
        case .typing(true): return Self.userUnavailable
        default: return nil
        }
    }
}
