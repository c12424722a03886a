// SPDX-License-Identifier: MIT

/// A user as events name them.
public struct UserReference: Sendable, Equatable {
    /// Who.
    public var id: UserID
    /// The name that others see.
    public var name: String

    /// Makes a reference.
    public init(id: UserID, name: String) {
        self.id = id
        self.name = name
    }
}

/// Writes server events. Each event is encoded once; everybody gets the same bytes.
package struct EventEncoder: ~Copyable {
    var writer = JSONWriter(capacity: 512)

    /// Makes an encoder.
    package init() {}

    /// An event of a room's log.
    package mutating func logged(_ event: LoggedEvent, room: RoomID) -> [UInt8] {
        writer.reset()
        Self.write(event, room: room, to: &writer)
        return writer.bytes
    }

    /// An entry that was stored at `seq`, as an event.
    ///
    /// - Parameters:
    ///   - name: the sender's.
    ///   - subject: the name of the user whom a membership event is about.
    package mutating func logged(
        _ entry: LogEntry, by name: String, subject: String? = nil, seq: SequenceNumber,
        at time: Timestamp
    ) -> [UInt8] {
        writer.reset()
        writer.beginEvent(Self.opening(of: entry.change), room: entry.room, seq: seq, at: time)
        writer.sender(entry.sender, name)
        if let clientID = entry.clientID { writer.member(",\"client_id\":\"", clientID) }
        Self.write(entry.change, subject: subject ?? name, to: &writer)
        return end()
    }

    static func write(_ event: LoggedEvent, room: RoomID, to writer: inout JSONWriter) {
        writer.beginEvent(opening(of: event.change), room: room, seq: event.seq, at: event.at)
        writer.sender(event.sender, event.senderName)
        if let clientID = event.clientID { writer.member(",\"client_id\":\"", clientID) }
        write(event.change, subject: event.subjectName ?? event.senderName, to: &writer)
        if event.isRedacted {
            writer.key("redacted")
            writer.bool(true)
        }
        writer.endObject()
    }

    private static func opening(of change: LogChange) -> StaticString {
        switch change {
        case .message, .post: #"{"type":"message","room":"r_"#
        case .edit: #"{"type":"edited","room":"r_"#
        case .delete: #"{"type":"deleted","room":"r_"#
        case .react, .unreact: #"{"type":"reaction","room":"r_"#
        case .pin, .unpin: #"{"type":"pinned","room":"r_"#
        case .join, .accept: #"{"type":"joined","room":"r_"#
        case .leave: #"{"type":"left","room":"r_"#
        case .role: #"{"type":"role","room":"r_"#
        case .room: #"{"type":"room","room":"r_"#
        case .ban: #"{"type":"banned","room":"r_"#
        case .unban: #"{"type":"unbanned","room":"r_"#
        case .mute: #"{"type":"muted","room":"r_"#
        case .unmute: #"{"type":"unmuted","room":"r_"#
        }
    }

    private static func write(
        _ change: LogChange, subject name: String, to writer: inout JSONWriter
    ) {
        switch change {
        case .message(let text, let replyTo):
            write(text: text, replyTo: replyTo, to: &writer)
        case .post(let post):
            write(text: post.text, replyTo: post.replyTo, to: &writer)
            write(post.attachments, to: &writer)
        case .edit(let target, let text):
            write(target: target, to: &writer)
            writer.member(",\"text\":\"", text)
        case .delete(let target):
            write(target: target, to: &writer)
        case .react(let target, let emoji), .unreact(let target, let emoji):
            write(target: target, to: &writer)
            writer.key("emoji")
            writer.string(emoji)
            writer.key("op")
            if case .react = change { writer.raw("\"add\"") } else { writer.raw("\"remove\"") }
        case .pin(let target), .unpin(let target):
            write(target: target, to: &writer)
            writer.key("pinned")
            if case .pin = change { writer.bool(true) } else { writer.bool(false) }
        case .join(let user, let role, _):
            write(subject: user, name, to: &writer)
            writer.key("role")
            writer.plain(role.name)
        case .accept: write(change.recorded, subject: name, to: &writer)
        case .leave(let user, let reason, _):
            write(subject: user, name, to: &writer)
            writer.key("reason")
            writer.plain(reason.name)
        case .role(let user, let role):
            write(subject: user, name, to: &writer)
            writer.key("role")
            writer.plain(role.name)
        case .room(let changes):
            writer.key("changes")
            write(changes, to: &writer)
        case .ban(let user, let ban):
            write(subject: user, name, to: &writer)
            write(ban, to: &writer)
        case .mute(let user, let until):
            write(subject: user, name, to: &writer)
            write(until: until, to: &writer)
        case .unban(let user), .unmute(let user):
            write(subject: user, name, to: &writer)
        }
    }

    static func write(_ ban: Ban, to writer: inout JSONWriter) {
        write(until: ban.until, to: &writer)
        if ban.reason.isEmpty { return }
        writer.key("reason")
        writer.string(ban.reason)
    }

    /// When it ends, if it does.
    static func write(until: Timestamp, to writer: inout JSONWriter) {
        if until == .forever { return }
        writer.key("until")
        writer.time(until)
    }

    private static func write(
        text: String, replyTo: SequenceNumber?, to writer: inout JSONWriter
    ) {
        writer.member(",\"text\":\"", text)
        if let replyTo {
            writer.key("reply_to")
            writer.number(replyTo.rawValue)
        }
    }

    private static func write(target: SequenceNumber, to writer: inout JSONWriter) {
        writer.key("target")
        writer.number(target.rawValue)
    }

    private static func write(
        subject: UserID, _ name: String, to writer: inout JSONWriter
    ) {
        writer.key("user")
        user(UserReference(id: subject, name: name), to: &writer)
    }

    private static func write(_ changes: RoomChanges, to writer: inout JSONWriter) {
        writer.beginObject()
        if let name = changes.name {
            writer.key("name")
            writer.string(name)
        }
        if let description = changes.description {
            writer.key("description")
            writer.string(description)
        }
        if let isPrivate = changes.isPrivate {
            writer.key("private")
            writer.bool(isPrivate)
        }
        if let maximumMembers = changes.maximumMembers {
            writer.key("max_members")
            writer.number(maximumMembers)
        }
        if let seconds = changes.slowModeSeconds {
            writer.key("slow_mode_seconds")
            writer.number(seconds)
        }
        if let days = changes.retentionDays {
            writer.key("retention_days")
            writer.number(days)
        }
        if let count = changes.retentionMessages {
            writer.key("retention_messages")
            writer.number(count)
        }
        writer.endObject()
    }

    static func user(_ user: UserReference, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.user(user.id)
        writer.key("name")
        writer.string(user.name)
        writer.endObject()
    }
}

