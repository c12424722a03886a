// SPDX-License-Identifier: MIT

public import ChatCore

/// Somebody, as events name them.
public struct ChatUser: Sendable, Hashable {
    /// The identity.
    public var id: UserID
    /// The name that tells people apart.
    public var name: String

    /// Makes a user.
    public init(id: UserID, name: String) {
        self.id = id
        self.name = name
    }

    /// Reads what events and answers say of somebody; `nil` if it is nobody.
    public init?(_ value: JSONValue?) {
        guard let id = value?["id"]?.string.flatMap(UserID.init(_:)) else { return nil }
        self.init(id: id, name: value?["name"]?.string ?? "")
    }
}

/// A message, as events and history show it.
public struct ChatMessage: Sendable {
    /// Its room.
    public var room: RoomID
    /// Its position in the room's log.
    public var seq: SequenceNumber
    /// When it was stored.
    public var at: Timestamp
    /// Its author.
    public var author: ChatUser
    /// Its present text; empty if it was deleted.
    public var text: String
    /// The message that it answers.
    public var replyTo: SequenceNumber?
    /// The author's own key.
    public var clientID: String?
    /// Whether it was edited.
    public var isEdited: Bool
    /// Whether it was deleted.
    public var isDeleted: Bool
    /// Everything that the server said of it: reactions, attachments.
    public var json: JSONValue

    /// Reads a message of an event or an answer; `nil` if it is none.
    ///
    /// - Parameter room: of answers that do not name it.
    public init?(_ value: JSONValue, room: RoomID? = nil) {
        guard let room = room ?? value["room"]?.string.flatMap(RoomID.init(_:)),
            let seq = value["seq"]?.int, seq > 0,
            let at = value["at"]?.string.flatMap(Timestamp.init(_:)),
            let author = ChatUser(value["from"])
        else { return nil }
        self.room = room
        self.seq = SequenceNumber(rawValue: UInt64(seq))
        self.at = at
        self.author = author
        text = value["text"]?.string ?? ""
        replyTo = value["reply_to"]?.int.map { SequenceNumber(rawValue: UInt64(clamping: $0)) }
        clientID = value["client_id"]?.string
        isEdited = value["edited_at"] != nil
        isDeleted = value["deleted"]?.bool ?? false
        json = value
    }
}

/// Something that happened in a room, or to the user.
public struct ChatEvent: Sendable {
    /// What happened.
    public enum Kind: Sendable {
        /// Somebody, perhaps the user on another device, posted.
        case message(ChatMessage)
        /// A message has another text now.
        case edited(SequenceNumber, text: String)
        /// A message is gone.
        case deleted(SequenceNumber)
        /// A reaction came or went.
        case reaction(SequenceNumber, emoji: String, isAdded: Bool)
        /// A message was pinned or is not any more.
        case pinned(SequenceNumber, isPinned: Bool)
        /// Somebody is a member now.
        case joined(ChatUser)
        /// Somebody is no member any more.
        case left(ChatUser, reason: String)
        /// Who is typing now, everybody.
        case typing([ChatUser])
        /// How far somebody has got.
        case receipt(UserID, delivered: SequenceNumber, read: SequenceNumber)
        /// Somebody is online, away, busy or offline; then with when they were last seen, if the server tells.
        case presence(ChatUser, status: String, lastSeen: Timestamp?)
        /// The user is in that room now, by another device.
        case entered
        /// The room is gone.
        case roomDeleted
        /// The log does not reach back to where the client was: load history afresh.
        case gap(from: SequenceNumber, to: SequenceNumber)
        /// Anything else: see ``ChatEvent/json``.
        case other(type: String)
    }

    /// The room.
    public var room: RoomID?
    /// The position in the room's log, of events that are in it.
    public var seq: SequenceNumber?
    /// When it was stored.
    public var at: Timestamp?
    /// Who did it.
    public var from: ChatUser?
    /// What happened.
    public var kind: Kind
    /// Whether it was missed and came by a resume: nothing to ring a bell for.
    public var isReplayed: Bool
    /// The event as the server sent it.
    public var json: JSONValue
}

extension ChatEvent {
    /// Reads an event of `docs/protocol.md`.
    ///
    /// - Parameters:
    ///   - json: the event.
    ///   - type: its type.
    ///   - isReplayed: whether a resume brought it.
    public init(_ json: JSONValue, type: String, isReplayed: Bool) {
        let room =
            json["room"]?.string.flatMap(RoomID.init(_:))
            ?? json["room"]?["id"]?.string.flatMap(RoomID.init(_:))
        self.room = room
        seq = Self.position(json["seq"])
        at = json["at"]?.string.flatMap(Timestamp.init(_:))
        from = ChatUser(json["from"])
        kind = Self.kind(json, type, room)
        self.isReplayed = isReplayed
        self.json = json
    }

    private static func position(_ value: JSONValue?) -> SequenceNumber? {
        value?.int.flatMap { $0 >= 0 ? SequenceNumber(rawValue: UInt64($0)) : nil }
    }

    private static func kind(_ json: JSONValue, _ type: String, _ room: RoomID?) -> Kind {
        let target = position(json["target"])
        let user = ChatUser(json["user"])
        switch (type, target, user) {
        case ("message", _, _):
            if let message = ChatMessage(json, room: room) { return .message(message) }
        case ("edited", let target?, _):
            return .edited(target, text: json["text"]?.string ?? "")
        case ("deleted", let target?, _): return .deleted(target)
        case ("reaction", let target?, _):
            return .reaction(
                target, emoji: json["emoji"]?.string ?? "", isAdded: json["op"]?.string == "add")
        case ("pinned", let target?, _):
            return .pinned(target, isPinned: json["pinned"]?.bool ?? true)
        case ("joined", _, let user?): return .joined(user)
        case ("left", _, let user?):
            return .left(user, reason: json["reason"]?.string ?? "left")
        case ("typing", _, _):
            return .typing(json["users"]?.array.compactMap { ChatUser($0) } ?? [])
        case ("receipt", _, _):
            if let user = json["user"]?.string.flatMap(UserID.init(_:)) {
                return .receipt(
                    user, delivered: position(json["delivered"]) ?? .none,
                    read: position(json["read"]) ?? .none)
            }
        case ("presence", _, let user?):
            return .presence(
                user, status: json["status"]?.string ?? "",
                lastSeen: json["last_seen"]?.string.flatMap(Timestamp.init(_:)))
        case ("room.entered", _, _): return .entered
        case ("room.deleted", _, _): return .roomDeleted
        case ("gap", _, _):
            return .gap(from: position(json["from"]) ?? .none, to: position(json["to"]) ?? .none)
        default: break
        }
        return .other(type: type)
    }
}
