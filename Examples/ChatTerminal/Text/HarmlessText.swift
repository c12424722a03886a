// SPDX-License-Identifier: MIT

/// What others wrote, without what a terminal would obey or what would deceive its reader.
public enum HarmlessText {
    /// The most parts of one character: more marks than any script stacks are a prank.
    static let partsPerCharacter = 16

    /// A text of several lines: control characters, escape sequences and marks that turn the direction of writing
    /// become �, line ends become `\n`; tabs stay.
    public static func lines(_ text: String) -> String {
        var safe = String.UnicodeScalarView()
        var last: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            defer { last = scalar }
            switch scalar {
            case "\n" where last == "\r": continue
            case "\n", "\r", "\u{2028}", "\u{2029}": safe.append("\n")
            case "\t": safe.append("\t")
            default: safe.append(isHarmless(scalar) ? scalar : "\u{FFFD}")
            }
        }
        return String(safe)
    }

    /// A text of one line, for names and the like.
    public static func line(_ text: String) -> String {
        String(lines(text).map { $0 == "\n" || $0 == "\t" ? " " : $0 })
    }

    /// A character that fits a cell.
    static func trimmed(_ character: Character) -> String {
        let scalars = character.unicodeScalars
        guard scalars.count > partsPerCharacter else { return String(character) }
        return String(String.UnicodeScalarView(scalars.prefix(partsPerCharacter)))
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .surrogate: return false
        case .format:
            // Joiners make emoji and scripts, tags make flags; overrides, isolates and the like only deceive.
            return scalar.value == 0x200C || scalar.value == 0x200D || scalar.value == 0xAD
                || (0xE0020...0xE007F).contains(scalar.value)
                || (0x0600...0x0605).contains(scalar.value)
        default: return true
        }
    }
}
