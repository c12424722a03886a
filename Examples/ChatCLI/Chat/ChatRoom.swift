// SPDX-License-Identifier: MIT

import ChatClient

/// What the client knows of a room: its position in the room's log, and how far everybody has read.
struct ChatRoom {
    let id: String
    var name: String
    /// Everything up to here was applied; nil before the first event after a gap.
    var last: Int?
    /// Events that came before one that is missing.
    var held: [Int: JSONValue] = [:]
    var isFilling = false
    /// Where the last receipts stood, and where they should stand.
    var receiptSent = (delivered: 0, read: 0)
    var receiptDue = (delivered: 0, read: 0)
    var names: [String: String] = [:]
    var othersRead: [String: Int] = [:]
    /// Own messages of this run that not everybody is known to have read, oldest first.
    var own: [Int] = []
    /// The own message up to which delivery was shown.
    var shownDelivered = 0
    private static var remembered: Int { 200 }

    init(id: String, name: String, last: Int?) {
        self.id = id
        self.name = name
        self.last = last
    }

    mutating func sent(_ seq: Int) {
        guard !own.contains(seq) else { return }
        own.append(seq)
        if own.count > Self.remembered { own.removeFirst() }
    }

    /// Puts an event in its place in the log: returns those that can be applied now, in order.
    mutating func receive(_ event: JSONValue, seq: Int) -> [JSONValue] {
        if let last {
            guard seq > last else { return [] }
            guard seq == last + 1 else {
                held[seq] = event
                return []
            }
        }
        var ready = [event]
        var position = seq
        while let next = held.removeValue(forKey: position + 1) {
            ready.append(next)
            position += 1
        }
        last = position
        return ready
    }

    /// The lines to show for a receipt of somebody else.
    mutating func receipt(of user: String, delivered: Int, read: Int) -> [String] {
        var lines: [String] = []
        let before = othersRead[user] ?? 0
        othersRead[user] = max(before, read)
        let seen = own.filter { $0 > before && $0 <= read }
        if let newest = seen.last {
            shownDelivered = max(shownDelivered, newest)
            lines.append("✓✓ read by \(names[user] ?? "somebody"): \(Self.list(seen))")
        }
        let arrived = own.filter { $0 > shownDelivered && $0 <= delivered }
        if let newest = arrived.last {
            shownDelivered = newest
            lines.append("✓✓ delivered: \(Self.list(arrived))")
        }
        return lines
    }

    private static func list(_ seqs: [Int]) -> String {
        seqs.map { "[\($0)]" }.joined(separator: " ")
    }
}
