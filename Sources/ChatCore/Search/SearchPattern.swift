// SPDX-License-Identifier: MIT

/// What a search looks for: words and phrases that must all be in a message.
///
/// A pure value: it says whether a text matches, how well, and where. Words are those of
/// ``SearchWords``; words in double quotes are a phrase; the last word also stands for those that
/// begin with it, unless something follows it (a blank is enough).
public struct SearchPattern: Sendable, Hashable {
    /// Words that must follow one another.
    public struct Term: Sendable, Hashable {
        /// Folded, at least one.
        public var words: [String]
        /// Whether the last of them also stands for words that begin with it.
        public var isPrefix: Bool

        /// Makes a term of folded words.
        public init(words: [String], isPrefix: Bool) {
            self.words = words
            self.isPrefix = isPrefix
        }
    }

    /// What a text has of a pattern.
    public struct Match: Sendable, Equatable {
        /// The places of all terms, in Unicode scalars, ascending, without overlaps.
        public var ranges: [Range<Int>]
        /// How well it matches: more when terms are frequent and the text is short.
        public var score: Double
    }

    /// All must be there, in any order.
    public let terms: [Term]

    /// Reads what somebody typed; `nil` if there is no word in it.
    public init?(_ text: String) {
        var terms: [Term] = []
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        for (number, part) in parts.enumerated() {
            let part = String(part)
            let words = Array(SearchWords(part))
            guard let last = words.last else { continue }
            let isOpen =
                number == parts.count - 1 && last.range.upperBound == part.unicodeScalars.count
            if number.isMultiple(of: 2) {
                terms += Self.terms(of: words)
            } else {
                terms.append(Term(words: words.map(\.folded), isPrefix: false))
            }
            terms[terms.count - 1].isPrefix = isOpen
        }
        guard !terms.isEmpty else { return nil }
        self.terms = terms
    }

    /// Words with nothing between them are a phrase: ideographs.
    private static func terms(of words: [SearchWords.Word]) -> [Term] {
        var terms: [Term] = []
        for word in words {
            if word.isAttached, !terms.isEmpty {
                terms[terms.count - 1].words.append(word.folded)
            } else {
                terms.append(Term(words: [word.folded], isPrefix: false))
            }
        }
        return terms
    }

    /// How many words there are in all terms.
    public var wordCount: Int { terms.reduce(0) { $0 + $1.words.count } }

    /// What `text` has of the pattern; `nil` if a term is missing.
    ///
    /// - Complexity: O(words of the text x terms).
    public func match(_ text: String) -> Match? {
        let words = Array(SearchWords(text))
        var ranges: [Range<Int>] = []
        var score = 0.0
        for term in terms {
            let found = term.ranges(in: words)
            if found.isEmpty { return nil }
            ranges += found
            score += Self.weight(frequency: found.count, words: words.count)
        }
        return Match(ranges: Self.merged(ranges), score: score)
    }

    /// The part of BM25 that one text decides: it grows with the frequency, ever slower, and counts
    /// for less in a text longer than usual.
    ///
    /// How rare a word is in other messages plays no part, so that the order tells nothing of rooms
    /// that one cannot read.
    private static func weight(frequency: Int, words: Int) -> Double {
        let usualWords = 16.0
        let length = 0.25 + 0.75 * Double(words) / usualWords
        return Double(frequency) * 2.2 / (Double(frequency) + 1.2 * length)
    }

    private static func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound < last.upperBound {
                result[result.count - 1] =
                    last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }
}

extension SearchPattern.Term {
    /// Where the term stands.
    fileprivate func ranges(in text: [SearchWords.Word]) -> [Range<Int>] {
        guard text.count >= words.count else { return [] }
        var result: [Range<Int>] = []
        for start in 0...(text.count - words.count) where stands(at: start, in: text) {
            let last = text[start + words.count - 1]
            result.append(text[start].range.lowerBound..<last.range.upperBound)
        }
        return result
    }

    private func stands(at start: Int, in text: [SearchWords.Word]) -> Bool {
        for (offset, word) in words.enumerated() {
            let other = text[start + offset].folded.utf8
            let isSame =
                isPrefix && offset == words.count - 1
                ? other.starts(with: word.utf8) : other.elementsEqual(word.utf8)
            if !isSame { return false }
        }
        return true
    }
}
