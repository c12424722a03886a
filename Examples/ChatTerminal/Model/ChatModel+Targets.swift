// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore

// Commands about one message, and files.
extension ChatModel {
    mutating func runOnMessage(_ command: CommandEntry, _ rest: String, _ room: RoomID) {
        let words = rest.split(separator: " ", maxSplits: 1)
        let text = words.count > 1 ? words[1].trimmed : ""
        guard let seq = words.first.flatMap({ target(String($0), command.name, room) }) else {
            return complain("usage: \(command.usage), N being the number of a message")
        }
        if text.isEmpty, command.parameters.hasPrefix("N "), !command.parameters.contains("[") {
            return complain("usage: \(command.usage)")
        }
        let here = JSONValue.string(room.description)
        let object: JSONValue = [
            "type": .string(command.name), "room": here, "target": .int(seq),
        ]
        switch command.name {
        case "reply": post(text, replyTo: seq)
        case "edit": call(object.with("text", .string(text)), .done(""))
        case "react", "unreact": call(object.with("emoji", .string(text)), .done(""))
        case "delete", "pin", "unpin": call(object, .done(""))
        case "readers":
            call(["type": "readers", "room": here, "seq": .int(seq)], .readers(seq))
        case "around":
            call(
                ["type": "history", "room": here, "around": .int(seq), "limit": 7],
                .around(room))
        case "save": save(seq, to: text, in: room)
        default: break
        }
    }

    /// The message that a word names.
    private func target(_ word: String, _ command: String, _ room: RoomID) -> Int? {
        let digits = word.hasPrefix("#") ? String(word.dropFirst()) : word
        if let seq = Int(digits), seq > 0 { return seq }
        guard word == "." else { return nil }
        return rooms[room]?.newest { message in
            switch command {
            case "edit", "delete", "readers": message.author.id == me?.id
            case "save": !message.files.isEmpty
            case "reply", "react": message.author.id != me?.id
            default: true
            }
        }
    }

    /// `FILE [TEXT]`; a name with blanks stands in quotes.
    mutating func send(_ rest: String, in room: RoomID) {
        let (path, text) = Self.firstWord(rest)
        guard !path.isEmpty else { return complain("usage: /send FILE [TEXT]") }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let number = begin(name, text, in: room, isUpload: true)
        effect(.upload(transfer: number, path: path, room: room))
    }

    static func firstWord(_ text: String) -> (word: String, rest: String) {
        if let quote = text.first, quote == "\"" || quote == "'",
            let end = text.dropFirst().firstIndex(of: quote)
        {
            let word = String(text[text.index(after: text.startIndex)..<end])
            return (word, text[text.index(after: end)...].trimmed)
        }
        let words = text.split(separator: " ", maxSplits: 1)
        return (words.first.map(String.init) ?? "", words.count > 1 ? words[1].trimmed : "")
    }

    private mutating func save(_ seq: Int, to path: String, in room: RoomID) {
        if let message = rooms[room]?.message(seq) {
            return save(message.files, of: seq, to: path, in: room)
        }
        call(
            [
                "type": "history", "room": .string(room.description), "around": .int(seq),
                "limit": 1,
            ], .files(seq, room, path: path))
    }

    mutating func save(_ files: [ChatFile], of seq: Int, to path: String, in room: RoomID) {
        guard !files.isEmpty else { return complain("message \(seq) has no files") }
        let target = Self.firstWord(path).word
        for file in files {
            let name = HarmlessText.line(file.name)
            let number = begin(name, "", in: room, isUpload: false)
            effect(
                .download(
                    transfer: number, file: file, room: room, path: target.isEmpty ? "." : target))
        }
    }

    private mutating func begin(
        _ name: String, _ text: String, in room: RoomID, isUpload: Bool
    ) -> Int {
        let name = HarmlessText.line(name)
        let number = nextNumber()
        let line = rooms[room]?.tell("\(isUpload ? "↑" : "↓") \(name) …", .accent)
        transfers[number] = Transfer(
            room: room, line: line ?? Item.Key(seq: 0), name: name, text: text, isUpload: isUpload)
        return number
    }
}
