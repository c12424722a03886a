// SPDX-License-Identifier: MIT

import ChatTerminal
import Testing

struct TextWidthTests {
    @Test(arguments: [
        ("a", 1), ("é", 1), ("e\u{301}", 1), ("ß", 1), ("…", 1), ("─", 1), ("Ω", 1), ("ไ", 1),
        ("漢", 2), ("字", 2), ("あ", 2), ("ｱ", 1), ("Ａ", 2), ("한", 2), ("\u{1112}\u{1161}\u{11AB}", 2),
        ("🙂", 2), ("👍🏽", 2), ("👨‍👩‍👧‍👦", 2), ("🇮🇩", 2), ("❤️", 2), ("❤", 1), ("☕", 2), ("✓", 1),
        ("1️⃣", 2), ("\u{200B}", 0), ("\u{301}", 0), ("\u{7}", 0), ("\u{AD}", 1), ("𝔸", 1), ("𠀀", 2),
        ("नि", 2),
    ])
    func `a character takes as many cells as terminals give it`(text: String, cells: Int) {
        #expect(TextWidth.cells(text) == cells)
    }

    @Test func `a text is as wide as its characters together`() {
        #expect(TextWidth.cells("日本 ok 🙂") == 10)
        #expect(TextWidth.cells("") == 0)
    }
}
