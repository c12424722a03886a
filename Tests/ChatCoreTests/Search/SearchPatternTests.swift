// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@Suite struct SearchPatternTests {
    private static func term(_ words: String..., prefix: Bool = false) -> SearchPattern.Term {
        SearchPattern.Term(words: words, isPrefix: prefix)
    }

    // MARK: Words

    @Test(arguments: [
        ("Tea, with-milk 2x", ["tea", "with", "milk", "2x"]),
        ("Crème BRÛLÉE", ["creme", "brulee"]),
        ("e\u{301}te\u{301} été", ["ete", "ete"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
        ("ΟΔΟΣ οδος", ["οδοσ", "οδοσ"]),
        ("İstanbul ılık", ["istanbul", "ilik"]),
        ("Ёлка елка", ["елка", "елка"]),
        ("中文abc字", ["中", "文", "abc", "字"]),
        ("が か\u{3099}", ["か\u{3099}", "か\u{3099}"]),
        ("हिन्दी", ["हिन्दी"]),
        ("snake_case", ["snake", "case"]),
        ("❤️ 🙂 !? \u{301}\0", []),
        ("", []),
    ])
    func `words are folded`(_ text: String, _ words: [String]) {
        #expect(SearchWords(text).map(\.folded) == words)
        #expect(SearchWords.joined(text) == words.joined(separator: " "))
    }

    @Test func `a word's place is counted in Unicode scalars`() {
        let words = Array(SearchWords("🙂 e\u{301}t 中文"))
        #expect(words.map(\.range) == [2..<5, 6..<7, 7..<8])
        #expect(words.map(\.isAttached) == [false, false, true])
    }

    @Test func `folded words are their own words`() {
        for text in ["Ǆ ﬁre", "İ ß ŉ", "か\u{3099}中", "¼ ² ⅷ", "각"] {
            let once = SearchWords.joined(text)
            #expect(SearchWords.joined(once) == once)
        }
    }

    // MARK: Patterns

    @Test func `the last word is a beginning unless something follows it`() {
        #expect(
            SearchPattern("Green te")?.terms == [Self.term("green"), Self.term("te", prefix: true)])
        #expect(SearchPattern("green te ")?.terms == [Self.term("green"), Self.term("te")])
        #expect(SearchPattern("te?")?.terms == [Self.term("te")])
    }

    @Test func `quotes make phrases, and an open one is a beginning`() {
        #expect(
            SearchPattern("a \"Green tea\" b")?.terms
                == [Self.term("a"), Self.term("green", "tea"), Self.term("b", prefix: true)])
        #expect(SearchPattern("\"green te")?.terms == [Self.term("green", "te", prefix: true)])
        #expect(SearchPattern("\"green te\"")?.terms == [Self.term("green", "te")])
        #expect(SearchPattern("\"\" a\"\"")?.terms == [Self.term("a")])
    }

    @Test func `ideographs side by side are a phrase`() {
        #expect(
            SearchPattern("绿茶 好 ")?.terms == [Self.term("绿", "茶"), Self.term("好")])
        #expect(SearchPattern("绿茶 好 ")?.wordCount == 3)
    }

    @Test(arguments: ["", " ", "?!", "\"\"", "\"", "🙂", "\u{301}"])
    func `without a word there is no pattern`(_ text: String) {
        #expect(SearchPattern(text) == nil)
    }

    @Test func `a match names all places, without overlaps`() throws {
        let pattern = try #require(SearchPattern("\"a b\" \"b a\" a"))
        let match = try #require(pattern.match("A b a, c ab"))
        #expect(match.ranges == [0..<5, 9..<11])
        #expect(pattern.match("a b c") == nil)
    }

    @Test func `a text matches better that has the words more often or little else`() throws {
        let pattern = try #require(SearchPattern("tea"))
        func score(_ text: String) throws -> Double { try #require(pattern.match(text)).score }
        #expect(try score("tea tea") > score("tea time"))
        #expect(try score("tea time") > score("tea and many other things that are no tee"))
    }

    // MARK: Excerpts

    @Test func `a text of the limit is shown whole, one scalar more is cut`() {
        let text = "tea " + String(repeating: "x", count: 16)
        let whole = SearchExcerpt(text, highlighting: [0..<3], maximumScalars: 20)
        #expect(whole.text == text)
        let cut = SearchExcerpt(text + "x", highlighting: [0..<3], maximumScalars: 20)
        #expect(cut.text == "tea…")
        #expect(cut.highlights == [0..<3])
    }

    @Test func `an excerpt cuts between words and its highlights stand where the words are`() {
        let text = "one two three four tea five six seven eight"
        let excerpt = SearchExcerpt(text, highlighting: [19..<22, 38..<43], maximumScalars: 20)
        #expect(excerpt.text == "…four tea five six…")
        #expect(excerpt.highlights == [6..<9])
    }

    @Test func `an excerpt of a text without blanks has the length that was asked for`() {
        let text = String(repeating: "中", count: 500)
        let excerpt = SearchExcerpt(text, highlighting: [300..<302], maximumScalars: 40)
        #expect(excerpt.text.unicodeScalars.count == 42)
        #expect(excerpt.highlights == [11..<13])
    }

    @Test func `an excerpt shows what was found wherever it stands`() {
        let words = (0..<60).map { "w\($0)" }
        let text = words.joined(separator: " ")
        for word in SearchWords(text) {
            let excerpt = SearchExcerpt(text, highlighting: [word.range], maximumScalars: 30)
            let scalars = Array(excerpt.text.unicodeScalars)
            let shown = excerpt.highlights.map { range in
                String(String.UnicodeScalarView(scalars[range]))
            }
            #expect(shown == [word.folded])
            #expect(scalars.count <= 32)
        }
    }
}
