// SPDX-License-Identifier: MIT

import ChatClient

private let help = """
    a line without a slash is sent; a line that begins with // is sent with one slash
    /rooms  /join ROOM  /create ROOM  /leave  /who  /history [N]
    /reply SEQ TEXT  /edit SEQ TEXT  /delete SEQ  /react SEQ EMOJI  /unreact SEQ EMOJI
    /typing  /away  /back  /help  /quit
    """

extension ChatClient {
    /// A line that was typed.
    func entered(_ line: String) {
        stopTyping()
        if line.hasPrefix("/") && !line.hasPrefix("//") {
            let words = line.dropFirst().split(separator: " ", maxSplits: 1)
            let rest = words.count > 1 ? String(words[1]) : ""
            run(command: words.first.map { $0.lowercased() } ?? "help", rest)
        } else if !line.isEmpty {
            send(line.hasPrefix("//") ? String(line.dropFirst()) : line)
        }
    }

    private func send(_ text: String, replyTo: Int? = nil) {
        guard !current.isEmpty else { return terminal.show("* join a room first", .red) }
        outbox.add(room: current, text: text, replyTo: replyTo)
        if !isSignedIn { terminal.show("* waits for the connection: \(text)", .faint) }
        flushOutbox()
    }

    private func run(command: String, _ rest: String) {
        switch command {
        case "help": terminal.show(help)
        case "rooms": listRooms(from: 0)
        case "join", "create":
            guard !rest.isEmpty else { return terminal.show("* which room?", .red) }
            if command == "join" { return join(rest) }
            request(["type": "room.create", "name": .string(rest)]) { [self] answer in
                show(answer) { enter($0["room"]) }
            }
        case "leave":
            let room = current
            request(["type": "room.leave", "room": .string(room)]) { [self] answer in
                show(answer) { _ in forget(room) }
            }
        case "who": who()
        case "history": history(Int(rest) ?? 20, upTo: nil)
        case "reply", "edit", "react", "unreact", "delete": target(command, rest)
        case "typing": sendTyping(on: true)
        case "away", "back":
            let status = command == "away" ? "away" : "online"
            simple(["type": "presence.set", "status": .string(status)])
        case "quit", "exit": leave()
        default: terminal.show("* unknown command: /\(command), see /help", .red)
        }
    }

    /// Commands about one message, which is named by its number.
    private func target(_ command: String, _ rest: String) {
        let words = rest.split(separator: " ", maxSplits: 1)
        guard let seq = words.first.flatMap({ Int($0) }) else {
            return terminal.show("* /\(command) needs the number of a message", .red)
        }
        let text = words.count > 1 ? String(words[1]) : ""
        if text.isEmpty && command != "delete" {
            return terminal.show("* /\(command) \(seq) needs a text", .red)
        }
        let object: JSONValue = [
            "type": .string(command), "room": .string(current), "target": .int(seq),
        ]
        switch command {
        case "reply": send(text, replyTo: seq)
        case "edit": simple(object.with("text", .string(text)))
        case "delete": simple(object)
        default: simple(object.with("emoji", .string(text)))
        }
    }

    private func simple(_ command: JSONValue) {
        request(command) { [self] answer in show(answer) { _ in } }
    }

    /// Shows a refusal, or does what an answer is for.
    func show(_ answer: Result<JSONValue, Refusal>, _ use: (JSONValue) -> Void) {
        switch answer {
        case .success(let answer): use(answer)
        case .failure(let refusal): terminal.show("* \(refusal.message)", .red)
        }
    }

    private func listRooms(from offset: Int) {
        let command: JSONValue = ["type": "room.list", "offset": .int(offset), "limit": 100]
        request(command) { [self] answer in
            show(answer) { answer in
                let list = answer["rooms"]?.array ?? []
                for room in list {
                    let mark = rooms[room["id"]?.string ?? ""] == nil ? " " : "*"
                    let count = room["members"]?.int ?? 0
                    terminal.show("\(mark) \(room["name"]?.string ?? "?") (\(count) members)")
                }
                if answer["end"]?.bool == false, !list.isEmpty {
                    listRooms(from: offset + list.count)
                }
            }
        }
    }

    private func who() {
        let command: JSONValue = ["type": "room.members", "room": .string(current), "limit": 100]
        request(command) { [self] answer in
            show(answer) { answer in
                let (online, total) = (answer["online"]?.int ?? 0, answer["total"]?.int ?? 0)
                terminal.show("* \(online) online of \(total)")
                for member in answer["members"]?.array ?? [] {
                    let name = member["name"]?.string ?? "?"
                    let role = member["role"]?.string ?? "member"
                    let suffix = role == "member" ? "" : " (\(role))"
                    terminal.show("  \(member["status"]?.string ?? "?") \(name)\(suffix)")
                }
            }
        }
    }

    /// Shows the last messages; with `upTo`, only those that will not come as events.
    func history(_ count: Int, upTo: Int?) {
        var command: JSONValue = [
            "type": "history", "room": .string(current), "limit": .int(max(1, min(count, 200))),
        ]
        if let upTo { command = command.with("before", .int(upTo + 1)) }
        request(command) { [self] answer in
            show(answer) { answer in
                for message in answer["messages"]?.array ?? [] { show(message: message) }
            }
        }
    }

    // MARK: Typing

    /// The line at the terminal changed: others may know that something is being written.
    func draftChanged() {
        let draft = terminal.draft
        guard !draft.isEmpty, !draft.hasPrefix("/") else { return stopTyping() }
        arm(.typingStop, after: 2_000)
        let now = monotonicMilliseconds()
        if isTyping, now - typingSentAt < 3_000 { return }
        sendTyping(on: true)
        typingSentAt = now
        isTyping = true
    }

    func stopTyping() {
        disarm(.typingStop)
        guard isTyping else { return }
        isTyping = false
        sendTyping(on: false)
    }

    private func sendTyping(on: Bool) {
        guard !current.isEmpty else { return }
        request(["type": "typing", "room": .string(current), "on": .bool(on)]) { _ in }
    }
}
