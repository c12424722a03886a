// SPDX-License-Identifier: MIT

// A private room that somebody may not see answers like one that does not exist, at the same cost.
extension HostedRoom {
    /// Whether the room is private and the user no member.
    func hides(from user: UserID) -> Bool {
        machine.record.isPrivate && machine.member(user) == nil
    }
}

extension Shard {
    /// Answers as if the room did not exist: after as many questions to the store, and in order.
    func hide(_ request: RoomRequest) {
        let room = request.room
        if let waiting = hidden[room] {
            guard waiting.count < limits.queuedEntries else {
                return answer(request.origin, room, .refused(.overloaded))
            }
            hidden[room]?.append(request)
            return
        }
        hidden[room] = [request]
        // No room has this identity, but by an accident that nobody can bring about; what is found is not looked at.
        let nowhere = RoomID(rawValue: ~room.rawValue)
        ask({ store async throws(StorageError) in try await store.loadRoom(nowhere) }) {
            [self] result in
            var error = RoomMachine.notFound
            if case .failure = result { error = .storageUnavailable }
            for waiting in hidden.removeValue(forKey: room) ?? [] {
                answer(waiting.origin, room, .refused(error))
            }
        }
    }

    /// A command for a room that could not be had.
    func turnAway(_ request: RoomRequest, _ error: WireError) {
        switch request.action {
        case .enter(.code, _) where error.code == .roomNotFound:
            let error = WireError(AppendRefusal.invitationNotFound)
            answer(request.origin, request.room, .refused(error))
        case .enter(.password(let password), _) where error.code == .roomNotFound:
            compare(password, with: request.room) { [self] result in
                var refusal = error
                if case .failure(let other) = result { refusal = other }
                answer(request.origin, request.room, .refused(refusal))
            }
        default: answer(request.origin, request.room, .refused(error))
        }
    }

    /// A stranger wants into a private room. Only with an invitation that goes to the transaction that uses it up: without
    /// one the answer takes one look into the store, and strangers hold up nobody's writing.
    func knock(_ request: RoomRequest, _ room: HostedRoom) {
        let (user, id, time) = (request.user.id, room.id, configuration.clock.wallTime())
        room.pins += 1
        ask({ store async throws(StorageError) in
            try await store.invitations(of: user, at: time, offset: 0, limit: .max)
        }) { [self] result in
            room.pins -= 1
            switch result {
            case .success(let page)
            where !room.isGone && page.entries.contains { $0.room.id == id }:
                decide(request, in: room)
            case .success: answer(request.origin, id, .refused(RoomMachine.notFound))
            case .failure: answer(request.origin, id, .refused(.storageUnavailable))
            }
        }
    }

    // MARK: Passwords

    static let passwordsUnavailable = WireError(
        .passwordsUnavailable, "this server keeps no passwords of rooms", field: "password")

    /// Whether a password is a room's. Takes as long if the room has none, or does not exist.
    func compare(
        _ password: String, with room: RoomID?,
        then body: @escaping (Result<Bool, WireError>) -> Void
    ) {
        guard let passwords = configuration.passwords else {
            return body(.failure(Self.passwordsUnavailable))
        }
        let context = context
        perform(
            { () async -> Result<Bool, WireError> in
                do throws(WireError) {
                    let decoy = try await context.decoy(passwords)
                    let hash = try await context.password(of: room)
                    let isRight = try await passwords.verify(password, against: hash ?? decoy)
                    return .success(isRight && hash != nil)
                } catch {
                    return .failure(error)
                }
            }, then: body)
    }

    /// Lets somebody into a private room by its password. A wrong one is like none: there may be an invitation.
    func enter(_ password: String, _ request: RoomRequest, _ room: HostedRoom) {
        room.pins += 1
        compare(password, with: room.id) { [self] result in
            room.pins -= 1
            let user = request.user
            switch result {
            case _ where room.isGone:
                answer(request.origin, room.id, .refused(RoomMachine.notFound))
            case .failure(let error): answer(request.origin, room.id, .refused(error))
            case .success(true):
                let join = LogChange.join(
                    user: user.id, role: .member, logged: room.machine.isSmall)
                append(
                    join, in: room, by: user, at: configuration.clock.wallTime(),
                    isModerator: false, joinsAfter: request.action.joinsAfter,
                    origin: request.origin)
            case .success(false):
                answer(request.origin, room.id, .refused(RoomMachine.notFound))
            }
        }
    }

    /// A password for a name that no room has.
    func enterNothing(_ action: RoomAction, id: String?, _ session: ChatSession) {
        guard case .enter(.password(let password), _) = action else { return }
        compare(password, with: nil) { [self] result in
            guard !session.isEnded else { return }
            var refusal = RoomMachine.notFound
            if case .failure(let error) = result { refusal = error }
            refuse(session, id: id, refusal)
            settle(session, .barrier)
        }
    }

    /// Stores the hash of a room's new password, or removes it.
    func setPassword(
        _ password: String?, at time: Timestamp, _ request: RoomRequest, _ room: HostedRoom
    ) {
        let (id, user, store) = (room.id, request.user.id, context.store)
        let passwords = configuration.passwords
        perform(
            { () async -> Result<Bool, WireError> in
                do throws(WireError) {
                    var hash: String?
                    if let password {
                        guard let passwords else { throw Self.passwordsUnavailable }
                        hash = try await passwords.hash(password)
                    }
                    do throws(StorageError) {
                        return .success(
                            try await store.setPassword(hash, of: id, by: user, at: time))
                    } catch {
                        throw WireError.storageUnavailable
                    }
                } catch {
                    return .failure(error)
                }
            },
            then: { [self] result in
                switch result {
                case .success(true):
                    recordAct(.password, request, .done)
                    answer(request.origin, id, .done)
                case .success(false): answer(request.origin, id, .refused(RoomMachine.notFound))
                case .failure(let error): answer(request.origin, id, .refused(error))
                }
            })
    }
}

extension EngineContext {
    /// The hash of a room's password; for no room, of one that does not exist.
    func password(of room: RoomID?) async throws(WireError) -> String? {
        do throws(StorageError) {
            return try await store.password(of: room ?? RoomID(rawValue: 0))
        } catch {
            throw .storageUnavailable
        }
    }
}

extension Command {
    /// Whether it comes with a password of a room.
    var triesPassword: Bool {
        if case .room(_, .enter(.password, _)) = self { true } else { false }
    }
}

extension RoomAction {
    /// From where on somebody who joins wants the log.
    var joinsAfter: SequenceNumber? {
        switch self {
        case .join(let after), .enter(_, let after): after
        default: nil
        }
    }
}

extension LogChange {
    /// Whether somebody joins by the code of a link.
    var isByCode: Bool {
        if case .accept(let acceptance) = self { acceptance.code != nil } else { false }
    }
}
