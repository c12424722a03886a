// SPDX-License-Identifier: MIT

import ChatCore

/// Rows of a batch that wait to be inserted by one statement, column by column.
struct PostgresPendingEvents {
    private var rooms: [Int64?] = []
    private var seqs: [Int64?] = []
    private var times: [Int64?] = []
    private var senders: [Int64?] = []
    private var kinds: [Int64?] = []
    private var targets: [Int64?] = []
    private var subjects: [Int64?] = []
    private var details: [Int64?] = []
    private var clientIDs: [String?] = []
    private var texts: [String?] = []

    var isEmpty: Bool { rooms.isEmpty }

    mutating func add(_ entry: LogEntry, seq: SequenceNumber, at: Timestamp) {
        let event = StoredEvent(entry.change)
        rooms.append(Int64(bitPattern: entry.room.rawValue))
        seqs.append(Int64(clamping: seq.rawValue))
        times.append(at.milliseconds)
        senders.append(Int64(bitPattern: entry.sender.rawValue))
        kinds.append(event.kind.rawValue)
        targets.append(event.target.map { Int64(clamping: $0.rawValue) })
        subjects.append(event.subject.map { Int64(bitPattern: $0.rawValue) })
        details.append(event.detail.map { Int64($0) })
        clientIDs.append(entry.clientID)
        texts.append(event.text)
    }

    /// The columns, as the statement wants them.
    var values: [PostgresValue] {
        [
            .ints(rooms), .ints(seqs), .ints(times), .ints(senders), .ints(kinds), .ints(targets),
            .ints(subjects), .ints(details), .texts(clientIDs), .texts(texts),
        ]
    }
}

/// Client ids that wait to be inserted by one statement.
struct PostgresPendingClientIDs {
    private var rooms: [Int64?] = []
    private var senders: [Int64?] = []
    private var clientIDs: [String?] = []
    private var seqs: [Int64?] = []
    private var times: [Int64?] = []
    private var fingerprints: [Int64?] = []

    var isEmpty: Bool { rooms.isEmpty }

    mutating func add(_ entry: LogEntry, _ clientID: String, _ key: StoredKey) {
        rooms.append(Int64(bitPattern: entry.room.rawValue))
        senders.append(Int64(bitPattern: entry.sender.rawValue))
        clientIDs.append(clientID)
        seqs.append(Int64(clamping: key.seq.rawValue))
        times.append(key.at.milliseconds)
        fingerprints.append(Int64(bitPattern: key.fingerprint))
    }

    /// The columns, as the statement wants them.
    var values: [PostgresValue] {
        [
            .ints(rooms), .ints(senders), .texts(clientIDs), .ints(seqs), .ints(times),
            .ints(fingerprints),
        ]
    }
}
