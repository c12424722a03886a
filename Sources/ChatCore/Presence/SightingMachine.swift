// SPDX-License-Identifier: MIT

/// Decides when it is stored that users were seen. Pure.
///
/// Who has come is noted together with others who come within the interval; who has gone is noted at once. One batch is
/// on its way to the store at a time, while the next one gathers. Others are told of a departure once its batch is back:
/// only the store knows whether they may learn the time. A store that takes longer than the interval for that keeps
/// nobody online: they are told without the time. What could not be stored waits for the next change, so that a
/// store that fails is not asked again and again.
package struct SightingMachine: Sendable {
    /// Somebody who has gone and whom nobody has been told of.
    package struct Departure: Sendable, Equatable {
        /// Who.
        package var user: UserID
        /// Where they are a member.
        package var rooms: [RoomID]

        /// Makes a departure.
        package init(user: UserID, rooms: [RoomID]) {
            self.user = user
            self.rooms = rooms
        }
    }

    private struct Entry: Sendable {
        var at: Timestamp
        /// The rooms to tell, of somebody who has gone and whom nobody has been told of.
        var rooms: [RoomID]?
    }

    private let intervalMilliseconds: Int64
    private let maximumWaiting: Int
    private let maximumBatch: Int
    private var waiting: [UserID: Entry] = [:]
    /// Those who wait, the first first.
    private var order: [UserID] = []
    /// The batch under way, by user id.
    private var batch: [(user: UserID, entry: Entry)] = []
    /// When the next batch leaves, if there is something to store.
    private var due: ChatInstant?
    /// Until when those who have gone wait for the batch under way.
    private var patience: ChatInstant?
    /// How many have gone, and nobody has been told.
    private var untold = 0

    /// Makes a machine for the users of one shard.
    ///
    /// - Parameters:
    ///   - intervalMilliseconds: how long an arrival waits for others, and a departure for the store.
    ///   - limits: how many users may wait, and how many are stored at once.
    package init(intervalMilliseconds: Int64, limits: Limits) {
        self.intervalMilliseconds = intervalMilliseconds
        maximumWaiting = limits.queuedSightings
        maximumBatch = max(1, limits.batchSightings)
    }

    /// When ``begin(now:)`` or ``overdue(now:)`` has something to do.
    package var nextDeadline: ChatInstant? {
        batch.isEmpty ? due : untold > 0 ? patience : nil
    }

    /// How many users wait to be stored.
    package var waitingUsers: Int { waiting.count }

    /// Somebody has signed in.
    ///
    /// Nothing is noted beyond the bound: they will be when they go.
    ///
    /// - Complexity: O(1).
    package mutating func came(_ user: UserID, at time: Timestamp, now: ChatInstant) {
        guard add(user, at: time, rooms: nil) else { return }
        hasten(to: now.advanced(byMilliseconds: intervalMilliseconds))
    }

    /// Somebody is offline, and was seen last at `time`.
    ///
    /// - Returns: whether they are noted, so that others are told later; beyond the bound they are not.
    /// - Complexity: O(1).
    package mutating func left(
        _ user: UserID, from rooms: [RoomID], at time: Timestamp, now: ChatInstant
    ) -> Bool {
        guard add(user, at: time, rooms: rooms) else { return false }
        hasten(to: now)
        return true
    }

    /// Begins a batch if one is due.
    ///
    /// - Returns: what to store, ordered by user id; `nil` for nothing.
    /// - Complexity: O(waiting users).
    package mutating func begin(now: ChatInstant) -> [Sighting]? {
        guard batch.isEmpty, let due, due <= now else { return nil }
        for user in order.prefix(maximumBatch) {
            if let entry = waiting.removeValue(forKey: user) { batch.append((user, entry)) }
        }
        order.removeFirst(min(maximumBatch, order.count))
        self.due = nil
        patience = now.advanced(byMilliseconds: intervalMilliseconds)
        batch.sort { $0.user < $1.user }
        return batch.map { Sighting(user: $0.user, at: $0.entry.at) }
    }

    /// The batch under way is stored.
    ///
    /// - Returns: who has gone, ordered by user id.
    package mutating func stored(now: ChatInstant) -> [Departure] {
        defer { batch.removeAll(keepingCapacity: true) }
        if !order.isEmpty { hasten(to: now) }
        let departures = Self.departures(batch)
        untold -= departures.count
        return departures
    }

    /// The store takes too long.
    ///
    /// - Returns: who has gone, ordered by user id; they are not told of again.
    /// - Complexity: O(1) unless it does, then O(waiting users).
    package mutating func overdue(now: ChatInstant) -> [Departure] {
        guard !batch.isEmpty, untold > 0, let patience, patience <= now else { return [] }
        let departures = Self.departures(batch) + takeWaitingDepartures()
        for place in batch.indices { batch[place].entry.rooms = nil }
        untold = 0
        return departures.sorted { $0.user < $1.user }
    }

    private mutating func takeWaitingDepartures() -> [Departure] {
        let late = Self.departures(waiting.map { (user: $0.key, entry: $0.value) })
        for departure in late { waiting[departure.user]?.rooms = nil }
        return late
    }

    /// The batch under way could not be stored: its times go with the next one. Nobody who waits is held back longer.
    ///
    /// - Returns: who has gone, also of those who wait, ordered by user id.
    /// - Complexity: O(waiting users).
    package mutating func failed() -> [Departure] {
        let departures = Self.departures(batch) + takeWaitingDepartures()
        for (user, entry) in batch { _ = add(user, at: entry.at, rooms: nil) }
        batch.removeAll(keepingCapacity: true)
        untold = 0
        return departures.sorted { $0.user < $1.user }
    }

    private static func departures(_ entries: [(user: UserID, entry: Entry)]) -> [Departure] {
        entries.compactMap { user, entry in
            entry.rooms.map { Departure(user: user, rooms: $0) }
        }
    }

    private mutating func add(_ user: UserID, at time: Timestamp, rooms: [RoomID]?) -> Bool {
        if let known = waiting[user] {
            if rooms != nil, known.rooms == nil { untold += 1 }
            waiting[user] = Entry(at: max(known.at, time), rooms: rooms ?? known.rooms)
            return true
        }
        guard waiting.count < maximumWaiting else { return false }
        waiting[user] = Entry(at: time, rooms: rooms)
        if rooms != nil { untold += 1 }
        order.append(user)
        return true
    }

    private mutating func hasten(to deadline: ChatInstant) {
        due = min(due ?? deadline, deadline)
    }
}
