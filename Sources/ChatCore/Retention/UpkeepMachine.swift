// SPDX-License-Identifier: MIT

/// What an engine asks of its store beside the conversation.
package enum UpkeepAction: Sendable, Equatable {
    /// Remove rows of deleted rooms.
    case sweep(limit: Int)
    /// Read the next rooms.
    case readRooms(after: RoomID?, limit: Int)
    /// Find out up to where a room is beyond the policy.
    case findPlace(RoomID, TrimBound)
    /// Remove the oldest events of a room.
    case trim(RoomID, through: SequenceNumber, limit: Int)
}

/// Decides when which room is trimmed and deleted rooms are swept: one call at a time, with a pause after each, so that
/// whoever posts never waits for more than one slice. Pure.
///
/// The shell carries out what ``next(now:time:)`` returns and tells what came of it. A walk goes over all rooms of the
/// store, a page at a time, and begins anew after the policy's interval. Sweeping goes first.
package struct UpkeepMachine: Sendable {
    /// Rooms per page of a walk.
    package static let pageRooms = 100
    /// How long after a failure the same call is made again.
    package static let retryMilliseconds: Int64 = 10_000
    /// How long after the start what an earlier process left is looked for.
    package static let startMilliseconds: Int64 = 1_000

    private enum Walk: Sendable, Equatable {
        case resting
        case reading(after: RoomID?)
        case looking(at: RoomID)
        case trimming(RoomID, through: SequenceNumber)
    }

    private let policy: RetentionPolicy
    private var isBusy = false
    private var isSweeping = false
    private var sweepDue: ChatInstant?
    private var walkDue: ChatInstant?
    private var walk = Walk.resting
    /// Rooms of the page that are still to be looked at, the next one last.
    private var rooms: [RoomID] = []
    /// The last room of the page.
    private var lastRoom: RoomID?

    /// Makes a machine that begins soon.
    package init(policy: RetentionPolicy, now: ChatInstant) {
        self.policy = policy
        let start = now.advanced(byMilliseconds: Self.startMilliseconds)
        sweepDue = start
        walkDue = policy.isUnlimited ? nil : start
    }

    /// When ``next(now:time:)`` has something to do.
    package var nextDeadline: ChatInstant? {
        isBusy ? nil : sweepDue.earlier(of: walkDue)
    }

    /// A room was deleted: its remains are to be swept.
    package mutating func roomDeleted(now: ChatInstant) {
        sweepDue = sweepDue.map { min($0, now) } ?? now
    }

    /// What is to be done now; `nil` if nothing is due, or something is under way.
    package mutating func next(now: ChatInstant, time: Timestamp) -> UpkeepAction? {
        if isBusy { return nil }
        if let due = sweepDue, due <= now {
            (isBusy, isSweeping) = (true, true)
            sweepDue = nil
            return .sweep(limit: policy.sliceEvents)
        }
        guard let due = walkDue, due <= now else { return nil }
        (isBusy, isSweeping) = (true, false)
        switch walk {
        case .resting:
            walk = .reading(after: nil)
            return .readRooms(after: nil, limit: Self.pageRooms)
        case .reading(let room): return .readRooms(after: room, limit: Self.pageRooms)
        case .looking(let room): return .findPlace(room, policy.bound(at: time))
        case .trimming(let room, let place):
            return .trim(room, through: place, limit: policy.sliceEvents)
        }
    }

    /// The call failed: it is made again later.
    package mutating func failed(now: ChatInstant) {
        isBusy = false
        let later = now.advanced(byMilliseconds: Self.retryMilliseconds)
        if isSweeping { sweepDue = later } else { walkDue = later }
    }

    /// A slice was swept.
    package mutating func swept(_ slice: SweepSlice, now: ChatInstant) {
        isBusy = false
        if !slice.isDone { sweepDue = afterPause(now) }
    }

    /// A page of rooms was read.
    package mutating func roomsRead(_ page: [RoomRecord], now: ChatInstant) {
        isBusy = false
        guard let last = page.last else { return rest(now) }
        lastRoom = last.id
        // What has nothing to remove costs no call.
        rooms = page.filter { $0.head > $0.trimmed }.reversed().map(\.id)
        nextRoom(now)
    }

    /// The place was found; none if the room is within the policy.
    package mutating func placeFound(_ place: SequenceNumber, now: ChatInstant) {
        isBusy = false
        guard case .looking(let room) = walk, place > .none else { return nextRoom(now) }
        walk = .trimming(room, through: place)
        walkDue = now
    }

    /// A slice was removed; `nil` if the room has gone.
    package mutating func trimmed(_ slice: TrimSlice?, now: ChatInstant) {
        isBusy = false
        if slice?.isDone ?? true { return nextRoom(now) }
        walkDue = afterPause(now)
    }

    private mutating func nextRoom(_ now: ChatInstant) {
        walkDue = afterPause(now)
        walk = rooms.popLast().map { .looking(at: $0) } ?? .reading(after: lastRoom)
    }

    private mutating func rest(_ now: ChatInstant) {
        walk = .resting
        walkDue = now.advanced(byMilliseconds: Int64(policy.intervalSeconds) * 1_000)
    }

    private func afterPause(_ now: ChatInstant) -> ChatInstant {
        now.advanced(byMilliseconds: policy.pauseMilliseconds)
    }
}
