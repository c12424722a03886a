// SPDX-License-Identifier: MIT

/// What the column `kind` of a store's table `events` says.
///
/// The numbers are in files and databases: never change one.
package enum StoredEventKind: Int64 {
    case message = 0
    case edit = 1
    case delete = 2
    case react = 3
    case unreact = 4
    case pin = 5
    case unpin = 6
    case join = 7
    case leave = 8
    case role = 9
    case room = 10
    case ban = 11
    case unban = 12
    case mute = 13
    case unmute = 14

    /// Whether the column `text` says something, unless it was redacted.
    package var hasText: Bool {
        switch self {
        case .message, .edit, .react, .unreact, .ban: true
        case .delete, .pin, .unpin, .join, .leave, .role, .room, .unban, .mute, .unmute: false
        }
    }
}

/// A change of the log as the columns of `events`.
package struct StoredEvent {
    package var kind: StoredEventKind
    package var target: SequenceNumber?
    package var subject: UserID?
    package var detail: UInt8?
    package var text: String?

    /// Splits a change.
    ///
    /// The fields of a room's change are in a table of their own.
    package init(_ change: LogChange) {
        switch change {
        case .message(let text, let replyTo):
            self.init(kind: .message, target: replyTo, text: text)
        case .edit(let target, let text): self.init(kind: .edit, target: target, text: text)
        case .delete(let target): self.init(kind: .delete, target: target)
        case .react(let target, let emoji): self.init(kind: .react, target: target, text: emoji)
        case .unreact(let target, let emoji):
            self.init(kind: .unreact, target: target, text: emoji)
        case .pin(let target): self.init(kind: .pin, target: target)
        case .unpin(let target): self.init(kind: .unpin, target: target)
        case .join(let user, let role, _):
            self.init(kind: .join, subject: user, detail: role.rawValue)
        case .leave(let user, let reason, _):
            self.init(kind: .leave, subject: user, detail: reason.rawValue)
        case .role(let user, let role):
            self.init(kind: .role, subject: user, detail: role.rawValue)
        case .room: self.init(kind: .room)
        case .ban(let user, let ban):
            self.init(
                kind: .ban, target: Self.place(of: ban.until), subject: user, text: ban.reason)
        case .unban(let user): self.init(kind: .unban, subject: user)
        case .mute(let user, let until):
            self.init(kind: .mute, target: Self.place(of: until), subject: user)
        case .unmute(let user): self.init(kind: .unmute, subject: user)
        case .accept: self.init(change.recorded)
        case .post(let post):
            let count = UInt8(clamping: post.attachments.count)
            self.init(
                kind: .message, target: post.replyTo, detail: count > 0 ? count : nil,
                text: post.text)
        }
    }

    /// The end of a ban or mute stands in the column `target`.
    private static func place(of end: Timestamp) -> SequenceNumber {
        SequenceNumber(rawValue: UInt64(max(0, end.milliseconds)))
    }

    private init(
        kind: StoredEventKind, target: SequenceNumber? = nil, subject: UserID? = nil,
        detail: UInt8? = nil, text: String? = nil
    ) {
        self.kind = kind
        self.target = target
        self.subject = subject
        self.detail = detail
        self.text = text
    }
}
