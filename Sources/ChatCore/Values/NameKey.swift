// SPDX-License-Identifier: MIT

@_spi(_Unicode) import Swift

/// The form in which names are compared: trimmed, white space folded to one blank, without what cannot be seen, without
/// case, full-width letters as narrow ones, Unicode normal form C. Two names are the same name exactly if their keys are
/// equal.
///
/// Case is folded by way of capitals, so that "STRASSE" is "Straße" and a final sigma is a sigma. Letters of different
/// scripts that look alike stay different.
public struct NameKey: Hashable, Sendable, CustomStringConvertible {
    /// The folded name, as UTF-8 that can be compared byte by byte.
    public let folded: String

    /// Folds `name`.
    ///
    /// - Complexity: O(length); allocates.
    public init(_ name: String) {
        folded = name.utf8.allSatisfy { $0 < 0x80 } ? Self.ascii(name) : Self.fold(name)
    }

    private static func ascii(_ name: String) -> String { trimmed(name.lowercased()) }

    private static func fold(_ name: String) -> String {
        let scalars = Array(String(String.UnicodeScalarView(name._nfc)).unicodeScalars)
        var visible = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            if scalar.properties.isDefaultIgnorableCodePoint {
                guard scalar.value == 0x200D, index + 1 < scalars.count,
                    isPicture(scalars[index + 1]), visible.last.map(isPicture) ?? false
                else { continue }
            }
            visible.append(narrow(scalar))
        }
        // Lower case first: the capital of İ would keep what its lower case does not have.
        let cased = String(visible).lowercased().uppercased().lowercased()
        return trimmed(String(String.UnicodeScalarView(cased._nfc)))
    }

    /// What a joiner makes one picture of.
    private static func isPicture(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value > 0xFF && scalar.properties.isEmoji
    }

    /// Full-width forms of ASCII, which keyboards of East Asia write.
    private static func narrow(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        guard (0xFF01...0xFF5E).contains(scalar.value) else { return scalar }
        return Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
    }

    private static func trimmed(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var pendingBlank = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace {
                pendingBlank = !scalars.isEmpty
            } else {
                if pendingBlank { scalars.append(" ") }
                pendingBlank = false
                scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    /// The folded name.
    public var description: String { folded }
}
