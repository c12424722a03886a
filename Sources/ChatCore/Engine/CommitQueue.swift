// SPDX-License-Identifier: MIT

/// What waits for the next transaction of a shard, and who waits for it.
struct CommitQueue {
    /// Who waits for an entry, and what the store need not know of it.
    struct Waiter {
        var origin: RequestOrigin?
        /// Its room. One that is deleted meanwhile leaves the shard, but its waiters still get answers.
        var room: HostedRoom
        var user: UserReference
        /// The name of the user whom a membership change is about.
        var subject: String
        /// Where a joiner wants to begin, if not at their own join.
        var joinsAfter: SequenceNumber?
    }

    struct Receipt {
        var origin: RequestOrigin
        var room: HostedRoom
        var update: ReceiptUpdate
    }

    /// What goes into one transaction, in order; `waiters` are those of `entries`.
    struct Batch {
        var entries: [LogEntry] = []
        var waiters: [Waiter] = []
        var receipts: [Receipt] = []
    }

    private var next = Batch()
    var isInFlight = false
    /// How long the last transaction took that was not done at once.
    var lastDurationNanoseconds: Int64 = 0

    var isEmpty: Bool { next.entries.isEmpty && next.receipts.isEmpty }
    var entryCount: Int { next.entries.count }
    var receiptCount: Int { next.receipts.count }

    mutating func append(_ entry: consuming LogEntry, _ waiter: consuming Waiter) {
        next.entries.append(entry)
        next.waiters.append(waiter)
    }

    mutating func append(_ receipt: consuming Receipt) { next.receipts.append(receipt) }

    /// Takes the entries of some rooms out, in order.
    mutating func takeEntries(of isWanted: (HostedRoom) -> Bool) -> Batch {
        guard next.waiters.contains(where: { isWanted($0.room) }) else { return Batch() }
        var (taken, rest) = (Batch(), Batch())
        for (waiter, entry) in zip(next.waiters, next.entries) {
            if isWanted(waiter.room) {
                taken.waiters.append(waiter)
                taken.entries.append(entry)
            } else {
                rest.waiters.append(waiter)
                rest.entries.append(entry)
            }
        }
        rest.receipts = next.receipts
        next = rest
        return taken
    }

    /// Takes what goes into one transaction, in order.
    mutating func take(maximumEntries: Int) -> Batch {
        var taken = Batch()
        swap(&taken, &next)
        if taken.entries.count > maximumEntries {
            next.entries = Array(taken.entries[maximumEntries...])
            next.waiters = Array(taken.waiters[maximumEntries...])
            taken.entries.removeSubrange(maximumEntries...)
            taken.waiters.removeSubrange(maximumEntries...)
        }
        return taken
    }
}
