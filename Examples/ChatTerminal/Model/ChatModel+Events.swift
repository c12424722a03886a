// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore

extension ChatModel {
    /// Something happened in a room, or to the user.
    mutating func happened(_ event: ChatEvent) {
        know(event.from)
        guard let id = event.room else { return personal(event) }
        if rooms[id] == nil { return entered(event, id) }
        switch event.kind {
        case .message(let message): posted(Message(message), in: id, isReplayed: event.isReplayed)
        case .edited(let target, let text):
            retouch(event, id)
            printed(event, id, "edited [\(target)]: \(text)")
        case .deleted(let target):
            retouch(event, id)
            printed(event, id, "deleted [\(target)]")
        case .reaction(let target, let emoji, let isAdded):
            retouch(event, id)
            printed(event, id, "\(isAdded ? "reacted" : "took back") \(emoji) to [\(target)]")
        case .pinned(let target, let isPinned):
            retouch(event, id)
            let by = event.from.map(name) ?? "somebody"
            note("\(by) \(isPinned ? "pinned" : "unpinned") message \(target)", in: id, event.seq)
        default: changed(event, id)
        }
        if let seq = event.seq, let head = rooms[id]?.head {
            rooms[id]?.head = max(head, number(seq))
        }
        rooms[id]?.trim()
    }

    /// A message was changed.
    private mutating func retouch(_ event: ChatEvent, _ id: RoomID) {
        if rooms[id]?.isLoading == true { rooms[id]?.late.append(event) }
        rooms[id]?.retouch(event)
    }

    private mutating func changed(_ event: ChatEvent, _ id: RoomID) {
        switch event.kind {
        case .joined(let user): joined(user, in: id, event.seq)
        case .left(let user, let reason): left(user, reason, in: id, event.seq)
        case .typing(let users): rooms[id]?.typing = users.filter { $0.id != me?.id }
        case .receipt(let user, let delivered, let read):
            rooms[id]?.received(user, delivered: number(delivered), read: number(read))
            if user == me?.id { readElsewhere(number(read), in: id) }
        case .presence(let user, let status, let lastSeen): present(user, status, lastSeen, in: id)
        case .entered: rooms[id]?.update(event.json["room"] ?? .null, me: me?.id)
        case .roomDeleted: gone(id, "the room \(title(id)) was deleted")
        case .gap:
            note("messages are missing here", in: id, nil, .warning)
            rooms[id]?.forget()
            if id == current { load(id) }
        case .other(let type): other(type, event, id)
        default: break
        }
    }

    private mutating func other(_ type: String, _ event: ChatEvent, _ id: RoomID) {
        let subject = ChatUser(event.json["user"])
        let who = subject.map(name) ?? "somebody"
        switch type {
        case "members":
            if let count = event.json["count"]?.int { rooms[id]?.memberCount = count }
            if let online = event.json["online"]?.int { rooms[id]?.onlineCount = online }
        case "profile": know(event.json["user"])
        case "role":
            let role = event.json["role"]?.string ?? "member"
            if let subject { rooms[id]?.take(.role(subject, role)) }
            if subject?.id == me?.id { rooms[id]?.role = role }
            note("\(who) is \(role) now", in: id, event.seq)
        case "room":
            let old = title(id)
            rooms[id]?.update(event.json["changes"] ?? .null, me: me?.id)
            if title(id) != old { note("the room is called \(title(id)) now", in: id, event.seq) }
            if let topic = event.json["changes"]?["description"]?.string {
                note("the topic is: \(topic)", in: id, event.seq)
            }
        case "banned" where subject?.id == me?.id: gone(id, "you were banned from \(title(id))")
        case "banned", "muted", "unmuted", "unbanned":
            note("\(who) was \(type)", in: id, event.seq)
        case "invited":
            let name = HarmlessText.line(event.json["room"]?["name"]?.string ?? "a room")
            let from = event.from.map { self.name($0) } ?? "somebody"
            tell("\(from) invites you to \(name): /join \(name)", .accent)
        default: break
        }
    }

    /// An event without a room of the user's.
    private mutating func personal(_ event: ChatEvent) {
        if case .other("profile") = event.kind { know(event.json["user"]) }
    }

    /// A room that is not known: entered by another device, or one that one is invited to.
    private mutating func entered(_ event: ChatEvent, _ id: RoomID) {
        if case .entered = event.kind {
            var room = RoomModel(id: id, name: "")
            room.update(event.json["room"] ?? .null, me: me?.id)
            rooms[id] = room
            if room.partner != nil { ask(members: id) }
        } else if case .other("invited") = event.kind {
            other("invited", event, id)
        } else if event.seq != nil {
            call(["type": "room.joined", "limit": 100], .rooms(offset: 0))
        }
    }

