// SPDX-License-Identifier: MIT

/// What happened to a message after it was posted.
///
/// Deleted messages have none: nothing is left of them.
struct MessageState: Sendable, Equatable {
    /// The text of the last edit.
    private(set) var text: String?
    /// When it was last edited.
    private(set) var editedAt: Timestamp?
    /// The places of all edits, ascending: a delete redacts them too.
    private(set) var edits: [SequenceNumber] = []
    /// Reactions in the order of their first use.
    private(set) var reactions: [Reaction] = []

    mutating func edit(_ text: String, seq: SequenceNumber, at: Timestamp) {
        self.text = text
        editedAt = at
        edits.append(seq)
    }

    mutating func add(_ emoji: String, of user: UserID) {
        if let index = index(of: emoji) {
            reactions[index].users.append(user)
        } else {
            reactions.append(Reaction(emoji: emoji, users: [user]))
        }
    }

    mutating func remove(_ emoji: String, of user: UserID) {
        guard let index = index(of: emoji) else { return }
        reactions[index].users.removeAll { $0 == user }
        if reactions[index].users.isEmpty { reactions.remove(at: index) }
    }

    func index(of emoji: String) -> Int? {
        reactions.firstIndex { $0.emoji.utf8.elementsEqual(emoji.utf8) }
    }
}

/// An event as a room's log keeps it: its place is its index, and names belong to users.
///
/// Half of a ``LoggedEvent``: a store in memory has one for each event that ever was.
struct KeptEvent: Sendable {
    var at: Timestamp
    var sender: UserID
    var clientID: String?
    var change: LogChange
    var isRedacted = false

    /// The event with its place and the present names.
    func logged(at seq: SequenceNumber, _ name: (UserID) -> String) -> LoggedEvent {
        LoggedEvent(
            seq: seq, at: at, sender: sender, senderName: name(sender), clientID: clientID,
            change: change, subjectName: change.subject.map(name), isRedacted: isRedacted)
    }

    /// Takes the text away and says so.
    mutating func redact() {
        isRedacted = true
        switch change {
        case .message(_, let replyTo): change = .message(text: "", replyTo: replyTo)
        case .post(let post): change = .message(text: "", replyTo: post.replyTo)
        case .edit(let target, _): change = .edit(target: target, text: "")
        case .react(let target, _): change = .react(target: target, emoji: "")
        case .unreact(let target, _): change = .unreact(target: target, emoji: "")
        case .ban(let user, let ban): change = .ban(user: user, Ban(until: ban.until, reason: ""))
        case .delete, .pin, .unpin, .join, .leave, .role, .room, .unban, .mute, .unmute, .accept:
            isRedacted = false
        }
    }
}

extension LoggedEvent {
    /// The user whom a membership event is about.
    package var subject: UserID? { change.subject }
}

extension LogChange {
    /// The user whom a membership change is about.
    var subject: UserID? {
        switch self {
        case .join(let user, _, _), .leave(let user, _, _), .role(let user, _),
            .ban(let user, _), .unban(let user), .mute(let user, _), .unmute(let user):
            user
        case .accept(let acceptance): acceptance.user
        case .message, .post, .edit, .delete, .react, .unreact, .pin, .unpin, .room: nil
        }
    }
}

extension RoomLog: RoomFacts {
    package func message(at seq: SequenceNumber) -> MessageFacts? {
        guard seq > record.trimmed, seq <= record.head else { return nil }
        let event = events[index(of: seq)]
        guard event.change.isMessage else { return nil }
        return MessageFacts(
            author: event.sender, isDeleted: event.isRedacted, isPinned: pins.contains(seq))
    }

    package func reactions(
        at seq: SequenceNumber, emoji: String, user: UserID
    ) -> ReactionFacts {
        guard let state = states[seq] else {
            return ReactionFacts(differentEmoji: 0, isPresent: false, isOwn: false)
        }
        let index = state.index(of: emoji)
        return ReactionFacts(
            differentEmoji: state.reactions.count, isPresent: index != nil,
            isOwn: index.map { state.reactions[$0].users.contains(user) } ?? false)
    }

    package func pinCount() -> Int { pins.count }

    package func role(of user: UserID) -> Role? { members[user]?.role }

    package func properties() -> RoomRecord { record }
}