// Events that are not in the log.
extension EventEncoder {
    /// Everybody who is typing now, without `excluded`.
    mutating func typing(
        _ users: [UserReference], room: RoomID, excluding excluded: UserID? = nil
    ) -> [UInt8] {
        begin("\"typing\"", room: room)
        writer.key("users")
        Self.users(users, excluding: excluded, to: &writer)
        return end()
    }

    static func users(
        _ users: [UserReference], excluding excluded: UserID?, to writer: inout JSONWriter
    ) {
        writer.beginArray()
        for reference in users where reference.id != excluded { user(reference, to: &writer) }
        writer.endArray()
    }

    mutating func receipt(_ update: ReceiptUpdate) -> [UInt8] {
        begin("\"receipt\"", room: update.room)
        writer.key("user")
        writer.user(update.user)
        writer.key("delivered")
        writer.number(update.delivered.rawValue)
        writer.key("read")
        writer.number(update.read.rawValue)
        return end()
    }

    /// - Parameter lastSeen: of who is offline.
    mutating func presence(
        _ user: UserReference, _ status: PresenceStatus, lastSeen: Timestamp? = nil, room: RoomID
    ) -> [UInt8] {
        begin("\"presence\"", room: room)
        writer.key("user")
        Self.user(user, to: &writer)
        writer.key("status")
        writer.plain(status.name)
        Self.write(lastSeen: lastSeen, of: status, to: &writer)
        return end()
    }

    mutating func memberCounts(room: RoomID, count: Int, online: Int) -> [UInt8] {
        begin("\"members\"", room: room)
        writer.key("count")
        writer.number(count)
        writer.key("online")
        writer.number(online)
        return end()
    }

    /// A leave that is not in the log, for the user whom it is about.
    mutating func evicted(
        _ user: UserReference, _ reason: LeaveReason, by sender: UserReference, room: RoomID
    ) -> [UInt8] {
        begin("\"left\"", room: room)
        writer.key("from")
        Self.user(sender, to: &writer)
        writer.key("user")
        Self.user(user, to: &writer)
        writer.key("reason")
        writer.plain(reason.name)
        return end()
    }

    /// Somebody was invited, for them.
    mutating func invited(_ entry: InvitationPage.Entry) -> [UInt8] {
        writer.reset()
        writer.beginObject()
        writer.key("type")
        writer.raw("\"invited\"")
        AnswerEncoder.write(entry, to: &writer)
        return end()
    }

    mutating func roomDeleted(_ room: RoomID) -> [UInt8] {
        begin("\"room.deleted\"", room: room)
        return end()
    }

    /// What a user wrote in a room was erased, and this is the name that is left of them.
    mutating func userErased(_ user: UserReference, room: RoomID) -> [UInt8] {
        begin("\"user.erased\"", room: room)
        writer.key("user")
        Self.user(user, to: &writer)
        return end()
    }

    mutating func unlisted(_ room: RoomID) -> [UInt8] {
        begin("\"room.unlisted\"", room: room)
        return end()
    }

    /// A public room was made or changed.
    mutating func listed(_ room: RoomInfo) -> [UInt8] { describe("\"room.listed\"", room) }

    /// The user joined a room on another device.
    mutating func entered(_ room: RoomInfo) -> [UInt8] { describe("\"room.entered\"", room) }

    private mutating func describe(_ type: StaticString, _ room: RoomInfo) -> [UInt8] {
        writer.reset()
        writer.beginObject()
        writer.key("type")
        writer.raw(type)
        writer.key("room")
        AnswerEncoder.write(room, to: &writer)
        return end()
    }

    /// The log does not have what the client asks to resume from.
    mutating func gap(
        room: RoomID, from: SequenceNumber, to: SequenceNumber, isAhead: Bool
    ) -> [UInt8] {
        begin("\"gap\"", room: room)
        writer.key("from")
        writer.number(from.rawValue)
        writer.key("to")
        writer.number(to.rawValue)
        writer.key("reason")
        writer.raw(isAhead ? "\"position_ahead\"" : "\"older_than_retention\"")
        return end()
    }

    mutating func begin(_ type: StaticString, room: RoomID) {
        writer.reset()
        writer.beginObject()
        writer.key("type")
        writer.raw(type)
        writer.key("room")
        writer.room(room)
    }

    mutating func end() -> [UInt8] {
        writer.endObject()
        return writer.bytes
    }
}
