// SPDX-License-Identifier: MIT

import ChatCore

/// What an e-mail address looks like. Whether mail arrives there, only sending some can show.
enum EmailAddress {
    /// The trimmed address; `nil` if it cannot be one.
    static func clean(_ text: String) -> String? {
        guard let trimmed = DisplayName.clean(text), trimmed.utf8.count <= 254 else { return nil }
        let parts = trimmed.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, isLocalPart(parts[0]), isDomain(parts[1]) else { return nil }
        return trimmed
    }

    private static func isLocalPart(_ text: Substring) -> Bool {
        let special = Set("!#$%&'*+-/=?^_`{|}~.".unicodeScalars)
        guard (1...64).contains(text.utf8.count), !text.hasPrefix("."), !text.hasSuffix("."),
            !text.contains("..")
        else { return false }
        return text.unicodeScalars.allSatisfy { isLetterOrDigit($0) || special.contains($0) }
    }

    /// At least two labels, the last one no number.
    private static func isDomain(_ text: Substring) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, let last = labels.last,
            !last.unicodeScalars.allSatisfy({ $0.properties.numericType != nil })
        else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.unicodeScalars.allSatisfy { isLetterOrDigit($0) || $0 == "-" }
        }
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) }
        return scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal
    }
}
