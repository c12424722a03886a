// SPDX-License-Identifier: MIT

import ChatCore

extension SQLiteReader {
    /// By how much the order of storing, which is the index's, may differ from that of time, in
    /// milliseconds: the clocks of two processes on one file.
    private static let disorder: Int64 = 10_000

    /// A page of the messages that match, as far as the index knows the log.
    ///
    /// Membership is looked up in the same state of the file as the messages.
    func search(_ query: SearchQuery) throws(StorageError) -> SearchPage {
        try transaction { () throws(StorageError) in
            var collector = SearchCollector(query)
            let rooms = try rooms(of: query)
            if rooms.isEmpty { return collector.page() }
            statements.search.bind(1, SQLiteIndexer.expression(for: query, in: rooms))
            statements.search.bind(2, query.request.after?.milliseconds ?? .min)
            statements.search.bind(3, query.request.before?.milliseconds ?? .max)
            try statements.search.forEach { row in
                let latest = row.time(2).milliseconds.addingReportingOverflow(Self.disorder)
                if collector.isSettled(at: Timestamp(milliseconds: latest.partialValue)),
                    !latest.overflow
                {
                    return false
                }
                collector.add(row.searchCandidate())
                return true
            }
            return try withAttachments(collector.page())
        }
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
