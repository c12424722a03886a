// SPDX-License-Identifier: MIT

/// A room at its home: the machines that hold its rules and live states. Called by the shard only.
final class HostedRoom {
    let id: RoomID
    var machine: any RoomGoverning
    var typing: any TypingTracking
    var receipts: any ReceiptTracking
    /// The shards with subscribers, in ascending order.
    private(set) var tails: [Int] = []
    /// What is under way and needs this very object: entries and receipts that are being stored, a deletion.
    var pins = 0
    /// Where the room stands among those without subscribers.
    var idlePlace = RecencyList.nowhere
    /// Whether it was deleted: what was still on its way to the store is answered, and nothing else.
    var isGone = false
    /// Whether a transaction failed that may have been committed all the same: nothing is stored until the machines
    /// have been compared with the store.
    var isUncertain = false
    /// Of a direct room: which of its users block the other.
    var blockers: [UserID] = []
    /// When that is tried again.
    var comparisonDue: ChatInstant?
    /// Whether its timer will be set at the end of the turn.
    var isArming = false
    /// When a large room tells its counts next, if they have changed.
    var countsDue: ChatInstant?
    private var countsToldAt: ChatInstant?
    private let configuration: ChatConfiguration
    private let isDefault: Bool

    init(_ snapshot: RoomSnapshot, isDefault: Bool, configuration: ChatConfiguration) {
        id = snapshot.room.id
        self.configuration = configuration
        self.isDefault = isDefault
        machine = configuration.machines.room(snapshot, isDefault, configuration.limits)
        typing = configuration.machines.typing(configuration.typing, configuration.limits)
        receipts = configuration.machines.receipts(
            configuration.receipts.receiptIntervalMilliseconds(
                members: snapshot.members.count,
                smallRoomMembers: configuration.limits.smallRoomMembers))
        for member in snapshot.members {
            receipts.addMember(member.user, delivered: member.delivered, read: member.read)
        }
    }

    /// When one of the room's machines has something to do.
    var nextDeadline: ChatInstant? {
        typing.nextDeadline.earlier(of: receipts.nextDeadline).earlier(of: machine.nextDeadline)
            .earlier(of: countsDue).earlier(of: comparisonDue)
    }

    func addTail(_ shard: Int) {
        if !tails.contains(shard) { tails.append(shard) }
        tails.sort()
    }

    func removeTail(_ shard: Int) { tails.removeAll { $0 == shard } }

    /// Applies what was committed to every machine.
    func committed(
        _ change: LogChange, by sender: UserReference, named name: String, seq: SequenceNumber,
        at: Timestamp, now: ChatInstant
    ) {
        machine.committed(change, by: sender.id, named: name, seq: seq, at: at)
        switch change {
        case .accept(let acceptance):
            receipts.addMember(acceptance.user, delivered: .none, read: .none)
            memberCountChanged(now: now)
        case .join(let user, _, _):
            receipts.addMember(user, delivered: .none, read: .none)
            memberCountChanged(now: now)
        case .leave(let user, _, _), .ban(let user, _):
            receipts.removeMember(user)
            memberCountChanged(now: now)
        default: break
        }
    }

    /// Takes the room over as it is stored; who is reachable stays, and so does what was read.
    ///
    /// - Returns: who has become a member and who is none any more.
    func replace(
        with snapshot: RoomSnapshot, now: ChatInstant
    ) -> (joined: [UserReference], left: [UserReference]) {
        let before = machine.members(offset: 0, limit: .max)
        var gone = Dictionary(uniqueKeysWithValues: before.map { ($0.user.id, $0) })
        machine = configuration.machines.room(snapshot, isDefault, configuration.limits)
        var joined: [UserReference] = []
        for member in snapshot.members {
            receipts.addMember(member.user, delivered: member.delivered, read: member.read)
            if let known = gone.removeValue(forKey: member.user) {
                _ = machine.setStatus(known.status, of: member.user)
            } else {
                joined.append(UserReference(id: member.user, name: member.name))
            }
        }
        for user in gone.keys { receipts.removeMember(user) }
        if !joined.isEmpty || !gone.isEmpty { memberCountChanged(now: now) }
        return (joined, gone.values.map(\.user).sorted { $0.id < $1.id })
    }

    /// A large room tells its counts at most once per interval.
    func memberCountChanged(now: ChatInstant) {
        let members = machine.record.memberCount
        receipts.setInterval(
            milliseconds: configuration.receipts.receiptIntervalMilliseconds(
                members: members, smallRoomMembers: configuration.limits.smallRoomMembers))
        guard !machine.isSmall, countsDue == nil else { return }
        let earliest = countsToldAt?.advanced(
            byMilliseconds: configuration.countsIntervalMilliseconds)
        countsDue = max(now, earliest ?? now)
    }

    func countsTold(now: ChatInstant) {
        countsDue = nil
        countsToldAt = now
    }

    /// Who types now, with names.
    var typists: [UserReference] {
        typing.typists.compactMap { machine.member($0)?.user }
    }

    func info(for user: UserID) -> RoomInfo {
        RoomInfo(record: machine.record, role: machine.member(user)?.role)
    }

    /// A page of members with their state at `time`.
    func members(offset: Int, limit: Int, at time: Timestamp) -> [MemberInfo] {
        machine.members(offset: offset, limit: limit).map { member in
            let marks = receipts.marks(of: member.user.id)
            let until = member.mutedUntil.flatMap { $0 > time ? $0 : nil }
            return MemberInfo(
                user: member.user, role: member.role, status: member.status,
                delivered: marks?.delivered ?? .none, read: marks?.read ?? .none,
                mutedUntil: until)
        }
    }
}
