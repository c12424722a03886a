// SPDX-License-Identifier: MIT

/// What is shown of a user besides their name.
public struct UserProfile: Sendable, Equatable {
    /// How they want to be called; empty for their name. Not unique: the name tells people apart.
    public var displayName: String
    /// A reference to their picture, which the engine does not look at; may be empty.
    public var avatar: String
    /// A few words on what they are up to; may be empty.
    public var statusText: String
    /// Whether nobody may know when they were last seen. Others are not told of it; then there is no ``lastSeen``.
    public var hidesLastSeen: Bool
    /// When they were connected last, as far as ``SightingStore`` was told.
    public var lastSeen: Timestamp?

    /// Makes a profile.
    public init(
        displayName: String = "", avatar: String = "", statusText: String = "",
        hidesLastSeen: Bool = false, lastSeen: Timestamp? = nil
    ) {
        self.displayName = displayName
        self.avatar = avatar
        self.statusText = statusText
        self.hidesLastSeen = hidesLastSeen
        self.lastSeen = lastSeen
    }

    /// Whether there is nothing to show, and nothing to hide.
    public var isEmpty: Bool { self == UserProfile() }
}

/// A change of a profile; `nil` leaves a property as it is, an empty text clears it.
public struct ProfileChanges: Sendable, Equatable {
    /// A new display name, already checked.
    public var displayName: String?
    /// A new reference to a picture.
    public var avatar: String?
    /// A new status.
    public var statusText: String?
    /// Whether nobody may know any more when they were last seen: what is known of it is forgotten, too.
    public var hidesLastSeen: Bool?

    /// Makes a change; what is not given stays.
    public init(
        displayName: String? = nil, avatar: String? = nil, statusText: String? = nil,
        hidesLastSeen: Bool? = nil
    ) {
        self.displayName = displayName
        self.avatar = avatar
        self.statusText = statusText
        self.hidesLastSeen = hidesLastSeen
    }

    /// Whether others see a difference.
    package var isShown: Bool { displayName != nil || avatar != nil || statusText != nil }

    /// The profile with these changes made.
    public func applied(to profile: UserProfile) -> UserProfile {
        let hides = hidesLastSeen ?? profile.hidesLastSeen
        return UserProfile(
            displayName: displayName ?? profile.displayName, avatar: avatar ?? profile.avatar,
            statusText: statusText ?? profile.statusText, hidesLastSeen: hides,
            lastSeen: hides ? nil : profile.lastSeen)
    }
}

extension ProfileChanges {
    /// The changes in the form that is stored.
    ///
    /// - Throws: `invalid_field` with every broken rule in `details`, `missing_field` without any change.
    public func checked(_ limits: Limits) throws(WireError) -> ProfileChanges {
        var details: [FieldRefusal] = []
        func line(_ key: String, _ text: String?, _ characters: Int) -> String? {
            guard let text, !text.isEmpty else { return text }
            if let clean = DisplayName.clean(text), clean.count <= characters,
                clean.utf8.count <= 4 * characters
            {
                return clean
            }
            details.append(
                FieldRefusal(key, "must be: at most \(characters) visible characters, or empty"))
            return nil
        }
        var checked = ProfileChanges(
            displayName: line("display_name", displayName, limits.displayNameCharacters),
            statusText: line("status_text", statusText, limits.statusTextCharacters),
            hidesLastSeen: hidesLastSeen)
        if let avatar {
            checked.avatar = avatar
            if !avatar.isEmpty,
                avatar.utf8.count > limits.avatarBytes || DisplayName.clean(avatar) != avatar
            {
                details.append(
                    FieldRefusal(
                        "avatar",
                        "must be: at most \(limits.avatarBytes) bytes of visible text, or empty"))
            }
        }
        if let refusal = WireError.invalidFields(details) { throw refusal }
        guard checked != ProfileChanges() else {
            throw WireError(.missingField, "display_name is required", field: "display_name")
        }
        return checked
    }
}
