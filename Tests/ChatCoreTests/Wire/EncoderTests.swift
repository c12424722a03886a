// SPDX-License-Identifier: MIT

import ChatTesting
import Testing

@testable import ChatCore

private let roomID: JSONValue = "r_0000000000001"
private let ada = UserReference(id: alice, name: "Ada \"\n\0😀")
private let adaJSON: JSONValue = ["id": "u_0000000000001", "name": .string(ada.name)]
private let bobRef = UserReference(id: bob, name: "Bob")
private let bobJSON: JSONValue = ["id": "u_0000000000002", "name": "Bob"]
private let nasty = "\u{1}\"\\/\n\r\t\0é👩‍👩‍👧‍👦"
private let epoch = Timestamp(milliseconds: 0)
private let epochJSON: JSONValue = "1970-01-01T00:00:00.000Z"

/// A whole object, written key by key in a test.
private func merged(_ left: JSONValue, _ right: JSONValue) -> JSONValue {
    guard case .object(let values) = right else { return left }
    return values.reduce(left) { $0.setting($1.key, to: $1.value) }
}

private func expectJSON(
    _ bytes: [UInt8], at key: String? = nil, _ expected: JSONValue,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let value = JSONValue(utf8: bytes)
    #expect((key.map { value?[$0] ?? .null } ?? value) == expected, sourceLocation: sourceLocation)
}

private func record(_ seq: SequenceNumber = 9) -> RoomRecord {
    RoomRecord(
        id: room1, name: nasty, description: "d\n", isPrivate: true, maximumMembers: 5,
        slowModeSeconds: 6, createdAt: epoch, head: seq, memberCount: 3)
}

private let recordJSON: JSONValue = [
    "id": roomID, "name": .string(nasty), "description": "d\n", "private": true, "max_members": 5,
    "slow_mode_seconds": 6, "members": 3, "head": 9, "created_at": epochJSON,
]

@Suite struct EventEncoderTests {
    /// The change, the type and the keys that are the change's own.
    static let changes: [(LogChange, String, JSONValue)] = [
        (.message(text: nasty, replyTo: nil), "message", ["text": .string(nasty)]),
        (.message(text: "x", replyTo: 4), "message", ["text": "x", "reply_to": 4]),
        (
            .post(
                Post(
                    text: nasty, replyTo: 4,
                    attachments: [
                        MessageAttachment(
                            id: "a", name: nasty, byteCount: 7, mediaType: "b/c", sha256: "d"),
                        MessageAttachment(
                            id: "e", name: "f", byteCount: 0, mediaType: "g/h", sha256: "i",
                            width: 1, height: 2, durationMilliseconds: 3, preview: nasty),
                    ])), "message",
            [
                "text": .string(nasty), "reply_to": 4,
                "attachments": [
                    [
                        "id": "a", "name": .string(nasty), "bytes": 7, "media_type": "b/c",
                        "sha256": "d",
                    ],
                    [
                        "id": "e", "name": "f", "bytes": 0, "media_type": "g/h", "sha256": "i",
                        "width": 1, "height": 2, "duration_ms": 3, "preview": .string(nasty),
                    ],
                ],
            ]
        ),
        (.edit(target: 4, text: nasty), "edited", ["target": 4, "text": .string(nasty)]),
        (.delete(target: 4), "deleted", ["target": 4]),
        (.react(target: 4, emoji: "👍🏽"), "reaction", ["target": 4, "emoji": "👍🏽", "op": "add"]),
        (.unreact(target: 4, emoji: "👍"), "reaction", ["target": 4, "emoji": "👍", "op": "remove"]),
        (.pin(target: 4), "pinned", ["target": 4, "pinned": true]),
        (.unpin(target: 4), "pinned", ["target": 4, "pinned": false]),
        (
            .join(user: bob, role: .member, logged: true), "joined",
            ["user": bobJSON, "role": "member"]
        ),
        (
            .leave(user: bob, reason: .left, logged: true), "left",
            ["user": bobJSON, "reason": "left"]
        ),
        (
            .leave(user: bob, reason: .kicked, logged: true), "left",
            ["user": bobJSON, "reason": "kicked"]
        ),
        (.role(user: bob, role: .owner), "role", ["user": bobJSON, "role": "owner"]),
        (.room(RoomChanges()), "room", ["changes": [:]]),
        (.ban(user: bob, Ban()), "banned", ["user": bobJSON]),
        (
            .ban(user: bob, Ban(until: epoch, reason: nasty)), "banned",
            ["user": bobJSON, "until": epochJSON, "reason": .string(nasty)]
        ),
        (.unban(user: bob), "unbanned", ["user": bobJSON]),
        (.mute(user: bob, until: .forever), "muted", ["user": bobJSON]),
        (.mute(user: bob, until: epoch), "muted", ["user": bobJSON, "until": epochJSON]),
        (.unmute(user: bob), "unmuted", ["user": bobJSON]),
        (
            .room(
                RoomChanges(
                    name: nasty, description: "", isPrivate: false, maximumMembers: 0,
                    slowModeSeconds: 21_600, retentionDays: 0, retentionMessages: 9)), "room",
            [
                "changes": [
                    "name": .string(nasty), "description": "", "private": false, "max_members": 0,
                    "slow_mode_seconds": 21_600, "retention_days": 0, "retention_messages": 9,
                ]
            ]
        ),
    ]

