// SPDX-License-Identifier: MIT

// Bans and mutes of users whom the room does not know by name.
extension Shard {
    /// Stores what concerns somebody who is no member, once the store has said who that is.
    func sanction(
        stranger: UserID, _ change: LogChange, at time: Timestamp, _ request: RoomRequest,
        _ room: HostedRoom
    ) {
        room.pins += 1
        ask({ store async throws(StorageError) in try await store.user(stranger) }) {
            [self] result in
            room.pins -= 1
            switch result {
            case _ where room.isGone:
                answer(request.origin, room.id, .refused(RoomMachine.notFound))
            case .success(let user?):
                append(
                    change, in: room, by: request.user, at: time, subject: user.name,
                    isModerator: true, origin: request.origin)
            case .success(nil):
                let error = WireError(.userNotFound, "there is no such user", field: "user")
                answer(request.origin, room.id, .refused(error))
            case .failure: answer(request.origin, room.id, .refused(.storageUnavailable))
            }
        }
    }

    /// What a store's refusal looks like to whoever asked.
    ///
    /// A private room tells nobody who is banned or not invited that it is there; who is muted is told for how long.
    func refusal(
        _ refusal: AppendRefusal, of change: LogChange, to user: UserID, at time: Timestamp,
        in room: HostedRoom
    ) -> WireError {
        switch refusal {
        case .banned where change.isByCode && room.machine.record.isPrivate:
            WireError(AppendRefusal.invitationNotFound)
        case .invitationNotFound where change.isByCode: WireError(refusal)
        case .banned where room.machine.record.isPrivate: RoomMachine.notFound
        case .invitationNotFound where room.machine.record.isPrivate: RoomMachine.notFound
        case .muted: RoomMachine.muted(room.machine.member(user)?.mutedUntil, at: time)
        default: WireError(refusal)
        }
    }
}
