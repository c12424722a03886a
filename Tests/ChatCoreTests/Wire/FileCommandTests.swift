// SPDX-License-Identifier: MIT

import ChatTesting
import Testing

@testable import ChatCore

struct FileCommandTests {
    private static let den = RoomReference.name("den")

    private static func decode(_ text: String) -> CommandDecoder.Decoded {
        CommandDecoder(limits: Limits()).decode(Array(text.utf8).span)
    }

    private static func command(_ text: String) -> Command? {
        if case .command(let command, _) = decode(text) { command } else { nil }
    }

    private static func refusal(_ text: String) -> String {
        guard case .refused(let error, _) = decode(text) else { return "accepted" }
        return "\(error.code.rawValue) \(error.field ?? "")"
    }

    private static let examples: [(text: String, command: FileCommand)] = [
        (
            #"{"type":"upload.begin","room":"den","name":"a.png","bytes":5000000000,"sha256":"ab","#
                + #""width":3,"height":4,"duration_ms":5,"preview":"data:,"}"#,
            .begin(
                UploadDraft(
                    name: "a.png", bytes: 5_000_000_000, sha256: "ab", width: 3, height: 4,
                    durationMilliseconds: 5, preview: "data:,"), den)
        ),
        (
            #"{"type":"upload.chunk","upload":"f_1","offset":7,"data":"Zm9v"}"#,
            .chunk(upload: "f_1", offset: 7, Array("foo".utf8))
        ),
        (#"{"type":"upload.finish","upload":"f_1"}"#, .finish(upload: "f_1")),
        (#"{"type":"upload.status","upload":"f_1"}"#, .status(upload: "f_1")),
        (#"{"type":"upload.cancel","upload":"f_1"}"#, .cancel(upload: "f_1")),
        (
            #"{"type":"download","room":"den","file":"f_1","offset":7,"limit":9}"#,
            .download(file: "f_1", den, offset: 7, limit: 9)
        ),
        (#"{"type":"file.link","room":"den","file":"f_1"}"#, .link(file: "f_1", den)),
    ]

    @Test func `every command about files is read`() {
        for (text, command) in Self.examples {
            #expect(Self.command(text) == .file(command), "\(text)")
        }
    }

    private static let optional: Set = [
        "sha256", "width", "height", "duration_ms", "preview", "limit",
    ]

    @Test func `every key of every command about files is missed, or checked for its type`() throws
    {
        for (text, _) in Self.examples {
            guard case .object(let fields)? = JSONValue(parsing: text) else {
                Issue.record("no object: \(text)")
                return
            }
            for key in fields.keys where key != "type" {
                var rest = fields
                rest[key] = nil
                let isOptional =
                    Self.optional.contains(key)
                    || (key == "offset" && fields["type"] == "download")
                let expected = isOptional ? "accepted" : "missing_field \(key)"
                #expect(Self.refusal(JSONValue.object(rest).description) == expected)
                rest[key] = .null
                #expect(Self.refusal(JSONValue.object(rest).description) == expected)
                let isText = fields[key]?.string != nil
                let wrong: [JSONValue] =
                    isText ? [5, true, ["x"], [:]] : ["5", true, -1, [1], [:]]
                for value in wrong {
                    rest[key] = value
                    #expect(
                        Self.refusal(JSONValue.object(rest).description) == "invalid_field \(key)")
                }
            }
            let repeated = String(text.dropLast()) + #","type":"ping"}"#
            #expect(Self.refusal(repeated) == "accepted")
        }
        #expect(
            Self.refusal(#"{"type":"upload.chunk","upload":"f","offset":0,"data":"Zg="}"#)
                == "invalid_field data")
        // As in every command the last one counts.
        #expect(
            Self.command(#"{"type":"upload.finish","upload":"f","upload":"g"}"#)
                == .file(.finish(upload: "g")))
    }

    @Test func `a message with files has their ids, and may have no text`() {
        func files(_ ids: [String]) -> [MessageAttachment] {
            ids.map {
                MessageAttachment(id: $0, name: "", byteCount: 0, mediaType: "", sha256: "")
            }
        }
        func post(_ text: String, _ ids: [String], replyTo: SequenceNumber? = nil) -> Command {
            .room(
                Self.den,
                .write(
                    .post(Post(text: text, replyTo: replyTo, attachments: files(ids))),
                    clientID: "k"))
        }
        let start = #"{"type":"send","room":"den","client_id":"k","#
        #expect(Self.command(start + #""attachments":["f_1"]}"#) == post("", ["f_1"]))
        #expect(Self.command(start + #""text":"","attachments":["f_1"]}"#) == post("", ["f_1"]))
        #expect(
            Self.command(start + #""text":"hi","reply_to":4,"attachments":["f_1","f_2"]}"#)
                == post("hi", ["f_1", "f_2"], replyTo: 4))
        let ten = (0..<10).map { "\"f_\($0)\"" }.joined(separator: ",")
        #expect(Self.command(start + "\"attachments\":[\(ten)]}") != nil)
        #expect(
            Self.refusal(start + "\"attachments\":[\(ten),\"f_x\"]}") == "invalid_field attachments"
        )
        let plain = Command.room(
            Self.den, .write(.message(text: "hi", replyTo: nil), clientID: "k"))
        #expect(Self.command(start + #""text":"hi","attachments":[]}"#) == plain)
        #expect(Self.command(start + #""text":"hi","attachments":null}"#) == plain)
        #expect(Self.refusal(start + #""attachments":[]}"#) == "missing_field text")
        #expect(Self.refusal(start + #""text":5,"attachments":["f_1"]}"#) == "invalid_field text")
    }

    @Test func `what waits for files is a barrier, a message without is not`() {
        let files = Self.command(#"{"type":"send","room":"den","attachments":["f_1"]}"#)
        #expect(files?.work == .barrier && files?.kind == .message)
        let plain = Self.command(#"{"type":"send","room":"den","text":"x"}"#)
        #expect(plain?.work == .write && plain?.kind == .message)
        for (text, _) in Self.examples {
            #expect(Self.command(text)?.work == .barrier)
            let begins = text.contains("upload.begin")
            #expect(Self.command(text)?.kind == (begins ? .upload : .file))
            #expect(Self.command(text)?.cost(Limits()) == 0)
        }
    }
}
