// SPDX-License-Identifier: MIT

/// Messages that were not acknowledged yet, in the order in which they were typed.
///
/// One per room is on its way at a time, so that a refusal for now ("too often") cannot let a later
/// message overtake. A message keeps its client id over every retry: one that was stored although
/// the answer got lost is not stored again.
struct Outbox {
    struct Entry {
        let clientID: String
        let room: String
        let text: String
        let replyTo: Int?
    }

    private(set) var entries: [Entry] = []
    private var onTheirWay: Set<String> = []
    private let prefix = String(UInt64.random(in: .min ... .max), radix: 36)
    private var count = 0

    var isEmpty: Bool { entries.isEmpty }

    mutating func add(room: String, text: String, replyTo: Int?) {
        count += 1
        entries.append(
            Entry(clientID: "\(prefix)-\(count)", room: room, text: text, replyTo: replyTo))
    }

    /// The next message of every room that has none on its way; they count as on their way now.
    mutating func due() -> [Entry] {
        var due: [Entry] = []
        for entry in entries where onTheirWay.insert(entry.room).inserted { due.append(entry) }
        return due
    }

    /// The message was acknowledged or refused for good.
    mutating func settle(_ clientID: String) {
        guard let index = entries.firstIndex(where: { $0.clientID == clientID }) else { return }
        onTheirWay.remove(entries.remove(at: index).room)
    }

    /// The message was refused for now.
    mutating func postpone(_ entry: Entry) { onTheirWay.remove(entry.room) }

    /// The connection ended: whatever was on its way has to be sent again.
    mutating func disconnected() { onTheirWay = [] }
}
