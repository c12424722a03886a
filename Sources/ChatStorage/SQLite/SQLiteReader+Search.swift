// SPDX-License-Identifier: MIT

import ChatCore

extension SQLiteReader {
    /// By how much the order of storing, which is the index's, may differ from that of time, in
    /// milliseconds: the clocks of two processes on one file.
    private static let disorder: Int64 = 10_000

    /// More rooms are asked of the index only when many candidates stand elsewhere: it has a list to merge for each room.
    private static let maximumRooms = 8

    /// A page of the messages that match, as far as the index knows the log.
    ///
    /// Membership is looked up in the same state of the file as the messages.
    func search(_ query: SearchQuery) throws(StorageError) -> SearchPage {
        try transaction { () throws(StorageError) in
            var collector = SearchCollector(query)
            let rooms = try rooms(of: query)
            if rooms.isEmpty { return collector.page() }
            var position = Int64.max
            if rooms.count > Self.maximumRooms {
                let words = SQLiteIndexer.expression(for: query, in: nil)
                let looks = max(0, options.searchCandidates)
                let rest = try collect(
                    query, words, before: position, looks: looks, in: Set(rooms), for: &collector)
                guard let rest else { return try withAttachments(collector.page()) }
                position = rest
            }
            let expression = SQLiteIndexer.expression(for: query, in: rooms)
            _ = try collect(
                query, expression, before: position, looks: .max, in: Set(rooms), for: &collector)
            return try withAttachments(collector.page())
        }
    }

    /// Hands the candidates that were stored before a position to the collector, the newest first.
    ///
    /// - Returns: before which position there may be more, when so many were looked at; `nil` at the end, and when more
    ///   cannot change the page.
    private func collect(
        _ query: SearchQuery, _ expression: String, before position: Int64, looks: Int,
        in rooms: Set<RoomID>, for collector: inout SearchCollector
    ) throws(StorageError) -> Int64? {
        statements.search.bind(1, expression)
        statements.search.bind(2, query.request.after?.milliseconds ?? .min)
        statements.search.bind(3, query.request.before?.milliseconds ?? .max)
        statements.search.bind(4, position)
        var (left, rest) = (looks, position)
        var isAtEnd = true
        try statements.search.forEach { row in
            let latest = row.time(2).milliseconds.addingReportingOverflow(Self.disorder)
            if collector.isSettled(at: Timestamp(milliseconds: latest.partialValue)),
                !latest.overflow
            {
                return false
            }
            if left == 0 {
                isAtEnd = false
                return false
            }
            left -= 1
            rest = row.int(7)
            if rooms.contains(row.room(0)) { collector.add(row.searchCandidate()) }
            return true
        }
        return isAtEnd ? nil : rest
    }

    private func rooms(of query: SearchQuery) throws(StorageError) -> [RoomID] {
        statements.ownRooms.bind(1, query.searcher)
        let own = try statements.ownRooms.all { $0.room(0) }
        guard let wanted = query.rooms else { return own }
        let set = Set(wanted)
        return own.filter { set.contains($0) }
    }
}

extension SQLiteStatement {
    /// The message of the present row of a search.
    fileprivate func searchCandidate() -> SearchCollector.Candidate {
        SearchCollector.Candidate(
            room: room(0), seq: seq(1), at: time(2),
            sender: UserReference(id: user(3), name: text(4)),
            editedAt: optionalInt(5).map { Timestamp(milliseconds: $0) }, text: text(6))
    }
}
