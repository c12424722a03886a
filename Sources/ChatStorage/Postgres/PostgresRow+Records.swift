// SPDX-License-Identifier: MIT

import ChatCore

extension PostgresRow {
    /// The event of this row; `nil` if a later version wrote a kind that is unknown here.
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

    /// The room of this row.
    func roomRecord() -> RoomRecord {
        RoomRecord(
            id: room(0), name: text(1), description: text(2), isPrivate: bool(3),
            maximumMembers: Int(int(4)), slowModeSeconds: Int(int(5)),
            retention: RoomRetention(days: Int(int(10)), messages: Int(int(11))),
            createdAt: time(6),
            head: seq(7), trimmed: seq(8), memberCount: Int(int(9)))
    }

    /// The user of this row.
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

    /// The message of this row, whose columns begin at `first`, still without reactions.
    ///
    /// Without a text it was deleted.
    func message(from first: Int32 = 0) -> Message {
        let isDeleted = isNull(first + 5)
        return Message(
            seq: seq(first), at: time(first + 1), sender: user(first + 2),
            senderName: text(first + 3), clientID: optionalText(first + 4),
            text: isNull(first + 7) ? text(first + 5) : text(first + 7),
            replyTo: isDeleted || isNull(first + 6) ? nil : seq(first + 6),
            editedAt: optionalInt(first + 8).map { Timestamp(milliseconds: $0) },
            isDeleted: isDeleted, isPinned: bool(first + 9))
    }
}
