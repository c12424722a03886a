// SPDX-License-Identifier: MIT

// What a service asks that does something for users beside their connections: files, REST.
extension ChatEngine {
    /// The user whose token that is, as the engine's authenticator says.
    ///
    /// - Parameters:
    ///   - token: as `hello` takes it.
    ///   - peer: where the request comes from.
    /// - Throws: `invalid_token` or what else the authenticator throws.
    public func user(token: String, peer: PeerInfo) async throws(WireError) -> UserReference {
        let credentials = Credentials(name: nil, token: token, peer: peer)
        let signIn = try await context.authenticator.signIn(credentials, store: context.store)
        guard !context.isErased(signIn.user.id) else {
            throw WireError(.invalidToken, "nobody has this token: sign in again", field: "token")
        }
        return signIn.user
    }

    /// The role of a user in a room; `nil` if they are no member of a room that everybody may see.
    ///
    /// - Throws: `room_not_found` (also for a private room of others), `storage_unavailable`.
    public func role(
        of user: UserReference, in room: RoomID
    ) async throws(WireError) -> Role? {
        let member = await loops[context.home(of: room)].run { loop -> Role? in
            guard case .ready(let hosted)? = loop.resident(Shard.self)?.rooms[room] else {
                return nil
            }
            return hosted.machine.member(user.id)?.role
        }
        if let member { return member }
        // Not in memory, or no member: the room's own answer.
        switch try await perform(.get, in: room, as: user) {
        case .snapshot(let info, _, _), .room(let info, _): return info.role
        default: return nil
        }
    }

    /// Which of these files messages of the room have.
    ///
    /// - Throws: `storage_unavailable`.
    public func attachedFiles(
        _ ids: [String], in room: RoomID
    ) async throws(WireError) -> Set<String> {
        do throws(StorageError) {
            return try await context.store.attachedFiles(ids, in: room)
        } catch {
            configuration.observer.storageFailed(error)
            throw .storageUnavailable
        }
    }

    /// Takes from a user's budget what something costs that came by another way than a connection of the engine.
    ///
    /// - Throws: `rate_limited`.
    public func admit(
        _ kind: CommandKind, of user: UserReference, cost: Int = 1
    ) throws(WireError) {
        guard context.hasRates else { return }
        let request = RateRequest(
            session: SessionID(rawValue: 0), user: user.id, address: 0, kind: kind, cost: cost)
        let decision = context.admit(request, now: configuration.clock.now())
        guard case .refused(_, _, let wait) = decision else { return }
        throw WireError(
            .rateLimited, "too often: wait before the next one", retryAfterMilliseconds: wait,
            bucket: decision.bucketName)
    }
}
