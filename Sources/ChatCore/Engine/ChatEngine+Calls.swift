// SPDX-License-Identifier: MIT

// What a service does with the engine besides serving clients: bots, back ends, its own sockets.
extension ChatEngine {
    /// Makes a user known, so that they can post and connect from inside the service.
    ///
    /// - Throws: `name_taken` if somebody else has the name, `storage_unavailable`.
    public func addUser(_ user: UserReference) async throws(WireError) {
        let token =
            Base32.encode(UInt64.random(in: 1...(.max)), prefix: "g_")
            + Base32.encode(UInt64.random(in: 1...(.max)), prefix: "")
        let record = UserRecord(
            id: user.id, name: user.name, token: token, isNameKept: true,
            createdAt: configuration.clock.wallTime())
        let stored: UserRecord
        do throws(StorageError) {
            stored = try await context.store.addUser(record)
        } catch {
            throw .storageUnavailable
        }
        guard stored.id == user.id else {
            throw WireError(.nameTaken, "another user has this name", field: "name")
        }
    }

    /// Changes what a user shows of themselves, as their own `profile.update` would, and tells those who share a small
    /// room with them. The user need not be connected.
    ///
    /// - Parameters:
    ///   - changes: what is not given stays; an empty text clears.
    ///   - user: a user that the store knows.
    /// - Returns: the whole profile after the change.
    /// - Throws: `missing_field` for a change of nothing, `invalid_field` for a text beyond the limits, `user_not_found`,
    ///   `storage_unavailable`.
    /// - Complexity: one call of the store; then O(rooms of the user), at most once per interval.
    @discardableResult
    public func updateProfile(
        _ changes: ProfileChanges, of user: UserID
    ) async throws(WireError) -> UserProfile {
        let changes = try changes.checked(configuration.limits)
        let stored: UserRecord?
        do throws(StorageError) {
            stored = try await context.store.updateProfile(changes, of: user)
        } catch {
            throw .storageUnavailable
        }
        guard let stored else {
            throw WireError(.userNotFound, "the store knows no such user", field: "user")
        }
        if changes.isShown {
            let reference = UserReference(id: user, name: stored.name)
            context.mailboxes[context.home(of: user)].post([.profileChanged(reference)])
        }
        return stored.profile
    }

    /// Makes a room.
    ///
    /// - Parameters:
    ///   - room: its name and properties.
    ///   - owner: its only member; `nil` for a room without members.
    /// - Throws: `room_name_taken`, `storage_unavailable`.
    public func createRoom(
        _ room: NewRoom, owner: UserID? = nil
    ) async throws(WireError) -> RoomID {
        if DirectPair(roomName: NameKey(room.name).folded) != nil {
            throw WireError(AppendRefusal.roomNameTaken)
        }
        let record = RoomRecord(
            id: RoomID(rawValue: configuration.identity()), name: room.name,
            description: room.description, isPrivate: room.isPrivate,
            maximumMembers: room.maximumMembers, slowModeSeconds: room.slowModeSeconds,
            retention: room.retention,
            createdAt: configuration.clock.wallTime())
        let made: RoomRecord?
        do throws(StorageError) {
            made = try await context.store.createRoom(record, owner: owner)
        } catch {
            throw .storageUnavailable
        }
        guard let made else { throw WireError(AppendRefusal.roomNameTaken) }
        let room = ActivityRoom(made)
        context.record(.roomCreated(room, by: owner.map { UserReference(id: $0, name: "") }))
        if !made.retention.isUnlimited {
            context.mailboxes[0].post([.retentionChanged(made.id, made.retention)])
        }
        return made.id
    }

    /// The room of that name, ignoring case.
    ///
    /// - Throws: `room_not_found`, `storage_unavailable`.
    public func room(named name: String) async throws(WireError) -> RoomID {
        let found: RoomID?
        do throws(StorageError) {
            found = try await context.store.findRoom(named: NameKey(name))
        } catch {
            throw .storageUnavailable
        }
        guard let found else { throw RoomMachine.notFound }
        return found
    }

    /// Posts a message as `user`, who must be a member. Returns once it is stored and on its way to everybody.
    ///
    /// - Parameters:
    ///   - clientID: a key of the caller: repeating the call with the same one posts nothing twice.
    ///   - attachments: what the message says of its files, which are kept elsewhere; with any, `text` may be empty.
    /// - Returns: the message's place in the room.
    /// - Throws: the refusal a client would get; `invalid_field` for an attachment beyond the limits.
    public func post(
        _ text: String, in room: RoomID, as user: UserReference, clientID: String? = nil,
        attachments: [MessageAttachment] = []
    ) async throws(WireError) -> SequenceNumber {
        if !attachments.isEmpty {
            let post = Post(text: text, attachments: attachments)
            if let refusal = post.refusal(configuration.limits) { throw refusal }
        }
        let change = LogChange.posting(text: text, replyTo: nil, attachments: attachments)
        let answer = try await perform(.write(change, clientID: clientID), in: room, as: user)
        guard case .stored(let seq, _, _) = answer else {
            throw WireError(.overloaded, "unexpected answer")
        }
        return seq
    }

    /// Does in a room what a client of `user` could do, under the same rules.
    ///
    /// - Throws: the refusal a client would get.
    @discardableResult
    public func perform(
        _ action: RoomAction, in room: RoomID, as user: UserReference
    ) async throws(WireError) -> RoomAnswer {
        let home = context.home(of: room)
        let answer = await loops[home].answer { shard, ticket in
            let request = RoomRequest(
                origin: .call(shard: home, ticket: ticket), user: user, room: room,
                action: action)
            shard.handle(.request(request))
        }
        if case .refused(let error) = answer { throw error }
        return answer
    }

    /// Connects a client of the embedding service: its own WebSocket, a bot, a test.
    ///
    /// - Parameters:
    ///   - user: who it is, as your own sign-in found out; `nil` if the client says hello itself.
    ///   - peer: where it comes from, for limits and logs.
    /// - Throws: ``ConnectionRefusal`` if a cap is reached or the engine shuts down. Whether `user` could be
    ///   signed in is the first message: `ok` with the rooms, or `error`.
    public func connect(
        as user: UserReference? = nil,
        peer: PeerInfo = PeerInfo(address: "embedded", transport: "embedded")
    ) async throws(ConnectionRefusal) -> EmbeddedConnection {
        let index = Int.random(in: 0..<loops.count)
        let bound = configuration.limits
        let (stream, continuation) = AsyncStream<[UInt8]>.makeStream(
            bufferingPolicy: .bufferingOldest(bound.queuedSlices))
        let target = loops[index]
        let result = await onLoop(index) { loop, host -> Result<SessionID, ConnectionRefusal> in
            let ended = SessionEnd(target)
            let link = EmbeddedLink(continuation, limits: bound) { ended.run() }
            switch host.accept(link, peer: peer) {
            case .failure(let refusal): return .failure(refusal)
            case .success(let session):
                link.session = session
                ended.session = session.id
                if let user { (host as? Shard)?.enter(session, as: user) }
                return .success(session.id)
            }
        }
        return EmbeddedConnection(
            id: try result.get(), loop: loops[index], messages: stream)
    }
}

extension Shard {
    /// Signs a session in whose user the embedding service has checked.
    fileprivate func enter(_ session: ChatSession, as user: UserReference) {
        _ = session.machine.admit(.hello)
        session.greeting = Greeting(id: nil, resume: [], by: .service)
        enter(session, SignIn(user: user))
    }
}
