// SPDX-License-Identifier: MIT

public import ChatCore

/// A room, as answers describe it.
public struct ChatRoom: Sendable {
    /// The identity.
    public var id: RoomID
    /// The name.
    public var name: String
    /// The last position of its log.
    public var head: SequenceNumber
    /// How many messages of others the user has not read.
    public var unread: Int
    /// Everything that the server said of it.
    public var json: JSONValue

    /// Reads the description of a room in an answer; `nil` if it is none.
    public init?(_ json: JSONValue?) {
        guard let json, let id = json["id"]?.string.flatMap(RoomID.init(_:)) else { return nil }
        self.id = id
        name = json["name"]?.string ?? ""
        head = ClientMachine.position(json["head"])
        unread = json["unread"]?.int ?? 0
        self.json = json
    }
}

extension ChatClient {
    /// Who the client is signed in as; waits until it is.
    public func whoAmI() async throws(ChatRefusal) -> ChatUser {
        guard let user = ChatUser(try await call(["type": "whoami"])["user"]) else {
            throw ChatRefusal(code: "bad_answer", message: "the server's answer has no user")
        }
        return user
    }

    /// Sends a message to a room that is known by its identity: see ``send(_:to:replyTo:clientID:files:)``.
    @discardableResult
    public func send(
        _ text: String, to room: RoomID, replyTo: SequenceNumber? = nil, files: [ChatFile] = []
    ) async throws(ChatRefusal) -> SequenceNumber {
        try await send(text, to: room.description, replyTo: replyTo, files: files)
    }

    /// Enters a room by its id or name; a member just gets it.
    public func join(_ room: String) async throws(ChatRefusal) -> ChatRoom {
        let answer = try await call(["type": "room.join", "room": .string(room)])
        return try Self.room(answer)
    }

    /// Makes a room, which its maker owns.
    public func createRoom(
        _ name: String, description: String = "", isPrivate: Bool = false
    ) async throws(ChatRefusal) -> ChatRoom {
        let answer = try await call(
            [
                "type": "room.create", "name": .string(name), "description": .string(description),
                "private": .bool(isPrivate),
            ], isRepeatable: false)
        return try Self.room(answer)
    }

    /// Leaves a room.
    public func leave(_ room: RoomID) async throws(ChatRefusal) {
        _ = try await call(["type": "room.leave", "room": .string(room.description)])
    }

    /// The user's rooms, the one with the newest message first.
    public func rooms() async throws(ChatRefusal) -> [ChatRoom] {
        var rooms: [ChatRoom] = []
        while true {
            let answer = try await call(["type": "room.joined", "offset": .int(rooms.count)])
            let page = answer["rooms"]?.array.compactMap { ChatRoom($0) } ?? []
            rooms += page
            if page.isEmpty || answer["end"]?.bool != false { return rooms }
        }
    }

    /// Messages of a room in their order.
    ///
    /// - Parameters:
    ///   - before: only those before it; `nil` for the newest.
    ///   - limit: 1 to 200.
    /// - Returns: the messages, and whether there are none before them.
    public func history(
        of room: RoomID, before: SequenceNumber? = nil, limit: Int = 50
    ) async throws(ChatRefusal) -> (messages: [ChatMessage], isEnd: Bool) {
        var command: JSONValue = [
            "type": "history", "room": .string(room.description), "limit": .int(limit),
        ]
        if let before { command = command.with("before", .int(Int(clamping: before.rawValue))) }
        let answer = try await call(command)
        let messages = answer["messages"]?.array.compactMap { ChatMessage($0, room: room) } ?? []
        return (messages, answer["end"]?.bool ?? true)
    }

    /// Changes the text of one's own message.
    public func edit(
        _ target: SequenceNumber, in room: RoomID, to text: String
    ) async throws(ChatRefusal) {
        _ = try await call(Self.command("edit", target, room).with("text", .string(text)))
    }

    /// Takes a message back.
    ///
    /// - Throws: `message_deleted` also if an earlier attempt did it whose answer was lost.
    public func delete(_ target: SequenceNumber, in room: RoomID) async throws(ChatRefusal) {
        _ = try await call(Self.command("delete", target, room))
    }

    /// Adds a reaction, or takes it away.
    public func react(
        _ emoji: String, to target: SequenceNumber, in room: RoomID, isAdded: Bool = true
    ) async throws(ChatRefusal) {
        let type = isAdded ? "react" : "unreact"
        _ = try await call(Self.command(type, target, room).with("emoji", .string(emoji)))
    }

    private static func command(
        _ type: String, _ target: SequenceNumber, _ room: RoomID
    ) -> JSONValue {
        [
            "type": .string(type), "room": .string(room.description),
            "target": .int(Int(clamping: target.rawValue)),
        ]
    }

    private static func room(_ answer: JSONValue) throws(ChatRefusal) -> ChatRoom {
        guard let room = ChatRoom(answer["room"]) else {
            throw ChatRefusal(code: "bad_answer", message: "the server's answer has no room")
        }
        return room
    }
}