    private func event(_ change: LogChange) -> LoggedEvent {
        LoggedEvent(
            seq: 9, at: epoch, sender: alice, senderName: ada.name, change: change,
            subjectName: "Bob")
    }

    @Test(arguments: changes)
    func `every event of the log reads back`(change: LogChange, type: String, own: JSONValue) {
        var encoder = EventEncoder()
        let common: JSONValue = [
            "type": .string(type), "room": roomID, "seq": 9, "at": epochJSON, "from": adaJSON,
        ]
        // Twice, so that nothing of the last event is left in the encoder.
        for _ in 0..<2 {
            expectJSON(
                encoder.logged(event(change), room: room1),
                merged(common, own))
        }
        var keyed = event(change)
        keyed.clientID = nasty
        keyed.isRedacted = true
        let more: JSONValue = ["client_id": .string(nasty), "redacted": true]
        expectJSON(
            encoder.logged(keyed, room: room1),
            merged(merged(common, own), more))
    }

    @Test func `who has no name of their own in an event is the sender`() {
        var encoder = EventEncoder()
        var event = event(.join(user: alice, role: .owner, logged: true))
        event.subjectName = nil
        expectJSON(
            encoder.logged(event, room: room1), at: "user",
            adaJSON)
    }

    @Test func `the largest place is written to its last digit`() {
        var encoder = EventEncoder()
        var event = event(.delete(target: SequenceNumber(rawValue: .max)))
        event.seq = SequenceNumber(rawValue: .max)
        let text = String(decoding: encoder.logged(event, room: room1), as: UTF8.self)
        #expect(text.contains(#""seq":18446744073709551615,"#))
        #expect(text.contains(#""target":18446744073709551615}"#))
    }

    @Test func `every event outside the log reads back`() {
        var encoder = EventEncoder()
        expectJSON(
            encoder.typing([ada, bobRef], room: room1),
            ["type": "typing", "room": roomID, "users": [adaJSON, bobJSON]])
        expectJSON(
            encoder.typing([ada, bobRef], room: room1, excluding: alice),
            ["type": "typing", "room": roomID, "users": [bobJSON]])
        expectJSON(
            encoder.typing([ada], room: room1, excluding: alice),
            ["type": "typing", "room": roomID, "users": []])
        expectJSON(
            encoder.receipt(ReceiptUpdate(room: room1, user: bob, delivered: 8, read: 7)),
            [
                "type": "receipt", "room": roomID, "user": "u_0000000000002", "delivered": 8,
                "read": 7,
            ])
        for status in PresenceStatus.allCases {
            let seen = Timestamp(milliseconds: 1_000)
            let withTime = encoder.presence(ada, status, lastSeen: seen, room: room1)
            let tells = String(decoding: withTime, as: UTF8.self).contains(
                #""last_seen":"1970-01-01T00:00:01.000Z""#)
            #expect(tells == (status == .offline), "of who is here it would be wrong")
            expectJSON(
                encoder.presence(ada, status, room: room1),
                [
                    "type": "presence", "room": roomID, "user": adaJSON,
                    "status": .string(status.name),
                ])
        }
        expectJSON(
            encoder.memberCounts(room: room1, count: 100_000, online: 0),
            ["type": "members", "room": roomID, "count": 100_000, "online": 0])
        expectJSON(encoder.roomDeleted(room1), ["type": "room.deleted", "room": roomID])
        expectJSON(encoder.unlisted(room1), ["type": "room.unlisted", "room": roomID])
        expectJSON(
            encoder.listed(RoomInfo(record: record())),
            ["type": "room.listed", "room": recordJSON])
        expectJSON(
            encoder.entered(RoomInfo(record: record(), role: .admin, online: 2)),
            [
                "type": "room.entered",
                "room": merged(recordJSON, ["role": "admin", "online": 2]),
            ])
        for (isAhead, reason) in [(true, "position_ahead"), (false, "older_than_retention")] {
            expectJSON(
                encoder.gap(room: room1, from: 1, to: 8, isAhead: isAhead),
                [
                    "type": "gap", "room": roomID, "from": 1, "to": 8, "reason": .string(reason),
                ])
        }
    }
}

@Suite struct AnswerEncoderTests {
    static let message = Message(
        seq: 4, at: epoch, sender: alice, senderName: ada.name, text: nasty)
    static let messageJSON: JSONValue = [
        "seq": 4, "at": epochJSON, "from": adaJSON, "text": .string(nasty),
    ]

