// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore

extension ChatModel {
    /// A line was typed: something to say, or a command.
    public mutating func entered(_ line: String) {
        if line.hasPrefix("//") {
            post(String(line.dropFirst()))
        } else if line.hasPrefix("/") {
            let words = line.dropFirst().split(separator: " ", maxSplits: 1)
            let name = words.first.map { $0.lowercased() } ?? "help"
            let rest = words.count > 1 ? words[1].trimmed : ""
            guard let command = CommandEntry.named(name) else {
                return complain("there is no command /\(name): see /help")
            }
            run(command, rest)
        } else if !line.trimmed.isEmpty {
            post(line)
        }
    }

    /// Says something in the room that is shown, or in another one.
    mutating func post(
        _ text: String, in room: RoomID? = nil, replyTo: Int? = nil, files: [ChatFile] = []
    ) {
        guard let me, let room = room ?? current else { return complain("join a room first") }
        let clientID = "\(settings.keyPrefix)-\(nextNumber())"
        rooms[room]?.wait(
            Message(text, by: me, clientID: clientID, replyTo: replyTo, files: files))
        rooms[room]?.divider = nil
        effect(
            .send(
                OutgoingMessage(
                    clientID: clientID, room: room, text: text,
                    replyTo: replyTo.map { SequenceNumber(rawValue: UInt64(max(0, $0))) },
                    files: files)))
    }

    private mutating func run(_ command: CommandEntry, _ rest: String) {
        let needsText = !command.parameters.isEmpty && !command.parameters.hasPrefix("[")
        let isOptional = command.name == "create"
        if rest.isEmpty, needsText || isOptional { return complain("usage: \(command.usage)") }
        switch command.name {
        case "help":
            tell(CommandEntry.help + "\n\nN is a message's number, . the newest that fits.", .plain)
        case "quit": effect(.quit(hasFailed && !settings.isFullScreen ? 1 : 0))
        case "list":
            call(["type": "room.list", "limit": 100], .list(offset: 0))
        case "search": call(["type": "search", "text": .string(rest)], .search)
        case "invites": call(["type": "room.invitations", "limit": 100], .invitations)
        case "cancel": effect(.cancelTransfers)
        case "nick":
            call(
                ["type": "profile.update", "display_name": .string(rest)],
                .done("you are called \(rest) now"))
        case "status":
            call(["type": "profile.update", "status_text": .string(rest)], .done("so it is"))
        case "away", "busy", "back":
            let status = command.name == "back" ? "online" : command.name
            call(
                ["type": "presence.set", "status": .string(status)], .done("you are \(status)"))
        case "lastseen": hideLastSeen(rest, command)
        case "bell": ring(rest, command)
        case "msg": message(rest, command)
        case "join", "create", "code": enter(command.name, rest)
        default:
            guard let room = current else { return complain("join a room first") }
            runInRoom(command, rest, room)
        }
    }

    private mutating func hideLastSeen(_ rest: String, _ command: CommandEntry) {
        guard ["show", "hide"].contains(rest) else { return complain("usage: \(command.usage)") }
        let hides = rest == "hide"
        call(
            ["type": "profile.update", "hides_last_seen": .bool(hides)],
            .done(
                hides
                    ? "nobody sees when you were last here"
                    : "others see when you were last here"))
    }

    private mutating func ring(_ rest: String, _ command: CommandEntry) {
        guard ["on", "off"].contains(rest) else { return complain("usage: \(command.usage)") }
        rings = rest == "on"
        tell("the bell is \(rest)")
    }

    private mutating func enter(_ name: String, _ rest: String) {
        switch name {
        case "code":
            call(["type": "room.join", "code": .string(rest)], .enter(saying: nil))
        case "create":
            let isPrivate = rest.hasPrefix("-p ")
            let room = isPrivate ? rest.dropFirst(3).trimmed : rest
            call(
                ["type": "room.create", "name": .string(room), "private": .bool(isPrivate)],
                .enter(saying: nil), isRepeatable: false)
        default:
            let room = rest.hasPrefix("#") ? String(rest.dropFirst()) : rest
            // A direct room goes by its partner's name.
            if let known = listed.first(where: { title($0).lowercased() == room.lowercased() }) {
                return open(known)
            }
            call(["type": "room.join", "room": .string(room)], .enter(saying: nil))
        }
    }

    private mutating func runInRoom(_ command: CommandEntry, _ rest: String, _ room: RoomID) {
        let here = JSONValue.string(room.description)
        switch command.name {
        case "leave": call(["type": "room.leave", "room": here], .left(room))
        case "who":
            rooms[room]?.expectMembers()
            call(["type": "room.members", "room": here, "limit": 100], .who(room))
        case "pins": call(["type": "room.get", "room": here], .pins(room))
        case "typing": effect(.typed(room))
        case "topic":
            call(
                ["type": "room.update", "room": here, "description": .string(rest)], .done(""))
        case "history":
            guard let count = rest.isEmpty ? 20 : Int(rest), count > 0 else {
                return complain("usage: \(command.usage)")
            }
            call(
                ["type": "history", "room": here, "limit": .int(min(count, 200))], .around(room))
        case "invite":
            find(rest, ["type": "room.invite", "room": here])
        case "kick": find(rest, ["type": "member.kick", "room": here])
        case "ban": find(rest, ["type": "member.ban", "room": here])
        case "send": send(rest, in: room)
        default: runOnMessage(command, rest, room)
        }
    }

    // MARK: People

    private mutating func message(_ rest: String, _ command: CommandEntry) {
        let words = rest.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return complain("usage: \(command.usage)") }
        find(String(words[0]), ["type": "dm.open", "say": .string(words[1].trimmed)])
    }

    /// Does something about somebody whose name is known, or whom one shares a room with.
    private mutating func find(_ name: String, _ command: JSONValue) {
        var places = listed.filter { $0 != current }
        if let current { places.insert(current, at: 0) }
        find(name, command, in: Array(places.prefix(10)))
    }

    mutating func find(_ name: String, _ command: JSONValue, in places: [RoomID]) {
        let name = name.hasPrefix("@") ? String(name.dropFirst()) : name
        let wanted = name.lowercased()
        let user =
            people.first { $0.value.name.lowercased() == wanted }
            ?? people.first { $0.value.displayName?.lowercased() == wanted }
        if let user { return act(on: user.key, command) }
        guard let next = places.first else {
            return complain("nobody called \(name) is in your rooms")
        }
        call(
            ["type": "room.members", "room": .string(next.description), "limit": 500],
            .find(name: name, command: command, rest: Array(places.dropFirst())))
    }

    private mutating func act(on user: UserID, _ command: JSONValue) {
        let name = people[user].map(\.name) ?? ""
        let id = JSONValue.string(user.description)
        switch command["type"]?.string {
        case "dm.open":
            call(["type": "dm.open", "user": id], .enter(saying: command["say"]?.string))
        case "room.invite": call(command.with("user", id), .done("\(name) is invited"))
        default: call(command.with("user", id), .done(""))
        }
    }
}

extension StringProtocol {
    /// Without blanks at its ends.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
