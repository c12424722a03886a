// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore

/// A line of a room's transcript: a message, or something that is told.
struct Item: Sendable {
    /// Where it stands: by the room's log; what is not in the log behind what it came after.
    struct Key: Comparable, Hashable, Sendable {
        var seq: Int
        var ordinal = 0

        static func < (left: Key, right: Key) -> Bool {
            (left.seq, left.ordinal) < (right.seq, right.ordinal)
        }
    }

    enum Content: Sendable {
        case message(Message)
        case notice(String, Style)
    }

    var key: Key
    var content: Content

    var message: Message? {
        guard case .message(let message) = content else { return nil }
        return message
    }
}

/// A message as it is shown.
struct Message: Sendable {
    struct Reaction: Sendable, Equatable {
        var emoji: String
        var users: [UserID]
    }

    var seq: Int?
    var clientID: String?
    var author: ChatUser
    var at: Timestamp?
    var text: String
    var replyTo: Int?
    var isEdited = false
    var isDeleted = false
    var reactions: [Reaction] = []
    var files: [ChatFile] = []
    /// Why it could not be sent.
    var failure: String?

    /// One that the server has.
    init(_ message: ChatMessage) {
        seq = Int(clamping: message.seq.rawValue)
        clientID = message.clientID
        author = message.author
        at = message.at
        text = HarmlessText.lines(message.text)
        replyTo = message.replyTo.map { Int(clamping: $0.rawValue) }
        isEdited = message.isEdited
        isDeleted = message.isDeleted
        files = message.files
        reactions = (message.json["reactions"]?.array ?? []).map { json in
            Reaction(
                emoji: json["emoji"]?.string ?? "",
                users: json["users"]?.array.compactMap { $0.string.flatMap(UserID.init(_:)) } ?? [])
        }
    }

    /// One that waits for the server.
    init(_ text: String, by author: ChatUser, clientID: String, replyTo: Int?, files: [ChatFile]) {
        self.text = HarmlessText.lines(text)
        self.author = author
        self.clientID = clientID
        self.replyTo = replyTo
        self.files = files
    }

    /// Somebody reacted, or took it back.
    mutating func react(_ user: UserID, _ emoji: String, isAdded: Bool) {
        if let index = reactions.firstIndex(where: { $0.emoji == emoji }) {
            reactions[index].users.removeAll { $0 == user }
            if isAdded { reactions[index].users.append(user) }
            if reactions[index].users.isEmpty { reactions.remove(at: index) }
        } else if isAdded {
            reactions.append(Reaction(emoji: emoji, users: [user]))
        }
    }

    mutating func delete() {
        isDeleted = true
        text = ""
        files = []
        reactions = []
    }
}

/// How far one's own message has got.
enum Tick: Sendable, Equatable {
    case waiting, failed, sent, delivered, read
}

/// Somebody in a room.
struct Member: Sendable, Equatable {
    var user: ChatUser
    var role: String
    var status: String
    /// Of somebody who is offline, if the server tells.
    var lastSeen: Timestamp?
}

/// What happened to a member.
enum MemberChange: Sendable {
    case joined(ChatUser)
    case left(ChatUser)
    case status(ChatUser, String, lastSeen: Timestamp?)
    case role(ChatUser, String)

    var user: ChatUser {
        switch self {
        case .joined(let user), .left(let user), .status(let user, _, _), .role(let user, _): user
        }
    }
}

/// A room as the terminal knows it.
struct RoomModel: Sendable {
    /// The most lines that are kept; older ones come back from the server.
    static let keptItems = 3_000
    private static let pending = Int.max

    let id: RoomID
    var name: String
    var topic = ""
    var role = "member"
    var isPrivate = false
    /// The other one, if the room is that of two.
    var partner: UserID?
    var head = 0
    var unread = 0
    var mentions = 0
    /// Up to where the user has read.
    var read = 0
    private(set) var items: [Item] = []
    private var lastOrdinal = 0
    var isLoading = false
    var isLoaded = false
    /// Whether there is nothing before the first message.
    var hasBeginning = false
    /// Changes of messages that came while a part of the history was on its way: it may be older than they are.
    var late: [ChatEvent] = []
    /// The same for the members; `nil` while nothing is on its way.
    private var lateMembers: [MemberChange]?
    private(set) var members: [Member] = []
    var memberCount = 0
    var onlineCount = 0
    var typing: [ChatUser] = []
    private var receipts: [UserID: (delivered: Int, read: Int)] = [:]
    var pinned: Set<Int> = []
    /// What is behind it was new when the room was opened.
    var divider: Int?

    init(id: RoomID, name: String) {
        self.id = id
        self.name = name
    }

    /// Takes over what an answer says of the room.
    mutating func update(_ json: JSONValue, me: UserID?) {
        if let name = json["name"]?.string { self.name = HarmlessText.line(name) }
        if let topic = json["description"]?.string { self.topic = HarmlessText.line(topic) }
        if let role = json["role"]?.string { self.role = role }
        if let isPrivate = json["private"]?.bool { self.isPrivate = isPrivate }
        if let head = json["head"]?.int { self.head = max(self.head, head) }
        if let count = json["members"]?.int { memberCount = count }
        if let online = json["online"]?.int { onlineCount = online }
        if let read = json["read"]?.int { self.read = max(self.read, read) }
        let pair = json["direct"]?.array.compactMap { $0.string.flatMap(UserID.init(_:)) } ?? []
        if !pair.isEmpty { partner = pair.first { $0 != me } }
    }

