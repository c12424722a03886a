// SPDX-License-Identifier: MIT

extension LogChange {
    /// A number that is equal for equal changes, on every machine and in every run: 64-bit FNV-1a.
    ///
    /// A store keeps it beside the client id, so that a retry can be told from a reused id after
    /// the text itself is gone. Two different changes under one client id have the same fingerprint
    /// once in 2^64; a client that forges that only deceives itself. Whether a membership change is
    /// logged is left out: a retry may come when the room has grown past the size at which it is.
    public var fingerprint: UInt64 {
        var hash = Fingerprint()
        switch self {
        case .message(let text, let replyTo):
            hash.add(1, replyTo?.rawValue ?? 0)
            hash.add(text)
        case .edit(let target, let text):
            hash.add(2, target.rawValue)
            hash.add(text)
        case .delete(let target):
            hash.add(3, target.rawValue)
        case .react(let target, let emoji):
            hash.add(4, target.rawValue)
            hash.add(emoji)
        case .unreact(let target, let emoji):
            hash.add(5, target.rawValue)
            hash.add(emoji)
        case .pin(let target):
            hash.add(6, target.rawValue)
        case .unpin(let target):
            hash.add(7, target.rawValue)
        case .join(let user, let role, _):
            hash.add(8, user.rawValue, UInt64(role.rawValue))
        case .leave(let user, let reason, _):
            hash.add(9, user.rawValue, UInt64(reason.rawValue))
        case .role(let user, let role):
            hash.add(10, user.rawValue, UInt64(role.rawValue))
        case .room(let changes):
            hash.add(changes)
        case .ban(let user, let ban):
            hash.add(12, user.rawValue, UInt64(bitPattern: ban.until.milliseconds))
            hash.add(ban.reason)
        case .unban(let user):
            hash.add(13, user.rawValue)
        case .mute(let user, let until):
            hash.add(14, user.rawValue, UInt64(bitPattern: until.milliseconds))
        case .unmute(let user):
            hash.add(15, user.rawValue)
        case .post(let post):
            // Without files it is the message that stands in the log.
            hash.add(post.attachments.isEmpty ? 1 : 17, post.replyTo?.rawValue ?? 0)
            hash.add(post.text)
            for attachment in post.attachments { hash.add(attachment) }
        case .accept(let acceptance):
            hash.add(16, acceptance.user.rawValue)
            if let code = acceptance.code { hash.add(code) }
        }
        return hash.value
    }
}

private struct Fingerprint {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    private mutating func add(byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01b3
    }

    mutating func add(_ kind: UInt8, _ first: UInt64, _ second: UInt64 = 0) {
        add(byte: kind)
        add(first)
        add(second)
    }

    mutating func add(_ number: UInt64) {
        var rest = number
        for _ in 0..<8 {
            add(byte: UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    mutating func add(_ text: String) {
        let isContiguous: Void? = unsafe text.utf8.withContiguousStorageIfAvailable { bytes in
            for index in bytes.indices { unsafe add(byte: bytes[index]) }
        }
        if isContiguous == nil { for byte in text.utf8 { add(byte: byte) } }
        add(UInt64(text.utf8.count))
    }

    mutating func add(_ attachment: MessageAttachment) {
        add(attachment.id)
        add(attachment.name)
        add(UInt64(bitPattern: attachment.byteCount))
        add(attachment.mediaType)
        add(attachment.sha256)
        for number in [attachment.width, attachment.height, attachment.durationMilliseconds] {
            add(number == nil ? 0 : 1, UInt64(bitPattern: Int64(number ?? 0)))
        }
        add(attachment.preview)
    }

    mutating func add(_ changes: RoomChanges) {
        // A marker before each property, so that a property that stays differs from one set to
        // zero.
        add(11)
        if let name = changes.name {
            add(byte: 1)
            add(name)
        }
        if let description = changes.description {
            add(byte: 2)
            add(description)
        }
        if let isPrivate = changes.isPrivate { add(byte: isPrivate ? 3 : 4) }
        if let maximum = changes.maximumMembers { add(5, UInt64(bitPattern: Int64(maximum))) }
        if let seconds = changes.slowModeSeconds { add(6, UInt64(bitPattern: Int64(seconds))) }
        if let days = changes.retentionDays { add(7, UInt64(bitPattern: Int64(days))) }
        if let count = changes.retentionMessages { add(8, UInt64(bitPattern: Int64(count))) }
    }
}
