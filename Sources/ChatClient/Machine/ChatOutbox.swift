// SPDX-License-Identifier: MIT

import ChatCore

/// Messages that were not acknowledged yet, in the order in which they were sent.
///
/// One per room is on its way at a time, so that a refusal for now ("too often") cannot let a later message
/// overtake. A message keeps its client id over every retry: one that was stored although the answer got lost
/// is not stored again.
struct ChatOutbox {
    struct Entry {
        var clientID: String
        var room: String
        var command: JSONValue
        var ticket: UInt64
        /// When it may be tried again after a refusal for now.
        var notBefore: ChatInstant?
    }

    private(set) var entries: [Entry] = []
    /// Client id by room of what is on its way.
    private var underWay: [String: String] = [:]

    mutating func add(_ entry: Entry) { entries.append(entry) }

    /// The next message of every room that has none on its way; they count as on their way now.
    ///
    /// - Complexity: O(messages that wait).
    mutating func due(now: ChatInstant) -> [Entry] {
        var due: [Entry] = []
        var blocked: Set<String> = []
        for entry in entries where underWay[entry.room] == nil && !blocked.contains(entry.room) {
            if let notBefore = entry.notBefore, notBefore > now {
                blocked.insert(entry.room)
            } else {
                underWay[entry.room] = entry.clientID
                due.append(entry)
            }
        }
        return due
    }

    /// The message was acknowledged or refused for good: its ticket.
    mutating func settle(_ clientID: String) -> UInt64? {
        guard let index = entries.firstIndex(where: { $0.clientID == clientID }) else { return nil }
        let entry = entries.remove(at: index)
        if underWay[entry.room] == clientID { underWay[entry.room] = nil }
        return entry.ticket
    }

    /// The message was refused for now.
    mutating func postpone(_ clientID: String, until: ChatInstant) {
        guard let index = entries.firstIndex(where: { $0.clientID == clientID }) else { return }
        entries[index].notBefore = until
        underWay[entries[index].room] = nil
    }

    /// The connection ended: whatever was on its way has to be sent again.
    mutating func disconnected() { underWay = [:] }

    /// When a message that was refused for now may be tried again.
    var nextDeadline: ChatInstant? {
        var deadline: ChatInstant?
        for entry in entries where underWay[entry.room] == nil {
            guard let notBefore = entry.notBefore else { continue }
            deadline = deadline.map { min($0, notBefore) } ?? notBefore
        }
        return deadline
    }

    /// Gives everything up: the tickets.
    mutating func removeAll() -> [UInt64] {
        defer { self = ChatOutbox() }
        return entries.map(\.ticket)
    }
}

/// Delays between attempts to connect: doubling, with jitter.
///
/// The clients of a server that was restarted should not all come back at the same moment.
struct ChatBackoff {
    private var attempts = 0
    private var random: SplitMix
    let first: Int64
    let longest: Int64

    init(first: Int64, longest: Int64, seed: UInt64) {
        self.first = first
        self.longest = longest
        random = SplitMix(seed)
    }

    mutating func reset() { attempts = 0 }

    /// The next delay in milliseconds: from the upper half of a ceiling that doubles.
    mutating func next() -> Int64 {
        let ceiling = min(longest, first << min(attempts, 16))
        attempts += 1
        return ceiling - Int64(random.next() % UInt64(ceiling / 2 + 1))
    }
}

/// A small generator of random numbers (SplitMix64, Steele et al. 2014), so that tests repeat.
struct SplitMix {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