    // MARK: Messages

    private mutating func posted(_ message: Message, in id: RoomID, isReplayed: Bool) {
        guard let seq = message.seq else { return }
        let isNew = seq > rooms[id]?.head ?? 0
        rooms[id]?.put(message)
        rooms[id]?.typing.removeAll { $0.id == message.author.id }
        effect(.print(line(message, in: id)))
        guard message.author.id != me?.id else {
            // One's own words are not new to oneself.
            if rooms[id]?.unread == 0 { rooms[id]?.read = seq }
            return
        }
        let isForMe = mentionsMe(message.text) || rooms[id]?.partner != nil
        if id == current, isWatching {
            read(id)
        } else if isNew {
            if id == current, rooms[id]?.divider == nil { rooms[id]?.divider = seq - 1 }
            rooms[id]?.unread += 1
            if isForMe { rooms[id]?.mentions += 1 }
        }
        // For others' messages that are new and meant for the user; never for repeated ones.
        if isNew, isForMe, !isReplayed, rings { effect(.bell) }
    }

    /// Whether the user's name stands in a text as `@name`.
    func mentionsMe(_ text: String) -> Bool {
        guard let me, !me.name.isEmpty else { return false }
        return text.lowercased().contains("@\(me.name.lowercased())")
    }

    /// Everything in a room has been seen.
    mutating func read(_ id: RoomID) {
        guard var room = rooms[id] else { return }
        (room.unread, room.mentions) = (0, 0)
        if room.head > room.read {
            room.read = room.head
            effect(.markRead(SequenceNumber(rawValue: UInt64(room.head)), id))
        }
        rooms[id] = room
    }

    private mutating func readElsewhere(_ seq: Int, in id: RoomID) {
        guard var room = rooms[id], seq > room.read else { return }
        room.read = seq
        if seq >= room.head { (room.unread, room.mentions) = (0, 0) }
        rooms[id] = room
    }

    // MARK: Members

    private mutating func joined(_ user: ChatUser, in id: RoomID, _ seq: SequenceNumber?) {
        know(user)
        rooms[id]?.take(.joined(user))
        if user.id != me?.id { note("\(name(user)) joined", in: id, seq) }
    }

    private mutating func left(
        _ user: ChatUser, _ reason: String, in id: RoomID, _ seq: SequenceNumber?
    ) {
        if user.id == me?.id {
            return gone(
                id,
                reason == "left" ? "you left \(title(id))" : "you were removed from \(title(id))")
        }
        rooms[id]?.take(.left(user))
        let verb = reason == "left" ? "left" : "was removed"
        note("\(name(user)) \(verb)", in: id, seq)
    }

    private mutating func present(
        _ user: ChatUser, _ status: String, _ lastSeen: Timestamp?, in id: RoomID
    ) {
        know(user)
        rooms[id]?.take(.status(user, status, lastSeen: lastSeen))
        if status == "offline" { rooms[id]?.typing.removeAll { $0.id == user.id } }
    }

    /// The user is not in that room any more.
    mutating func gone(_ id: RoomID, _ reason: String) {
        rooms[id] = nil
        if current == id {
            current = nil
            if let next = firstRoom { open(next) }
        }
        tell(reason, .warning)
    }

    // MARK: Notes

    /// Tells in a room what happened there.
    private mutating func note(
        _ text: String, in id: RoomID, _ seq: SequenceNumber?, _ style: Style = .faint
    ) {
        let text = HarmlessText.line(text)
        rooms[id]?.tell(text, style, at: seq.map(number))
        effect(.print("* \(id == current ? "" : "#\(title(id)) ")\(text)"))
    }

    private mutating func printed(_ event: ChatEvent, _ id: RoomID, _ text: String) {
        let place = id == current ? "" : "#\(title(id)) "
        let who = event.from.map(name) ?? "somebody"
        effect(.print(Self.indented("* \(place)\(who) \(HarmlessText.lines(text))")))
    }
}

extension RoomModel {
    /// Changes the message that an event is about.
    mutating func retouch(_ event: ChatEvent) {
        switch event.kind {
        case .edited(let target, let text):
            change(number(target)) { message in
                message.text = HarmlessText.lines(text)
                message.isEdited = true
            }
        case .deleted(let target):
            change(number(target)) { $0.delete() }
            pinned.remove(number(target))
        case .reaction(let target, let emoji, let isAdded):
            guard let user = event.from else { return }
            change(number(target)) { $0.react(user.id, emoji, isAdded: isAdded) }
        case .pinned(let target, true): pinned.insert(number(target))
        case .pinned(let target, false): pinned.remove(number(target))
        default: break
        }
    }
}

/// A position as the screen counts.
private func number(_ seq: SequenceNumber) -> Int { Int(clamping: seq.rawValue) }
