// SPDX-License-Identifier: MIT

import ChatClient
import Glibc

extension ChatClient {
    // MARK: Rooms

    /// Takes over the list of rooms of a hello: positions that we have stay, for the resume.
    func adopt(_ list: [JSONValue]) {
        var next: [String: ChatRoom] = [:]
        for object in list {
            guard let id = object["id"]?.string, let name = object["name"]?.string else { continue }
            var room = rooms[id] ?? ChatRoom(id: id, name: name, last: object["head"]?.int)
            room.name = name
            room.held = [:]
            room.isFilling = false
            room.receiptSent = (object["delivered"]?.int ?? 0, object["read"]?.int ?? 0)
            next[id] = room
        }
        rooms = next
        // What was read while the connection was away is told now.
        arm(.receipts, after: 0)
    }

    /// Events come for rooms that we are in: one that is not known was entered on another device, or
    /// left a moment ago.
    private func learn() {
        guard !isLearning else { return }
        isLearning = true
        request(["type": "whoami"]) { [self] answer in
            isLearning = false
            guard case .success(let answer) = answer else { return }
            for object in answer["rooms"]?.array ?? [] {
                guard let id = object["id"]?.string, rooms[id] == nil,
                    let name = object["name"]?.string
                else { continue }
                rooms[id] = ChatRoom(id: id, name: name, last: object["head"]?.int)
            }
        }
    }

    func openFirstRoom(then: @escaping () -> Void) {
        let first = rooms.values.first { $0.name == "general" } ?? rooms.values.first
        current = first?.id ?? ""
        if let wantedRoom {
            join(wantedRoom, then: then)
        } else {
            opened(current)
            then()
        }
    }

    func join(_ room: String, then: @escaping () -> Void = {}) {
        request(["type": "room.join", "room": .string(room)]) { [self] answer in
            show(answer) { answer in
                enter(answer["room"])
            }
            then()
        }
    }

    /// A room that was joined or made: from now on it is the one that is shown.
    func enter(_ object: JSONValue?) {
        guard let object, let id = object["id"]?.string, let name = object["name"]?.string else {
            return
        }
        if rooms[id] == nil { rooms[id] = ChatRoom(id: id, name: name, last: object["head"]?.int) }
        rooms[id]?.name = name
        current = id
        opened(id)
    }

    private func opened(_ id: String) {
        guard let room = rooms[id] else { return }
        terminal.show("* you are in \(room.name)", .green)
        if let last = room.last, terminal.isInteractive { history(10, upTo: last) }
        if room.receiptDue.delivered > 0 { acknowledge(room.receiptDue.delivered, in: id) }
        request(["type": "room.members", "room": .string(id), "limit": 100]) { [self] answer in
            guard case .success(let answer) = answer else { return }
            for member in answer["members"]?.array ?? [] {
                guard let user = member["id"]?.string else { continue }
                rooms[id]?.names[user] = member["name"]?.string
                rooms[id]?.othersRead[user] = member["read"]?.int
            }
        }
    }

    // MARK: Events

    func handle(_ event: JSONValue, type: String) {
        guard let id = event["room"]?.string else { return }
        guard rooms[id] != nil else { return learn() }
        switch type {
        case "typing":
            let names = event["users"]?.array.compactMap { $0["name"]?.string } ?? []
            guard id == current, !names.isEmpty else { return }
            terminal.show("… \(typingText(names))", .faint)
        case "presence":
            guard let user = event["user"], let name = user["name"]?.string else { return }
            if let userID = user["id"]?.string { rooms[id]?.names[userID] = name }
            guard id == current, let status = event["status"]?.string else { return }
            terminal.show("* \(name) is \(status)", .faint)
        case "receipt":
            guard let user = event["user"]?.string, user != me else { return }
            let read = event["read"]?.int ?? 0
            let delivered = max(event["delivered"]?.int ?? 0, read)
            for line in rooms[id]?.receipt(of: user, delivered: delivered, read: read) ?? [] {
                terminal.show("  \(line)", .blue)
            }
        case "members":
            guard id == current else { return }
            let (online, count) = (event["online"]?.int ?? 0, event["count"]?.int ?? 0)
            terminal.show("* \(online) of \(count) members are online", .faint)
        case "gap":
            rooms[id]?.last = nil
            rooms[id]?.held = [:]
            terminal.show("* messages are missing here: see /history", .red)
        case "room.deleted":
            terminal.show("* the room \(rooms[id]?.name ?? id) was deleted", .red)
            forget(id)
        default:
            guard let seq = event["seq"]?.int else { return }
            logEvent(event, seq: seq, in: id)
        }
    }

    private func logEvent(_ event: JSONValue, seq: Int, in id: String) {
        for ready in rooms[id]?.receive(event, seq: seq) ?? [] { apply(ready, in: id) }
        if let room = rooms[id], !room.held.isEmpty { fillHole(in: id, after: room.last ?? 0) }
    }

