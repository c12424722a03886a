// SPDX-License-Identifier: MIT

extension AnswerEncoder {
    /// The keys of a join link.
    static func write(_ link: InvitationRecord, to writer: inout JSONWriter) {
        writer.key("code")
        writer.string(link.code)
        writer.key("uses")
        writer.number(link.usesLeft)
        EventEncoder.write(until: link.expires, to: &writer)
    }

    /// The answer to `link.list`.
    static func write(_ page: LinkPage, isEnd: Bool, to writer: inout JSONWriter) {
        writer.key("links")
        writer.beginArray()
        for entry in page.entries {
            writer.beginObject()
            write(entry.invitation, to: &writer)
            writer.key("from")
            EventEncoder.user(entry.sender, to: &writer)
            writer.key("at")
            writer.time(entry.invitation.createdAt)
            writer.endObject()
        }
        writer.endArray()
        write(total: page.total, isEnd: isEnd, to: &writer)
    }

    /// The answer to `room.audit`.
    static func write(_ page: AuditPage, to writer: inout JSONWriter) {
        writer.key("entries")
        writer.beginArray()
        for entry in page.entries {
            writer.beginObject()
            write(entry, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.key("end")
        writer.bool(page.isEnd)
    }

    private static func write(_ entry: AuditEntry, to writer: inout JSONWriter) {
        let change = entry.change
        writer.key("number")
        writer.number(entry.number)
        writer.key("at")
        writer.time(change.at)
        writer.key("from")
        EventEncoder.user(UserReference(id: change.actor, name: entry.actorName), to: &writer)
        writer.key("action")
        writer.plain(change.action.name)
        if let subject = change.subject {
            writer.key("user")
            EventEncoder.user(
                UserReference(id: subject, name: entry.subjectName ?? ""), to: &writer)
        }
        write(change, value: change.value ?? 0, to: &writer)
    }

    private static func write(
        _ change: AuditChange, value: Int64, to writer: inout JSONWriter
    ) {
        switch change.action {
        case .ban, .mute:
            EventEncoder.write(until: Timestamp(milliseconds: value), to: &writer)
            if change.text.isEmpty { return }
            writer.key("reason")
            writer.string(change.text)
        case .role:
            writer.key("role")
            writer.plain((Role(rawValue: UInt8(clamping: value)) ?? .member).name)
        case .settings:
            writer.key("changed")
            writer.beginArray()
            for key in change.text.split(separator: ",") { writer.string(String(key)) }
            writer.endArray()
        case .delete:
            writer.key("target")
            writer.number(Int(value))
        case .linkCreated, .linkRevoked:
            writer.key("uses")
            writer.number(Int(value))
        case .password:
            writer.key("set")
            writer.bool(value != 0)
        case .kick, .unban, .unmute, .transfer: break
        }
    }

    /// The answer to `user.block`.
    mutating func user(_ id: String?, _ user: UserReference) -> [UInt8] {
        begin(id)
        writer.key("user")
        EventEncoder.user(user, to: &writer)
        return end()
    }

    /// The answer to `user.blocks`.
    mutating func blocks(_ id: String?, _ page: BlockPage, isEnd: Bool) -> [UInt8] {
        begin(id)
        writer.key("blocks")
        writer.beginArray()
        for block in page.blocks {
            writer.beginObject()
            writer.key("user")
            EventEncoder.user(block.user, to: &writer)
            writer.key("at")
            writer.time(block.at)
            writer.endObject()
        }
        writer.endArray()
        Self.write(total: page.total, isEnd: isEnd, to: &writer)
        return end()
    }

    private static func write(total: Int, isEnd: Bool, to writer: inout JSONWriter) {
        writer.key("total")
        writer.number(total)
        writer.key("end")
        writer.bool(isEnd)
    }
}

extension EventEncoder {
    /// The user blocks somebody, or does no longer, for their own devices.
    mutating func block(_ user: UserReference, isBlocked: Bool) -> [UInt8] {
        writer.reset()
        writer.beginObject()
        writer.key("type")
        writer.raw(isBlocked ? "\"user.blocked\"" : "\"user.unblocked\"")
        writer.key("user")
        Self.user(user, to: &writer)
        return end()
    }
}
