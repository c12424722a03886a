// SPDX-License-Identifier: MIT

// Bans and mutes: by moderators and above, of those whose role is below theirs.
extension RoomMachine {
    /// Also of somebody who is no member: they cannot join.
    func decideBan(
        _ target: UserID, _ end: EndTime, _ reason: String, by member: RoomMember,
        at time: Timestamp
    ) -> RoomDecision {
        if let refusal = refusal(.ban, member, over: table[target]) { return .refused(refusal) }
        guard let until = end.time(from: time) else { return .refused(Self.alreadyOver) }
        return .append(.ban(user: target, Ban(until: until, reason: reason)), isModerator: true)
    }

    func decideUnban(_ target: UserID, by member: RoomMember) -> RoomDecision {
        if let refusal = refusal(.ban, member, over: table[target]) { return .refused(refusal) }
        return .append(.unban(user: target), isModerator: true)
    }

    func decideMute(
        _ target: UserID, _ end: EndTime, by member: RoomMember, at time: Timestamp
    ) -> RoomDecision {
        if let refusal = refusal(.mute, member, over: table[target]) { return .refused(refusal) }
        guard table[target] != nil else { return .refused(Self.noSuchMember) }
        guard let until = end.time(from: time) else { return .refused(Self.alreadyOver) }
        return .append(.mute(user: target, until: until), isModerator: true)
    }

    /// Also of somebody who has left: a mute waits for their return.
    func decideUnmute(_ target: UserID, by member: RoomMember) -> RoomDecision {
        if let refusal = refusal(.mute, member, over: table[target]) { return .refused(refusal) }
        return .append(.unmute(user: target), isModerator: true)
    }

    // MARK: Refusals

    static let banned = WireError(.banned, "you are banned from this room", field: "room")
    static let alreadyOver = WireError(
        .invalidField, "until must be a time that is still to come", field: "until")

    /// Tells how long to wait, if that is known and has an end.
    static func muted(_ until: Timestamp?, at time: Timestamp? = nil) -> WireError {
        var error = WireError(.muted, "you are muted in this room")
        if let until, let time, until != .forever, until > time {
            error.retryAfterMilliseconds = until.milliseconds - time.milliseconds
        }
        return error
    }
}
