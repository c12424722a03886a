// SPDX-License-Identifier: MIT

import ChatCore

/// Forgets old client ids, a few at a time.
///
/// A walk over the whole table, at most once per 24th of the retention, goes on by a slice with
/// each batch and twice as fast as new ids come. So the table needs no index by time, and no batch
/// pays for many.
struct SQLiteClientIDPurge {
    /// The least number of ids looked at per slice.
    private static let slice = 64

    private struct Key {
        var room = RoomID(rawValue: UInt64(bitPattern: .min))
        var sender = UserID(rawValue: UInt64(bitPattern: .min))
        var clientID = ""
        var at = Timestamp(milliseconds: 0)
    }

    private let retention: Int64
    /// The last key that was looked at; `nil` between two walks.
    private var walked: Key?
    private var nextWalk = Timestamp(milliseconds: .min)

    init(retentionSeconds: Int) {
        // A hundred years at most, so that sums with a time cannot overflow.
        retention = Int64(max(0, min(retentionSeconds, 3_155_760_000))) * 1000
    }

    /// Looks at the next slice, inside the present transaction.
    ///
    /// - Parameters:
    ///   - stored: how many ids this transaction has added.
    ///   - now: the present time.
    ///   - statements: the writer's.
    mutating func run(
        after stored: Int, now: Timestamp, _ statements: SQLiteWriterStatements
    ) throws(StorageError) {
        guard stored > 0, walked != nil || now >= nextWalk else { return }
        let limit = max(Self.slice, stored * 2)
        let keys = try next(limit, after: walked ?? Key(), statements)
        let oldest = now.milliseconds - retention
        for key in keys where key.at.milliseconds < oldest {
            statements.deleteClientID.bind(1, key.room)
            statements.deleteClientID.bind(2, key.sender)
            statements.deleteClientID.bind(3, key.clientID)
            try statements.deleteClientID.run()
        }
        walked = keys.count < limit ? nil : keys.last
        if walked == nil { nextWalk = Timestamp(milliseconds: now.milliseconds + retention / 24) }
    }

    private func next(
        _ limit: Int, after key: Key, _ statements: SQLiteWriterStatements
    ) throws(StorageError) -> [Key] {
        statements.clientIDsAfter.bind(1, key.room)
        statements.clientIDsAfter.bind(2, key.sender)
        statements.clientIDsAfter.bind(3, key.clientID)
        statements.clientIDsAfter.bind(4, limit)
        return try statements.clientIDsAfter.all { row in
            Key(room: row.room(0), sender: row.user(1), clientID: row.text(2), at: row.time(3))
        }
    }
}
