// SPDX-License-Identifier: MIT

@_spi(_Unicode) import Swift

/// The form in which names are compared: trimmed, white space folded to one blank, lower case, Unicode
/// normal form C. Two names are the same name exactly if their keys are equal.
public struct NameKey: Hashable, Sendable, CustomStringConvertible {
    /// The folded name, as UTF-8 that can be compared byte by byte.
    public let folded: String

    /// Folds `name`.
    ///
    /// - Complexity: O(length); allocates.
    public init(_ name: String) {
        var scalars = String.UnicodeScalarView()
        var pendingBlank = false
        for scalar in name.lowercased()._nfc {
            if scalar.properties.isWhitespace {
                pendingBlank = !scalars.isEmpty
            } else {
                if pendingBlank { scalars.append(" ") }
                pendingBlank = false
                scalars.append(scalar)
            }
        }
        folded = String(scalars)
    }

    /// The folded name.
    public var description: String { folded }
}
