// SPDX-License-Identifier: MIT

// Commands about bans and mutes.
extension CommandDecoder {
    func moderation(
        _ type: String, _ fields: borrowing CommandFields
    ) throws(WireError) -> Command {
        let room = try room(fields)
        switch type {
        case "member.ban":
            let user = try user(fields)
            return .room(room, .ban(user, try endTime(fields), reason: try reason(fields)))
        case "member.unban": return .room(room, .unban(try user(fields)))
        case "member.mute":
            let user = try user(fields)
            return .room(room, .mute(user, try endTime(fields)))
        case "member.unmute": return .room(room, .unmute(try user(fields)))
        default:
            let offset = try count(.offset, fields) ?? 0
            let limit = try limit(fields, limits.listPageDefault, limits.listPage)
            return .room(room, .bans(offset: offset, limit: limit))
        }
    }

    private func endTime(_ fields: borrowing CommandFields) throws(WireError) -> EndTime {
        if let time = try time(.until, fields) { return .at(time) }
        guard let seconds = try count(.seconds, fields) else { return .never }
        guard (1...limits.sanctionSeconds).contains(seconds) else {
            throw invalid(.seconds, "1 to \(limits.sanctionSeconds)")
        }
        return .after(seconds: seconds)
    }

    /// An invitation does not wait without an end.
    func invitationEnd(_ fields: borrowing CommandFields) throws(WireError) -> EndTime {
        let end = try endTime(fields)
        return end == .never ? .after(seconds: limits.invitationSeconds) : end
    }

    /// One line that people can read, or nothing.
    private func reason(_ fields: borrowing CommandFields) throws(WireError) -> String {
        guard let text = try string(.reason, fields), !text.isEmpty else { return "" }
        guard let reason = DisplayName.clean(text), reason.count <= limits.banReasonCharacters,
            reason.utf8.count <= 4 * limits.banReasonCharacters
        else { throw invalid(.reason, "at most \(limits.banReasonCharacters) visible characters") }
        return reason
    }
}
