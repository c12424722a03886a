// SPDX-License-Identifier: MIT

@testable import ChatCore
import ChatTesting
import Foundation
import Testing

/// What is JSON and what is not: tables, and a comparison with another reader.
@Suite struct JSONGrammarTests {
    /// Whether `value` is accepted as a value inside a command.
    private func accepts(_ value: [UInt8]) -> Bool {
        let bytes = Array(#"{"type":"ping","x":"#.utf8) + value + [UInt8(ascii: "}")]
        let result = CommandDecoder(limits: Limits()).decode(bytes.span).result
        return result == .success(.ping)
    }

    @Test(arguments: [
        "0", "-0", "10", "-1.5", "1e5", "1E+5", "1e-5", "0.0", "0e0", "\"\"", "\"a\"", "true", "false",
        "null", "[]", "[ ]", "{}", "{ }", "[1,2]", "[[],{}]", "{\"a\":1,\"b\":[]}", " 1 ", "\t1\r\n",
        #""\"\\\/\b\f\n\r\t\u0041\uD83D\uDE42""#, "\"\u{7F}é🙂\"",
    ])
    func `JSON is accepted`(_ text: String) { #expect(accepts(Array(text.utf8))) }

    @Test(arguments: [
        "", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "1 2", "'a'", "\"", "\"\n\"", "\"\t\"",
        #""\x""#, #""\u12""#, #""\u12G4""#, "True", "nul", "nulls", "[", "[1", "[1,", "[,]", "[1,]", "[1 2]",
        "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}", "]", "}",
        "NaN", "Infinity", "/*x*/1", "1//",
    ])
    func `what is no JSON is not accepted`(_ text: String) { #expect(!accepts(Array(text.utf8))) }

    @Test(arguments: [
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80],
    ] as [[UInt8]])
    func `bytes that are no UTF-8 are refused as such`(_ bytes: [UInt8]) {
        let message = Array(#"{"type":"ping","x":""#.utf8) + bytes + Array(#""}"#.utf8)
        let result = CommandDecoder(limits: Limits()).decode(message.span).result
        guard case .failure(let error) = result else {
            Issue.record("accepted")
            return
        }
        #expect(error.code == .badUTF8)
    }

    @Test(arguments: [
        (#"\""#, "\""), (#"\\"#, "\\"), (#"\/"#, "/"), (#"\b"#, "\u{8}"), (#"\f"#, "\u{C}"),
        (#"\n"#, "\n"), (#"\r"#, "\r"), (#"\t"#, "\t"), (#"\u0000"#, "\0"), (#"\u00e9"#, "é"),
        (#"\uD83D\uDE42"#, "🙂"), (#"\ud83d\ude42"#, "🙂"), (#"\uFFFF"#, "\u{FFFF}"),
        (#"a\u0062c"#, "abc"), ("\u{2028}", "\u{2028}"),
    ])
    func `every escape stands for its character`(_ escaped: String, _ text: String) {
        let command = CommandDecoderTests.decode(#"{"type":"send","room":"t","text":"\#(escaped)"}"#)
        let change = LogChange.message(text: text, replyTo: nil)
        #expect(command.result == .success(.room(.name("t"), .write(change, clientID: nil))))
    }

    @Test(arguments: [#"\ud83d"#, #"\ude42"#, #"\ud83dx"#, #"\ud83d\n"#, #"\ud83d\ud83d"#, #"\ude42\ud83d"#])
    func `half a surrogate pair is no text`(_ escaped: String) {
        let command = CommandDecoderTests.decode(#"{"type":"send","room":"t","text":"\#(escaped)"}"#)
        guard case .failure(let error) = command.result else {
            Issue.record("accepted")
            return
        }
        #expect(error.code == .invalidField && error.field == "text")
    }

    /// Foundation's reader is the other opinion. Where the two differ on purpose:
    /// - a lone surrogate escape in a value that nobody reads is left alone by ours (it is grammar; only
    ///   text that is used must be Unicode), Foundation refuses it;
    /// - ours refuses arrays and objects nested deeper than 16, Foundation allows 512;
    /// - Foundation takes a comma behind the last member of an object, RFC 8259 and ours do not;
    /// - numbers beyond what a `Double` holds are grammar to ours, Foundation refuses them;
    /// - Foundation skips a byte-order mark and guesses UTF-16 and UTF-32, ours takes UTF-8 only.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `mutated commands are accepted by both readers or by neither`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let interesting = Array("{}[],:\"\\0123456789.eE+-tfnul \u{7F}\n".utf8) + [0, 0x1F, 0xC3, 0xA9, 0xFF]
        for _ in 0..<1_500 {
            let (text, _) = CommandDecoderTests.accepted[Int(random.next() % UInt64(CommandDecoderTests.accepted.count))]
            var bytes = Array(text.utf8)
            for _ in 0...random.next() % 3 {
                let place = Int(random.next() % UInt64(bytes.count))
                let byte = interesting[Int(random.next() % UInt64(interesting.count))]
                switch random.next() % 3 {
                case 0: bytes[place] = byte
                case 1: bytes.insert(byte, at: place)
                default: bytes.remove(at: place)
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            // Without leading white space and NUL, by which Foundation would guess another encoding.
            guard let first = bytes.first, first == UInt8(ascii: "{"), !bytes.prefix(4).contains(0) else { continue }
            let ours = isJSON(bytes)
            let theirs = (try? JSONSerialization.jsonObject(with: Data(bytes))) is [String: Any]
            if ours != theirs, ours || !hasTrailingComma(bytes) {
                throw Mismatch(description: "seed \(seed): \(String(decoding: bytes, as: UTF8.self)): ours \(ours)")
            }
            #expect(ours == (JSONValue(utf8: bytes) != nil))
        }
    }

    private func hasTrailingComma(_ bytes: [UInt8]) -> Bool {
        let visible = bytes.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return zip(visible, visible.dropFirst()).contains {
            $0 == UInt8(ascii: ",") && ($1 == UInt8(ascii: "}") || $1 == UInt8(ascii: "]"))
        }
    }

    private func isJSON(_ bytes: [UInt8]) -> Bool {
        guard case .failure(let error) = CommandDecoder(limits: Limits()).decode(bytes.span).result
        else { return true }
        return error.code != .badJSON && error.code != .badUTF8
    }
}
