// SPDX-License-Identifier: MIT

// What retention and erasure take out of a log.
extension RoomLog {
    /// See ``UpkeepStore/trimPlace(in:for:)``. O(log messages + events beyond the bound).
    package func trimPlace(for bound: TrimBound) -> SequenceNumber {
        var place = record.trimmed
        if let time = bound.before {
            let old = events.prefix { $0.at < time }.count
            place = SequenceNumber(rawValue: record.trimmed.rawValue + UInt64(old))
        }
        if let kept = bound.keepingMessages {
            if kept <= 0 {
                place = record.head
            } else if messages.count >= kept {
                place = max(
                    place, SequenceNumber(rawValue: messages[messages.count - kept].rawValue - 1))
            }
        }
        return place > record.trimmed ? place : .none
    }

    /// See ``UpkeepStore/trim(_:through:limit:)``. O(events).
    package mutating func trim(through place: SequenceNumber, limit: Int) -> TrimSlice {
        let end = TrimSlice.end(of: record, through: place, limit: limit)
        let removed = Int(end.rawValue - record.trimmed.rawValue)
        for event in events.prefix(removed) {
            keepFingerprint(of: event)
            release(event)
        }
        events.removeFirst(removed)
        let gone = messages.prefix { $0 <= end }
        for message in gone {
            states[message] = nil
            pins.remove(message)
        }
        messages.removeFirst(gone.count)
        record.trimmed = end
        removeReadTimes(through: end)
        return TrimSlice(trimmed: end, removed: removed, isDone: end >= min(place, record.head))
    }

    /// Erases what a user wrote among the next `limit` events after `place`.
    ///
    /// - Returns: how many events were looked at, and whether anything was erased.
    package mutating func erase(
        _ user: UserID, after place: SequenceNumber, limit: Int
    ) -> (looked: Int, hasErased: Bool) {
        let after = max(place, record.trimmed)
        guard after < record.head else { return (0, false) }
        let first = index(of: after.next)
        let looked = min(max(1, limit), events.count - first)
        var hasErased = false
        for index in first..<(first + looked) {
            let event = events[index]
            let seq = SequenceNumber(rawValue: record.trimmed.rawValue + UInt64(index + 1))
            if case .ban(let subject, _) = event.change, subject == user || event.sender == user {
                redactEvent(at: seq)
                hasErased = hasErased || !event.isRedacted
            }
            guard event.sender == user else { continue }
            forgetKey(of: event)
            events[index].clientID = nil
            switch event.change {
            case .message, .post: redact(seq)
            case .edit, .unreact: events[index].redact()
            case .react(let target, let emoji):
                states[target]?.remove(emoji, of: user)
                events[index].redact()
            default: continue
            }
            hasErased = hasErased || !event.isRedacted
        }
        return (looked, hasErased)
    }

    /// Erases what the room knows of a user beside the log: the reasons of bans by or of them (in the audit log
    /// as well), their mute, when they read what, their invitations and those that they sent. That they are banned
    /// stays.
    package mutating func eraseSanctions(of user: UserID) {
        for (banned, kept) in bans where banned == user || kept.sender == user {
            bans[banned]?.ban.reason = ""
        }
        mutes[user] = nil
        readTimes[user] = nil
        eraseReasons(of: user)
        if invitations.isEmpty { return }
        setInvitations { $0 = $0.filter { $0.value.user != user && $0.value.sender != user } }
    }

    /// About how much memory the events take, in bytes. O(events).
    package var keptBytes: Int {
        events.reduce(0) { sum, event in
            var text = event.clientID?.utf8.count ?? 0
            switch event.change {
            case .message(let posted, _), .edit(_, let posted): text += posted.utf8.count
            case .post(let post):
                text += post.text.utf8.count
                for attachment in post.attachments {
                    text += MemoryLayout<MessageAttachment>.stride
                    text += attachment.preview.utf8.count
                }
            default: break
            }
            return sum + MemoryLayout<KeptEvent>.stride + text
        }
    }
}