    // MARK: Items

    private func index(of key: Item.Key) -> Int {
        var (low, high) = (0, items.count)
        while low < high {
            let middle = (low + high) / 2
            if items[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Where an item is now, or the place where it would be.
    func place(of key: Item.Key) -> Int { index(of: key) }

    private mutating func put(_ content: Item.Content, at key: Item.Key) {
        let index = index(of: key)
        if index < items.count, items[index].key == key {
            items[index].content = content
        } else {
            items.insert(Item(key: key, content: content), at: index)
        }
    }

    /// A message of the log, in its place; what waited for the server as this message goes.
    mutating func put(_ message: Message) {
        guard let seq = message.seq else { return }
        if let clientID = message.clientID { removePending(clientID) }
        put(.message(message), at: Item.Key(seq: seq))
        head = max(head, seq)
    }

    /// A message on its way.
    mutating func wait(_ message: Message) {
        lastOrdinal += 1
        put(.message(message), at: Item.Key(seq: Self.pending, ordinal: lastOrdinal))
    }

    /// Something told: at its place in the log, or behind everything.
    @discardableResult
    mutating func tell(_ text: String, _ style: Style, at seq: Int? = nil) -> Item.Key {
        lastOrdinal += 1
        // Behind the newest line of the log; what waits for the server stays last.
        let last = items.last { $0.key.seq < Self.pending }?.key.seq ?? head
        let key =
            seq.map { Item.Key(seq: $0) } ?? Item.Key(seq: max(last, 0), ordinal: lastOrdinal)
        put(.notice(text, style), at: key)
        return key
    }

    /// Another text for what was told.
    mutating func tellAgain(_ text: String, _ style: Style, at key: Item.Key) {
        put(.notice(text, style), at: key)
    }

    mutating func removePending(_ clientID: String) {
        items.removeAll { $0.key.seq == Self.pending && $0.message?.clientID == clientID }
    }

    mutating func fail(_ clientID: String, _ reason: String) {
        guard
            let index = items.lastIndex(where: {
                $0.key.seq == Self.pending && $0.message?.clientID == clientID
            }), var message = items[index].message
        else { return }
        message.failure = reason
        items[index].content = .message(message)
    }

    func message(_ seq: Int) -> Message? {
        let index = index(of: Item.Key(seq: seq))
        guard index < items.count, items[index].key == Item.Key(seq: seq) else { return nil }
        return items[index].message
    }

    mutating func change(_ seq: Int, _ change: (inout Message) -> Void) {
        guard var message = message(seq) else { return }
        change(&message)
        put(.message(message), at: Item.Key(seq: seq))
    }

    /// The first position that is shown.
    var firstSeq: Int? { items.first { $0.message?.seq != nil }?.message?.seq }

    /// The newest message that fits.
    func newest(_ isWanted: (Message) -> Bool) -> Int? {
        items.last { item in
            guard let message = item.message, message.seq != nil, !message.isDeleted else {
                return false
            }
            return isWanted(message)
        }?.message?.seq
    }

    /// Keeps what was said last; older lines come back from the server.
    mutating func trim() {
        guard items.count > Self.keptItems else { return }
        items.removeFirst(items.count - Self.keptItems)
        hasBeginning = false
    }

    /// Forgets the log: there is a hole in it.
    mutating func forget() {
        items.removeAll { $0.message != nil && $0.key.seq < Self.pending }
        isLoaded = false
        hasBeginning = false
    }

    // MARK: Members

    /// The members are asked for.
    mutating func expectMembers() { lateMembers = [] }

    /// The members as the server had them a moment ago, and what has happened since.
    mutating func take(_ list: [Member], count: Int, online: Int) {
        let late = lateMembers ?? []
        lateMembers = nil
        (members, memberCount, onlineCount) = (list, count, online)
        for change in late { take(change) }
    }

    /// Somebody came, went, or is here in another way.
    mutating func take(_ change: MemberChange) {
        lateMembers?.append(change)
        let index = members.firstIndex { $0.user.id == change.user.id }
        // Of a large room only some members are here, and the server counts.
        let isWhole = members.count == memberCount
        switch (change, index) {
        case (.joined(let user), nil):
            members.append(Member(user: user, role: "member", status: "online"))
            memberCount += 1
        case (.left, let index?):
            members.remove(at: index)
            memberCount -= 1
        case (.status(let user, let status, let lastSeen), let index?):
            members[index].status = status
            members[index].lastSeen = lastSeen
            members[index].user.name = user.name
        case (.role(_, let role), let index?): members[index].role = role
        case (.joined, _?), (.left, nil), (.status, nil), (.role, nil): break
        }
        if isWhole { onlineCount = members.count { $0.status != "offline" } }
    }

    // MARK: Receipts

    mutating func received(_ user: UserID, delivered: Int, read: Int) {
        let old = receipts[user] ?? (0, 0)
        receipts[user] = (max(old.delivered, delivered, read), max(old.read, read))
    }

    /// How far a message of `author` has got with the others.
    func tick(_ message: Message) -> Tick {
        if message.failure != nil { return .failed }
        guard let seq = message.seq else { return .waiting }
        let others = receipts.filter { $0.key != message.author.id }.values
        if others.contains(where: { $0.read >= seq }) { return .read }
        return others.contains { $0.delivered >= seq } ? .delivered : .sent
    }
}
