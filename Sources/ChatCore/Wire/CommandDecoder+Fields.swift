// SPDX-License-Identifier: MIT

// One field each: its type, its bounds, its error.
extension CommandDecoder {
    /// Read before the other keys: of several errors the one about `room` is told.
    func room(_ fields: borrowing CommandFields) throws(WireError) -> RoomReference {
        // An id is read where it stands: most commands have one.
        if let value = fields.value(.room), value.kind == .string,
            let id = Base32.decode(fields.bytes.extracting(value.content), prefix: "r")
        {
            return .id(RoomID(rawValue: id))
        }
        let text = try requiredString(.room, fields)
        guard !text.isEmpty, text.utf8.count <= limits.roomNameCharacters * 16 else {
            throw invalid(.room, "a room's id or name")
        }
        return RoomReference(text)
    }

    func messageText(_ fields: borrowing CommandFields) throws(WireError) -> String {
        let text = try requiredString(.text, fields)
        if text.isEmpty { throw WireError(.textEmpty, "a message needs text", field: "text") }
        let bytes = text.utf8.count
        let isTooLong =
            bytes > limits.textBytes
            || (bytes > limits.textScalars && text.unicodeScalars.count > limits.textScalars)
        if isTooLong {
            throw WireError(
                .textTooLong, "a message has at most \(limits.textScalars) characters",
                field: "text")
        }
        return text
    }

    func clientID(_ fields: borrowing CommandFields) throws(WireError) -> String? {
        guard let text = try string(.clientID, fields) else { return nil }
        guard !text.isEmpty, text.utf8.count <= limits.clientIDBytes else {
            throw invalid(.clientID, "1 to \(limits.clientIDBytes) bytes")
        }
        return text
    }

    func emoji(_ fields: borrowing CommandFields) throws(WireError) -> String {
        let text = try requiredString(.emoji, fields)
        let isEmoji =
            text.count == 1 && text.utf8.count <= limits.emojiBytes && Emoji.isEmoji(text)
        guard isEmoji else { throw invalid(.emoji, "one emoji") }
        return text
    }

    func newRoom(_ fields: borrowing CommandFields) throws(WireError) -> NewRoom {
        let changes = try roomChanges(fields)
        guard let name = changes.name else { throw missing(.name) }
        return NewRoom(
            name: name, description: changes.description ?? "",
            isPrivate: changes.isPrivate ?? false, maximumMembers: changes.maximumMembers ?? 0,
            slowModeSeconds: changes.slowModeSeconds ?? 0,
            retention: RoomRetention().changed(by: changes))
    }

    func roomChanges(_ fields: borrowing CommandFields) throws(WireError) -> RoomChanges {
        var changes = RoomChanges()
        if let name = try string(.name, fields) { changes.name = try roomName(name) }
        if let description = try string(.description, fields) {
            guard description.count <= limits.roomDescriptionCharacters else {
                throw invalid(
                    .description, "at most \(limits.roomDescriptionCharacters) characters")
            }
            changes.description = description
        }
        changes.isPrivate = try flag(.isPrivate, fields)
        if let count = try count(.maximumMembers, fields) {
            guard count <= limits.membersPerRoom, count != 1 else {
                throw invalid(.maximumMembers, "0 for none, or 2 to \(limits.membersPerRoom)")
            }
            changes.maximumMembers = count
        }
        if let seconds = try count(.slowModeSeconds, fields) {
            guard seconds <= limits.slowModeSeconds else {
                throw invalid(.slowModeSeconds, "0 to \(limits.slowModeSeconds) seconds")
            }
            changes.slowModeSeconds = seconds
        }
        if let days = try count(.retentionDays, fields) {
            guard days <= limits.retentionDays else {
                throw invalid(.retentionDays, "0 for none, or up to \(limits.retentionDays) days")
            }
            changes.retentionDays = days
        }
        if let count = try count(.retentionMessages, fields) {
            guard count <= limits.retentionMessages else {
                throw invalid(
                    .retentionMessages, "0 for none, or up to \(limits.retentionMessages)")
            }
            changes.retentionMessages = count
        }
        return changes
    }

    private func roomName(_ name: String) throws(WireError) -> String {
        guard let trimmed = DisplayName.clean(name),
            trimmed.count >= limits.roomNameMinimumCharacters,
            trimmed.count <= limits.roomNameCharacters,
            trimmed.utf8.count <= 4 * limits.roomNameCharacters,
            RoomID(trimmed) == nil, DirectPair(roomName: NameKey(trimmed).folded) == nil
        else {
            throw invalid(
                .name,
                "\(limits.roomNameMinimumCharacters) to \(limits.roomNameCharacters) visible characters"
            )
        }
        return trimmed
    }

