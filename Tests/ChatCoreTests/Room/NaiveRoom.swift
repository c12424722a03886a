// SPDX-License-Identifier: MIT

import ChatCore

/// An independent model of a room: it keeps only what was accepted, and finds out everything else
/// by reading all of it again.
///
/// Slow and plain, so that it can be believed.
struct NaiveRoom {
    struct Accepted {
        var sender: UserID
        var change: LogChange
        var key: String?
        var at = Timestamp(milliseconds: 0)
    }

    let reactionsPerMessage: Int
    let pinsPerRoom: Int
    let membersPerRoom: Int
    /// The log; the owner's join is the first.
    var log: [Accepted]

    init(owner: UserID, limits: Limits) {
        reactionsPerMessage = limits.reactionsPerMessage
        pinsPerRoom = limits.pinsPerRoom
        membersPerRoom = limits.membersPerRoom
        log = [Accepted(sender: owner, change: .join(user: owner, role: .owner, logged: true))]
    }

    enum Answer: Equatable {
        case stored(Int)
        case duplicate(Int)
        case unchanged
        case refused(AppendRefusal)
    }

    mutating func append(_ entry: LogEntry) -> Answer {
        if let key = entry.clientID,
            let first = log.firstIndex(where: { $0.key == key && $0.sender == entry.sender })
        {
            let isSame = log[first].change == entry.change
            return isSame ? .duplicate(first + 1) : .refused(.clientIDReused)
        }
        if let answer = objection(to: entry) { return answer }
        log.append(
            Accepted(
                sender: entry.sender, change: entry.change, key: entry.clientID, at: entry.at))
        return .stored(log.count)
    }

    private func objection(to entry: LogEntry) -> Answer? {
        switch entry.change {
        case .message, .edit, .react:
            if mutedUntil(entry.sender).map({ $0 > entry.at }) ?? false { return .refused(.muted) }
        default: break
        }
        switch entry.change {
        case .message(_, let replyTo):
            guard let replyTo else { return nil }
            return isMessage(replyTo) && !isDeleted(replyTo)
                ? nil : .refused(.replyTargetNotFound)
        case .edit(let target, _):
            return missing(target) ?? (author(target) == entry.sender ? nil : notYours)
        case .delete(let target):
            let isAllowed = entry.isModerator || author(target) == entry.sender
            return missing(target) ?? (isAllowed ? nil : notYours)
        case .react(let target, let emoji):
            if let missing = missing(target) { return missing }
            let present = reactions(target)
            if present.contains(where: { $0 == (emoji, entry.sender) }) { return .unchanged }
            let different = Set(present.map(\.0)).union([emoji]).count
            return different > reactionsPerMessage ? .refused(.tooManyReactions) : nil
        case .unreact(let target, let emoji):
            let isThere = reactions(target).contains { $0 == (emoji, entry.sender) }
            return missing(target) ?? (isThere ? nil : .unchanged)
        case .pin(let target):
            if let missing = missing(target) { return missing }
            if isPinned(target) { return .unchanged }
            return pins.count < pinsPerRoom ? nil : .refused(.tooManyPins)
        case .unpin(let target):
            return missing(target) ?? (isPinned(target) ? nil : .unchanged)
        case .join(let user, _, _):
            if roles[user] != nil { return .unchanged }
            if let ban = ban(user), ban.until > entry.at { return .refused(.banned) }
            return roles.count < membersPerRoom ? nil : .refused(.roomFull)
        case .leave(let user, _, _):
            return roles[user] == nil ? .refused(.notMember) : nil
        case .role(let user, let role):
            guard let present = roles[user] else { return .refused(.notMember) }
            return present == role ? .unchanged : nil
        case .room:
            return nil
        case .accept: return .refused(.invitationNotFound)
        case .post: return nil
        case .ban(let user, let ban):
            if !isAbove(entry.sender, user) { return .refused(.notAbove) }
            let isSame = self.ban(user) == ban && roles[user] == nil
            return ban.until <= entry.at || isSame ? .unchanged : nil
        case .unban(let user):
            if !isAbove(entry.sender, nil) { return .refused(.notAbove) }
            return ban(user).map { $0.until > entry.at } ?? false ? nil : .unchanged
        case .mute(let user, let until):
            if roles[user] == nil { return .refused(.notMember) }
            if !isAbove(entry.sender, user) { return .refused(.notAbove) }
            return until <= entry.at || mutedUntil(user) == until ? .unchanged : nil
        case .unmute(let user):
            if !isAbove(entry.sender, user) { return .refused(.notAbove) }
            return mutedUntil(user).map { $0 > entry.at } ?? false ? nil : .unchanged
        }
    }

