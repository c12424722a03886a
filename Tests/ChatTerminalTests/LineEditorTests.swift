// SPDX-License-Identifier: MIT

import Testing

@testable import ChatTerminal

struct LineEditorTests {
    /// Types keys; `|` in what comes back is the cursor.
    private func typed(_ keys: [Key]) -> String {
        var editor = LineEditor()
        for key in keys { _ = editor.handle(key) }
        var characters = Array(editor.text)
        characters.insert("|", at: editor.cursor)
        return String(characters)
    }

    @Test(arguments: [
        ([Key.text("hello"), .left, .left, .text("p")], "help|lo"),
        ([.text("one two"), .wordLeft, .text("x")], "one x|two"),
        ([.text("one two"), .home, .wordRight, .control("k")], "one|"),
        ([.text("one two "), .control("w")], "one |"),
        ([.text("a/b"), .alt("\u{7F}")], "a/|"),
        ([.text("one two"), .control("a"), .alt("d"), .control("e"), .control("y")], " twoone|"),
        ([.text("abc"), .control("u"), .text("d")], "d|"),
        ([.text("ab"), .control("t")], "ba|"),
        ([.text("one"), .lineBreak, .text("two"), .home, .text(">")], "one\n>|two"),
        ([.text("e"), .text("\u{301}"), .backspace], "|"),
        ([.text("a👨‍👩‍👧b"), .left, .backspace], "a|b"),
        ([.text("日本"), .left, .delete], "日|"),
        ([.paste("a\r\n\u{1B}b")], "a\n\u{FFFD}b|"),
        ([.right, .left, .backspace, .delete, .up, .down], "|"),
    ])
    func `keys edit the line`(keys: [Key], expected: String) {
        #expect(typed(keys) == expected)
    }

    @Test func `what was sent comes back, and what was begun is not lost`() {
        var editor = LineEditor()
        for line in ["one", "two"] {
            _ = editor.handle(.text(line))
            #expect(editor.handle(.enter) == .submitted(line))
        }
        _ = editor.handle(.text("begun"))
        var seen: [String] = []
        for key in [Key.up, .up, .up, .down, .down, .down] {
            _ = editor.handle(key)
            seen.append(editor.text)
        }
        #expect(seen == ["two", "one", "one", "two", "begun", "begun"])
    }

    @Test func `the history is bounded`() {
        var editor = LineEditor()
        for number in 0..<300 {
            _ = editor.handle(.text("\(number)"))
            _ = editor.handle(.enter)
        }
        for _ in 0..<400 { _ = editor.handle(.up) }
        #expect(editor.text == "100")
    }
}
