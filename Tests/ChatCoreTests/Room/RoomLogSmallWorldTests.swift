// SPDX-License-Identifier: MIT

import ChatCore
import Testing

/// Every sequence of a few entries to depth 4, on the log and on the naive model.
@Suite struct RoomLogSmallWorldTests {
    private static let ada = UserID(rawValue: 1)
    private static let bob = UserID(rawValue: 2)
    private static let room = RoomRecord(
        id: RoomID(rawValue: 9), name: "Room", createdAt: Timestamp(milliseconds: 0))

    private static let limits = {
        var limits = Limits()
        limits.reactionsPerMessage = 1
        limits.pinsPerRoom = 1
        limits.membersPerRoom = 2
        return limits
    }()

    private static func entry(
        _ sender: UserID, _ change: LogChange, key: String? = nil, isModerator: Bool = false,
        at milliseconds: Int64 = 0
    ) -> LogEntry {
        LogEntry(
            room: room.id, sender: sender, at: Timestamp(milliseconds: milliseconds), clientID: key,
            isModerator: isModerator, change: change)
    }

    /// Entries about the life of messages.
    ///
    /// The first message stands at 2.
    private static let messages = [
        entry(ada, .message(text: "a", replyTo: nil)),
        entry(bob, .message(text: "b", replyTo: 2)),
        entry(ada, .edit(target: 2, text: "c")),
        entry(bob, .edit(target: 2, text: "d")),
        entry(ada, .delete(target: 2)),
        entry(bob, .delete(target: 2), isModerator: true),
        entry(bob, .react(target: 2, emoji: "x")),
        entry(ada, .react(target: 2, emoji: "y")),
        entry(bob, .unreact(target: 2, emoji: "x")),
        entry(ada, .pin(target: 2)),
        entry(ada, .pin(target: 3)),
        entry(ada, .unpin(target: 2)),
    ]

    /// Entries about members and retries.
    private static let members = [
        entry(bob, .join(user: bob, role: .member, logged: true)),
        entry(bob, .leave(user: bob, reason: .left, logged: true)),
        entry(ada, .leave(user: ada, reason: .left, logged: true)),
        entry(ada, .role(user: bob, role: .owner)),
        entry(ada, .role(user: bob, role: .admin)),
        entry(ada, .join(user: UserID(rawValue: 3), role: .owner, logged: true)),
        entry(ada, .message(text: "a", replyTo: nil), key: "k"),
        entry(ada, .message(text: "b", replyTo: nil), key: "k"),
        entry(bob, .message(text: "a", replyTo: nil), key: "k"),
        entry(ada, .delete(target: 2), key: "l"),
    ]

    /// Entries about bans and mutes, some of them at a time when others are over.
    private static let sanctions = [
        entry(bob, .join(user: bob, role: .member, logged: true)),
        entry(bob, .join(user: bob, role: .member, logged: true), at: 10),
        entry(ada, .ban(user: bob, Ban(until: Timestamp(milliseconds: 10), reason: "r"))),
        entry(ada, .ban(user: bob, Ban())),
        entry(bob, .ban(user: ada, Ban())),
        entry(ada, .unban(user: bob)),
        entry(ada, .mute(user: bob, until: Timestamp(milliseconds: 10))),
        entry(bob, .mute(user: bob, until: .forever)),
        entry(ada, .unmute(user: bob)),
        entry(bob, .message(text: "b", replyTo: nil)),
        entry(bob, .message(text: "b", replyTo: nil), at: 10),
        entry(ada, .role(user: bob, role: .owner)),
    ]

    @Test(arguments: sanctions.indices)
    func `bans and mutes do as the naive model says`(first: Int) {
        explore(first, of: Self.sanctions)
    }

    @Test(arguments: messages.indices)
    func `messages do as the naive model says`(first: Int) {
        explore(first, of: Self.messages)
    }

    @Test(arguments: members.indices)
    func `members and retries do as the naive model says`(first: Int) {
        explore(first, of: Self.members)
    }

    private func explore(_ first: Int, of alphabet: [LogEntry]) {
        let log = RoomLog(Self.room, owner: Self.ada)
        let model = NaiveRoom(owner: Self.ada, limits: Self.limits)
        step([alphabet[first]], log, model, alphabet)
    }

    private func step(
        _ path: [LogEntry], _ log: RoomLog, _ model: NaiveRoom, _ alphabet: [LogEntry]
    ) {
        guard let entry = path.last else { return }
        var (log, model) = (log, model)
        let outcome = log.append(entry, rules: MessageRules(limits: Self.limits))
        let expected = model.append(entry)
        guard Self.answer(outcome) == expected, Self.agree(log, model) else {
            Issue.record("\(path.map(\.change)): \(outcome), model: \(expected)")
            return
        }
        guard path.count < 4 else { return }
        for next in alphabet { step(path + [next], log, model, alphabet) }
    }

    private static func answer(_ outcome: AppendOutcome) -> NaiveRoom.Answer {
        switch outcome {
        case .stored(let seq, _): .stored(Int(seq.rawValue))
        case .duplicate(let seq, _): .duplicate(Int(seq.rawValue))
        case .unchanged: .unchanged
        case .refused(let refusal): .refused(refusal)
        }
    }

    /// Whether both show the same room.
    private static func agree(_ log: RoomLog, _ model: NaiveRoom) -> Bool {
        let query = HistoryQuery(room: room.id, anchor: .latest, limit: 100)
        let messages = log.history(query) { _ in "" }.messages
        let isSameHistory =
            messages.map(\.seq) == model.messages
            && messages.allSatisfy { message in
                let reactions = message.reactions.flatMap { reaction in
                    reaction.users.map { "\(reaction.emoji) \($0)" }
                }
                return message.text == model.text(message.seq)
                    && message.isDeleted == model.isDeleted(message.seq)
                    && message.isPinned == model.isPinned(message.seq)
                    && reactions == model.reactions(message.seq).map { "\($0.0) \($0.1)" }
            }
        let users = [ada, bob, UserID(rawValue: 3)]
        return isSameHistory
            && log.record.head.rawValue == UInt64(model.log.count)
            && log.record.memberCount == model.roles.count
            && log.members.mapValues(\.role) == model.roles
            && log.pinned(name: { _ in "" }).map(\.seq) == model.pins
            && users.allSatisfy { log.unread(for: $0) == model.unread($0) }
            && log.events(after: .none, limit: 100, name: { _ in "" }).allSatisfy { event in
                isRedactedRightly(event, model)
            }
    }

    private static func isRedactedRightly(_ event: LoggedEvent, _ model: NaiveRoom) -> Bool {
        switch event.change {
        case .message(let text, _):
            event.isRedacted == model.isDeleted(event.seq) && event.isRedacted == text.isEmpty
        case .edit(let target, let text):
            event.isRedacted == model.isDeleted(target) && event.isRedacted == text.isEmpty
        default: !event.isRedacted
        }
    }
}
