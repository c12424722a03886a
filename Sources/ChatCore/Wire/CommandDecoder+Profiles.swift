// SPDX-License-Identifier: MIT

// The command `profile.update`.
extension CommandDecoder {
    func profileChanges(
        _ fields: borrowing CommandFields
    ) throws(WireError) -> ProfileChanges {
        let changes = ProfileChanges(
            displayName: try visibleText(.displayName, limits.displayNameCharacters, fields),
            avatar: try avatar(fields),
            statusText: try visibleText(.statusText, limits.statusTextCharacters, fields))
        guard changes != ProfileChanges() else { throw missing(.displayName) }
        return changes
    }

    /// One line that people can read; empty to clear it.
    private func visibleText(
        _ key: CommandKey, _ characters: Int, _ fields: borrowing CommandFields
    ) throws(WireError) -> String? {
        guard let text = try string(key, fields), !text.isEmpty else {
            return try string(key, fields)
        }
        guard let clean = DisplayName.clean(text), clean.count <= characters,
            clean.utf8.count <= 4 * characters
        else { throw invalid(key, "at most \(characters) visible characters, or empty") }
        return clean
    }

    private func avatar(_ fields: borrowing CommandFields) throws(WireError) -> String? {
        guard let text = try string(.avatar, fields), !text.isEmpty else {
            return try string(.avatar, fields)
        }
        guard text.utf8.count <= limits.avatarBytes, DisplayName.clean(text) == text else {
            throw invalid(.avatar, "at most \(limits.avatarBytes) bytes of visible text, or empty")
        }
        return text
    }
}
