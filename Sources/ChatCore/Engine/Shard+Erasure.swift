// SPDX-License-Identifier: MIT

/// A user who is to leave a room because they are erased.
struct Expulsion: Sendable {
    /// Under the name that is left of them.
    var user: UserReference
    /// Where from.
    var room: RoomID
    /// Who owns the room afterwards, if the user does now.
    var heir: UserReference?
    /// Whether the room goes with them, because nobody else is in it.
    var deletesRoom: Bool
    /// Who waits for it.
    var origin: RequestOrigin
}

// The engine's part in erasing a user: connections, memberships, what is kept in memory.
extension Shard {
    static let erasedUser = WireError(.userNotFound, "this user was erased")

    /// Ends the user's connections here.
    func dismiss(_ user: UserID) {
        for id in sessionsOfUser[user] {
            guard let session = sessions[id] else { continue }
            configuration.observer.dropped(.userErased, peer: session.peer)
            session.link.close(.userErased)
            ended(session, isExplicit: true)
        }
    }

    /// Ends the user's membership, and hands the room over before. It is in the log of large rooms too: once, and
    /// whoever was away learns of it.
    func expel(_ expulsion: Expulsion, from room: HostedRoom) {
        guard let member = room.machine.member(expulsion.user.id) else {
            return answer(expulsion.origin, room.id, .done)
        }
        if expulsion.deletesRoom, room.machine.record.memberCount == 1 {
            let request = RoomRequest(
                origin: expulsion.origin, user: expulsion.user, room: room.id, action: .delete)
            return delete(request, room)
        }
        let time = configuration.clock.wallTime()
        if member.role == .owner, let heir = expulsion.heir,
            room.machine.member(heir.id) != nil
        {
            append(
                .role(user: heir.id, role: .owner), in: room, by: expulsion.user,
                at: time, subject: heir.name, isModerator: true, origin: nil)
        }
        append(
            .leave(user: expulsion.user.id, reason: .erased, logged: true), in: room,
            by: expulsion.user, at: time, isModerator: true, origin: expulsion.origin)
    }

    /// What the user wrote is no longer in the log: nobody gets it from memory, and whoever is here is told.
    func erased(_ user: UserReference, in list: [RoomID], isDone: Bool) {
        for id in list {
            guard case .ready(let room)? = rooms[id] else { continue }
            publish(.erased(events.userErased(user, room: id)), in: room)
        }
        guard isDone else { return }
        // Their name may be anywhere.
        for case .ready(let room) in rooms.values { publish(.erased(nil), in: room) }
    }
}

extension RoomSnapshot {
    /// Who owns the room when `user` has gone: the highest role, then who has been there longest.
    package func heir(of user: UserID) -> UserReference? {
        let others = members.filter { $0.user != user }
        let heir = others.min { left, right in
            if left.role != right.role { return left.role > right.role }
            return (left.joinedAt, left.user) < (right.joinedAt, right.user)
        }
        return heir.map { UserReference(id: $0.user, name: $0.name) }
    }
}
