// SPDX-License-Identifier: MIT

/// A room as answers describe it.
public struct RoomInfo: Sendable, Equatable {
    /// Its properties.
    public var record: RoomRecord
    /// The asking user's role there, if they are a member.
    public var role: Role?
    /// The number of members who are not offline, where it is told.
    public var online: Int?

    /// Makes a description.
    public init(record: RoomRecord, role: Role? = nil, online: Int? = nil) {
        self.record = record
        self.role = role
        self.online = online
    }
}

/// A member as `room.members` shows them.
public struct MemberInfo: Sendable, Equatable {
    /// Who.
    public var user: UserReference
    /// What they may do.
    public var role: Role
    /// How reachable they are.
    public var status: PresenceStatus
    /// Up to where a device of theirs has received the log.
    public var delivered: SequenceNumber
    /// Up to where they have seen the log.
    public var read: SequenceNumber
    /// Until when they may not write, if they may not now.
    public var mutedUntil: Timestamp?
    /// What they show of themselves.
    public var profile = UserProfile()
}

/// What the engine answers to a command about a room.
public enum RoomAnswer: Sendable, Equatable {
    /// Done.
    case done
    /// Stored in the log, or found there.
    case stored(seq: SequenceNumber, at: Timestamp, isDuplicate: Bool)
    /// The room, after a change stored at `seq` if there was one.
    case room(RoomInfo, seq: SequenceNumber?)
    /// The user is a member; live events begin after `after`.
    case joined(RoomInfo, after: SequenceNumber)
    /// The room with its live state and pins.
    case snapshot(RoomInfo, typing: [UserReference], pinned: [Message])
    /// A page of members.
    case members([MemberInfo], total: Int, online: Int)
    /// A page of bans.
    case bans(BanPage, isEnd: Bool)
    /// A new join link.
    case link(InvitationRecord)
    /// A page of join links.
    case links(LinkPage, isEnd: Bool)
    /// A page of what moderators did.
    case audit(AuditPage)
    /// A page of messages.
    case history(HistoryPage)
    /// A page of what a search has found.
    case search(SearchPage)
    /// A page of the log.
    case events([LoggedEvent], head: SequenceNumber)
    /// The stored watermarks.
    case receipt(delivered: SequenceNumber, read: SequenceNumber)
    /// How far a message got, and who has read it.
    case readers(status: MessageStatus, [MessageReader])
    /// It may not be.
    case refused(WireError)
}

/// Writes answers to commands.
struct AnswerEncoder: ~Copyable {
    var writer = JSONWriter(capacity: 1024)

    mutating func ok(_ id: String?) -> [UInt8] {
        begin(id)
        return end()
    }

    /// A refusal says when; nothing else asks for the time.
    mutating func room(
        _ id: String?, _ answer: RoomAnswer, in room: RoomID, at time: @autoclosure () -> Timestamp
    ) -> [UInt8] {
        if case .refused(let refusal) = answer { return error(id, refusal, at: time()) }
        begin(id)
        switch answer {
        case .done, .refused: break
        case .stored(let seq, let at, let isDuplicate):
            place(seq)
            writer.key("at")
            writer.time(at)
            if isDuplicate {
                writer.key("duplicate")
                writer.bool(true)
            }
        case .room(let info, let seq):
            if let seq { place(seq) }
            writer.key("room")
            Self.write(info, to: &writer)
        case .joined(let info, _):
            writer.key("room")
            Self.write(info, to: &writer)
        case .snapshot(let info, let typing, let pinned):
            writer.key("room")
            Self.write(info, to: &writer)
            writer.key("typing")
            EventEncoder.users(typing, excluding: nil, to: &writer)
            writer.key("pinned")
            messages(pinned)
        case .members(let members, let total, let online):
            write(members, total: total, online: online)
        case .bans(let page, let isEnd): Self.write(page, isEnd: isEnd, to: &writer)
        case .link(let link): Self.write(link, to: &writer)
        case .links(let page, let isEnd): Self.write(page, isEnd: isEnd, to: &writer)
        case .audit(let page): Self.write(page, to: &writer)
        case .history(let page):
            writer.key("messages")
            messages(page.messages)
            writer.key("end")
            writer.bool(page.isEnd)
        case .search(let page): Self.write(page, to: &writer)
        case .events(let events, let head):
            writer.key("events")
            writer.beginArray()
            for event in events { EventEncoder.write(event, room: room, to: &writer) }
            writer.endArray()
            writer.key("head")
            writer.number(head.rawValue)
        case .receipt(let delivered, let read):
            writer.key("delivered")
            writer.number(delivered.rawValue)
            writer.key("read")
            writer.number(read.rawValue)
        case .readers(let status, let list): readers(status, list)
        }
        return end()
    }

    mutating func begin(_ id: String?) {
        writer.reset()
        writer.beginObject()
        writer.key("type")
        writer.raw("\"ok\"")
        if let id {
            writer.key("id")
            writer.raw(id)
        }
    }

    mutating func end() -> [UInt8] {
        writer.endObject()
        return writer.reusedBytes()
    }

    private mutating func place(_ seq: SequenceNumber) {
        writer.key("seq")
        writer.number(seq.rawValue)
    }

