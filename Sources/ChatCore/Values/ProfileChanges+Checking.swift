// SPDX-License-Identifier: MIT

extension ProfileChanges {
    /// The same changes as they are stored: without blanks around texts that people read.
    ///
    /// - Throws: `missing_field` if there is nothing to change, `invalid_field` for a text beyond the limits.
    /// - Complexity: O(length of the texts).
    package func checked(_ limits: Limits) throws(WireError) -> ProfileChanges {
        guard self != ProfileChanges() else {
            throw WireError(.missingField, "display_name is required", field: "display_name")
        }
        return ProfileChanges(
            displayName: try Self.visible(
                displayName, "display_name", limits.displayNameCharacters),
            avatar: try checkedAvatar(limits),
            statusText: try Self.visible(statusText, "status_text", limits.statusTextCharacters))
    }

    /// One line that people can read; empty to clear it.
    private static func visible(
        _ text: String?, _ field: String, _ characters: Int
    ) throws(WireError) -> String? {
        guard let text, !text.isEmpty else { return text }
        guard let clean = DisplayName.clean(text), clean.count <= characters,
            clean.utf8.count <= 4 * characters
        else {
            throw WireError(
                .invalidField,
                "\(field) must be: at most \(characters) visible characters, or empty",
                field: field)
        }
        return clean
    }

    private func checkedAvatar(_ limits: Limits) throws(WireError) -> String? {
        guard let avatar, !avatar.isEmpty else { return avatar }
        guard avatar.utf8.count <= limits.avatarBytes, DisplayName.clean(avatar) == avatar else {
            throw WireError(
                .invalidField,
                "avatar must be: at most \(limits.avatarBytes) bytes of visible text, or empty",
                field: "avatar")
        }
        return avatar
    }
}
