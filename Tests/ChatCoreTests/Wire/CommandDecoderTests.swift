// SPDX-License-Identifier: MIT

import ChatTesting
import Testing

@testable import ChatCore

@Suite struct CommandDecoderTests {
    @Test(arguments: Examples.all)
    func `every command is read`(text: String, expected: Command) {
        #expect(decode(text).result == .success(expected))
        #expect(decode(text).id == nil)
    }

    @Test func `what is optional has a value of its own`() {
        let room = Examples.room
        let limits = Limits()
        #expect(
            command(#"{"type":"hello","name":"A"}"#)
                == .hello(
                    HelloCommand(name: "A", token: nil, keepsName: false, resume: [], client: nil)))
        #expect(
            command(#"{"type":"hello","token":"t","resume":{}}"#)
                == .hello(
                    HelloCommand(name: nil, token: "t", keepsName: false, resume: [], client: nil)))
        #expect(command(#"{"type":"room.create","name":"N"}"#) == .createRoom(NewRoom(name: "N")))
        #expect(
            command(#"{"type":"room.joined"}"#)
                == .joinedRooms(offset: 0, limit: limits.joinedRoomsPageDefault))
        #expect(
            command(#"{"type":"room.list"}"#)
                == .listRooms(offset: 0, limit: limits.listPageDefault, watches: false))
        #expect(
            command(#"{"type":"room.invite","room":"den","user":"u_0000000000005"}"#)
                == .room(
                    room, .invite(Examples.user, .after(seconds: limits.invitationSeconds))))
        #expect(command(#"{"type":"room.join","room":"den"}"#) == .room(room, .join(after: nil)))
        #expect(
            command(#"{"type":"room.update","room":"den"}"#)
                == .room(room, .update(RoomChanges())))
        #expect(
            command(#"{"type":"room.members","room":"den"}"#)
                == .room(room, .members(offset: 0, limit: limits.listPageDefault)))
        #expect(
            command(#"{"type":"send","room":"den","text":"x"}"#)
                == .room(room, .write(.message(text: "x", replyTo: nil), clientID: nil)))
        #expect(
            command(#"{"type":"history","room":"den"}"#)
                == .room(room, .history(.latest, limit: limits.historyPageDefault)))
        #expect(
            command(#"{"type":"search","text":"tea"}"#)
                == .search(SearchRequest(pattern: Examples.pattern("tea"))))
        #expect(
            command(#"{"type":"events","room":"den"}"#) == .room(room, .events(after: 0, limit: 50))
        )
        #expect(command(#"{"type":"typing","room":"den"}"#) == .room(room, .typing(true)))
        #expect(
            command(#"{"type":"receipt","room":"den","read":4}"#)
                == .room(room, .receipt(delivered: nil, read: 4)))
        #expect(
            command(#"{"type":"receipt","room":"den","delivered":4}"#)
                == .room(room, .receipt(delivered: 4, read: nil)))
    }

