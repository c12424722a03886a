// SPDX-License-Identifier: MIT

import ChatCore

/// Takes messages and edits from the log into the index of search, in transactions of their own.
///
/// For each room the index knows the log up to a place, kept in `search_rooms`; whoever moves it, or
/// deletes a message, has that row locked. So of several servers one indexes a room at a time, and
/// a deleted text cannot come in again.
struct PostgresIndexer {
    /// How much is taken in one transaction.
    struct Slice: Sendable {
        /// Rooms at most.
        var rooms: Int
        /// Events at most.
        var events: Int
        /// Whether to wait for a room that somebody else is indexing.
        var waits: Bool
    }

    /// Rooms, and the place up to which each is to be indexed.
    typealias Goal = [RoomID: SequenceNumber]

    private struct Place: Hashable {
        var room: Int64
        var seq: Int64
    }

    let connection: PostgresConnection

    /// Takes a slice, inside the present transaction.
    ///
    /// - Returns: whether there was anything to do.
    func run(_ slice: Slice, _ goal: Goal) throws(PostgresFailure) -> Bool {
        let behind = try connection.fetch(
            slice.waits ? .lockBehind : .lockBehindIfFree,
            [
                .ints(goal.keys.map { Int64(bitPattern: $0.rawValue) }),
                .ints(goal.values.map { Int64(clamping: $0.rawValue) }), .number(slice.rooms),
            ]
        ).all { Place(room: $0.int(0), seq: $0.int(1)) }
        if behind.isEmpty { return false }
        // Not in one statement: this one must see what was done before the locks were had.
        let rows = try connection.fetch(
            .unindexed,
            [
                .ints(behind.map(\.room)), .ints(behind.map(\.seq)),
                .number(max(1, slice.events / behind.count)),
            ])
        try index(rows)
        return true
    }

    private func index(_ rows: PostgresResult) throws(PostgresFailure) {
        var known: [Int64: Int64] = [:]
        // A message may be there several times, with its edits: its text is the present one.
        var lexemes: [Place: (at: Int64, words: String)] = [:]
        for row in rows.all({ $0 }) {
            let room = row.int(0)
            known[room] = max(known[room] ?? 0, row.int(1))
            guard let seq = row.optionalInt(2) else { continue }
            let words = PostgresLexemes.joined(row.text(5), room: row.room(0), sender: row.user(4))
            lexemes[Place(room: room, seq: seq)] = (row.int(3), words)
        }
        if !lexemes.isEmpty {
            try connection.send(
                .index,
                [
                    .ints(lexemes.keys.map(\.room)), .ints(lexemes.keys.map(\.seq)),
                    .ints(lexemes.values.map(\.at)), .texts(lexemes.values.map(\.words)),
                ])
        }
        try connection.send(.setIndexed, [.ints(Array(known.keys)), .ints(Array(known.values))])
    }
}
