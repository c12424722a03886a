// SPDX-License-Identifier: MIT

@testable import ChatCore
import Testing

/// Every command and every error of every field.
@Suite struct CommandDecoderTests {
    static func decode(_ text: String, _ limits: Limits = Limits()) -> CommandDecoder.Decoded {
        let bytes = Array(text.utf8)
        return CommandDecoder(limits: limits).decode(bytes.span)
    }

    private static func error(_ text: String, _ limits: Limits = Limits()) -> String {
        guard case .failure(let error) = decode(text, limits).result else { return "none" }
        return error.code.rawValue + (error.field.map { " \($0)" } ?? "")
    }

    private static let tea = RoomReference.name("tea")
    private static let user = UserID(rawValue: 1)

    static let accepted: [(String, Command)] = [
        (#"{"type":"ping"}"#, .ping), (#"{"type":"whoami"}"#, .whoami),
        (#"{"type":"logout"}"#, .logout),
        (#"{"type":"presence.set","status":"away"}"#, .presence(.away)),
        (#"{"type":"room.create","name":" Tea room "}"#, .createRoom(NewRoom(name: "Tea room"))),
        (
            #"{"type":"room.create","name":"t","description":"d","private":true,"max_members":2}"#,
            .createRoom(NewRoom(name: "t", description: "d", isPrivate: true, maximumMembers: 2))
        ),
        (#"{"type":"room.list"}"#, .listRooms(offset: 0, limit: 20, watches: false)),
        (
            #"{"type":"room.list","offset":5,"limit":1000,"watch":true}"#,
            .listRooms(offset: 5, limit: 100, watches: true)
        ),
        (#"{"type":"room.get","room":"tea"}"#, .room(tea, .get)),
        (#"{"type":"room.get","room":"r_0000000000001"}"#, .room(.id(RoomID(rawValue: 1)), .get)),
        (#"{"type":"room.join","room":"tea"}"#, .room(tea, .join(after: nil))),
        (#"{"type":"room.join","room":"tea","after":3}"#, .room(tea, .join(after: 3))),
        (#"{"type":"room.leave","room":"tea"}"#, .room(tea, .leave)),
        (#"{"type":"room.delete","room":"tea"}"#, .room(tea, .delete)),
        (#"{"type":"room.members","room":"tea"}"#, .room(tea, .members(offset: 0, limit: 20))),
        (
            #"{"type":"room.update","room":"tea","slow_mode_seconds":0}"#,
            .room(tea, .update(RoomChanges(slowModeSeconds: 0)))
        ),
        (
            #"{"type":"room.transfer","room":"tea","user":"u_0000000000001"}"#,
            .room(tea, .setRole(user, .owner))
        ),
        (
            #"{"type":"member.kick","room":"tea","user":"u_0000000000001"}"#,
            .room(tea, .kick(user))
        ),
        (
            #"{"type":"member.role","room":"tea","user":"u_0000000000001","role":"admin"}"#,
            .room(tea, .setRole(user, .admin))
        ),
        (
            #"{"type":"send","room":"tea","text":"x","client_id":"k","reply_to":1}"#,
            .room(tea, .write(.message(text: "x", replyTo: 1), clientID: "k"))
        ),
        (
            #"{"type":"send","room":"tea","text":"x","client_id":null}"#,
            .room(tea, .write(.message(text: "x", replyTo: nil), clientID: nil))
        ),
        (
            #"{"type":"edit","room":"tea","target":1,"text":"y"}"#,
            .room(tea, .write(.edit(target: 1, text: "y"), clientID: nil))
        ),
        (#"{"type":"delete","room":"tea","target":1}"#, .room(tea, .write(.delete(target: 1), clientID: nil))),
        (
            #"{"type":"react","room":"tea","target":1,"emoji":"👍🏽"}"#,
            .room(tea, .write(.react(target: 1, emoji: "👍🏽"), clientID: nil))
        ),
        (
            #"{"type":"unreact","room":"tea","target":1,"emoji":"❤️"}"#,
            .room(tea, .write(.unreact(target: 1, emoji: "❤️"), clientID: nil))
        ),
        (#"{"type":"pin","room":"tea","target":1}"#, .room(tea, .write(.pin(target: 1), clientID: nil))),
        (#"{"type":"unpin","room":"tea","target":1}"#, .room(tea, .write(.unpin(target: 1), clientID: nil))),
        (#"{"type":"history","room":"tea"}"#, .room(tea, .history(.latest, limit: 50))),
        (#"{"type":"history","room":"tea","before":9,"limit":3}"#, .room(tea, .history(.before(9), limit: 3))),
        (#"{"type":"history","room":"tea","after":9,"limit":201}"#, .room(tea, .history(.after(9), limit: 200))),
        (#"{"type":"history","room":"tea","around":9}"#, .room(tea, .history(.around(9), limit: 50))),
        (#"{"type":"events","room":"tea","after":2}"#, .room(tea, .events(after: 2, limit: 50))),
        (#"{"type":"typing","room":"tea"}"#, .room(tea, .typing(true))),
        (#"{"type":"typing","room":"tea","on":false}"#, .room(tea, .typing(false))),
        (#"{"type":"receipt","room":"tea","read":5}"#, .room(tea, .receipt(delivered: nil, read: 5))),
        (#"{"type":"receipt","room":"tea","delivered":5}"#, .room(tea, .receipt(delivered: 5, read: nil))),
        (#"{"type":"readers","room":"tea","seq":5}"#, .room(tea, .readers(5))),
    ]

    @Test(arguments: accepted) func `a command is read`(_ text: String, _ command: Command) {
        #expect(Self.decode(text).result == .success(command))
    }

    @Test func `hello has all of its keys`() {
        let text =
            #"{"type":"hello","name":"ana","token":"t","keep_name":true,"client":"c","resume":{"general":3,"r_0000000000001":0}}"#
        guard case .success(.hello(let hello)) = Self.decode(text).result else {
            Issue.record("refused")
            return
        }
        #expect(hello.name == "ana" && hello.token == "t" && hello.keepsName && hello.client == "c")
        #expect(hello.resume.map(\.room) == ["general", "r_0000000000001"])
        #expect(hello.resume.map(\.seq) == [3, 0])
    }

    static let refused: [(String, String)] = [
        (#"{}"#, "missing_field type"), (#"{"type":null}"#, "missing_field type"),
        (#"{"type":1}"#, "invalid_field type"), (#"{"type":"Ping"}"#, "unknown_command"),
        (#"{"type":"hello"}"#, "missing_field name"),
        (#"{"type":"hello","name":5}"#, "invalid_field name"),
        (#"{"type":"hello","token":5}"#, "invalid_field token"),
        (#"{"type":"hello","name":"a","keep_name":1}"#, "invalid_field keep_name"),
        (#"{"type":"hello","name":"a","resume":[]}"#, "invalid_field resume"),
        (#"{"type":"hello","name":"a","resume":{"x":-1}}"#, "invalid_field resume"),
        (#"{"type":"hello","name":"a","resume":{"x":"1"}}"#, "invalid_field resume"),
        (#"{"type":"hello","name":"a","resume":{"x":1.5}}"#, "invalid_field resume"),
        (#"{"type":"presence.set"}"#, "missing_field status"),
        (#"{"type":"presence.set","status":"offline"}"#, "invalid_field status"),
        (#"{"type":"room.create"}"#, "missing_field name"),
        (#"{"type":"room.create","name":"  "}"#, "invalid_field name"),
        (#"{"type":"room.create","name":"r_0000000000001"}"#, "invalid_field name"),
        (#"{"type":"room.create","name":"a","private":"yes"}"#, "invalid_field private"),
        (#"{"type":"room.create","name":"a","max_members":1}"#, "invalid_field max_members"),
        (#"{"type":"room.create","name":"a","max_members":-1}"#, "invalid_field max_members"),
        (#"{"type":"room.list","offset":-1}"#, "invalid_field offset"),
        (#"{"type":"room.list","limit":0}"#, "invalid_field limit"),
        (#"{"type":"room.list","watch":"x"}"#, "invalid_field watch"),
        (#"{"type":"room.get"}"#, "missing_field room"),
        (#"{"type":"room.get","room":""}"#, "invalid_field room"),
        (#"{"type":"room.get","room":{}}"#, "invalid_field room"),
        (#"{"type":"room.update","room":"t","slow_mode_seconds":21601}"#, "invalid_field slow_mode_seconds"),
        (#"{"type":"member.kick","room":"t"}"#, "missing_field user"),
        (#"{"type":"member.kick","room":"t","user":"bo"}"#, "invalid_field user"),
        (#"{"type":"member.role","room":"t","user":"u_0000000000001"}"#, "missing_field role"),
        (#"{"type":"member.role","room":"t","user":"u_0000000000001","role":"owner"}"#, "invalid_field role"),
        (#"{"type":"send","text":"x"}"#, "missing_field room"),
        (#"{"type":"send","room":"t"}"#, "missing_field text"),
        (#"{"type":"send","room":"t","text":""}"#, "text_empty text"),
        (#"{"type":"send","room":"t","text":["x"]}"#, "invalid_field text"),
        (#"{"type":"send","room":"t","text":"x","client_id":""}"#, "invalid_field client_id"),
        (#"{"type":"send","room":"t","text":"x","reply_to":"1"}"#, "invalid_field reply_to"),
        (#"{"type":"send","room":"t","text":"\ud800"}"#, "invalid_field text"),
        (#"{"type":"edit","room":"t","text":"x"}"#, "missing_field target"),
        (#"{"type":"react","room":"t","target":1}"#, "missing_field emoji"),
        (#"{"type":"react","room":"t","target":1,"emoji":"x"}"#, "invalid_field emoji"),
        (#"{"type":"react","room":"t","target":1,"emoji":"👍👍"}"#, "invalid_field emoji"),
        (#"{"type":"receipt","room":"t"}"#, "missing_field read"),
        (#"{"type":"receipt","room":"t","read":1e3}"#, "invalid_field read"),
        (#"{"type":"readers","room":"t"}"#, "missing_field seq"),
        (#"{"type":"typing","room":"t","on":0}"#, "invalid_field on"),
        (#"{"type":"ping","id":{}}"#, "invalid_field id"),
        (#"{"type":"ping","id":true}"#, "invalid_field id"),
    ]

    @Test(arguments: refused) func `a wrong field is named`(_ text: String, _ expected: String) {
        #expect(Self.error(text) == expected)
    }

    @Test(arguments: [("5", "5"), (#""a""#, #""a""#), ("-1.5e2", "-1.5e2"), ("null", nil)])
    func `the id comes back as it was written`(_ id: String, _ expected: String?) {
        #expect(Self.decode(#"{"id":\#(id),"type":"ping"}"#).id == expected)
        #expect(Self.decode(#"{"id":\#(id),"type":"x"}"#).id == expected)
    }

    @Test func `of a repeated key the last counts, an escaped key is the key, others are passed over`() {
        #expect(Self.decode(#"{"type":"x","type":"ping"}"#).result == .success(.ping))
        #expect(Self.decode(#"{"\u0074ype":"ping"}"#).result == .success(.ping))
        #expect(Self.decode(#"{"typ":1,"types":[{"type":2}],"":0,"type":"ping"}"#).result == .success(.ping))
        #expect(Self.decode(#"{"type":"p\u0069ng"}"#).result == .success(.ping))
    }

    // MARK: Limits

    @Test(arguments: [("a", 4_000), ("é", 4_000), ("🙂", 4_000), ("\\u0000", 4_000), ("\\ud83d\\ude42", 4_000)])
    func `a text has so many scalars and not one more`(_ scalar: String, _ count: Int) {
        func send(_ count: Int) -> String {
            #"{"type":"send","room":"t","text":"\#(String(repeating: scalar, count: count))"}"#
        }
        #expect(Self.error(send(count)) == "none")
        #expect(Self.error(send(count + 1)) == "text_too_long text")
    }

    @Test func `a message has so many bytes and not one more`() {
        var limits = Limits()
        limits.frameBytes = 40
        let ping = #"{"type":"ping"}"#
        let padded = ping + String(repeating: " ", count: 40 - ping.utf8.count)
        #expect(Self.error(padded, limits) == "none")
        #expect(Self.error(padded + " ", limits) == "too_large")
    }

    @Test func `nesting has its depth and not one more`() {
        func nested(_ depth: Int) -> String {
            // The object itself is the first level.
            let arrays = String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1)
            return #"{"type":"ping","x":\#(arrays)}"#
        }
        #expect(Self.error(nested(16)) == "none")
        #expect(Self.error(nested(17)) == "bad_json")
    }

    @Test(arguments: [("client_id", 256, "invalid_field client_id"), ("id", 64, "invalid_field id")])
    func `client ids and ids have so many bytes and not one more`(
        _ key: String, _ bytes: Int, _ error: String
    ) {
        func send(_ count: Int) -> String {
            #"{"type":"send","room":"t","text":"x","\#(key)":"\#(String(repeating: "k", count: count))"}"#
        }
        #expect(Self.error(send(bytes)) == "none")
        #expect(Self.error(send(bytes + 1)) == error)
    }

    @Test(arguments: [("name", 100), ("description", 500)])
    func `names and descriptions have so many characters and not one more`(
        _ key: String, _ count: Int
    ) {
        func update(_ count: Int) -> String {
            let text = String(repeating: "n", count: count)
            return #"{"type":"room.update","room":"t","\#(key)":"\#(text)"}"#
        }
        #expect(Self.error(update(count)) == "none")
        #expect(Self.error(update(count + 1)) == "invalid_field \(key)")
    }

    @Test func `hello resumes so many rooms and not one more`() {
        var limits = Limits()
        limits.roomsPerUser = 2
        func hello(_ count: Int) -> String {
            let entries = (0..<count).map { #""r\#($0)":1"# }.joined(separator: ",")
            return #"{"type":"hello","name":"a","resume":{\#(entries)}}"#
        }
        #expect(Self.error(hello(2), limits) == "none")
        #expect(Self.error(hello(3), limits) == "invalid_field resume")
    }

    @Test func `a place has at most eighteen digits`() {
        let digits = String(repeating: "9", count: 18)
        #expect(Self.error(#"{"type":"readers","room":"t","seq":\#(digits)}"#) == "none")
        #expect(Self.error(#"{"type":"readers","room":"t","seq":\#(digits)9}"#) == "invalid_field seq")
    }
}