    private mutating func write(_ members: [MemberInfo], total: Int, online: Int) {
        writer.key("members")
        writer.beginArray()
        for member in members {
            writer.beginObject()
            writer.key("id")
            writer.user(member.user.id)
            writer.key("name")
            writer.string(member.user.name)
            writer.key("role")
            writer.plain(member.role.name)
            writer.key("status")
            writer.plain(member.status.name)
            writer.key("delivered")
            writer.number(member.delivered.rawValue)
            writer.key("read")
            writer.number(member.read.rawValue)
            EventEncoder.write(member.profile, to: &writer)
            EventEncoder.write(lastSeen: member.profile.lastSeen, of: member.status, to: &writer)
            if let until = member.mutedUntil {
                writer.key("muted")
                writer.bool(true)
                EventEncoder.write(until: until, to: &writer)
            }
            writer.endObject()
        }
        writer.endArray()
        writer.key("total")
        writer.number(total)
        writer.key("online")
        writer.number(online)
    }

    private mutating func messages(_ messages: [Message]) {
        writer.beginArray()
        for message in messages { Self.write(message, to: &writer) }
        writer.endArray()
    }
}

// Objects inside answers.
extension AnswerEncoder {
    static func write(_ info: RoomInfo, to writer: inout JSONWriter) {
        writer.beginObject()
        writeProperties(info, to: &writer)
        writer.endObject()
    }

    static func writeProperties(_ info: RoomInfo, to writer: inout JSONWriter) {
        writer.key("id")
        writer.room(info.record.id)
        writer.key("name")
        writer.string(info.record.name)
        writer.key("description")
        writer.string(info.record.description)
        writer.key("private")
        writer.bool(info.record.isPrivate)
        writer.key("max_members")
        writer.number(info.record.maximumMembers)
        writer.key("slow_mode_seconds")
        writer.number(info.record.slowModeSeconds)
        if info.record.retention.days > 0 {
            writer.key("retention_days")
            writer.number(info.record.retention.days)
        }
        if info.record.retention.messages > 0 {
            writer.key("retention_messages")
            writer.number(info.record.retention.messages)
        }
        writer.key("members")
        writer.number(info.record.memberCount)
        if let online = info.online {
            writer.key("online")
            writer.number(online)
        }
        writer.key("head")
        writer.number(info.record.head.rawValue)
        writer.key("created_at")
        writer.time(info.record.createdAt)
        if let pair = info.record.directPair {
            writer.key("direct")
            writer.beginArray()
            writer.user(pair.low)
            writer.user(pair.high)
            writer.endArray()
        }
        if let role = info.role {
            writer.key("role")
            writer.plain(role.name)
        }
    }

    static func write(_ message: Message, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("seq")
        writer.number(message.seq.rawValue)
        writer.key("at")
        writer.time(message.at)
        writer.key("from")
        EventEncoder.user(
            UserReference(id: message.sender, name: message.senderName), to: &writer)
        if message.isDeleted {
            writer.key("deleted")
            writer.bool(true)
            writer.endObject()
            return
        }
        if let clientID = message.clientID {
            writer.key("client_id")
            writer.string(clientID)
        }
        writer.key("text")
        writer.string(message.text)
        if let replyTo = message.replyTo {
            writer.key("reply_to")
            writer.number(replyTo.rawValue)
        }
        EventEncoder.write(message.attachments, to: &writer)
        if let editedAt = message.editedAt {
            writer.key("edited_at")
            writer.time(editedAt)
        }
        if message.isPinned {
            writer.key("pinned")
            writer.bool(true)
        }
        if !message.reactions.isEmpty { write(message.reactions, to: &writer) }
        writer.endObject()
    }

    private static func write(_ reactions: [Reaction], to writer: inout JSONWriter) {
        writer.key("reactions")
        writer.beginArray()
        for reaction in reactions {
            writer.beginObject()
            writer.key("emoji")
            writer.string(reaction.emoji)
            writer.key("users")
            writer.beginArray()
            for user in reaction.users { writer.user(user) }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
    }

    /// The answer to `hello` and `whoami`.
    mutating func welcome(
        _ id: String?, user: UserReference, record: UserRecord? = nil,
        account: AccountRecord? = nil, status: PresenceStatus? = nil, token: String?,
        grant: TokenGrant? = nil, heartbeat: HeartbeatTimings?, rooms: [MembershipRecord]
    ) -> [UInt8] {
        begin(id)
        writer.key("user")
        Self.write(user, record, account, status, to: &writer)
        if let token {
            writer.key("token")
            writer.string(token)
        }
        if let grant { Self.write(grant, to: &writer) }
        if let heartbeat {
            writer.key("heartbeat_ms")
            writer.number(Int(heartbeat.intervalMilliseconds))
            writer.key("heartbeat_timeout_ms")
            writer.number(Int(heartbeat.timeoutMilliseconds))
        }
        writer.key("rooms")
        writer.beginArray()
        for membership in rooms {
            writer.beginObject()
            Self.write(membership, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        return end()
    }

    /// The answer to `search` in all rooms.
    mutating func search(_ id: String?, _ page: SearchPage) -> [UInt8] {
        begin(id)
        Self.write(page, to: &writer)
        return end()
    }

    /// The answer to `room.list`.
    mutating func list(_ id: String?, _ page: RoomPage, isEnd: Bool) -> [UInt8] {
        begin(id)
        writer.key("rooms")
        writer.beginArray()
        for entry in page.entries {
            Self.write(RoomInfo(record: entry.room, role: entry.role), to: &writer)
        }
        writer.endArray()
        writer.key("total")
        writer.number(page.total)
        writer.key("end")
        writer.bool(isEnd)
        return end()
    }
}
