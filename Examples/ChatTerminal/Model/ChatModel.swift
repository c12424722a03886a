// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore

/// Everything that a terminal knows of the chat, and the rules by which it changes. A value without a connection or
/// a screen: every input may leave effects, which the shell takes and carries out in their order.
public struct ChatModel: Sendable {
    /// How one stands with the server.
    enum Link: Equatable, Sendable {
        case connecting
        case online
        case waiting(milliseconds: Int64)
        case closed
    }

    /// Somebody, with the name that they want to be called by.
    struct Person: Sendable {
        var name: String
        var displayName: String?
    }

    /// What cannot change while it runs.
    public struct Settings: Sendable {
        /// The room to show first; the default room by itself.
        public var room: String?
        /// Whether there is a screen; otherwise lines are printed.
        public var isFullScreen: Bool
        /// Whether others' messages to the user ring.
        public var rings = true
        /// The first part of the messages' own keys: another one in every run.
        public var keyPrefix: String
        /// The person's clock.
        public var offset: LocalTime.Offset = { _ in 0 }

        /// Makes settings: with a screen or without, and the first part of the messages' keys.
        public init(isFullScreen: Bool, room: String? = nil, keyPrefix: String) {
            self.isFullScreen = isFullScreen
            self.room = room
            self.keyPrefix = keyPrefix
        }
    }

    /// A file that is on its way.
    struct Transfer: Sendable {
        var room: RoomID
        var line: Item.Key
        var name: String
        var text: String
        var isUpload: Bool
    }

    let settings: Settings
    private(set) var effects: [Effect] = []
    var link = Link.connecting
    var me: ChatUser?
    var rooms: [RoomID: RoomModel] = [:]
    var current: RoomID?
    var people: [UserID: Person] = [:]
    var transfers: [Int: Transfer] = [:]
    /// Whether the first room is there, so that what is typed has somewhere to go.
    public internal(set) var isReady = false
    /// Whether something that was asked for was refused.
    public internal(set) var hasFailed = false
    /// Whether the newest line of the room is in view: what comes there is read.
    var isWatching = true
    var rings: Bool
    private var lastNumber = 0
    /// Lines told before there was a room.
    var early: [(String, Style)] = []

    /// Makes the model of somebody who is not signed in yet.
    public init(_ settings: Settings) {
        self.settings = settings
        rings = settings.rings
    }

    /// What is to be done now; forgets it.
    public mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    mutating func effect(_ effect: Effect) { effects.append(effect) }

    mutating func call(_ command: JSONValue, _ purpose: Purpose, isRepeatable: Bool = true) {
        effect(.call(command, purpose, isRepeatable: isRepeatable))
    }

    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    /// Takes what happened.
    public mutating func take(_ incoming: Incoming) {
        switch incoming {
        case .state(let state): changed(state)
        case .event(let event): happened(event)
        case .answer(let purpose, .success(let answer)): answered(purpose, answer)
        case .answer(let purpose, .failure(let refusal)): refused(purpose, refusal)
        case .sent(let message, let result): sent(message, result)
        case .progress(let number, let progress): moved(number, progress)
        case .uploaded(let number, let result): uploaded(number, result)
        case .saved(let number, let result): saved(number, result)
        }
    }

    private mutating func changed(_ state: ChatConnectionState) {
        switch state {
        case .connecting: link = .connecting
        case .online(let user):
            let isBack = link != .online && me != nil
            link = .online
            me = user
            people[user.id] = people[user.id] ?? Person(name: user.name)
            call(["type": "room.joined", "limit": 100], .rooms(offset: 0))
            if isBack, !settings.isFullScreen { effect(.print("* connected again")) }
        case .waiting(let delay):
            if link == .online, !settings.isFullScreen {
                effect(.print("* the connection was lost, trying again"))
            }
            link = .waiting(milliseconds: delay)
        case .closed(let refusal):
            link = .closed
            if let refusal {
                hasFailed = true
                tell("the chat ended: \(refusal.message)", .bad)
                effect(.quit(1))
            } else {
                effect(.quit(hasFailed ? 1 : 0))
            }
        }
    }

    // MARK: Lines

    /// Tells the person something, in the room that is shown.
    mutating func tell(_ text: String, _ style: Style = .faint) {
        let text = HarmlessText.lines(text)
        effect(.print(Self.indented("* \(text)")))
        guard let current else { return early.append((text, style)) }
        rooms[current]?.tell(text, style)
    }

    /// A line of a message cannot look like a line of ours.
    static func indented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n    ")
    }

    /// Something that was asked for is not possible.
    mutating func complain(_ text: String) {
        hasFailed = true
        tell(text, .bad)
    }

    /// A message as one line of plain text.
    func line(_ message: Message, in room: RoomID) -> String {
        let time = message.at.map { LocalTime($0, offset: settings.offset).clock } ?? "--:--"
        let seq = message.seq.map { "[\($0)] " } ?? ""
        let place = room == current ? "" : "#\(title(room)) "
        let reply = message.replyTo.map { "(to [\($0)]) " } ?? ""
        let edited = message.isEdited ? " (edited)" : ""
        let tick = message.author.id == me?.id ? " ✓" : ""
        let files = message.files.map { " [file: \(Self.describe($0))]" }.joined()
        let text = message.isDeleted ? "(deleted)" : message.text
        return Self.indented(
            "\(time) \(seq)\(place)\(name(message.author)): \(reply)\(text)\(files)\(edited)\(tick)"
        )
    }

    static func describe(_ file: ChatFile) -> String {
        let name = HarmlessText.line(file.name)
        return "\(name), \(Phrases.size(file.bytes)), \(HarmlessText.line(file.mediaType))"
    }

    // MARK: Names

    /// How somebody is called.
    func name(_ user: ChatUser) -> String {
        HarmlessText.line(people[user.id]?.displayName ?? user.name)
    }

    /// How a room is called.
    func title(_ id: RoomID) -> String {
        guard let room = rooms[id] else { return "?" }
        guard let partner = room.partner else { return room.name }
        let known = room.members.first { $0.user.id == partner }?.user.name
        return people[partner].map { HarmlessText.line($0.displayName ?? $0.name) }
            ?? known.map(HarmlessText.line) ?? "direct"
    }

    /// The rooms as they are listed: by name, those of two last.
    var listed: [RoomID] {
        rooms.values.map {
            (isDirect: $0.partner != nil, name: title($0.id).lowercased(), id: $0.id)
        }
        .sorted { ($0.isDirect ? 1 : 0, $0.name, $0.id) < ($1.isDirect ? 1 : 0, $1.name, $1.id) }
        .map(\.id)
    }

    /// How many messages of others wait.
    var unread: Int { rooms.values.reduce(0) { $0 + $1.unread } }

    mutating func know(_ json: JSONValue?) {
        guard let user = ChatUser(json) else { return }
        people[user.id] = Person(name: user.name, displayName: json?["display_name"]?.string)
    }

    mutating func know(_ user: ChatUser?) {
        guard let user, people[user.id]?.name != user.name else { return }
        people[user.id] = Person(name: user.name, displayName: people[user.id]?.displayName)
    }
}
