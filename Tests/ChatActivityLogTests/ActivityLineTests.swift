// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

@testable import ChatActivityLog

struct ActivityLineTests {
    private func parse(_ activity: Activity) throws -> JSONValue {
        let text = String(decoding: ActivityLine(activity, at: evening).bytes, as: UTF8.self)
        #expect(text.hasSuffix("}\n"))
        return try #require(JSONValue(parsing: String(text.dropLast())), "\(text)")
    }

    /// Names that try to end the line, to forge another one, to move a cursor, to turn the text.
    static let hostile = [
        "a\n{\"event\":\"signed_in\"}", "a\r\nb", "\"},{\"", "back\\slash\\", "\u{0}\u{1}\u{1B}[2J",
        "\u{7F}\u{85}\u{9B}31m", "\u{2028}\u{2029}", "\u{202E}nimda", "\u{2066}x\u{2069}",
        "\u{61C}\u{200E}\u{200F}", "naïve 日本 👩‍👩‍👧 🇮🇩", "", " ", String(repeating: "\n", count: 500),
    ]

    @Test(arguments: hostile)
    func `no name can end or forge a line, and each comes back as it was`(_ name: String) throws {
        let user = UserReference(id: UserID(rawValue: 1), name: name)
        let room = ActivityRoom(id: RoomID(rawValue: 2), name: name)
        let activity = Activity.changed(
            .message(text: name, replyTo: nil), seq: SequenceNumber(rawValue: 1), subject: name,
            room, by: user)
        let bytes = ActivityLine(activity, at: evening).bytes
        #expect(bytes.count { $0 == UInt8(ascii: "\n") } == 1)
        let scalars = String(decoding: bytes.dropLast(), as: UTF8.self).unicodeScalars
        let hasControls = scalars.contains {
            [.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
                || $0.properties.isBidiControl
        }
        #expect(!hasControls)
        let line = try parse(activity)
        #expect(line["event"] == "message")
        #expect(line["room_name"].string.map { Array($0.utf8) } == Array(name.utf8))
        if !name.isEmpty {
            #expect(line["name"].string.map { Array($0.utf8) } == Array(name.utf8))
            #expect(line["text"].string.map { Array($0.utf8) } == Array(name.utf8))
        }
    }

    @Test func `a sign-in, a failed one and a sign-out say who, how and from where`() throws {
        let there: JSONValue = ["address": "192.0.2.7", "transport": "tcp"]
        func expect(_ activity: Activity, _ keys: [String: JSONValue]) throws {
            var expected = keys
            for key in there.keys { expected[key] = there[key] }
            expected["time"] = "2026-01-02T23:59:30.000Z"
            #expect(try parse(activity) == .object(expected))
        }
        let who: [String: JSONValue] = ["user": "\(ana.id)".json, "name": "ana"]
        for method in SignInMethod.allCases {
            try expect(
                .signedIn(ana, method: method, peer: peer),
                who.merging(["event": "signed_in", "method": method.text.json]) { $1 })
        }
        try expect(
            .signInRefused(.invalidCredentials, peer: peer),
            ["event": "sign_in_refused", "code": "invalid_credentials"])
        try expect(
            .signedOut(ana, isExplicit: true, peer: peer),
            who.merging(["event": "signed_out", "explicit": true]) { $1 })
    }

    @Test func `every change of a room has a line of its own kind`() throws {
        let user = UserID(rawValue: 9)
        let place = SequenceNumber(rawValue: 4)
        let file = MessageAttachment(
            id: "f_1", name: "secret.png", byteCount: 3, mediaType: "image/png", sha256: "00",
            preview: "data:image/png;base64,AAAA")
        let changes: [(LogChange, String, [String])] = [
            (.message(text: "x", replyTo: place), "message", ["reply_to", "text"]),
            (
                .post(Post(text: "x", attachments: [file])), "message",
                ["file_names", "files", "text"]
            ),
            (.edit(target: place, text: "x"), "edit", ["target", "text"]),
            (.delete(target: place), "delete", ["target"]),
            (.react(target: place, emoji: "👍"), "react", ["emoji", "target"]),
            (.unreact(target: place, emoji: "👍"), "unreact", ["emoji", "target"]),
            (.pin(target: place), "pin", ["target"]),
            (.unpin(target: place), "unpin", ["target"]),
            (.join(user: user, role: .member, logged: false), "join", ["role"]),
            (.accept(Acceptance(user: user, code: "i_secret", isLogged: true)), "join", ["role"]),
            (.leave(user: user, reason: .kicked, logged: true), "leave", ["reason"]),
            (.role(user: user, role: .moderator), "role", ["role"]),
            (.room(RoomChanges(name: "x", isPrivate: true)), "room_changed", ["keys"]),
            (.ban(user: user, Ban(until: evening, reason: "x")), "ban", ["reason", "until"]),
            (.unban(user: user), "unban", []),
            (.mute(user: user, until: .forever), "mute", []),
            (.unmute(user: user), "unmute", []),
        ]
        for (change, event, keys) in changes {
            let line = try parse(.changed(change, seq: place, subject: "bo", tea, by: ana))
            #expect(line["event"] == event.json)
            let common = ["event", "name", "room", "room_name", "seq", "time", "user"]
            let others = line.keys.filter { !common.contains($0) && !$0.hasPrefix("subject") }
            #expect(others == keys, "\(line)")
            // Neither bytes of files nor what lets somebody in.
            #expect(!"\(line)".contains("base64") && !"\(line)".contains("i_secret"))
        }
    }
}

extension String {
    var json: JSONValue { .string(self) }
}
