// SPDX-License-Identifier: MIT

/// Writes the lines of one user's export. Others are only named by their ids.
struct ExportWriter: ~Copyable {
    private(set) var lines: [[UInt8]] = []
    private let user: UserID
    private var writer = JSONWriter(capacity: 512)

    init(user: UserID) { self.user = user }

    mutating func profile(_ record: UserRecord) {
        begin("\"profile\"")
        writer.key("id")
        writer.user(record.id)
        writer.key("name")
        writer.string(record.name)
        writer.key("name_kept")
        writer.bool(record.isNameKept)
        EventEncoder.write(record.profile, to: &writer)
        if record.createdAt.milliseconds > 0 {
            writer.key("created_at")
            writer.time(record.createdAt)
        }
        if let seen = record.profile.lastSeen {
            writer.key("last_seen")
            writer.time(seen)
        }
        if record.profile.hidesLastSeen { flag("hides_last_seen") }
        end()
    }

    mutating func membership(_ membership: MembershipRecord) {
        begin("\"membership\"", membership.room.id)
        writer.key("name")
        writer.string(membership.room.name)
        writer.key("role")
        writer.plain(membership.role.name)
        writer.key("delivered")
        writer.number(membership.delivered.rawValue)
        writer.key("read")
        writer.number(membership.read.rawValue)
        end()
    }

    /// An invitation of the user that waits.
    mutating func invitation(_ entry: InvitationPage.Entry) {
        begin("\"invitation\"", entry.room.id)
        writer.key("name")
        writer.string(entry.room.name)
        writer.key("by")
        writer.user(entry.sender.id)
        writer.key("at")
        writer.time(entry.invitation.createdAt)
        EventEncoder.write(until: entry.invitation.expires, to: &writer)
        end()
    }

    /// Somebody whom the user blocks.
    mutating func block(_ record: BlockRecord) {
        begin("\"block\"")
        writer.key("user")
        writer.user(record.user.id)
        writer.key("at")
        writer.time(record.at)
        end()
    }

    /// When the user read what.
    mutating func read(_ read: ReadTime, in room: RoomID) {
        begin("\"read\"", room)
        number("after", read.previous)
        number("seq", read.seq)
        writer.key("at")
        writer.time(read.at)
        end()
    }

    /// A ban of the user, or one that they have spoken.
    mutating func ban(_ record: BanRecord, in room: RoomID) {
        guard record.user.id == user || record.sender.id == user else { return }
        begin("\"ban\"", room)
        writer.key("user")
        writer.user(record.user.id)
        writer.key("by")
        writer.user(record.sender.id)
        writer.key("at")
        writer.time(record.at)
        EventEncoder.write(record.ban, to: &writer)
        end()
    }

    /// Until when the user may not write.
    mutating func mute(_ until: Timestamp, in room: RoomID) {
        begin("\"mute\"", room)
        EventEncoder.write(until: until, to: &writer)
        end()
    }

    /// A message of the user as it is now, and their reactions under anybody's.
    mutating func message(_ message: Message, in room: RoomID) {
        if message.sender == user {
            begin("\"message\"", room)
            place(message.seq, message.at)
            if let clientID = message.clientID { text("client_id", clientID) }
            text("text", message.text)
            if let replyTo = message.replyTo { number("reply_to", replyTo) }
            if let editedAt = message.editedAt {
                writer.key("edited_at")
                writer.time(editedAt)
            }
            EventEncoder.write(message.attachments, to: &writer)
            if message.isDeleted { flag("deleted") }
            end()
        }
        for reaction in message.reactions where reaction.users.contains(user) {
            begin("\"reaction\"", room)
            number("target", message.seq)
            text("emoji", reaction.emoji)
            end()
        }
    }

    /// What else the user did, and what was done to them. Their messages stand in the history.
    mutating func event(_ event: LoggedEvent, in room: RoomID) {
        if event.change.isMessage { return }
        guard event.sender == user || event.change.subject == user else { return }
        begin("\"event\"", room)
        writer.key("type")
        writer.plain(Self.name(of: event.change))
        place(event.seq, event.at)
        writer.key("by")
        writer.user(event.sender)
        if let clientID = event.clientID, event.sender == user { text("client_id", clientID) }
        write(event.change)
        if event.isRedacted { flag("redacted") }
        end()
    }

    private mutating func write(_ change: LogChange) {
        switch change {
        case .message, .post: break
        case .edit(let target, let posted):
            number("target", target)
            text("text", posted)
        case .delete(let target), .pin(let target), .unpin(let target): number("target", target)
        case .react(let target, let emoji), .unreact(let target, let emoji):
            number("target", target)
            text("emoji", emoji)
        case .join(let user, let role, _), .role(let user, let role):
            writer.key("user")
            writer.user(user)
            text("role", role.name)
        case .leave(let user, let reason, _):
            writer.key("user")
            writer.user(user)
            text("reason", reason.name)
        case .room(let changes):
            if let name = changes.name { text("name", name) }
            if let description = changes.description { text("description", description) }
        case .ban(let user, let ban):
            writer.key("user")
            writer.user(user)
            EventEncoder.write(ban, to: &writer)
        case .mute(let user, let until):
            writer.key("user")
            writer.user(user)
            EventEncoder.write(until: until, to: &writer)
        case .unban(let user), .unmute(let user):
            writer.key("user")
            writer.user(user)
        case .accept: write(change.recorded)
        }
    }

    private static func name(of change: LogChange) -> String {
        switch change {
        case .message, .post: "message"
        case .edit: "edited"
        case .delete: "deleted"
        case .react: "reacted"
        case .unreact: "unreacted"
        case .pin: "pinned"
        case .unpin: "unpinned"
        case .join, .accept: "joined"
        case .leave: "left"
        case .role: "role"
        case .room: "room"
        case .ban: "banned"
        case .unban: "unbanned"
        case .mute: "muted"
        case .unmute: "unmuted"
        }
    }

    // MARK: Parts of a line

    private mutating func begin(_ kind: StaticString, _ room: RoomID? = nil) {
        writer.reset()
        writer.beginObject()
        writer.key("kind")
        writer.raw(kind)
        guard let room else { return }
        writer.key("room")
        writer.room(room)
    }

    private mutating func end() {
        writer.endObject()
        lines.append(writer.bytes)
    }

    private mutating func place(_ seq: SequenceNumber, _ at: Timestamp) {
        number("seq", seq)
        writer.key("at")
        writer.time(at)
    }

    private mutating func number(_ key: StaticString, _ seq: SequenceNumber) {
        writer.key(key)
        writer.number(seq.rawValue)
    }

    private mutating func text(_ key: StaticString, _ text: String) {
        writer.key(key)
        writer.string(text)
    }

    private mutating func flag(_ key: StaticString) {
        writer.key(key)
        writer.bool(true)
    }
}