    private func fillHole(in id: String, after: Int) {
        guard rooms[id]?.isFilling == false else { return }
        rooms[id]?.isFilling = true
        request(["type": "events", "room": .string(id), "after": .int(after)]) { [self] answer in
            rooms[id]?.isFilling = false
            guard case .success(let answer) = answer else { return }
            for event in answer["events"]?.array ?? [] {
                if let seq = event["seq"]?.int { logEvent(event, seq: seq, in: id) }
            }
        }
    }

    private func apply(_ event: JSONValue, in id: String) {
        guard let type = event["type"]?.string, let seq = event["seq"]?.int else { return }
        let author = event["from"]?["name"]?.string ?? "?"
        let subject = event["user"]?["name"]?.string ?? author
        let target = event["target"]?.int ?? 0
        let place = id == current ? "" : "#\(rooms[id]?.name ?? id) "
        if let user = event["from"]?["id"]?.string { rooms[id]?.names[user] = author }
        switch type {
        case "message":
            show(message: event, place: place)
            if event["from"]?["id"]?.string == me {
                // Also the end of a send whose answer was lost with the connection.
                rooms[id]?.sent(seq)
                if let clientID = event["client_id"]?.string { outbox.settle(clientID) }
                flushOutbox()
            } else {
                acknowledge(seq, in: id)
            }
        case "edited":
            let text = event["text"]?.string ?? ""
            terminal.show("* \(place)\(author) edited [\(target)]: \(text)", .faint)
        case "deleted":
            terminal.show("* \(place)\(author) deleted [\(target)]", .faint)
        case "reaction":
            let verb = event["op"]?.string == "remove" ? "took back" : "reacted"
            let emoji = event["emoji"]?.string ?? ""
            terminal.show("* \(place)\(author) \(verb) \(emoji) to [\(target)]", .faint)
        case "joined":
            if event["user"]?["id"]?.string == me { return }
            terminal.show("* \(place)\(subject) joined", .faint)
        case "left":
            if event["user"]?["id"]?.string == me { return forget(id) }
            terminal.show("* \(place)\(subject) left", .faint)
        case "role":
            let role = event["role"]?.string ?? ""
            terminal.show("* \(place)\(subject) is now \(role)", .faint)
        case "room":
            guard let name = event["changes"]?["name"]?.string else { return }
            rooms[id]?.name = name
            terminal.show("* the room is now called \(name)", .faint)
        default:
            break
        }
    }

    func forget(_ id: String) {
        rooms[id] = nil
        guard current == id else { return }
        current = (rooms.values.first { $0.name == "general" } ?? rooms.values.first)?.id ?? ""
        opened(current)
    }

    // MARK: Lines

    func show(message: JSONValue, place: String = "") {
        let time = localTime(message["at"]?.string ?? "")
        let seq = message["seq"]?.int ?? 0
        let author = message["from"]?["name"]?.string ?? "?"
        let isMine = message["from"]?["id"]?.string == me
        let reply = message["reply_to"]?.int.map { "(to [\($0)]) " } ?? ""
        let text =
            message["deleted"]?.bool == true ? "(deleted)" : message["text"]?.string ?? ""
        let edited = message["edited_at"] == nil ? "" : " (edited)"
        let tick = isMine ? " ✓" : ""
        terminal.show(
            "\(time) [\(seq)] \(place)\(author): \(reply)\(text)\(edited)\(tick)",
            isMine ? .blue : .plain)
    }

    private func typingText(_ names: [String]) -> String {
        switch names.count {
        case 1: "\(names[0]) is typing"
        case 2: "\(names[0]) and \(names[1]) are typing"
        case 3: "\(names[0]), \(names[1]) and 1 other are typing"
        default: "\(names[0]), \(names[1]) and \(names.count - 2) others are typing"
        }
    }

    /// The hours and minutes of an RFC 3339 time, in the local zone.
    private func localTime(_ text: String) -> String {
        let numbers = text.split { !$0.isASCII || !$0.isNumber }.prefix(6).compactMap { Int32($0) }
        guard numbers.count == 6 else { return "--:--" }
        var utc = tm()
        utc.tm_year = numbers[0] - 1900
        utc.tm_mon = numbers[1] - 1
        utc.tm_mday = numbers[2]
        utc.tm_hour = numbers[3]
        utc.tm_min = numbers[4]
        utc.tm_sec = numbers[5]
        var time = timegm(&utc)
        var local = tm()
        localtime_r(&time, &local)
        let pad = { (value: Int32) in value < 10 ? "0\(value)" : "\(value)" }
        return "\(pad(local.tm_hour)):\(pad(local.tm_min))"
    }
}
