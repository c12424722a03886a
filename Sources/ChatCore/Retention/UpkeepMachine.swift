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
/// store, a page at a time, and begins anew after the policy's interval, unless neither the policy nor any room has
/// bounds. Sweeping goes first; rooms whose policy was just changed go before those of the walk.
package struct UpkeepMachine: Sendable {
    /// Rooms per page of a walk.
    package static let pageRooms = 100
    /// The most rooms with a changed policy that wait; the next walk finds the others.
    package static let changedRooms = 1_024
    /// How long after a failure the same call is made again.
    package static let retryMilliseconds: Int64 = 10_000
    /// How long after the start what an earlier process left is looked for.
    package static let startMilliseconds: Int64 = 1_000

    private enum Step: Sendable, Equatable {
        case reading(after: RoomID?)
        case looking(at: Candidate)
        case trimming(RoomID, through: SequenceNumber)
        /// The room of the call that is under way has another policy by now: its answer counts for nothing.
        case passing

        var room: RoomID? {
            switch self {
            case .looking(let candidate): candidate.room
            case .trimming(let room, _): room
            case .reading, .passing: nil
            }
        }
    }

    /// A room that may have something to remove.
    private struct Candidate: Sendable, Equatable {
        var room: RoomID
        var retention: RoomRetention
    }

    private let policy: RetentionPolicy
    private var isBusy = false
    private var isSweeping = false
    private var sweepDue: ChatInstant?
    /// When the next walk begins; `nil` during a walk, and if none is needed.
    private var walkDue: ChatInstant?
    private var isWalking = false
    /// Whether a room with bounds of its own was met since the last walk began.
    private var hasLimitedRooms = false
    /// What comes next, and when; `nil` if nothing is under way.
    private var step: (Step, due: ChatInstant)?
    /// Rooms of the page that are still to be looked at, the next one last.
    private var rooms: [Candidate] = []
    /// Rooms whose policy was changed, the next one first.
    private var changed: [Candidate] = []
    /// The last room of the page.
    private var lastRoom: RoomID?

    /// Makes a machine that begins soon.
    package init(policy: RetentionPolicy, now: ChatInstant) {
        self.policy = policy
        let start = now.advanced(byMilliseconds: Self.startMilliseconds)
        sweepDue = start
        // Only a walk tells whether there are rooms with bounds of their own.
        walkDue = start
    }

    /// When ``next(now:time:)`` has something to do.
    package var nextDeadline: ChatInstant? {
        isBusy ? nil : sweepDue.earlier(of: step?.due ?? walkDue)
    }

    /// A room was deleted: its remains are to be swept.
    package mutating func roomDeleted(now: ChatInstant) {
        sweepDue = sweepDue.map { min($0, now) } ?? now
    }

    /// A room was given a policy of its own, or has changed or lost it.
    package mutating func retentionChanged(
        _ retention: RoomRetention, of room: RoomID, now: ChatInstant
    ) {
        let isKnown: (Candidate) -> Bool = { $0.room == room }
        rooms.removeAll(where: isKnown)
        changed.removeAll(where: isKnown)
        // Also one without bounds, as a page that is being read may know it with bounds.
        if changed.count < Self.changedRooms {
            changed.append(Candidate(room: room, retention: retention))
        }
        if !retention.isUnlimited {
            hasLimitedRooms = true
            if !isWalking, walkDue == nil { walkDue = afterInterval(now) }
        }
        if step?.0.room == room { step = isBusy && !isSweeping ? (.passing, due: now) : nil }
        if step == nil { nextRoom(now) }
    }

    /// What is to be done now; `nil` if nothing is due, or something is under way.
    package mutating func next(now: ChatInstant, time: Timestamp) -> UpkeepAction? {
        if isBusy { return nil }
        if let due = sweepDue, due <= now {
            (isBusy, isSweeping) = (true, true)
            sweepDue = nil
            return .sweep(limit: policy.sliceEvents)
        }
        if step == nil, let due = walkDue, due <= now { beginWalk(now) }
        guard let (step, due) = step, due <= now else { return nil }
        (isBusy, isSweeping) = (true, false)
        switch step {
        case .passing:
            isBusy = false
            return nil
        case .reading(let room): return .readRooms(after: room, limit: Self.pageRooms)
        case .looking(let candidate):
            return .findPlace(candidate.room, policy.bound(for: candidate.retention, at: time))
        case .trimming(let room, let place):
            return .trim(room, through: place, limit: policy.sliceEvents)
        }
    }

    /// The call failed: it is made again later.
    package mutating func failed(now: ChatInstant) {
        isBusy = false
        let later = now.advanced(byMilliseconds: Self.retryMilliseconds)
        if isSweeping {
            sweepDue = later
        } else if case .passing? = step?.0 {
            nextRoom(now)
        } else {
            step?.due = later
        }
    }

    /// A slice was swept.
    package mutating func swept(_ slice: SweepSlice, now: ChatInstant) {
        isBusy = false
        if !slice.isDone { sweepDue = afterPause(now) }
    }

    /// A page of rooms was read.
    package mutating func roomsRead(_ page: [RoomRecord], now: ChatInstant) {
        isBusy = false
        if let last = page.last {
            lastRoom = last.id
            if page.contains(where: { !$0.retention.isUnlimited }) { hasLimitedRooms = true }
            // What has nothing to remove costs no call.
            let beyond = page.filter { room in
                mayBeBeyond(room) && !changed.contains { $0.room == room.id }
            }
            rooms = beyond.reversed().map { Candidate(room: $0.id, retention: $0.retention) }
        } else {
            isWalking = false
            if !policy.isUnlimited || hasLimitedRooms { walkDue = afterInterval(now) }
        }
        nextRoom(now)
    }

    /// The place was found; none if the room is within the policy.
    package mutating func placeFound(_ place: SequenceNumber, now: ChatInstant) {
        isBusy = false
        guard case .looking(let candidate)? = step?.0, place > .none else { return nextRoom(now) }
        step = (.trimming(candidate.room, through: place), due: now)
    }

    /// A slice was removed; `nil` if the room has gone.
    package mutating func trimmed(_ slice: TrimSlice?, now: ChatInstant) {
        isBusy = false
        guard case .trimming? = step?.0, let slice, !slice.isDone else { return nextRoom(now) }
        let due = afterPause(now)
        step?.due = due
    }

    private func mayBeBeyond(_ room: RoomRecord) -> Bool {
        room.head > room.trimmed && !(policy.isUnlimited && room.retention.isUnlimited)
    }

    private mutating func beginWalk(_ now: ChatInstant) {
        (isWalking, hasLimitedRooms) = (true, false)
        walkDue = nil
        step = (.reading(after: nil), due: now)
    }

    private mutating func nextRoom(_ now: ChatInstant) {
        if policy.isUnlimited { changed.removeAll { $0.retention.isUnlimited } }
        if !changed.isEmpty {
            step = (.looking(at: changed.removeFirst()), due: afterPause(now))
        } else if let candidate = rooms.popLast() {
            step = (.looking(at: candidate), due: afterPause(now))
        } else {
            step = isWalking ? (.reading(after: lastRoom), due: afterPause(now)) : nil
        }
    }

    private func afterInterval(_ now: ChatInstant) -> ChatInstant {
        now.advanced(byMilliseconds: Int64(policy.intervalSeconds) * 1_000)
    }

    private func afterPause(_ now: ChatInstant) -> ChatInstant {
        now.advanced(byMilliseconds: policy.pauseMilliseconds)
    }
}
