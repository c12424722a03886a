// SPDX-License-Identifier: MIT

@testable import ChatCore
import ChatTesting
import Testing

/// What is written can be read, by another reader, and says the same.
@Suite struct EncoderTests {
    private static let texts = [
        "", "plain", "\"quoted\" \\ back/slash", "\0\u{1}\u{1F}\n\r\t\u{8}\u{C}\u{7F}", "é🙂\u{2028}\u{FFFF}",
        String(repeating: "x\"", count: 600),
    ]
    private static let ana = UserReference(id: UserID(rawValue: 1), name: "a\"n\na")
    private static let at = Timestamp(milliseconds: 1_767_323_045_678)

    private func parse(_ bytes: [UInt8]) throws -> JSONValue { try #require(JSONValue(utf8: bytes)) }

    private func event(_ change: LogChange, clientID: String? = nil, isRedacted: Bool = false) throws -> JSONValue {
        var encoder = EventEncoder()
        let event = LoggedEvent(
            seq: 7, at: Self.at, sender: Self.ana.id, senderName: Self.ana.name, clientID: clientID,
            change: change, subjectName: "bo", isRedacted: isRedacted)
        return try parse(encoder.logged(event, room: RoomID(rawValue: 5)))
    }

    @Test(arguments: texts) func `a text is read back as it was`(_ text: String) throws {
        let value = try event(.message(text: text, replyTo: nil), clientID: text)
        #expect(value["text"].string == text)
        #expect(value["client_id"].string == text)
        var writer = JSONWriter()
        writer.string(text)
        #expect(try parse(writer.bytes).string == text)
        #expect(!writer.bytes.contains(0x0A), "a line holds one message")
    }

    @Test func `every kind of event has its keys`() throws {
        let common: JSONValue = [
            "room": "r_0000000000005", "seq": 7, "at": "2026-01-02T03:04:05.678Z",
            "from": ["id": "u_0000000000001", "name": "a\"n\na"],
        ]
        let bo: JSONValue = ["id": "u_0000000000002", "name": "bo"]
        let other = UserID(rawValue: 2)
        let table: [(LogChange, String, [String: JSONValue])] = [
            (.message(text: "x", replyTo: 3), "message", ["text": "x", "reply_to": 3]),
            (.edit(target: 3, text: "y"), "edited", ["target": 3, "text": "y"]),
            (.delete(target: 3), "deleted", ["target": 3]),
            (.react(target: 3, emoji: "👍"), "reaction", ["target": 3, "emoji": "👍", "op": "add"]),
            (.unreact(target: 3, emoji: "👍"), "reaction", ["target": 3, "emoji": "👍", "op": "remove"]),
            (.pin(target: 3), "pinned", ["target": 3, "pinned": true]),
            (.unpin(target: 3), "pinned", ["target": 3, "pinned": false]),
            (.join(user: other, role: .member, logged: true), "joined", ["user": bo, "role": "member"]),
            (.leave(user: other, reason: .kicked, logged: true), "left", ["user": bo, "reason": "kicked"]),
            (.role(user: other, role: .admin), "role", ["user": bo, "role": "admin"]),
            (.room(RoomChanges(name: "n", description: "", isPrivate: false, maximumMembers: 0, slowModeSeconds: 5)),
                "room", ["changes": ["name": "n", "description": "", "private": false, "max_members": 0, "slow_mode_seconds": 5]]),
        ]
        for (change, type, keys) in table {
            var expected = common.setting("type", to: .string(type))
            for (key, value) in keys { expected = expected.setting(key, to: value) }
            #expect(try event(change) == expected)
        }
        #expect(try event(.message(text: "", replyTo: nil), isRedacted: true)["redacted"] == true)
    }

    @Test func `live events have their keys, and an encoder can be used again`() throws {
        var encoder = EventEncoder()
        let room = RoomID(rawValue: 5)
        let bo = UserReference(id: UserID(rawValue: 2), name: "bo")
        let typing = try parse(encoder.typing([Self.ana, bo], room: room, excluding: Self.ana.id))
        #expect(typing == ["type": "typing", "room": "r_0000000000005", "users": [["id": "u_0000000000002", "name": "bo"]]])
        let update = ReceiptUpdate(room: room, user: bo.id, delivered: 9, read: 8)
        #expect(try parse(encoder.receipt(update)) == [
            "type": "receipt", "room": "r_0000000000005", "user": "u_0000000000002", "delivered": 9, "read": 8,
        ])
        #expect(try parse(encoder.presence(bo, .away, room: room))["status"] == "away")
        #expect(try parse(encoder.memberCounts(room: room, count: 3, online: 2))["online"] == 2)
        #expect(try parse(encoder.gap(room: room, from: 1, to: 2, isAhead: true))["reason"] == "position_ahead")
        #expect(try parse(encoder.gap(room: room, from: 1, to: 2, isAhead: false))["reason"] == "older_than_retention")
        #expect(try parse(encoder.roomDeleted(room)) == ["type": "room.deleted", "room": "r_0000000000005"])
    }

    @Test(arguments: WireError.Code.allCases)
    func `a refusal has its code, and its details where they apply`(_ code: WireError.Code) throws {
        var encoder = AnswerEncoder()
        let bare = try parse(encoder.error(nil, WireError(code, "m\"")))
        #expect(bare == ["type": "error", "code": .string(code.rawValue), "message": "m\""])
        let full = WireError(code, "m", field: "f", retryAfterMilliseconds: 5, bucket: "user.message")
        #expect(try parse(encoder.error("\"i\"", full)) == [
            "type": "error", "id": "i", "code": .string(code.rawValue), "message": "m", "field": "f",
            "retry_after_ms": 5, "bucket": "user.message",
        ])
    }

    @Test func `a message as it is now has what happened to it`() throws {
        var encoder = AnswerEncoder()
        let message = Message(
            seq: 3, at: Self.at, sender: Self.ana.id, senderName: "ana", clientID: "k", text: "now",
            replyTo: 1, editedAt: Self.at, isPinned: true,
            reactions: [Reaction(emoji: "👍", users: [UserID(rawValue: 2)])])
        var deleted = message
        deleted.isDeleted = true
        let page = HistoryPage(messages: [message, deleted], isEnd: true)
        let answer = try parse(encoder.room("1", .history(page), in: RoomID(rawValue: 5)))
        #expect(answer["end"] == true)
        #expect(answer["messages"][0]["reactions"] == [["emoji": "👍", "users": ["u_0000000000002"]]])
        #expect(answer["messages"][0]["pinned"] == true && answer["messages"][0]["reply_to"] == 1)
        #expect(answer["messages"][1].keys == ["at", "deleted", "from", "seq"])
    }
}
