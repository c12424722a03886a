// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@Suite struct NameKeyTests {
    @Test(arguments: [
        ("General", "general"),
        ("  General  ", "general"),
        ("two  words", "two words"),
        ("two\t\n words", "two words"),
        ("two\u{A0}words", "two words"),
        ("two\u{3000}words", "two words"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("σίσυφος", "σίσυφοσ"),
        ("ＡＢＣ１", "abc1"),
        ("a\u{AD}b\u{200B}c\u{2060}", "abc"),
        ("❤\u{FE0F}", "❤"),
        ("\u{200D}a\u{200D}b", "ab"),
        ("\u{200D}", ""),
        ("ÄÖÜ", "äöü"),
        ("A\u{308}", "ä"),
        ("Cafe\u{301}", "caf\u{E9}"),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
        ("ПРИВЕТ", "привет"),
        ("日本", "日本"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("", ""),
        (" \t\n\u{A0}", ""),
    ])
    func `a name folds to its key`(name: String, key: String) {
        #expect(Array(NameKey(name).folded.utf8) == Array(key.utf8))
    }

    @Test(arguments: [
        ("General", "gENERAL"), (" a b ", "a  b"), ("A\u{308}", "\u{C4}"),
        ("e\u{323}\u{302}", "e\u{302}\u{323}"), ("\u{212B}", "\u{E5}"),
        ("ss", "ß"), ("\u{1E9E}", "SS"), ("\u{FB01}n", "FIN"), ("\u{17F}a", "SA"),
        ("\u{3B1}\u{345}\u{301}", "\u{3B1}\u{301}\u{345}"), ("\u{212A}", "k"),
    ])
    func `names that look the same are the same`(left: String, right: String) {
        #expect(NameKey(left) == NameKey(right))
    }

    @Test(arguments: [("general", "genera1"), ("a b", "ab"), ("a", "ä"), ("👩‍👧", "👩👧")])
    func `names that differ stay different`(left: String, right: String) {
        #expect(NameKey(left) != NameKey(right))
    }

    @Test(arguments: [
        "Straße 7", " A\u{308}\u{A0}B ", "İstanbul", "ΣΊΣΥΦΟΣ", "\u{1E9E}", "\u{1F88}x", "ŉ", "👩‍👧",
        "ＡＢ",
    ])
    func `folding a key again changes nothing`(name: String) {
        let key = NameKey(name)
        #expect(NameKey(key.folded) == key)
    }
}
