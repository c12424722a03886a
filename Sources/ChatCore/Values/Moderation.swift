// SPDX-License-Identifier: MIT

extension Timestamp {
    /// The end of what has none: later than every other time. Left out on the wire.
    public static let forever = Timestamp(milliseconds: .max)
}

/// How long and why somebody may not be in a room.
public struct Ban: Sendable, Equatable {
    /// When it is over; ``Timestamp/forever`` for never.
    public var until: Timestamp
    /// Why, as the room's members are told; may be empty.
    public var reason: String

    /// Makes a ban.
    public init(until: Timestamp = .forever, reason: String = "") {
        self.until = until
        self.reason = reason
    }

    /// Equal if a store could not tell them apart: reasons are compared byte by byte.
    public static func == (left: Ban, right: Ban) -> Bool {
        left.until == right.until && left.reason.utf8.elementsEqual(right.reason.utf8)
    }
}

/// A ban as stored.
public struct BanRecord: Sendable, Equatable {
    /// Who may not be in the room, with their name now.
    public var user: UserReference
    /// How long and why.
    public var ban: Ban
    /// When they were banned.
    public var at: Timestamp
    /// Who banned them, with their name now.
    public var sender: UserReference

    /// Makes a record.
    public init(user: UserReference, ban: Ban, at: Timestamp, sender: UserReference) {
        self.user = user
        self.ban = ban
        self.at = at
        self.sender = sender
    }
}

/// A page of a room's bans.
public struct BanPage: Sendable, Equatable {
    /// The bans of this page, the newest first.
    public var bans: [BanRecord]
    /// How many there are in all.
    public var total: Int

    /// Makes a page.
    public init(bans: [BanRecord], total: Int) {
        self.bans = bans
        self.total = total
    }
}

/// When a ban or a mute is to end, as it was asked for.
public enum EndTime: Sendable, Equatable {
    /// Not by itself.
    case never
    /// At this time.
    case at(Timestamp)
    /// So many seconds after it began.
    case after(seconds: Int)

    /// The end of a sanction that begins at `start`; `nil` if it would be over at once.
    public func time(from start: Timestamp) -> Timestamp? {
        switch self {
        case .never: return .forever
        case .at(let end): return end > start ? end : nil
        case .after(let seconds):
            let (length, isTooLong) = Int64(clamping: seconds).multipliedReportingOverflow(
                by: 1_000)
            let (end, isTooLate) = start.milliseconds.addingReportingOverflow(length)
            if isTooLong || isTooLate { return .forever }
            return seconds > 0 ? Timestamp(milliseconds: end) : nil
        }
    }
}
