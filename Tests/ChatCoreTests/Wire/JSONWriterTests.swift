// SPDX-License-Identifier: MIT

import ChatTesting
import Foundation
import Testing

@testable import ChatCore

@Suite struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        body(&writer)
        return writer.bytes
    }

    private func text(_ body: (inout JSONWriter) -> Void) -> String {
        String(decoding: written(body), as: UTF8.self)
    }

    static let texts =
        (0...127).map { String(Unicode.Scalar($0)) } + [
            "", "plain", "a\"b\\c/d", "\"", "\\\\", "\n\r\t\u{8}\u{C}", "line\nline", "\0\0",
            "end\\", "é", "e\u{301}", "日本語", "😀", "👩‍👩‍👧‍👦", "🇯🇵", "\u{80}", "\u{7FF}", "\u{800}",
            "\u{FFFF}", "\u{10000}", "\u{10FFFF}", "\u{FEFF}", "\u{2028}\u{2029}", "\u{FFFD}",
            "مرحبا", "</script>", String(repeating: "x\n", count: 1_000),
        ]

    @Test(arguments: texts)
    func `every text comes back`(text: String) throws {
        for sample in [text, "a" + text, text + "b", "a" + text + text + "b"] {
            let bytes = written { $0.string(sample) }
            // One line, so that it can be a message of the line protocol.
            #expect(!bytes.contains { $0 < 0x20 })
            let ours = JSONValue(utf8: bytes)?.string
            #expect(ours.map { Array($0.utf8) } == Array(sample.utf8))
            // Foundation takes a byte order mark at the start of any string away.
            if sample.unicodeScalars.first == "\u{FEFF}" { continue }
            let theirs = try JSONSerialization.jsonObject(
                with: Data(bytes), options: .fragmentsAllowed)
            #expect((theirs as? String).map { Array($0.utf8) } == Array(sample.utf8))
        }
    }

    @Test func `a text that is no native string comes back as well`() {
        for sample in ["plain", "a\"b\\\n\0é😀"] {
            let bridged = String(sample.map { $0 })
            let slice = String(("x" + sample + "y").dropFirst().dropLast())
            for text in [bridged, slice] {
                #expect(JSONValue(utf8: written { $0.string(text) }) == .string(sample))
            }
        }
    }

    @Test(
        arguments: [
            (0, "0"), (1, "1"), (9, "9"), (10, "10"), (99, "99"), (100, "100"), (-1, "-1"),
            (-10, "-10"), (.max, "9223372036854775807"), (.min, "-9223372036854775808"),
        ] as [(Int, String)])
    func `whole numbers are written to their bounds`(number: Int, expected: String) {
        #expect(text { $0.number(number) } == expected)
    }

    @Test func `unsigned numbers are written to their bounds`() {
        #expect(text { $0.number(UInt64.min) } == "0")
        #expect(text { $0.number(UInt64.max) } == "18446744073709551615")
        var power: UInt64 = 1
        for _ in 0..<19 {
            power *= 10
            for number in [power - 1, power, power + 1] {
                #expect(text { $0.number(number) } == String(number))
            }
        }
    }

    @Test func `commas stand between values and nowhere else`() {
        let result = text { writer in
            writer.beginObject()
            writer.key("a")
            writer.beginArray()
            writer.endArray()
            writer.key("b")
            writer.beginArray()
            for _ in 0..<2 {
                writer.beginObject()
                writer.endObject()
            }
            writer.number(1)
            writer.number(UInt64(2))
            writer.number(-3)
            writer.bool(true)
            writer.bool(false)
            writer.string("s")
            writer.plain("p")
            writer.raw("null" as StaticString)
            writer.raw("0.5" as String)
            writer.room(room1)
            writer.user(alice)
            writer.time(Timestamp(milliseconds: 0))
            writer.endArray()
            writer.key("c")
            writer.number(0)
            writer.endObject()
        }
        #expect(
            result == #"{"a":[],"b":[{},{},1,2,-3,true,false,"s","p",null,0.5,"#
                + #""r_0000000000001","u_0000000000001","1970-01-01T00:00:00.000Z"],"c":0}"#)
    }

    @Test func `a reset writer starts anew`() {
        var writer = JSONWriter()
        writer.number(1)
        writer.reset()
        writer.number(2)
        #expect(writer.bytes == Array("2".utf8))
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (1_767_323_045_678, "2026-01-02T03:04:05.678Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func `a time is written in RFC 3339`(milliseconds: Int64, expected: String) {
        let bytes = written { $0.time(Timestamp(milliseconds: milliseconds)) }
        #expect(JSONValue(utf8: bytes) == .string(expected))
    }

    @Test(arguments: [0, 1, 31, 32, 1 << 60, .max] as [UInt64])
    func `ids are written as they are read`(number: UInt64) {
        let room = JSONValue(utf8: written { $0.room(RoomID(rawValue: number)) })?.string
        #expect(room.flatMap { RoomID($0) } == RoomID(rawValue: number))
        let user = JSONValue(utf8: written { $0.user(UserID(rawValue: number)) })?.string
        #expect(user.flatMap { UserID($0) } == UserID(rawValue: number))
    }
}
