// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore

extension ChatModel {
    static let page = 50

    /// The room to show when nothing says which.
    var firstRoom: RoomID? {
        rooms.values.first { $0.name == "general" }?.id ?? listed.first
    }

    /// Shows a room.
    mutating func open(_ id: RoomID) {
        guard rooms[id] != nil else { return }
        if let current, current != id { rooms[current]?.divider = nil }
        current = id
        isWatching = true
        if let room = rooms[id], room.unread > 0, room.divider == nil {
            rooms[id]?.divider = room.read
        }
        for (text, style) in early { rooms[id]?.tell(text, style) }
        early = []
        effect(.print("* you are in \(title(id))"))
        load(id)
        read(id)
    }

    /// Asks for what a room that is shown needs and that is not there yet.
    mutating func load(_ id: RoomID) {
        guard settings.isFullScreen, let room = rooms[id], !room.isLoaded, !room.isLoading else {
            return
        }
        rooms[id]?.isLoading = true
        history(id, isOlder: false)
        ask(members: id)
        call(["type": "room.get", "room": .string(id.description)], .snapshot(id))
    }

    mutating func ask(members id: RoomID) {
        rooms[id]?.expectMembers()
        call(
            ["type": "room.members", "room": .string(id.description), "limit": 100],
            .members(id))
    }

    /// Asks for what is before the first line.
    mutating func loadOlder(_ id: RoomID) {
        guard let room = rooms[id], room.isLoaded, !room.isLoading, !room.hasBeginning else {
            return
        }
        rooms[id]?.isLoading = true
        history(id, isOlder: true)
    }

    private mutating func history(_ id: RoomID, isOlder: Bool) {
        var command: JSONValue = [
            "type": "history", "room": .string(id.description), "limit": .int(Self.page),
        ]
        if isOlder, let first = rooms[id]?.firstSeq {
            command = command.with("before", .int(first))
        }
        call(command, .history(id, isOlder: isOlder))
    }

    // MARK: Answers

    /// A page of the user's rooms.
    mutating func list(_ answer: JSONValue, offset: Int) {
        let page = answer["rooms"]?.array ?? []
        for json in page {
            guard let id = json["id"]?.string.flatMap(RoomID.init(_:)) else { continue }
            let isKnown = rooms[id] != nil
            var room = rooms[id] ?? RoomModel(id: id, name: "")
            room.update(json, me: me?.id)
            if !isKnown || room.unread == 0 { room.unread = json["unread"]?.int ?? 0 }
            rooms[id] = room
            for member in json["some_members"]?.array ?? [] {
                if let user = ChatUser(member), people[user.id] == nil { know(member) }
            }
        }
        if answer["end"]?.bool == false, !page.isEmpty {
            let next = offset + page.count
            return call(
                ["type": "room.joined", "offset": .int(next), "limit": 100], .rooms(offset: next))
        }
        if let current {
            // Back after a disconnect: who is here may have changed.
            if isReady { ask(members: current) }
            if isWatching { read(current) }
        } else if let wanted = settings.room, !isReady {
            call(["type": "room.join", "room": .string(wanted)], .enter(saying: nil))
        } else {
            if let first = firstRoom { open(first) }
            isReady = true
        }
    }

    /// A room that was joined or made: it is shown, and perhaps something said there.
    mutating func enter(_ answer: JSONValue, saying text: String?) {
        guard let json = answer["room"], let id = json["id"]?.string.flatMap(RoomID.init(_:)) else {
            return
        }
        var room = rooms[id] ?? RoomModel(id: id, name: "")
        room.update(json, me: me?.id)
        rooms[id] = room
        open(id)
        isReady = true
        if let text { post(text) }
    }

    mutating func tookHistory(_ answer: JSONValue, _ id: RoomID) {
        guard rooms[id] != nil else { return }
        rooms[id]?.isLoading = false
        rooms[id]?.isLoaded = true
        rooms[id]?.hasBeginning = answer["end"]?.bool ?? true
        for json in answer["messages"]?.array ?? [] {
            guard let message = ChatMessage(json, room: id) else { continue }
            know(message.author)
            rooms[id]?.put(Message(message))
        }
        let late = rooms[id]?.late ?? []
        rooms[id]?.late = []
        for event in late { rooms[id]?.retouch(event) }
    }

    mutating func tookMembers(_ answer: JSONValue, _ id: RoomID) {
        guard rooms[id] != nil else { return }
        var members: [Member] = []
        for json in answer["members"]?.array ?? [] {
            guard let user = ChatUser(json) else { continue }
            know(json)
            members.append(
                Member(
                    user: user, role: json["role"]?.string ?? "member",
                    status: json["status"]?.string ?? "offline",
                    lastSeen: json["last_seen"]?.string.flatMap(Timestamp.init(_:))))
            rooms[id]?.received(
                user.id, delivered: json["delivered"]?.int ?? 0, read: json["read"]?.int ?? 0)
        }
        rooms[id]?.take(
            members, count: answer["total"]?.int ?? members.count,
            online: answer["online"]?.int ?? 0)
    }

    mutating func tookSnapshot(_ answer: JSONValue, _ id: RoomID) {
        rooms[id]?.update(answer["room"] ?? .null, me: me?.id)
        rooms[id]?.pinned = Set(answer["pinned"]?.array.compactMap { $0["seq"]?.int } ?? [])
        rooms[id]?.typing = (answer["typing"]?.array.compactMap { ChatUser($0) } ?? [])
            .filter { $0.id != me?.id }
    }
}
