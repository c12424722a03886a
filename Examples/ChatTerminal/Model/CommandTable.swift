// SPDX-License-Identifier: MIT

/// What can be typed behind a slash.
public struct CommandEntry: Sendable {
    /// The name, without the slash.
    public let name: String
    /// Other names.
    var others: [String] = []
    /// What it takes.
    let parameters: String
    /// What it does.
    let summary: String

    /// `/reply N TEXT`.
    public var usage: String { parameters.isEmpty ? "/\(name)" : "/\(name) \(parameters)" }
}

extension CommandEntry {
    /// All of them. N is the number beside a message; `.` stands for the newest that fits.
    public static let all: [CommandEntry] = [
        entry("help", "", "this list"),
        entry("quit", "", "leave the chat", "exit", "q"),
        entry("join", "ROOM", "enter a room, or show it", "j"),
        entry("leave", "", "leave this room", "part"),
        entry("create", "[-p] ROOM", "make a room; -p: a private one"),
        entry("list", "", "the public rooms and one's own", "rooms"),
        entry("who", "", "the members of this room", "names"),
        entry("topic", "TEXT", "say what this room is about"),
        entry("code", "CODE", "join by the code of a link"),
        entry("invite", "NAME", "invite somebody into this room"),
        entry("invites", "", "the invitations that wait for you"),
        entry("kick", "NAME", "remove somebody from this room"),
        entry("ban", "NAME", "remove somebody for good"),
        entry("msg", "NAME TEXT", "say something to one person", "dm"),
        entry("reply", "N TEXT", "answer a message", "r"),
        entry("edit", "N TEXT", "change one's own message", "e"),
        entry("delete", "N", "take a message back"),
        entry("react", "N EMOJI", "react to a message"),
        entry("unreact", "N EMOJI", "take a reaction back"),
        entry("pin", "N", "pin a message"),
        entry("unpin", "N", "unpin it"),
        entry("pins", "", "the pinned messages"),
        entry("readers", "N", "who has read a message"),
        entry("search", "WORDS", "find messages in all rooms", "s"),
        entry("around", "N", "what was said around a message"),
        entry("history", "[COUNT]", "what was said last, as lines"),
        entry("send", "FILE [TEXT]", "send a file", "upload"),
        entry("save", "N [PATH]", "save the files of a message", "download"),
        entry("cancel", "", "stop sending and saving files"),
        entry("nick", "NAME", "how you want to be called"),
        entry("status", "TEXT", "say what you are up to"),
        entry("away", "", "you are not at the keyboard"),
        entry("busy", "", "you are, but do not want to be disturbed"),
        entry("back", "", "you are there again"),
        entry("lastseen", "show|hide", "whether others see when you were last here"),
        entry("typing", "", "let others see that you are writing"),
        entry("bell", "on|off", "ring for messages to you"),
    ]

    private static func entry(
        _ name: String, _ parameters: String, _ summary: String, _ others: String...
    ) -> CommandEntry {
        CommandEntry(name: name, others: others, parameters: parameters, summary: summary)
    }

    /// The command of a name.
    static func named(_ name: String) -> CommandEntry? {
        all.first { $0.name == name || $0.others.contains(name) }
    }

    /// The list for people.
    public static var help: String {
        let width = all.map(\.usage.count).max() ?? 0
        return all.map { entry in
            entry.usage + String(repeating: " ", count: width - entry.usage.count + 2)
                + entry.summary
        }.joined(separator: "\n")
    }
}