    func user(_ fields: borrowing CommandFields) throws(WireError) -> UserID {
        guard let user = UserID(try requiredString(.user, fields)) else {
            throw invalid(.user, "a user's id")
        }
        return user
    }

    func limit(
        _ fields: borrowing CommandFields, _ standard: Int, _ maximum: Int
    ) throws(WireError) -> Int {
        guard let limit = try count(.limit, fields) else { return standard }
        guard limit >= 1 else { throw invalid(.limit, "1 to \(maximum)") }
        return min(limit, maximum)
    }

    // MARK: Types

    func requiredString(
        _ key: CommandKey, _ fields: borrowing CommandFields
    ) throws(WireError) -> String {
        guard let text = try string(key, fields) else { throw missing(key) }
        return text
    }

    func string(_ key: CommandKey, _ fields: borrowing CommandFields) throws(WireError) -> String? {
        guard let value = fields.value(key) else { return nil }
        guard let text = JSONText.string(value, in: fields.bytes, isASCII: fields.isASCII) else {
            throw invalid(key, "a string of Unicode text")
        }
        return text
    }

    func flag(_ key: CommandKey, _ fields: borrowing CommandFields) throws(WireError) -> Bool? {
        guard let value = fields.value(key) else { return nil }
        switch value.kind {
        case .true: return true
        case .false: return false
        default: throw invalid(key, "true or false")
        }
    }

    func count(_ key: CommandKey, _ fields: borrowing CommandFields) throws(WireError) -> Int? {
        guard let value = fields.value(key) else { return nil }
        guard let number = JSONText.integer(value, in: fields.bytes) else {
            throw invalid(key, "a whole number that is not negative")
        }
        return Int(clamping: number)
    }

    func place(
        _ key: CommandKey, _ fields: borrowing CommandFields
    ) throws(WireError) -> SequenceNumber? {
        guard let value = fields.value(key) else { return nil }
        guard let number = JSONText.integer(value, in: fields.bytes) else {
            throw invalid(key, "a seq: a whole number")
        }
        return SequenceNumber(rawValue: number)
    }

    /// Where in a log: both are possible in `history`.
    enum LogPlace {
        case place(SequenceNumber)
        case time(Timestamp)
    }

    func placeOrTime(
        _ key: CommandKey, _ fields: borrowing CommandFields
    ) throws(WireError) -> LogPlace? {
        guard let value = fields.value(key) else { return nil }
        if value.kind == .string { return try time(key, fields).map(LogPlace.time) }
        return try place(key, fields).map(LogPlace.place)
    }

    func time(
        _ key: CommandKey, _ fields: borrowing CommandFields
    ) throws(WireError) -> Timestamp? {
        guard let text = try string(key, fields) else { return nil }
        guard let time = Timestamp(text) else {
            throw invalid(key, "a time in UTC like 2026-01-02T03:04:05.678Z")
        }
        return time
    }

    func missing(_ key: CommandKey) -> WireError {
        WireError(.missingField, "\(key.wire) is required", field: "\(key.wire)")
    }

    func invalid(_ key: CommandKey, _ expected: String) -> WireError {
        WireError(.invalidField, "\(key.wire) must be: \(expected)", field: "\(key.wire)")
    }
}

/// What may be put under a message.
enum Emoji {
    /// Whether one character is shown as a picture: by default, or because a selector or a keycap says so.
    static func isEmoji(_ character: String) -> Bool {
        guard let first = character.unicodeScalars.first, first.properties.isEmoji else {
            return false
        }
        if first.properties.isEmojiPresentation || first.value > 0xFF { return true }
        let asks: UInt32 = first.isASCII ? 0x20E3 : 0xFE0F
        return character.unicodeScalars.contains { $0.value == asks }
    }
}

/// Names that people see: no control characters, no invisible ones, no blanks at the ends.
enum DisplayName {
    /// The trimmed name; `nil` if nothing visible is left or it holds what nobody can see.
    static func clean(_ name: String) -> String? {
        let scalars = name.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return nil }
        let trimmed = String(scalars[first...last])
        for scalar in trimmed.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .surrogate, .lineSeparator, .paragraphSeparator, .unassigned: return nil
            case .format where scalar.value != 0x200D: return nil
            default: continue
            }
        }
        return trimmed
    }
}