    private func isAbove(_ sender: UserID, _ user: UserID?) -> Bool {
        let own = roles[sender].map { Int($0.rawValue) } ?? 0
        let other = user.flatMap { roles[$0] }.map { Int($0.rawValue) } ?? 0
        return own >= 2 && own > other
    }

    /// The last word about a user's ban.
    func ban(_ user: UserID) -> Ban? {
        log.reduce(nil) { ban, event in
            switch event.change {
            case .ban(user, let new): new
            case .unban(user): nil
            default: ban
            }
        }
    }

    /// The last word about a user's mute.
    func mutedUntil(_ user: UserID) -> Timestamp? {
        log.reduce(nil) { until, event in
            switch event.change {
            case .mute(user, let new): new
            case .unmute(user): nil
            default: until
            }
        }
    }

    private var notYours: Answer { .refused(.notYourMessage) }

    private func missing(_ target: SequenceNumber) -> Answer? {
        if !isMessage(target) { return .refused(.messageNotFound) }
        return isDeleted(target) ? .refused(.messageDeleted) : nil
    }

    // MARK: What follows from the log

    private func at(_ seq: SequenceNumber) -> Accepted? {
        let index = Int(clamping: seq.rawValue)
        return index >= 1 && index <= log.count ? log[index - 1] : nil
    }

    func author(_ seq: SequenceNumber) -> UserID? { at(seq)?.sender }

    func isMessage(_ seq: SequenceNumber) -> Bool {
        if case .message = at(seq)?.change { true } else { false }
    }

    func isDeleted(_ seq: SequenceNumber) -> Bool {
        log.contains { $0.change == .delete(target: seq) }
    }

    var messages: [SequenceNumber] {
        (1...log.count).map { SequenceNumber(rawValue: UInt64($0)) }.filter(isMessage)
    }

    func text(_ seq: SequenceNumber) -> String {
        if isDeleted(seq) { return "" }
        var text = ""
        if case .message(let posted, _) = at(seq)?.change { text = posted }
        for event in log {
            if case .edit(seq, let edited) = event.change { text = edited }
        }
        return text
    }

    func isPinned(_ seq: SequenceNumber) -> Bool {
        var isPinned = false
        for event in log {
            switch event.change {
            case .pin(seq): isPinned = true
            case .unpin(seq), .delete(seq): isPinned = false
            default: break
            }
        }
        return isPinned
    }

    var pins: [SequenceNumber] { messages.filter(isPinned) }

    func reactions(_ seq: SequenceNumber) -> [(String, UserID)] {
        if isDeleted(seq) { return [] }
        var reactions: [(String, UserID)] = []
        for event in log {
            switch event.change {
            case .react(seq, let emoji): reactions.append((emoji, event.sender))
            case .unreact(seq, let emoji):
                reactions.removeAll { $0 == (emoji, event.sender) }
            default: break
            }
        }
        return reactions
    }

    var roles: [UserID: Role] {
        var roles: [UserID: Role] = [:]
        for event in log {
            switch event.change {
            case .join(let user, let role, _), .role(let user, let role):
                if role == .owner {
                    for (other, present) in roles where present == .owner { roles[other] = .admin }
                }
                roles[user] = role
            case .leave(let user, _, _), .ban(let user, _): roles[user] = nil
            default: break
            }
        }
        return roles
    }

    /// Messages of others since the user's last join that are not deleted, when nothing is read.
    func unread(_ user: UserID) -> Int? {
        guard roles[user] != nil else { return nil }
        let joined = log.lastIndex {
            if case .join(user, _, _) = $0.change { true } else { false }
        }
        return messages.count {
            $0.rawValue > UInt64((joined ?? 0) + 1) && !isDeleted($0) && author($0) != user
        }
    }
}
