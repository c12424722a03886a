// SPDX-License-Identifier: MIT

import ChatCore

extension PostgresSession {
    /// How many candidates are asked for at once.
    private static let candidates = 64...1_024

    /// The searcher's rooms that the index lacks something of, with the ends of their logs.
    func roomsBehind(_ query: SearchQuery) throws(PostgresFailure) -> PostgresIndexer.Goal {
        let rows = try fetch(.ownRoomsBehind, [.user(query.searcher)]).all { row in
            (row.room(0), row.seq(1))
        }
        let goal = PostgresIndexer.Goal(rows) { first, _ in first }
        guard let rooms = query.rooms else { return goal }
        return goal.filter { rooms.contains($0.key) }
    }

    /// All rooms that the index lacks something of.
    func roomsBehind() throws(PostgresFailure) -> [RoomID] {
        try fetch(.roomsBehind, []).all { $0.room(0) }
    }

    /// A page of the messages that match, as far as the index knows the log.
    ///
    /// Membership is looked up in the same state of the tables as the messages.
    ///
    /// - Parameter milliseconds: how long it may take.
    /// - Throws: ``StorageError/Code/unavailable`` if it takes longer.
    func search(
        _ query: SearchQuery, milliseconds: Int64
    ) throws(PostgresFailure) -> SearchPage {
        let end = SystemClock().now().advanced(byMilliseconds: milliseconds)
        do throws(PostgresFailure) {
            return try read { session throws(PostgresFailure) in
                try session.connection.ask(.searchSettings, [.int(max(1, milliseconds))])
                try session.connection.ask(.ownRooms, [.user(query.searcher)])
                let own = try session.connection.answers().last?.all { $0.room(0) } ?? []
                let rooms = query.rooms.map { wanted in own.filter { wanted.contains($0) } } ?? own
                if rooms.isEmpty { return SearchCollector(query).page() }
                return try session.withAttachments(
                    try session.search(query, in: rooms, until: end))
            }
        } catch {
            guard error.isTimeout else { throw error }
            throw Self.tookTooLong(milliseconds)
        }
    }

    private func search(
        _ query: SearchQuery, in rooms: [RoomID], until end: ChatInstant
    ) throws(PostgresFailure) -> SearchPage {
        var collector = SearchCollector(query)
        let expression = PostgresLexemes.expression(for: query, in: rooms)
        let ids = rooms.map { Int64(bitPattern: $0.rawValue) }
        var (at, room, seq) = (Int64.max, Int64.max, Int64.max)
        var limit = min(max(collector.missing, Self.candidates.lowerBound), 1_024)
        while true {
            let rows = try connection.fetch(
                .searchCandidates,
                [
                    .bytes(expression), .ints(ids),
                    .int(query.request.after?.milliseconds ?? .min),
                    .int(query.request.before?.milliseconds ?? .max), .int(at), .int(room),
                    .int(seq), .number(limit),
                ]
            ).all { $0 }
            for row in rows {
                (room, seq, at) = (row.int(0), row.int(1), row.int(2))
                if collector.isSettled(at: row.time(2)) { return collector.page() }
                if !row.isNull(6) { collector.add(row.searchCandidate()) }
            }
            if rows.count < limit { return collector.page() }
            guard SystemClock().now() < end else { throw Self.tookTooLong(nil) }
            limit = min(2 * limit, Self.candidates.upperBound)
        }
    }

    private static func tookTooLong(_ milliseconds: Int64?) -> PostgresFailure {
        let time = milliseconds.map { " of \($0) ms" } ?? ""
        return PostgresFailure(
            .lasting,
            StorageError(
                .unavailable,
                "a search was stopped at its time limit\(time): narrow it by room, author or time, "
                    + "or raise PostgresOptions.searchMilliseconds"))
    }
}

extension PostgresRow {
    /// The message of this row of a search.
    fileprivate func searchCandidate() -> SearchCollector.Candidate {
        SearchCollector.Candidate(
            room: room(0), seq: seq(1), at: time(2),
            sender: UserReference(id: user(3), name: text(4)),
            editedAt: optionalInt(5).map { Timestamp(milliseconds: $0) }, text: text(6))
    }
}
