// SPDX-License-Identifier: MIT

public import ChatCore

/// Somebody who has read a message.
public struct ChatReader: Sendable, Hashable {
    /// Who.
    public var user: ChatUser
    /// When, if the server knows it still.
    public var at: Timestamp?

    /// Makes a reader.
    public init(user: ChatUser, at: Timestamp? = nil) {
        self.user = user
        self.at = at
    }

    /// Reads what an answer says of a reader; `nil` if it is nobody.
    public init?(_ value: JSONValue) {
        guard let user = ChatUser(value) else { return nil }
        self.init(user: user, at: value["at"]?.string.flatMap(Timestamp.init(_:)))
    }
}

extension ChatClient {
    /// Who has read a message, apart from its author.
    ///
    /// - Throws: `message_not_found` if there is no message at `seq`.
    public func readers(
        of seq: SequenceNumber, in room: RoomID
    ) async throws(ChatRefusal) -> [ChatReader] {
        let answer = try await call([
            "type": "readers", "room": .string(room.description),
            "seq": .int(Int(clamping: seq.rawValue)),
        ])
        return answer["readers"]?.array.compactMap { ChatReader($0) } ?? []
    }
}
