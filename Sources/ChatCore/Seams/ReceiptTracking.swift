// SPDX-License-Identifier: MIT

/// How far each member of one room has received and read its log.
///
/// The engine holds one value per loaded room and calls it from that room's shard only. A client's
/// receipt first goes through ``propose(_:delivered:read:head:)``; an advance is stored, and only
/// then is ``commit(_:delivered:read:)`` called (durable before visible). When ``nextDeadline`` has
/// come the engine sends ``takeChanges(now:)`` to a small room, ``summary()`` to a large one.
/// Nothing suspends.
///
/// For every member, always: read <= delivered, and neither moves backwards.
public protocol ReceiptTracking: Sendable {
    /// When ``takeChanges(now:)`` will next return something; may be past; `nil` if nothing has
    /// changed.
    var nextDeadline: ChatInstant? { get }

    /// Makes `user` a member, with the marks that are stored for them. For a member it merges the
    /// marks by maximum. Not a change in the sense of ``takeChanges(now:)``.
    mutating func addMember(_ user: UserID, delivered: SequenceNumber, read: SequenceNumber)

    /// Forgets `user` and what they have read.
    mutating func removeMember(_ user: UserID)

    /// What a client's receipt amounts to. Changes nothing.
    ///
    /// - Parameters:
    ///   - user: whose receipt.
    ///   - delivered: up to where a device of theirs has received the log, if it says so.
    ///   - read: up to where they have seen the log, if it says so. Implies `delivered`.
    ///   - head: the end of the log. Higher values are taken for this one.
    func propose(
        _ user: UserID, delivered: SequenceNumber?, read: SequenceNumber?, head: SequenceNumber
    ) -> ReceiptProposal

    /// Applies marks that have been stored, merged by maximum.
    ///
    /// - Returns: whether anything moved. `false` for a user who is not a member (any more).
    mutating func commit(
        _ user: UserID, delivered: SequenceNumber, read: SequenceNumber
    ) -> Bool

    /// The marks of everybody who moved since the last call, in user order; empty before the
    /// deadline.
    mutating func takeChanges(now: ChatInstant) -> [ReceiptMark]

    /// Changes the shortest time between two sets of changes, in milliseconds.
    mutating func setInterval(milliseconds: Int64)

    /// The marks of `user`; `nil` if they are not a member.
    func marks(of user: UserID) -> ReceiptMark?

    /// How far the message at `seq` has got with the members other than `sender`.
    func status(of seq: SequenceNumber, by sender: UserID) -> MessageStatus

    /// The members other than `sender` who have read up to `seq` or further, in user order.
    func readers(of seq: SequenceNumber, excluding sender: UserID) -> [UserID]

    /// The two members who have read furthest and the two who have received furthest, in user
    /// order: from these, every sender can tell the status of all of their messages, leaving
    /// themselves out.
    func summary() -> [ReceiptMark]
}

/// One member's marks.
public struct ReceiptMark: Sendable, Equatable {
    /// Whose.
    public var user: UserID
    /// Up to where a device of theirs has received the log.
    public var delivered: SequenceNumber
    /// Up to where they have seen the log.
    ///
    /// At most `delivered`.
    public var read: SequenceNumber

    /// Makes marks.
    public init(user: UserID, delivered: SequenceNumber, read: SequenceNumber) {
        self.user = user
        self.delivered = delivered
        self.read = read
    }
}

/// What a client's receipt amounts to.
public enum ReceiptProposal: Sendable, Equatable {
    /// These are the member's new marks: to be stored, then committed.
    case advance(delivered: SequenceNumber, read: SequenceNumber)
    /// Nothing is higher than what the member has; these are their marks.
    case unchanged(delivered: SequenceNumber, read: SequenceNumber)
    /// The user is not a member.
    case notMember
}

/// How far a message has got.
public enum MessageStatus: UInt8, Sendable, CaseIterable, Comparable {
    /// It is stored.
    case sent = 0
    /// Another member's device has it.
    case delivered = 1
    /// Another member has seen it.
    case read = 2

    /// The name on the wire.
    public var name: String {
        switch self {
        case .sent: "sent"
        case .delivered: "delivered"
        case .read: "read"
        }
    }

    /// Order of progress.
    public static func < (left: MessageStatus, right: MessageStatus) -> Bool {
        left.rawValue < right.rawValue
    }
}
