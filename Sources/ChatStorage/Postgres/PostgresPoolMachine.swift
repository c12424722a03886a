// SPDX-License-Identifier: MIT

package import ChatCore

/// Which connection serves which call, when to connect, and when to give up waiting.
///
/// Connections are made when calls wait for them. While the server cannot be reached, one attempt
/// at a time is made, with growing pauses.
package struct PostgresPoolMachine {
    /// A call that wants a connection.
    package typealias Ticket = UInt64

    /// A place for a connection.
    package enum Slot: Sendable, Equatable {
        /// There is no connection. Exits: connecting.
        case unused
        /// One is being made. Exits: idle or busy, unused.
        case connecting
        /// It waits for a call. Exits: busy, unused.
        case idle
        /// It serves a call. Exits: idle or busy (with the next call), unused.
        case busy
    }

    /// Why a call gets no connection.
    package enum Refusal: Sendable, Equatable {
        case closed
        case tooManyWaiting
        case timedOut
    }

    /// What is to be done.
    package enum Action: Sendable, Equatable {
        case connect(slot: Int)
        case disconnect(slot: Int)
        case grant(Ticket, slot: Int)
        case refuse(Ticket, Refusal)
    }

    private struct Waiting {
        var ticket: Ticket
        var deadline: ChatInstant
    }

    private let maximumWaiting: Int
    private let maximumBackoffMilliseconds: Int64
    package private(set) var slots: [Slot]
    private var waiting: [Waiting] = []
    /// Attempts to connect that failed since the last that did not.
    private var failures = 0
    /// Before this no attempt is made.
    private var nextAttempt: ChatInstant?
    package private(set) var isClosed = false

    /// Makes a pool without connections.
    ///
    /// - Parameters:
    ///   - slots: connections at most, at least 1.
    ///   - maximumWaiting: calls that may wait.
    ///   - maximumBackoffMilliseconds: the longest pause between two attempts.
    package init(slots: Int, maximumWaiting: Int, maximumBackoffMilliseconds: Int64) {
        self.slots = Array(repeating: .unused, count: max(1, slots))
        self.maximumWaiting = maximumWaiting
        self.maximumBackoffMilliseconds = max(1, maximumBackoffMilliseconds)
    }

    /// Whether it is closed and no connection is left.
    package var isDrained: Bool { isClosed && slots.allSatisfy { $0 == .unused } }

    /// When ``expire(now:)`` has something to do.
    package var nextDeadline: ChatInstant? {
        guard var earliest = waiting.map(\.deadline).min() else { return nil }
        if let nextAttempt { earliest = min(earliest, nextAttempt) }
        return earliest
    }

    // MARK: Calls

    /// A call wants a connection until `deadline` at the latest.
    package mutating func lease(
        _ ticket: Ticket, until deadline: ChatInstant, now: ChatInstant
    ) -> [Action] {
        if isClosed { return [.refuse(ticket, .closed)] }
        if deadline <= now { return [.refuse(ticket, .timedOut)] }
        if let slot = slots.firstIndex(of: .idle) {
            slots[slot] = .busy
            return [.grant(ticket, slot: slot)]
        }
        if waiting.count >= maximumWaiting { return [.refuse(ticket, .tooManyWaiting)] }
        waiting.append(Waiting(ticket: ticket, deadline: deadline))
        return connectIfNeeded(now)
    }

    /// A call is over.
    ///
    /// - Parameter isLost: whether the connection is of no use any more.
    package mutating func release(slot: Int, isLost: Bool, now: ChatInstant) -> [Action] {
        guard slots[slot] == .busy else { return [] }
        if isClosed || isLost {
            slots[slot] = .unused
            return [.disconnect(slot: slot)] + connectIfNeeded(now)
        }
        return serveNext(slot)
    }

    // MARK: Connections

    /// An attempt succeeded.
    package mutating func connected(slot: Int, now: ChatInstant) -> [Action] {
        guard slots[slot] == .connecting else { return [] }
        failures = 0
        nextAttempt = nil
        if isClosed {
            slots[slot] = .unused
            return [.disconnect(slot: slot)]
        }
        return serveNext(slot) + connectIfNeeded(now)
    }

    /// An attempt failed.
    ///
    /// - Parameter random: any number; spreads the attempts of many servers.
    package mutating func connectFailed(
        slot: Int, random: UInt64, now: ChatInstant
    ) -> [Action] {
        guard slots[slot] == .connecting else { return [] }
        slots[slot] = .unused
        let longest = min(maximumBackoffMilliseconds, 50 << Int64(min(failures, 20)))
        failures += 1
        // Half of it for certain, the rest by chance.
        let pause = (longest + 1) / 2 + Int64(random % UInt64(longest / 2 + 1))
        nextAttempt = now.advanced(byMilliseconds: pause)
        return []
    }

    /// Time has passed.
    package mutating func expire(now: ChatInstant) -> [Action] {
        var actions: [Action] = []
        waiting.removeAll { call in
            guard call.deadline <= now else { return false }
            actions.append(.refuse(call.ticket, .timedOut))
            return true
        }
        return actions + connectIfNeeded(now)
    }

    /// Lets no further call in.
    ///
    /// What is under way may finish.
    package mutating func close() -> [Action] {
        isClosed = true
        var actions = waiting.map { Action.refuse($0.ticket, .closed) }
        waiting.removeAll()
        for slot in slots.indices where slots[slot] == .idle {
            slots[slot] = .unused
            actions.append(.disconnect(slot: slot))
        }
        return actions
    }

    private mutating func serveNext(_ slot: Int) -> [Action] {
        if waiting.isEmpty {
            slots[slot] = .idle
            return []
        }
        slots[slot] = .busy
        return [.grant(waiting.removeFirst().ticket, slot: slot)]
    }

    /// One attempt per waiting call; after a failure one at all, and not before its time.
    private mutating func connectIfNeeded(_ now: ChatInstant) -> [Action] {
        if isClosed || waiting.isEmpty { return [] }
        if let nextAttempt {
            if now < nextAttempt { return [] }
            self.nextAttempt = nil
        }
        var actions: [Action] = []
        var wanted = failures > 0 ? 1 : waiting.count
        wanted -= slots.count { $0 == .connecting }
        for slot in slots.indices where wanted > 0 && slots[slot] == .unused {
            slots[slot] = .connecting
            actions.append(.connect(slot: slot))
            wanted -= 1
        }
        return actions
    }
}
