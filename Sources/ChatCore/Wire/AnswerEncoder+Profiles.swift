// SPDX-License-Identifier: MIT

extension AnswerEncoder {
    /// The answer to `profile.update`.
    mutating func profile(_ id: String?, _ record: UserRecord) -> [UInt8] {
        begin(id)
        writer.key("user")
        Self.write(UserReference(id: record.id, name: record.name), record, to: &writer)
        return end()
    }

    /// A user for themselves.
    static func write(
        _ user: UserReference, _ record: UserRecord?, _ account: AccountRecord? = nil,
        _ status: PresenceStatus? = nil, to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.key("id")
        writer.user(user.id)
        writer.key("name")
        writer.string(user.name)
        if let record {
            EventEncoder.write(record.profile, to: &writer)
            if record.profile.hidesLastSeen {
                writer.key("hides_last_seen")
                writer.bool(true)
            }
            writer.key("created_at")
            writer.time(record.createdAt)
        }
        if let account { write(account, to: &writer) }
        if let status {
            writer.key("status")
            writer.plain(status.name)
        }
        writer.endObject()
    }
}

extension EventEncoder {
    /// A member shows something else of themselves.
    mutating func profile(_ user: UserReference, _ profile: UserProfile, room: RoomID) -> [UInt8] {
        begin("\"profile\"", room: room)
        writer.key("user")
        writer.beginObject()
        writer.key("id")
        writer.user(user.id)
        writer.key("name")
        writer.string(user.name)
        Self.write(profile, to: &writer)
        writer.endObject()
        return end()
    }

    /// When somebody was last seen: nothing if that is not known, or if they are here.
    static func write(
        lastSeen: Timestamp?, of status: PresenceStatus, to writer: inout JSONWriter
    ) {
        guard status == .offline, let lastSeen else { return }
        writer.key("last_seen")
        writer.time(lastSeen)
    }

    /// What is set of a profile for others to see, as keys of an object.
    static func write(_ profile: UserProfile, to writer: inout JSONWriter) {
        if !profile.displayName.isEmpty {
            writer.key("display_name")
            writer.string(profile.displayName)
        }
        if !profile.avatar.isEmpty {
            writer.key("avatar")
            writer.string(profile.avatar)
        }
        if !profile.statusText.isEmpty {
            writer.key("status_text")
            writer.string(profile.statusText)
        }
    }
}
