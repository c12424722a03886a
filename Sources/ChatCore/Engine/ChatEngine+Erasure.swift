// SPDX-License-Identifier: MIT

extension ChatEngine {
    /// The user of that name, ignoring case.
    ///
    /// - Throws: `user_not_found`, `storage_unavailable`.
    public func user(named name: String) async throws(WireError) -> UserReference {
        let found: UserRecord?
        do throws(StorageError) {
            found = try await context.store.user(named: NameKey(name))
        } catch {
            throw .storageUnavailable
        }
        guard let found else { throw WireError(.userNotFound, "there is no such user") }
        return UserReference(id: found.id, name: found.name)
    }

    /// Erases a user: their name, token and profile, their memberships, invitations and mutes, the reasons of bans by or
    /// of them, and all that they wrote in any room. Files of their messages are orphaned.
    ///
    /// Their connections end with ``CloseCode/userErased``. Rooms that they own go to the member with the highest role
    /// who has been there longest; a room in which nobody else is, is deleted. Their messages become like deleted ones:
    /// the order of the logs stays. Descriptions and names of rooms stay too. Returns when nothing is left. If it fails
    /// or the process ends, repeat it; the next engine on the store goes on by itself. With an authenticator of your
    /// own, take the user out of it first.
    ///
    /// - Throws: `user_not_found`, `storage_unavailable`.
    /// - Complexity: O(events of all rooms), in slices with pauses.
    public func erase(_ user: UserID) async throws(WireError) {
        try await Erasure(context: context, loops: loops).run(user)
    }
}

/// The steps of an erasure. Each may be repeated.
struct Erasure: Sendable {
    let context: EngineContext
    let loops: [EventLoop]

    /// Goes on with what an earlier process has begun.
    func resume() async {
        let pending = try? await context.store.pendingErasures(limit: 1_000)
        // What fails now is begun anew by the next start.
        for user in pending ?? [] { try? await run(user) }
    }

    func run(_ user: UserID) async throws(WireError) {
        context.noteErased(user)
        guard
            let record = try await stored({ store async throws(StorageError) in
                try await store.beginErasure(of: user)
            })
        else { throw WireError(.userNotFound, "there is no such user") }
        let reference = UserReference(id: user, name: record.name)
        for loop in loops { await loop.run { $0.resident(Shard.self)?.dismiss(user) } }
        let rooms = try await stored { store async throws(StorageError) in
            try await store.memberships(of: user)
        }
        for membership in rooms { try await leave(membership, reference) }
        try await eraseLogs(reference)
        context.record(.erased(user))
    }

    private func leave(
        _ membership: MembershipRecord, _ user: UserReference
    ) async throws(WireError) {
        let room = membership.room.id
        let snapshot = try await stored { store async throws(StorageError) in
            try await store.loadRoom(room)
        }
        let heir = snapshot?.heir(of: user.id)
        let deletesRoom = heir == nil && membership.role == .owner
        let home = context.home(of: room)
        let answer = await loops[home].answer { shard, ticket in
            shard.handle(
                .expel(
                    Expulsion(
                        user: user, room: room, heir: heir, deletesRoom: deletesRoom,
                        origin: .call(shard: home, ticket: ticket))))
        }
        guard case .refused(let error) = answer else { return }
        // Gone since is as good.
        if error.code != .roomNotFound && error.code != .notMember { throw error }
    }

    private func eraseLogs(_ user: UserReference) async throws(WireError) {
        let policy = context.configuration.retention
        let limit = policy.sliceEvents * 4
        while let slice = try await stored({ store async throws(StorageError) in
            try await store.erase(limit: limit)
        }) {
            let name = ErasedUser.record(slice.user).name
            let own = UserReference(id: slice.user, name: name)
            await tell(.erased(own, slice.rooms, isDone: slice.isDone))
            if slice.isDone && slice.user == user.id { return }
            await context.pause(milliseconds: policy.pauseMilliseconds)
        }
        // Somebody else has done the last slice.
        await tell(.erased(user, [], isDone: true))
    }

    /// Returns when every home has told its subscribers' shards.
    private func tell(_ message: ShardMessage) async {
        for loop in loops { await loop.run { $0.resident(Shard.self)?.handle(message) } }
    }

    private func stored<Value: Sendable>(
        _ call: (any ChatStore) async throws(StorageError) -> Value
    ) async throws(WireError) -> Value {
        do throws(StorageError) {
            return try await call(context.store)
        } catch {
            context.configuration.observer.storageFailed(error)
            throw .storageUnavailable
        }
    }
}

extension EventLoop {
    /// Asks the shard of this loop something and waits for the answer under a ticket.
    nonisolated func answer(
        _ body: @escaping @Sendable (Shard, UInt64) -> Void
    ) async -> RoomAnswer {
        await withCheckedContinuation { (continuation: CheckedContinuation<RoomAnswer, Never>) in
            Task {
                await run { loop in
                    guard let shard = loop.resident(Shard.self) else { return }
                    let ticket = shard.ticket { value in
                        guard let answer = value as? RoomAnswer else { return }
                        continuation.resume(returning: answer)
                    }
                    body(shard, ticket)
                }
            }
        }
    }
}

extension EngineContext {
    /// Waits a little; on a clock that stands still, only lets others run.
    func pause(milliseconds: Int64) async {
        guard configuration.clock.isRealTime else { return await Task.yield() }
        do {
            try await Task.sleep(for: .milliseconds(milliseconds))
        } catch {
            // The caller was cancelled: it goes on without pauses.
            await Task.yield()
        }
    }
}