    static let full = Message(
        seq: 5, at: epoch, sender: bob, senderName: "Bob", clientID: nasty, text: "x", replyTo: 4,
        editedAt: Timestamp(milliseconds: 1), isPinned: true,
        reactions: [
            Reaction(emoji: "👍", users: [alice, bob]), Reaction(emoji: "🎉", users: [bob]),
        ])
    static let fullJSON: JSONValue = [
        "seq": 5, "at": epochJSON, "from": bobJSON, "client_id": .string(nasty), "text": "x",
        "reply_to": 4, "edited_at": "1970-01-01T00:00:00.001Z", "pinned": true,
        "reactions": [
            ["emoji": "👍", "users": ["u_0000000000001", "u_0000000000002"]],
            ["emoji": "🎉", "users": ["u_0000000000002"]],
        ],
    ]

    static let info = RoomInfo(record: record(), role: .owner)
    static let infoJSON = recordJSON.setting("role", to: "owner")

    /// The answer and its keys besides `type` and `id`.
    static let answers: [(RoomAnswer, JSONValue)] = [
        (.done, [:]),
        (.stored(seq: 9, at: epoch, isDuplicate: false), ["seq": 9, "at": epochJSON]),
        (
            .stored(seq: 9, at: epoch, isDuplicate: true),
            ["seq": 9, "at": epochJSON, "duplicate": true]
        ),
        (.room(info, seq: nil), ["room": infoJSON]),
        (.room(info, seq: 9), ["seq": 9, "room": infoJSON]),
        (.joined(info, after: 3), ["room": infoJSON]),
        (.snapshot(info, typing: [], pinned: []), ["room": infoJSON, "typing": [], "pinned": []]),
        (
            .snapshot(info, typing: [ada, bobRef], pinned: [message, full]),
            ["room": infoJSON, "typing": [adaJSON, bobJSON], "pinned": [messageJSON, fullJSON]]
        ),
        (.members([], total: 0, online: 0), ["members": [], "total": 0, "online": 0]),
        (
            .members(
                [MemberInfo(user: ada, role: .admin, status: .away, delivered: 8, read: 7)],
                total: 12, online: 3),
            [
                "members": [
                    merged(
                        adaJSON, ["role": "admin", "status": "away", "delivered": 8, "read": 7])
                ], "total": 12, "online": 3,
            ]
        ),
        (.history(HistoryPage(messages: [], isEnd: true)), ["messages": [], "end": true]),
        (
            .history(HistoryPage(messages: [message, full], isEnd: false)),
            ["messages": [messageJSON, fullJSON], "end": false]
        ),
        (.search(SearchPage(hits: [], isEnd: true)), ["hits": [], "end": true]),
        (
            .search(
                SearchPage(
                    hits: [
                        SearchHit(
                            room: RoomID(rawValue: 1), seq: 7, at: Timestamp(milliseconds: 0),
                            sender: UserReference(id: UserID(rawValue: 5), name: "A\""),
                            editedAt: Timestamp(milliseconds: 1),
                            excerpt: SearchExcerpt(
                                "tea tea", highlighting: [0..<3, 4..<7], maximumScalars: 9))
                    ], isEnd: false)),
            [
                "hits": [
                    [
                        "room": "r_0000000000001", "seq": 7, "at": "1970-01-01T00:00:00.000Z",
                        "from": ["id": "u_0000000000005", "name": "A\""],
                        "edited_at": "1970-01-01T00:00:00.001Z", "excerpt": "tea tea",
                        "highlights": [[0, 3], [4, 7]],
                    ]
                ], "end": false,
            ]
        ),
        (.events([], head: 0), ["events": [], "head": 0]),
        (
            .events(
                [
                    LoggedEvent(
                        seq: 8, at: epoch, sender: alice, senderName: ada.name,
                        change: .pin(target: 4))
                ], head: 9),
            [
                "events": [
                    [
                        "type": "pinned", "room": roomID, "seq": 8, "at": epochJSON,
                        "from": adaJSON, "target": 4, "pinned": true,
                    ]
                ], "head": 9,
            ]
        ),
        (.receipt(delivered: 8, read: 7), ["delivered": 8, "read": 7]),
        (.readers(status: .sent, []), ["status": "sent", "readers": []]),
        (
            .readers(
                status: .read,
                [MessageReader(user: bobRef, at: nil), MessageReader(user: bobRef, at: epoch)]),
            [
                "status": "read",
                "readers": [bobJSON, bobJSON.setting("at", to: epochJSON)],
            ]
        ),
    ]

