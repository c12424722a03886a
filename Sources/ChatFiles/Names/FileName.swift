// SPDX-License-Identifier: MIT

import ChatCore

/// What people call a file: made from whatever a client says, safe to show and to offer for saving.
///
/// It is never the name of a file of the server.
public enum FileName {
    /// The longest name, in bytes: what file systems take.
    public static let maximumBytes = 255
    /// What a file is called whose name has nothing to show.
    public static let fallback = "file"
    /// What no common file system takes; a colon names a drive or a stream of a file there.
    private static let forbidden: Set<Unicode.Scalar> = ["\"", "*", ":", "<", ">", "?", "|"]

    /// The last part of `name` without what cannot be seen or is not allowed; never empty.
    ///
    /// Directories go, `/` and `\` alike; controls, NUL and invisible characters (bidi overrides) go; what file systems
    /// forbid becomes `_`; dots and blanks at the ends go. A name that is too long keeps its extension.
    public static func clean(_ name: String) -> String {
        let last = name.unicodeScalars.split { $0 == "/" || $0 == "\\" }.last ?? []
        var kept = String.UnicodeScalarView()
        for scalar in last {
            if forbidden.contains(scalar) {
                kept.append("_")
            } else if isVisible(scalar) {
                kept.append(scalar)
            } else if scalar.properties.isWhitespace {
                kept.append(" ")
            }
        }
        let trimmed = trim(String(kept))
        let short = trim(shorten(trimmed))
        // One place decides what a name may be; the engine asks the same.
        guard !short.isEmpty, DisplayName.clean(short) == short else { return fallback }
        return isReserved(short) ? "_" + trim(shorten(short, by: 1)) : short
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .surrogate, .lineSeparator, .paragraphSeparator, .unassigned: false
        // The joiner of emoji alone is left of those that format.
        case .format: scalar.value == 0x200D
        case .privateUse: false
        default: true
        }
    }

    private static func trim(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let isEnd = { (scalar: Unicode.Scalar) in
            scalar == "." || scalar.value == 0x200D || scalar.properties.isWhitespace
        }
        guard let first = scalars.firstIndex(where: { !isEnd($0) }),
            let last = scalars.lastIndex(where: { !isEnd($0) })
        else { return "" }
        // A leading dot hides a file where it is saved.
        return String(scalars[first...last])
    }

    /// Cuts between characters, before the extension if that is of the usual length.
    private static func shorten(_ name: String, by spare: Int = 0) -> String {
        let room = maximumBytes - spare
        guard name.utf8.count > room else { return name }
        var suffix = ""
        if let dot = name.lastIndex(of: "."), name[dot...].utf8.count <= 16 {
            suffix = String(name[dot...])
        }
        var stem = ""
        var bytes = suffix.utf8.count
        for character in name.dropLast(suffix.count) {
            bytes += character.utf8.count
            if bytes > room { break }
            stem.append(character)
        }
        return stem + suffix
    }

    /// Names of devices on Windows, with any extension.
    private static func isReserved(_ name: String) -> Bool {
        let stem = name.prefix { $0 != "." }.uppercased()
        if ["CON", "PRN", "AUX", "NUL"].contains(stem) { return true }
        let isPort = stem.count == 4 && (stem.hasPrefix("COM") || stem.hasPrefix("LPT"))
        return isPort && stem.last.map { ("1"..."9").contains($0) } ?? false
    }
}
