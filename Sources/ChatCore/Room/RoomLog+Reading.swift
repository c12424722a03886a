// SPDX-License-Identifier: MIT

extension RoomLog {
    /// A page of messages as they are now, in ascending order.
    ///
    /// - Parameters:
    ///   - query: which; its room is not looked at, a limit below 1 counts as 1.
    ///   - name: the present name of a user.
    package func history(_ query: HistoryQuery, name: (UserID) -> String) -> HistoryPage {
        let limit = max(1, query.limit)
        let range =
            switch query.anchor {
            case .latest: last(limit, before: messages.count)
            case .before(let seq): last(limit, before: index(ofFirstMessageFrom: seq))
            case .after(let seq): first(limit, from: index(ofFirstMessageAfter: seq))
            case .around(let seq): middle(limit, at: index(ofFirstMessageFrom: seq))
            case .beforeTime(let time): last(limit, before: index(ofFirstMessageFrom: time))
            case .afterTime(let time): first(limit, from: index(ofFirstMessageFrom: time))
            case .aroundTime(let time): middle(limit, at: index(ofFirstMessageFrom: time))
            }
        let isEnd =
            switch query.anchor {
            case .latest, .before, .beforeTime: range.lowerBound == 0
            case .after, .afterTime: range.upperBound == messages.count
            case .around, .aroundTime: range == messages.indices
            }
        return HistoryPage(messages: messages[range].map { message($0, name) }, isEnd: isEnd)
    }

    /// Up to `limit` events after `after`, in ascending order, without holes.
    package func events(
        after: SequenceNumber, limit: Int, name: (UserID) -> String
    ) -> [LoggedEvent] {
        let after = max(after, record.trimmed)
        guard after < record.head else { return [] }
        let first = index(of: after.next)
        return events[first...].prefix(max(1, limit)).enumerated().map { offset, event in
            event.logged(at: SequenceNumber(rawValue: after.rawValue + UInt64(offset + 1)), name)
        }
    }

    /// The pinned messages, in ascending order.
    package func pinned(name: (UserID) -> String) -> [Message] {
        pins.sorted().map { message($0, name) }
    }

    /// Messages of others after the member's read mark and their joining that are not deleted; `nil` for non-members.
    package func unread(for user: UserID) -> Int? {
        guard let member = members[user] else { return nil }
        return messages[index(ofFirstMessageAfter: max(member.read, member.joinedAfter))...].count {
            !events[index(of: $0)].isRedacted && events[index(of: $0)].sender != user
        }
    }

    /// The newest message, without reactions.
    package func lastMessage(name: (UserID) -> String) -> Message? {
        messages.last.map { seq in
            var last = message(seq, name)
            last.reactions = []
            return last
        }
    }

    /// The first members by identity.
    package func listedMembers(_ limit: Int, name: (UserID) -> String) -> [ListedMember] {
        members.values.sorted { $0.user < $1.user }.prefix(max(0, limit)).map { member in
            ListedMember(
                user: UserReference(id: member.user, name: name(member.user)), role: member.role)
        }
    }

    /// The room and its members, ordered by user id.
    package func snapshot(name: (UserID) -> String) -> RoomSnapshot {
        let members = members.values.sorted { $0.user < $1.user }.map { member in
            var member = member
            member.name = name(member.user)
            member.mutedUntil = mutes[member.user]
            return member
        }
        return RoomSnapshot(
            room: record, members: members,
            absentMutes: mutes.filter { self.members[$0.key] == nil })
    }

    // MARK: One message

    private func message(_ seq: SequenceNumber, _ name: (UserID) -> String) -> Message {
        let event = events[index(of: seq)]
        let (posted, replyTo) = Self.content(of: event.change)
        let state = states[seq]
        return Message(
            seq: seq, at: event.at, sender: event.sender, senderName: name(event.sender),
            clientID: event.clientID, text: state?.text ?? posted,
            replyTo: event.isRedacted ? nil : replyTo, editedAt: state?.editedAt,
            isDeleted: event.isRedacted, isPinned: pins.contains(seq),
            reactions: state?.reactions ?? [], attachments: event.change.attachments)
    }

    private static func content(of change: LogChange) -> (String, SequenceNumber?) {
        switch change {
        case .message(let text, let replyTo): return (text, replyTo)
        case .post(let post): return (post.text, post.replyTo)
        default: preconditionFailure("the index of messages names an event that is none")
        }
    }

    // MARK: Ranges of the index of messages

    private func last(_ count: Int, before end: Int) -> Range<Int> {
        max(0, end - count)..<end
    }

    private func first(_ count: Int, from start: Int) -> Range<Int> {
        // Not `start + count`: a caller's limit may be near the largest integer.
        start..<(start + min(count, messages.count - start))
    }

    private func middle(_ count: Int, at index: Int) -> Range<Int> {
        let before = last(count / 2, before: index)
        return before.lowerBound..<first(count - before.count, from: index).upperBound
    }

    private func index(ofFirstMessageAfter seq: SequenceNumber) -> Int {
        seq < record.head ? index(ofFirstMessageFrom: seq.next) : messages.count
    }

    private func index(ofFirstMessageFrom seq: SequenceNumber) -> Int {
        firstIndex { messages[$0] >= seq }
    }

    private func index(ofFirstMessageFrom time: Timestamp) -> Int {
        firstIndex { events[index(of: messages[$0])].at >= time }
    }

    /// Binary search for the first message from which on `isThere` holds.
    private func firstIndex(_ isThere: (Int) -> Bool) -> Int {
        var low = 0
        var high = messages.count
        while low < high {
            let middle = (low + high) / 2
            if isThere(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