    @Test(arguments: answers)
    func `every answer reads back, with and without an id`(answer: RoomAnswer, own: JSONValue) {
        var encoder = AnswerEncoder()
        let ok: JSONValue = ["type": "ok"]
        for (id, json) in [("7", 7), (#""a\u0041""#, "aA"), ("-1.5", .number(-1.5))]
            as [(String, JSONValue)]
        {
            let bytes = encoder.room(id, answer, in: room1, at: epoch)
            expectJSON(
                bytes,
                merged(ok, own).setting("id", to: json))
        }
        expectJSON(
            encoder.room(nil, answer, in: room1, at: epoch),
            merged(ok, own))
    }

    @Test func `a deleted message is a place, a time and a sender`() {
        var encoder = AnswerEncoder()
        var deleted = Self.full
        deleted.isDeleted = true
        let page = HistoryPage(messages: [deleted, Self.message], isEnd: true)
        expectJSON(
            encoder.room(nil, .history(page), in: room1, at: epoch), at: "messages",
            [
                ["seq": 5, "at": epochJSON, "from": bobJSON, "deleted": true],
                Self.messageJSON,
            ])
    }

    @Test func `every error reads back`() {
        var encoder = AnswerEncoder()
        for code in WireError.Code.allCases {
            let plain: JSONValue = [
                "type": "error", "code": .string(code.rawValue), "message": .string(nasty),
                "time": epochJSON,
            ]
            expectJSON(
                encoder.error(nil, WireError(code, nasty), at: epoch),
                plain)
            let error = WireError(
                code, nasty, field: "room", retryAfterMilliseconds: .max, bucket: "user.message")
            let full = merged(
                plain,
                [
                    "id": "x", "field": "room", "retry_after_ms": .integer(.max),
                    "bucket": "user.message",
                ])
            expectJSON(
                encoder.error(#""x""#, error, at: epoch),
                full)
            expectJSON(
                encoder.room(#""x""#, .refused(error), in: room1, at: epoch),
                full)
        }
    }

    @Test func `a welcome tells who, where and how often`() {
        var encoder = AnswerEncoder()
        let membership = MembershipRecord(
            room: record(), role: .owner, delivered: 8, read: 7, unread: 6)
        expectJSON(
            encoder.welcome(
                "1", user: ada, token: nasty, heartbeat: HeartbeatTimings(), rooms: [membership]),
            [
                "type": "ok", "id": 1, "user": adaJSON, "token": .string(nasty),
                "heartbeat_ms": 25_000, "heartbeat_timeout_ms": 60_000,
                "rooms": [merged(Self.infoJSON, ["delivered": 8, "read": 7, "unread": 6])],
            ])
        expectJSON(
            encoder.welcome(nil, user: ada, token: nil, heartbeat: nil, rooms: []),
            ["type": "ok", "user": adaJSON, "rooms": []])
    }

    @Test func `a room tells its own retention if it has any`() {
        var limited = record()
        limited.retention = RoomRetention(days: 30, messages: 7)
        var encoder = AnswerEncoder()
        let answer = encoder.room(
            "1", .room(RoomInfo(record: limited), seq: nil), in: room1, at: epoch)
        expectJSON(
            answer, at: "room", merged(recordJSON, ["retention_days": 30, "retention_messages": 7]))
    }

    @Test func `a list of rooms tells the role only of members`() {
        var encoder = AnswerEncoder()
        let page = RoomPage(
            entries: [
                RoomPage.Entry(room: record(), role: nil),
                RoomPage.Entry(room: record(), role: .owner),
            ], total: 17)
        expectJSON(
            encoder.list("1", page, isEnd: false),
            [
                "type": "ok", "id": 1, "rooms": [recordJSON, Self.infoJSON], "total": 17,
                "end": false,
            ])
    }

    @Test func `an answer without anything to say is just that`() {
        var encoder = AnswerEncoder()
        let plain = encoder.ok(nil)
        #expect(plain == Array(#"{"type":"ok"}"#.utf8))
        let numbered = encoder.ok("5")
        #expect(numbered == Array(#"{"type":"ok","id":5}"#.utf8))
    }
}
