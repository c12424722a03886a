// SPDX-License-Identifier: MIT

import ChatCore

extension SQLiteStatement {
    /// Columns that ``loggedEvent()`` reads.
    static let eventColumns = """
        e.seq, e.at, e.sender, u.name, e.client_id, e.kind, e.target, e.subject, s.name, e.detail, \
        e.text, c.name, c.description, c.is_private, c.maximum_members, c.slow_mode_seconds, \
        c.retention_days, c.retention_messages
        """

    /// The event of the present row; `nil` if a later version wrote a kind that is unknown here.
    func loggedEvent() -> LoggedEvent? {
        guard let kind = StoredEventKind(rawValue: int(5)), let change = change(of: kind) else {
            return nil
        }
        return LoggedEvent(
            seq: seq(0), at: time(1), sender: user(2), senderName: text(3),
            clientID: optionalText(4), change: change,
            subjectName: isNull(7) ? nil : text(8), isRedacted: kind.hasText && isNull(10))
    }

    private func change(of kind: StoredEventKind) -> LogChange? {
        switch kind {
        case .message: .message(text: text(10), replyTo: isNull(6) ? nil : seq(6))
        case .edit: .edit(target: seq(6), text: text(10))
        case .delete: .delete(target: seq(6))
        case .react: .react(target: seq(6), emoji: text(10))
        case .unreact: .unreact(target: seq(6), emoji: text(10))
        case .pin: .pin(target: seq(6))
        case .unpin: .unpin(target: seq(6))
        case .join: role(9).map { .join(user: user(7), role: $0, logged: true) }
        case .leave:
            LeaveReason(rawValue: UInt8(truncatingIfNeeded: int(9))).map {
                .leave(user: user(7), reason: $0, logged: true)
            }
        case .role: role(9).map { .role(user: user(7), role: $0) }
        case .room: .room(roomChanges())
        case .ban: .ban(user: user(7), Ban(until: time(6), reason: text(10)))
        case .unban: .unban(user: user(7))
        case .mute: .mute(user: user(7), until: time(6))
        case .unmute: .unmute(user: user(7))
        }
    }

    private func roomChanges() -> RoomChanges {
        RoomChanges(
            name: optionalText(11), description: optionalText(12),
            isPrivate: optionalInt(13).map { $0 != 0 },
            maximumMembers: optionalInt(14).map { Int($0) },
            slowModeSeconds: optionalInt(15).map { Int($0) },
            retentionDays: optionalInt(16).map { Int($0) },
            retentionMessages: optionalInt(17).map { Int($0) })
    }

    /// A role; `nil` for NULL and for numbers that are none.
    func role(_ column: Int32) -> Role? {
        isNull(column) ? nil : Role(rawValue: UInt8(truncatingIfNeeded: int(column)))
    }

    /// Columns that ``roomRecord()`` reads; they come first in a query.
    static let roomColumns = """
        r.id, r.name, r.description, r.is_private, r.maximum_members, r.slow_mode_seconds, \
        r.created_at, coalesce((SELECT max(seq) FROM events WHERE room = r.id), r.trimmed), \
        r.trimmed, r.member_count, r.retention_days, r.retention_messages
        """

    /// The first column after ``roomColumns``.
    static let afterRoomColumns: Int32 = 12

    /// The room of the present row.
    func roomRecord() -> RoomRecord {
        RoomRecord(
            id: room(0), name: text(1), description: text(2), isPrivate: bool(3),
            maximumMembers: Int(int(4)), slowModeSeconds: Int(int(5)),
            retention: RoomRetention(days: Int(int(10)), messages: Int(int(11))),
            createdAt: time(6),
            head: seq(7), trimmed: seq(8), memberCount: Int(int(9)))
    }

    /// Columns that ``userRecord()`` reads.
    static let userColumns = """
        id, name, token, is_name_kept, display_name, avatar, status_text, hides_last_seen, \
        last_seen, created_at
        """

    /// The user of the present row.
    func userRecord() -> UserRecord {
        UserRecord(
            id: user(0), name: text(1), token: text(2), isNameKept: bool(3), profile: profile(4),
            createdAt: time(9))
    }

    /// A profile, from column `first` on.
    func profile(_ first: Int32) -> UserProfile {
        UserProfile(
            displayName: text(first), avatar: text(first + 1), statusText: text(first + 2),
            hidesLastSeen: bool(first + 3), lastSeen: optionalTime(first + 4))
    }
}
