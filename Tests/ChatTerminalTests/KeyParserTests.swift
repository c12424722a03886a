// SPDX-License-Identifier: MIT

import ChatTerminal
import Testing

struct KeyParserTests {
    private static let cases: [(String, [Key])] = [
        ("hé漢🙂", [.text("hé漢🙂")]), ("\r", [.enter]), ("\n", [.lineBreak]),
        ("\u{1B}\r", [.lineBreak]),
        ("\t\u{1B}[Z", [.tab, .backTab]), ("\u{7F}\u{1B}[3~", [.backspace, .delete]),
        ("\u{1B}[A\u{1B}[B\u{1B}[C\u{1B}[D", [.up, .down, .right, .left]),
        ("\u{1B}OA\u{1B}OH\u{1B}OF", [.up, .home, .end]),
        ("\u{1B}[1;5D\u{1B}[1;3C\u{1B}[1;3A", [.wordLeft, .wordRight, .roomUp]),
        ("\u{1B}[H\u{1B}[F\u{1B}[1~\u{1B}[4~", [.home, .end, .home, .end]),
        ("\u{1B}[5~\u{1B}[6~", [.pageUp, .pageDown]),
        ("\u{1}\u{17}\u{1A}", [.control("a"), .control("w"), .control("z")]),
        ("\u{1B}b\u{1B}7\u{1B}\u{7F}", [.alt("b"), .alt("7"), .alt("\u{7F}")]),
        ("\u{1B}OP\u{1B}[13~\u{1B}[17~", [.function(1), .function(3), .function(6)]),
        (
            "\u{1B}[200~a\r\n\u{1B}[31m/quit\r\u{1B}[201~x",
            [.paste("a\r\n\u{1B}[31m/quit\r"), .text("x")]
        ),
        ("\u{1B}[?1;2c\u{1B}[99~a", [.text("a")]),
    ]

    @Test(arguments: cases)
    func `keys are found, wherever their bytes are cut`(text: String, keys: [Key]) {
        var whole = KeyParser()
        #expect(whole.take(text.utf8) == keys)
        let bytes = Array(text.utf8)
        for cut in 1..<max(2, bytes.count) {
            var parser = KeyParser()
            let found = parser.take(bytes.prefix(cut)) + parser.take(bytes.dropFirst(cut))
            #expect(Self.joined(found) == Self.joined(keys), "cut at \(cut)")
        }
    }

    /// Text that came in two pieces is the same as in one.
    private static func joined(_ keys: [Key]) -> [Key] {
        keys.reduce(into: []) { result, key in
            if case .text(let new) = key, case .text(let old) = result.last {
                result[result.count - 1] = .text(old + new)
            } else {
                result.append(key)
            }
        }
    }

    @Test func `an Escape that nothing follows is the key`() {
        var parser = KeyParser()
        #expect(parser.take([0x1B]) == [])
        #expect(parser.isWaiting)
        #expect(parser.idle() == [.escape])
        #expect(!parser.isWaiting)
        #expect(parser.take(Array("a".utf8)) == [.text("a")])
    }

    @Test func `what is no UTF-8 and what never ends does no harm`() {
        var parser = KeyParser()
        #expect(parser.take([0xFF, 0x80, 0x61]) == [.text("\u{FFFD}\u{FFFD}a")])
        _ = parser.take(Array("\u{1B}[".utf8) + Array(repeating: 0x31, count: 1_000))
        #expect(parser.take(Array("\u{1B}[A".utf8)).last == .up)
    }

    @Test func `a paste is bounded`() {
        var parser = KeyParser()
        let long = Array("\u{1B}[200~".utf8) + Array(repeating: 0x61, count: 1_000_000)
        #expect(parser.take(long) == [])
        guard case .paste(let text) = parser.take(Array("\u{1B}[201~".utf8)).first else {
            Issue.record("no paste")
            return
        }
        #expect(text.utf8.count == 65_536)
    }
}
