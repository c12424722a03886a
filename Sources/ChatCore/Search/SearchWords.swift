// SPDX-License-Identifier: MIT

@_spi(_Unicode) import Swift

/// The words of a text, as search compares them.
///
/// A word is a run of letters, digits and the marks on them; ideographs and kana are a word each,
/// because their scripts put no blanks between words. Case and accents do not count. Every store
/// uses these words, so that a search finds the same messages on all of them.
public struct SearchWords: Sequence, IteratorProtocol {
    /// One word.
    public struct Word: Sendable, Equatable {
        /// What is compared: without case and accents, only letters, digits and marks.
        public var folded: String
        /// Where it stands, in Unicode scalars of the text.
        public var range: Range<Int>
        /// Whether nothing stands between it and the word before.
        public var isAttached: Bool
    }

    private let scalars: String.UnicodeScalarView
    private var index: String.UnicodeScalarView.Index
    private var position = 0
    private var end = -1

    /// The words of `text`.
    public init(_ text: String) {
        scalars = text.unicodeScalars
        index = scalars.startIndex
    }

    /// The next word; `nil` after the last.
    ///
    /// - Complexity: O(length of the word and what stands before it).
    public mutating func next() -> Word? {
        while index < scalars.endIndex {
            guard Self.beginsWord(scalars[index]) else {
                advance()
                continue
            }
            let (first, start) = (index, position)
            let standsAlone = Self.standsAlone(scalars[index])
            advance()
            while index < scalars.endIndex, Self.continuesWord(scalars[index], standsAlone) {
                advance()
            }
            let folded = Self.fold(scalars[first..<index])
            if folded.isEmpty { continue }
            defer { end = position }
            return Word(folded: folded, range: start..<position, isAttached: start == end)
        }
        return nil
    }

    /// The folded words with a blank between them: what an index is given.
    public static func joined(_ text: String) -> String {
        var result = ""
        for word in SearchWords(text) {
            if !result.isEmpty { result += " " }
            result += word.folded
        }
        return result
    }

    private mutating func advance() {
        index = scalars.index(after: index)
        position += 1
    }

    // MARK: What belongs to words

    private static func beginsWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return isLetterOrDigit(scalar) }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber:
            true
        default: false
        }
    }

    private static func continuesWord(_ scalar: Unicode.Scalar, _ standsAlone: Bool) -> Bool {
        if scalar.isASCII { return !standsAlone && isLetterOrDigit(scalar) }
        return switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: !standsAlone && beginsWord(scalar) && !Self.standsAlone(scalar)
        }
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": true
        default: false
        }
    }

    private static func standsAlone(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case ..<0x3040: false
        case 0x3040...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF9D: true
        default: scalar.properties.isIdeographic
        }
    }

    // MARK: Folding

    /// To upper case and back, because that makes one of "ß" and "ss", and of both small sigmas.
    private static func fold(_ word: Substring.UnicodeScalarView) -> String {
        if word.allSatisfy(\.isASCII) { return String(word).lowercased() }
        var folded = String.UnicodeScalarView()
        for scalar in String(word).uppercased().lowercased()._nfd where !isAccent(scalar) {
            folded.append(scalar)
        }
        return String(folded)
    }

    /// Marks that change a letter's look. Those of Indic scripts and kana are part of the word.
    private static func isAccent(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x300...0x36F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF: true
        case 0xFE00...0xFE0F, 0xFE20...0xFE2F: true
        default: false
        }
    }
}
