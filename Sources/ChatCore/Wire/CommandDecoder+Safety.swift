// SPDX-License-Identifier: MIT

// Commands about join links, passwords, direct rooms, blocks and the audit log.
extension CommandDecoder {
    /// `nil` if it is no such command.
    func safety(
        _ type: String, _ fields: borrowing CommandFields
    ) throws(WireError) -> Command? {
        switch type {
        case "dm.open": return .openDirect(try user(fields))
        case "user.block": return .block(try user(fields))
        case "user.unblock": return .unblock(try user(fields))
        case "user.blocks":
            return .blocks(
                offset: try count(.offset, fields) ?? 0,
                limit: try limit(fields, limits.listPageDefault, limits.listPage))
        case "link.create":
            let room = try room(fields)
            return .room(
                room, .createLink(try invitationEnd(fields), uses: try uses(fields)))
        case "link.list":
            let room = try room(fields)
            let offset = try count(.offset, fields) ?? 0
            let limit = try limit(fields, limits.listPageDefault, limits.listPage)
            return .room(room, .links(offset: offset, limit: limit))
        case "link.revoke":
            let room = try room(fields)
            guard let code = try code(fields) else { throw missing(.code) }
            return .room(room, .revokeLink(code))
        case "room.password":
            let room = try room(fields)
            return .room(room, .setPassword(try newPassword(fields)))
        case "room.audit":
            let room = try room(fields)
            let before = try place(.before, fields)
            let limit = try limit(fields, limits.listPageDefault, limits.listPage)
            return .room(room, .audit(before: before?.rawValue, limit: limit))
        default: return nil
        }
    }

    /// With a code the room need not be named: the code says which.
    func join(_ fields: borrowing CommandFields) throws(WireError) -> Command {
        let after = try place(.after, fields)
        if let code = try code(fields) { return .joinByCode(code, after: after) }
        let room = try room(fields)
        guard let password = try string(.password, fields) else {
            return .room(room, .join(after: after))
        }
        guard password.utf8.count <= limits.roomPasswordBytes else {
            throw invalid(.password, "at most \(limits.roomPasswordBytes) bytes")
        }
        return .room(room, .enter(.password(password), after: after))
    }

    private func code(_ fields: borrowing CommandFields) throws(WireError) -> String? {
        guard let text = try string(.code, fields) else { return nil }
        guard !text.isEmpty, text.utf8.count <= limits.clientIDBytes else {
            throw invalid(.code, "the code of a link")
        }
        return text
    }

    private func uses(_ fields: borrowing CommandFields) throws(WireError) -> Int {
        let uses = try count(.uses, fields) ?? limits.linkUsesDefault
        guard (1...limits.linkUses).contains(uses) else {
            throw invalid(.uses, "1 to \(limits.linkUses)")
        }
        return uses
    }

    /// Absent or null removes the password.
    private func newPassword(_ fields: borrowing CommandFields) throws(WireError) -> String? {
        guard let password = try string(.password, fields) else { return nil }
        guard password.count >= limits.roomPasswordMinimumCharacters,
            password.utf8.count <= limits.roomPasswordBytes
        else {
            throw invalid(
                .password,
                "at least \(limits.roomPasswordMinimumCharacters) characters, at most "
                    + "\(limits.roomPasswordBytes) bytes")
        }
        return password
    }
}
