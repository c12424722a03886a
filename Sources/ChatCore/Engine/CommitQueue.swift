// SPDX-License-Identifier: MIT

/// What waits for the next transaction of a shard, and who waits for it.
struct CommitQueue {
    struct Entry {
        var origin: RequestOrigin?
        var user: UserReference
        /// The name of the user whom a membership change is about.
        var subject: String
        var entry: LogEntry
        /// Where a joiner wants to begin, if not at their own join.
        var joinsAfter: SequenceNumber?
    }

    struct Receipt {
        var origin: RequestOrigin
        var update: ReceiptUpdate
    }

    var entries: [Entry] = []
    var receipts: [Receipt] = []
    var isInFlight = false

    var isEmpty: Bool { entries.isEmpty && receipts.isEmpty }

    /// Takes what goes into one transaction, in order.
    mutating func take(maximumEntries: Int) -> (entries: [Entry], receipts: [Receipt]) {
        var taken = (entries: entries, receipts: receipts)
        receipts = []
        if entries.count <= maximumEntries {
            entries = []
        } else {
            taken.entries = Array(entries.prefix(maximumEntries))
            entries.removeFirst(maximumEntries)
        }
        return taken
    }
}