    @Test(arguments: [
        (#""before":9"#, HistoryQuery.Anchor.before(9)), (#""after":9"#, .after(9)),
        (#""around":9"#, .around(9)), (#""limit":5"#, .latest),
        (#""before":"1970-01-01T00:00:01Z""#, .beforeTime(Timestamp(milliseconds: 1_000))),
        (#""after":"1970-01-01T00:00:01.5Z""#, .afterTime(Timestamp(milliseconds: 1_500))),
        (#""around":"1970-01-01T00:00:02Z""#, .aroundTime(Timestamp(milliseconds: 2_000))),
    ])
    func `a page of history has its anchor`(field: String, anchor: HistoryQuery.Anchor) {
        let command = command(#"{"type":"history","room":"den",\#(field),"limit":5}"#)
        #expect(command == .room(Examples.room, .history(anchor, limit: 5)))
    }

    @Test func `every status but offline and every role but owner can be asked for`() {
        for status in PresenceStatus.allCases {
            let text = #"{"type":"presence.set","status":"\#(status.name)"}"#
            #expect(command(text) == (status == .offline ? nil : .presence(status)))
        }
        for role in Role.allCases {
            let text =
                #"{"type":"member.role","room":"den","role":"\#(role.name)","#
                + #""user":"u_0000000000005"}"#
            let expected = Command.room(Examples.room, .setRole(Examples.user, role))
            #expect(command(text) == (role == .owner ? nil : expected))
        }
    }

    @Test func `a room is named by id or by name`() {
        let cases: [(String, RoomReference)] = [
            ("r_0000000000001", .id(RoomID(rawValue: 1))),
            ("r_fzzzzzzzzzzzz", .id(RoomID(rawValue: .max))),
            ("r_000000000000", .name("r_000000000000")),
            ("R_0000000000001", .name("R_0000000000001")),
            ("u_0000000000001", .name("u_0000000000001")),
            ("r_gzzzzzzzzzzzz", .name("r_gzzzzzzzzzzzz")), ("  den ", .name("  den ")),
            ("日本", .name("日本")),
        ]
        for (text, reference) in cases {
            let command = command(#"{"type":"room.get","room":"\#(text)"}"#)
            #expect(command == .room(reference, .get), "\(text)")
        }
    }

    // MARK: Keys

    @Test func `unknown keys are passed over, whatever they hold`() {
        for value in ["1", "null", #""x""#, "[1,[2]]", #"{"type":"logout"}"#, "true", "-0.5e+3"] {
            #expect(
                command(#"{"x":\#(value),"type":"ping","type2":\#(value)}"#) == .ping, "\(value)")
        }
        let longest = String(repeating: "k", count: 300)
        #expect(command(#"{"":0,"\#(longest)":1,"type":"ping"}"#) == .ping)
        #expect(command(#"{"\ud800":0,"type":"ping"}"#) == .ping)
        #expect(command(#"{"TYPE":"logout","type":"ping"}"#) == .ping)
    }

    @Test func `of a repeated key the last value counts`() {
        #expect(command(#"{"type":"logout","type":"ping"}"#) == .ping)
        #expect(command(#"{"type":5,"type":"ping"}"#) == .ping)
        #expect(refusal(#"{"type":"ping","type":null}"#) == "missing_field type")
        #expect(refusal(#"{"type":"ping","type":5}"#) == "invalid_field type")
    }

    @Test func `keys may be written with escapes`() {
        #expect(command(#"{"\u0074ype":"ping"}"#) == .ping)
        #expect(command(#"{"\u0074\u0079\u0070\u0065":"\u0070ing"}"#) == .ping)
        #expect(refusal(#"{"\\u0074ype":"ping"}"#) == "missing_field type")
    }

    @Test func `every known key is found and no other`() {
        for key in CommandKey.allCases {
            let name = "\(key.wire)"
            #expect(CommandKey.find(name.utf8.span) == key)
            for other in [name + "x", String(name.dropLast()), name.uppercased()] {
                #expect(CommandKey.find(other.utf8.span).map { "\($0.wire)" } != name, "\(other)")
            }
        }
        #expect(CommandKey.find("".utf8.span) == nil)
    }

    @Test func `null counts as absent`() {
        #expect(
            decode(#"{"type":"send","room":"den","text":"x","client_id":null,"reply_to":null}"#)
                .result
                == .success(
                    .room(
                        Examples.room, .write(.message(text: "x", replyTo: nil), clientID: nil))))
        #expect(refusal(#"{"type":"send","room":null,"text":"x"}"#) == "missing_field room")
        #expect(refusal(#"{"type":null}"#) == "missing_field type")
        #expect(decode(#"{"type":"ping","id":null}"#).id == nil)
        #expect(command(#"{"type":"ping","id":null}"#) == .ping)
    }

    // MARK: The request id

    static let idLimit = Limits().requestIDBytes

    @Test(arguments: [
        "0", "7", "-1", "1.5e3", #""a""#, #""""#, #""\n\u0041\"""#, #""😀""#,
        "\"" + String(repeating: "a", count: idLimit) + "\"",
        "1" + String(repeating: "0", count: idLimit - 1),
    ])
    func `an id comes back as it was written`(id: String) {
        let decoded = decode(#"{"type":"ping","id":\#(id)}"#)
        #expect(decoded.id == id)
        #expect(decoded.result == .success(.ping))
        let refused = decode(#"{"id": \#(id) ,"type":"nothing"}"#)
        #expect(refused.id == id)
        #expect(refused.result != .success(.ping))
    }

    @Test(arguments: [
        "true", "false", "[]", "{}", "[1]",
        "\"" + String(repeating: "a", count: idLimit + 1) + "\"",
        "1" + String(repeating: "0", count: idLimit),
    ])
    func `an id that is no short scalar is refused and not repeated`(id: String) {
        let text = #"{"type":"ping","id":\#(id)}"#
        #expect(refusal(text) == "invalid_field id")
        #expect(decode(text).id == nil)
    }

    // MARK: Text

    private func message(_ json: String) -> String? {
        let text = #"{"type":"send","room":"den","text":\#(json)}"#
        guard case .room(_, .write(.message(let message, _), _))? = command(text) else {
            return nil
        }
        return message
    }

    @Test(arguments: [
        " ", "\0", "a\0b", "\n", "a\r\nb\t", "[1,2]", "{\"type\":\"ping\"}", "[", "{", "\"", "\\",
        "\\u0041", "😀", "👩‍👩‍👧‍👦", "🇯🇵", "e\u{301}", "é", "\u{7F}", "\u{80}", "\u{FFFF}",
        "\u{10FFFF}", "\u{FEFF}", "\u{2028}", "مرحبا", "null", "0",
    ])
    func `a text arrives as it was sent, escaped or not`(text: String) {
        #expect(message(quoted(text)).map { Array($0.utf8) } == Array(text.utf8))
        let escaped = text.utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        let json = "\"" + escaped.joined() + "\""
        #expect(message(json).map { Array($0.utf8) } == Array(text.utf8))
        #expect(message(json.uppercased().replacing("\\U", with: "\\u")) == message(json))
    }

    @Test func `short escapes are read`() {
        #expect(message(#""\"\\\/\b\f\n\r\t""#) == "\"\\/\u{8}\u{C}\n\r\t")
    }

    @Test(arguments: [
        #""\ud800""#, #""\udc00""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\u0041""#,
        #""\ud83d\ud83d""#, #""\ude00\ud83d""#, #""\ud83d\"# + #"\ude00""#, #""x\udbff""#,
    ])
    func `half a surrogate pair is no text`(json: String) {
        let text = #"{"type":"send","room":"den","text":\#(json)}"#
        #expect(refusal(text) == "invalid_field text")
    }

    @Test(arguments: ["a", "é", "日", "😀", "e\u{301}"])
    func `a text has at most as many scalars as the limit`(unit: String) {
        let limit = Limits().textScalars
        let scalars = unit.unicodeScalars.count
        let longest = String(repeating: unit, count: limit / scalars)
        #expect(message(quoted(longest)) == longest)
        let text = #"{"type":"send","room":"den","text":\#(quoted(longest + "a"))}"#
        #expect(refusal(text) == "text_too_long text")
        let edit = #"{"type":"edit","room":"den","target":1,"text":\#(quoted(longest + "a"))}"#
        #expect(refusal(edit) == "text_too_long text")
    }

    @Test func `a text has at most as many bytes as the limit`() {
        var limits = Limits()
        limits.textBytes = 8
        func refusal(_ text: String) -> String {
            ChatCoreTests.refusal(
                #"{"type":"send","room":"den","text":"\#(text)"}"#, limits: limits)
        }
        #expect(refusal("😀😀") == "accepted")
        #expect(refusal("😀😀a") == "text_too_long text")
    }

    // MARK: The whole message

    @Test func `a message has at most as many bytes as the limit`() {
        let limit = Limits().frameBytes
        let text = #"{"type":"ping"}"#
        let padding = String(repeating: " ", count: limit - text.utf8.count)
        #expect(command(text + padding) == .ping)
        #expect(refusal(text + padding + " ") == "too_large")
        #expect(decode(#"{"id":1,"type":"ping"}"# + padding).id == nil)
    }

    @Test func `a message is nested as deep as the limit and no deeper`() {
        func nested(_ open: String, _ close: String, _ depth: Int) -> String {
            // The command itself is the first level.
            let value =
                String(repeating: open, count: depth - 1) + "1"
                + String(repeating: close, count: depth - 1)
            return #"{"type":"ping","x":\#(value)}"#
        }
        let limit = Limits().jsonDepth
        for (open, close) in [("[", "]"), (#"{"a":"#, "}"), ("[[{\"a\":", "}]]")] {
            let levels = open.count { $0 == "[" || $0 == "{" }
            let deepest = (limit - 1) / levels + 1
            #expect(command(nested(open, close, deepest)) == .ping)
            #expect(refusal(nested(open, close, deepest + 1)) == "bad_json")
        }
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98],
            [0xF4, 0x90, 0x80, 0x80], [0xFF],
        ] as [[UInt8]])
    func `bytes that are no UTF-8 are refused wherever they stand`(bytes: [UInt8]) {
        let places = [
            (#"{"type":"send","room":"den","text":""#, #""}"#), (#"{"type":"ping","x":""#, #""}"#),
            (#"{""#, #"":1,"type":"ping"}"#), (#"{"type":"ping"}"#, ""), ("", ""),
        ]
        for (before, after) in places {
            let decoded = decode(Array(before.utf8) + bytes + Array(after.utf8))
            guard case .failure(let error) = decoded.result else {
                Issue.record("accepted \(bytes) after \(before)")
                continue
            }
            #expect(error.code == .badUTF8)
        }
    }
}
