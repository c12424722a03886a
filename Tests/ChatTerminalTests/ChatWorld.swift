// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore

@testable import ChatTerminal

/// A terminal whose server the test plays.
struct ChatWorld {
    static let me = ChatUser(id: UserID(rawValue: 1), name: "ana")
    static let bo = ChatUser(id: UserID(rawValue: 2), name: "bo")
    static let cy = ChatUser(id: UserID(rawValue: 3), name: "cy")
    static let room = RoomID(rawValue: 7)
    static let tea = RoomID(rawValue: 8)

    var terminal: TerminalModel
    var effects: [Effect] = []

    init(columns: Int = 80, rows: Int = 24, isFullScreen: Bool = true, room: String? = nil) {
        let settings = ChatModel.Settings(isFullScreen: isFullScreen, room: room, keyPrefix: "k")
        terminal = TerminalModel(settings, columns: columns, rows: rows)
    }

    mutating func take(_ incoming: Incoming) {
        terminal.take(incoming)
        effects += terminal.takeEffects()
    }

    mutating func press(_ keys: Key...) {
        for key in keys { terminal.take(key) }
        effects += terminal.takeEffects()
    }

    mutating func send(_ line: String) { press(.text(line), .enter) }

    static func json(_ text: String) -> JSONValue { JSONReader.read(Array(text.utf8)) ?? .null }

    static func quoted(_ text: String) -> String {
        String(decoding: JSONValue.string(text).encoded, as: UTF8.self)
    }

    static func user(_ user: ChatUser, name: String? = nil) -> String {
        "{\"id\":\"\(user.id)\",\"name\":\(quoted(name ?? user.name))}"
    }

    /// Signs ana in, who is in one or two rooms.
    mutating func signIn(
        room: String = "general", topic: String = "", head: Int = 3, unread: Int = 0, read: Int = 3,
        tea: (head: Int, unread: Int)? = nil
    ) {
        take(.state(.online(Self.me)))
        var rooms = [
            """
            {"id":"\(Self.room)","name":\(Self.quoted(room)),"head":\(head),"unread":\(unread),
            "read":\(read),"members":2,"description":\(Self.quoted(topic))}
            """
        ]
        if let tea {
            rooms.append(
                """
                {"id":"\(Self.tea)","name":"tea","head":\(tea.head),"unread":\(tea.unread),"read":0,
                "members":2}
                """)
        }
        answer(
            .rooms(offset: 0), "{\"rooms\":[\(rooms.joined(separator: ","))],\"end\":true}")
    }

    mutating func answer(_ purpose: Purpose, _ text: String) {
        take(.answer(purpose, .success(Self.json(text))))
    }

    mutating func refuse(_ purpose: Purpose, _ message: String) {
        take(.answer(purpose, .failure(ChatRefusal(code: "no", message: message))))
    }

    static func message(
        _ seq: Int, _ from: ChatUser, _ text: String, name: String? = nil, more: String = "",
        room: RoomID = room
    ) -> String {
        let minute = String(seq % 60 + 100).dropFirst()
        return """
            {"type":"message","room":"\(room)","seq":\(seq),"at":"2026-01-02T03:\(minute):05.000Z",
            "from":\(user(from, name: name)),"text":\(quoted(text))\(more)}
            """
    }

    mutating func hear(
        _ seq: Int, from: ChatUser, _ text: String, name: String? = nil, more: String = "",
        room: RoomID = room, isReplayed: Bool = false
    ) {
        event(
            Self.message(seq, from, text, name: name, more: more, room: room),
            isReplayed: isReplayed)
    }

    mutating func event(_ text: String, isReplayed: Bool = false) {
        let json = Self.json(text)
        take(
            .event(
                ChatEvent(json, type: json["type"]?.string ?? "", isReplayed: isReplayed)))
    }

    mutating func history(_ messages: String..., isEnd: Bool = true) {
        answer(
            .history(Self.room, isOlder: false),
            "{\"messages\":[\(messages.joined(separator: ","))],\"end\":\(isEnd)}")
    }

    var lines: [String] { terminal.screen.lines }

    /// Whether a row of the screen holds a text.
    func shows(_ text: String) -> Bool { lines.contains { $0.contains(text) } }

    /// The commands that were sent, in short.
    var calls: [JSONValue] {
        effects.compactMap { if case .call(let command, _, _) = $0 { command } else { nil } }
    }

    var sent: [OutgoingMessage] {
        effects.compactMap { if case .send(let message) = $0 { message } else { nil } }
    }

    var marks: [Int] {
        effects.compactMap { if case .markRead(let seq, _) = $0 { Int(seq.rawValue) } else { nil } }
    }

    var bells: Int { effects.count { if case .bell = $0 { true } else { false } } }

    var printed: [String] {
        effects.compactMap { if case .print(let line) = $0 { line } else { nil } }
    }

    var exitCode: Int32? {
        effects.compactMap { if case .quit(let code) = $0 { code } else { nil } }.first
    }
}
