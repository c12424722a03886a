// SPDX-License-Identifier: MIT

import ChatTesting
import Testing

@testable import ChatCore

/// Every key of every command: missing, of the wrong type, out of its bounds.
@Suite struct CommandFieldErrorTests {
    /// The shortest valid form of every command: none of its keys can be left out.
    static let shortest: [(type: String, fields: [(key: String, json: String)])] = [
        ("hello", [("name", #""Ada""#)]), ("ping", []), ("whoami", []), ("logout", []),
        ("presence.set", [("status", #""away""#)]),
        ("room.create", [("name", #""N""#)]), ("room.list", []), ("room.joined", []),
        ("room.get", [den]), ("room.join", [den]), ("room.leave", [den]), ("room.delete", [den]),
        ("room.update", [den]), ("room.members", [den]), ("room.transfer", [den, user]),
        ("member.kick", [den, user]), ("member.role", [den, ("role", #""admin""#), user]),
        ("send", [den, text]), ("edit", [den, target, text]), ("delete", [den, target]),
        ("react", [den, target, emoji]), ("unreact", [den, target, emoji]),
        ("pin", [den, target]), ("unpin", [den, target]), ("history", [den]), ("events", [den]),
        ("typing", [den]), ("receipt", [den, ("read", "1")]), ("readers", [den, ("seq", "1")]),
        ("search", [text]), ("member.ban", [den, user]), ("member.unban", [den, user]),
        ("member.mute", [den, user]), ("member.unmute", [den, user]), ("room.bans", [den]),
        ("room.invite", [den, user]), ("invitation.decline", [den]), ("room.invitations", []),
        ("profile.update", [("display_name", #""Ada""#)]),
        ("register", []), ("login", [("login", #""ada""#), ("password", #""p""#)]),
        ("refresh", [("refresh_token", #""rt""#)]),
        ("device.list", []), ("device.remove", [("device", #""d_0000000000005""#)]),
        ("username.change", [("username", #""Ada""#)]),
        ("email.change", [("email", #""ada@example.org""#), ("password", #""x""#)]),
        ("password.change", [("password", #""old""#), ("new_password", #""new""#)]),
    ]
    static let den = (key: "room", json: #""den""#)
    static let user = (key: "user", json: #""u_0000000000005""#)
    static let text = (key: "text", json: #""x""#)
    static let target = (key: "target", json: "1")
    static let emoji = (key: "emoji", json: #""👍""#)

    static func text(_ type: String, _ fields: [(key: String, json: String)]) -> String {
        "{"
            + ([("type", quoted(type))] + fields).map { "\"\($0.0)\":\($0.1)" }.joined(
                separator: ",")
            + "}"
    }

    @Test(arguments: shortest)
    func `every key of the shortest command is required`(
        type: String, fields: [(key: String, json: String)]
    ) {
        #expect(refusal(Self.text(type, fields)) == "accepted")
        for index in fields.indices {
            var rest = fields
            let key = rest.remove(at: index).key
            #expect(refusal(Self.text(type, rest)) == "missing_field \(key)")
            rest.insert((key, "null"), at: index)
            #expect(refusal(Self.text(type, rest)) == "missing_field \(key)")
        }
    }

    @Test func `the examples and the shortest forms know the same commands`() {
        let examples = Examples.texts.compactMap { JSONValue(parsing: $0)?.type }
        #expect(examples.sorted() == Self.shortest.map(\.type).sorted())
    }

    enum Kind { case string, number, flag, object }

    static let kinds: [String: Kind] = [
        "type": .string, "name": .string, "token": .string, "keep_name": .flag,
        "resume": .object, "client": .string, "room": .string, "text": .string,
        "client_id": .string, "reply_to": .number, "target": .number, "emoji": .string,
        "before": .number, "after": .number, "around": .number, "limit": .number,
        "offset": .number, "delivered": .number, "read": .number, "seq": .number,
        "status": .string, "on": .flag, "description": .string, "private": .flag,
        "max_members": .number, "slow_mode_seconds": .number, "user": .string, "role": .string,
        "watch": .flag, "order": .string, "until": .string, "seconds": .number,
        "reason": .string, "display_name": .string, "avatar": .string, "status_text": .string,
        "hides_last_seen": .flag,
        "retention_days": .number, "retention_messages": .number,
        "login": .string, "password": .string, "new_password": .string, "username": .string,
        "email": .string, "refresh_token": .string, "device": .string, "all": .flag,
    ]

    static func wrongValues(_ kind: Kind) -> [String] {
        let numbers = ["5", "0", "-1", "1.5", "1e2"]
        let flags = ["true", "false"]
        let strings = [#""5""#, #""true""#, #""""#]
        let notWhole = [
            "-1", "-0", "1.0", "1.5", "1e2", "9999999999999999999", "1000000000000000000",
        ]
        return switch kind {
        case .string: numbers + flags + ["[]", "{}", #"["x"]"#, #""\ud800""#]
        case .number: notWhole + flags + strings + ["[]", "{}", "[1]"]
        case .flag: numbers + strings + ["[]", "{}"]
        case .object: numbers + flags + strings + ["[]", "[{}]"]
        }
    }

    @Test(arguments: Examples.texts)
    func `every key of every command has a type`(text: String) throws {
        guard case .object(let fields)? = JSONValue(parsing: text) else {
            Issue.record("the example is no object")
            return
        }
        for key in fields.keys {
            // Of all commands this one has times in these keys.
            let isTime = fields["type"] == "search" && ["after", "before"].contains(key)
            let kind = try #require(isTime ? .string : Self.kinds[key], "\(key)")
            for wrong in Self.wrongValues(kind) {
                // The last value of a repeated key counts.
                let changed = String(text.dropLast()) + ",\"\(key)\":\(wrong)}"
                #expect(refusal(changed) == "invalid_field \(key)", "\(changed)")
            }
        }
    }

    // MARK: Bounds

    static func times(_ text: String, _ count: Int) -> String {
        quoted(String(repeating: text, count: count))
    }

    /// A command without its last key, that key, the values at its bounds and those beyond them.
    static let bounds: [(start: String, key: String, good: [String], bad: [String])] = [
        (
            #"{"type":"send","room":"den","text":"x""#, "client_id",
            [times("c", 1), times("c", 256), times("é", 128)],
            [times("c", 0), times("c", 257), times("é", 129)]
        ),
        (
            #"{"type":"room.get""#, "room", [times("n", 1), times("n", 1_600)],
            [times("n", 0), times("n", 1_601)]
        ),
        (
            #"{"type":"room.create""#, "name",
            [
                times("n", 1), times("n", 100), times("日", 100), quoted(" \t n \n"),
                quoted("a b"), quoted("👩‍👩‍👧"),
            ],
            [
                times("n", 0), times("n", 101), times("日", 101), times(" ", 3), quoted("\n\t"),
                quoted("a\0b"), quoted("a\nb"), quoted("a\u{7F}b"), quoted("a\u{200B}b"),
                quoted("a\u{202E}b"), quoted("a\u{2028}b"), quoted("r_0000000000001"),
                times("👩‍👩‍👧", 100),
            ]
        ),
        (
            #"{"type":"room.update","room":"den""#, "name", [times("n", 100)],
            [times("n", 0), times("n", 101), quoted("r_0000000000001")]
        ),
        (
            #"{"type":"room.update","room":"den""#, "description",
            [times("n", 0), times("n", 500), times("日", 500)], [times("n", 501)]
        ),
        (
            #"{"type":"room.create","name":"N""#, "max_members", ["0", "2", "100000"],
            ["1", "100001", "999999999999999999"]
        ),
        (
            #"{"type":"room.update","room":"den""#, "slow_mode_seconds", ["0", "1", "21600"],
            ["21601", "999999999999999999"]
        ),
        (
            #"{"type":"room.update","room":"den""#, "retention_days", ["0", "1", "36500"],
            ["36501", "999999999999999999"]
        ),
        (
            #"{"type":"room.create","name":"N""#, "retention_messages", ["0", "1", "1000000000"],
            ["1000000001", "999999999999999999"]
        ),
        (
            #"{"type":"room.list""#, "limit", ["1", "100", "101", "999999999999999999"], ["0"]
        ),
        (#"{"type":"room.list""#, "offset", ["0", "999999999999999999"], ["-1"]),
        (
            #"{"type":"send","room":"den","text":"x""#, "reply_to",
            ["0", "1", "42", "999999999999999999"],
            ["1000000000000000000", "18446744073709551616"]
        ),
        (
            #"{"type":"member.kick","room":"den""#, "user",
            [quoted("u_0000000000000"), quoted("u_fzzzzzzzzzzzz")],
            [
                quoted(""), quoted("u_"), quoted("u_000000000000"), quoted("u_00000000000000"),
                quoted("u_gzzzzzzzzzzzz"), quoted("r_0000000000000"), quoted("u_000000000000i"),
                quoted("u_000000000000A"), quoted("Ada"),
            ]
        ),
        (
            #"{"type":"member.role","room":"den","user":"u_0000000000005""#, "role",
            [quoted("member"), quoted("moderator"), quoted("admin")],
            [quoted("owner"), quoted("Admin"), quoted("")]
        ),
        (
            #"{"type":"member.ban","room":"den","user":"u_0000000000005""#, "seconds",
            ["1", "315360000"], ["0", "315360001", "999999999999999999"]
        ),
        (
            #"{"type":"member.ban","room":"den","user":"u_0000000000005""#, "reason",
            [times("n", 0), times("n", 200), times("日", 200)],
            [times("n", 201), times("日", 201), times(" ", 3), quoted("a\nb")]
        ),
        (
            #"{"type":"member.mute","room":"den","user":"u_0000000000005""#, "until",
            [quoted("2026-01-02T03:04:05Z")], [quoted(""), quoted("tomorrow")]
        ),
        (
            #"{"type":"profile.update","avatar":"x""#, "display_name",
            [times("n", 0), times("n", 100), times("日", 100), quoted(" a b ")],
            [times("n", 101), times("日", 101), times(" ", 2), quoted("a\nb"), quoted("a\u{202E}b")]
        ),
        (
            #"{"type":"profile.update","avatar":"x""#, "status_text",
            [times("n", 0), times("n", 140)], [times("n", 141), quoted("a\0b")]
        ),
        (
            #"{"type":"profile.update""#, "avatar",
            [times("n", 0), times("n", 500), times("é", 250)],
            [times("n", 501), times("é", 251), quoted(" x"), quoted("a\nb")]
        ),
        (
            #"{"type":"presence.set""#, "status",
            [quoted("online"), quoted("away"), quoted("busy")],
            [quoted("offline"), quoted("Busy"), quoted("")]
        ),
        (
            #"{"type":"hello","name":"A""#, "client", [times("c", 0), times("c", 100)],
            [times("c", 101), times("é", 51)]
        ),
        (
            #"{"type":"hello","name":"A""#, "resume",
            ["{}", #"{ "a" : 1 , "b" : 0 }"#, #"{"\u0061":999999999999999999}"#],
            [
                #"{"a":-1}"#, #"{"a":"1"}"#, #"{"a":null}"#, #"{"a":{"b":1}}"#, #"{"a":1.0}"#,
                #"{"\ud800":1}"#, #"{"a":1000000000000000000}"#,
            ]
        ),
        (
            #"{"type":"search""#, "text",
            [
                times("n", 1), times("n", 256), times("日", 16), times("n ", 16), quoted("\"n"),
            ],
            [
                times("n", 0), times("n", 257), times("日", 17), times("n ", 17), quoted("?!"),
                quoted("\"\""),
            ]
        ),
        (
            #"{"type":"search","text":"x""#, "before",
            [quoted("2026-01-02T03:04:05Z"), quoted("2026-01-02T03:04:05.678Z")],
            [quoted(""), quoted("2026-01-02"), quoted("2026-01-02T03:04:05+01:00")]
        ),
        (#"{"type":"search","text":"x""#, "offset", ["0", "1000"], ["1001"]),
        (
            #"{"type":"search","text":"x""#, "order", [quoted("newest"), quoted("relevance")],
            [quoted(""), quoted("Newest")]
        ),
        (
            #"{"type":"react","room":"den","target":1"#, "emoji",
            [
                "👍", "👍🏽", "👩‍👩‍👧‍👦", "🇯🇵", "1️⃣", "©️", "®️", "❤️", "❤", "☺", "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            ].map(quoted),
            [
                "", "a", "1", "#", "©", "a\u{1F3FD}", "x\u{20E3}", " ", "👍👍", "👍 ", "é", "日", "\n",
                "\u{200D}", "\u{FE0F}",
            ].map(quoted)
                + [quoted("👍" + String(repeating: "\u{FE0F}", count: 21))]
        ),
    ]

    @Test(arguments: bounds)
    func `every key has its bounds`(start: String, key: String, good: [String], bad: [String]) {
        for value in good {
            #expect(refusal("\(start),\"\(key)\":\(value)}") == "accepted", "\(key): \(value)")
        }
        for value in bad {
            let refusal = refusal("\(start),\"\(key)\":\(value)}")
            #expect(refusal == "invalid_field \(key)", "\(key): \(value)")
        }
    }

    @Test func `a page is at most as long as its limit`() {
        func limit(_ text: String) -> Int? {
            switch command(text) {
            case .listRooms(_, let limit, _): limit
            case .joinedRooms(_, let limit): limit
            case .room(_, .members(_, let limit)): limit
            case .room(_, .history(_, let limit)): limit
            case .room(_, .events(_, let limit)): limit
            case .search(let request): request.limit
            default: nil
            }
        }
        let limits = Limits()
        for (start, largest) in [
            (#"{"type":"room.list""#, limits.listPage),
            (#"{"type":"room.joined""#, limits.joinedRoomsPage),
            (#"{"type":"room.members","room":"den""#, limits.listPage),
            (#"{"type":"history","room":"den""#, limits.historyPage),
            (#"{"type":"events","room":"den""#, limits.historyPage),
            (#"{"type":"search","text":"x""#, limits.searchPage),
        ] {
            #expect(limit("\(start),\"limit\":1}") == 1)
            #expect(limit("\(start),\"limit\":\(largest)}") == largest)
            #expect(limit("\(start),\"limit\":\(largest + 1)}") == largest)
            #expect(limit("\(start),\"limit\":0}") == nil)
        }
    }

    @Test func `a hello resumes at most as many rooms as one may have`() {
        var limits = Limits()
        limits.roomsPerUser = 3
        func hello(_ count: Int) -> String {
            let rooms = (0..<count).map { "\"room \($0)\":\($0)" }.joined(separator: ",")
            return #"{"type":"hello","name":"A","resume":{\#(rooms)}}"#
        }
        #expect(refusal(hello(3), limits: limits) == "accepted")
        #expect(refusal(hello(4), limits: limits) == "invalid_field resume")
    }

    @Test func `an empty text is an error of its own`() {
        #expect(refusal(#"{"type":"send","room":"den","text":""}"#) == "text_empty text")
        #expect(
            refusal(#"{"type":"edit","room":"den","target":1,"text":""}"#) == "text_empty text")
    }

    @Test func `unknown commands are told so`() {
        for type in ["", "Send", "send ", "room", "room.", "nothing", "hello\0", "😀"] {
            #expect(
                refusal(#"{"type":\#(quoted(type)),"room":"den"}"#) == "unknown_command", "\(type)")
        }
        #expect(refusal("{}") == "missing_field type")
    }

    @Test func `of several errors the one about the room is told`() {
        for (type, _) in Self.shortest
        where !["hello", "presence.set", "room.create"].contains(type) {
            let isAboutRoom = Self.shortest.contains {
                $0.type == type && $0.fields.first?.key == "room"
            }
            if isAboutRoom {
                #expect(refusal(#"{"type":"\#(type)","user":5,"text":5}"#) == "missing_field room")
            }
        }
    }
}
